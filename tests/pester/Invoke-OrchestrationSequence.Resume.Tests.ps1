BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    # Each script that runs leaves its number in a file of its own, so that what ran can be told.
    function New-WitnessProject {
        param([System.Collections.IDictionary] $Endings = @{})

        $scripts = @{}
        foreach ($number in '0101', '0102', '0103', '0104') {
            $need = $number -eq '0103' ? "# Dependencies: 0102`n" : ''
            $scripts["${number}_Do"] = "$need`param([string] `$profile)
                [System.IO.File]::WriteAllText((Join-Path `$PWD.Path ('witness-' + [guid]::NewGuid())), '$number')
                Set-OrchestrationOutput -Name from -Value '$number'
                $($Endings[$number])"
        }
        New-Project $scripts
    }

    function Get-Witness {
        param([string] $Project)

        $files = @(Get-ChildItem -LiteralPath $Project -Filter 'witness-*')
        ($files | ForEach-Object { [System.IO.File]::ReadAllText($_.FullName) } | Sort-Object) -join ' '
        $files | Remove-Item
    }
}

Describe '-Resume' {
    It 'runs what has not succeeded, with what was asked for' {
        $project = New-WitnessProject @{ '0102' = 'if (-not (Test-Path ready)) { throw "not ready" }' }
        $first = Invoke-InProject $project {
            Invoke-OrchestrationSequence '0101-0104' -Variables @{ profile = 'quick' } -ContinueOnError -Quiet
        }
        Get-Witness $project | Should -Be '0101 0102 0104'
        $null = New-Item -ItemType File -Path (Join-Path $project 'ready')

        $ran = Invoke-Capturing $project { Invoke-OrchestrationSequence -Resume Last }

        Get-Witness $project | Should -Be '0102 0103'
        $second = $ran.Result[0]
        $second.Total, $second.Completed, $ran.ExitCode | Should -Be 4, 4, 0
        $second.RunId | Should -Not -Be $first.RunId
        $second.Jobs[0].Reason | Should -Be "done by the run $($first.RunId)"
        $second.Jobs[0].Attempts | Should -Be 0
        $ran.Text -join "`n" | Should -Match "Resuming run $($first.RunId): 2 of 4 jobs are done, 2 are left"
        $runs = Invoke-InProject $project { Get-OrchestrationRun }
        $runs[0].ResumedFrom | Should -Be $first.RunId
        $runs.Name | Should -Be '0101-0104', '0101-0104'
        Invoke-InProject $project { Get-OrchestrationRun -Id $runs[0].Id } | ForEach-Object {
            $_.Jobs[0].Outputs['from'] | Should -Be '0101'
        }
    }

    It 'shows with -DryRun what is left, and runs and writes nothing' {
        $project = New-WitnessProject @{ '0102' = 'throw "never ready"' }
        $first = Invoke-InProject $project { Invoke-OrchestrationSequence '0101-0104' -ContinueOnError -Quiet }
        $null = Get-Witness $project

        $ran = Invoke-Capturing $project { Invoke-OrchestrationSequence -Resume Last -DryRun }

        $ran.Result[0].Total | Should -Be 2
        $ran.Result[0].Jobs.Number | Should -Be '0102', '0103'
        $ran.Result[0].Jobs[1].Needs | Should -Be '0102'
        $text = $ran.Text -join "`n"
        $text | Should -BeLike "*Resuming run $($first.RunId): 2 of 4 jobs are done, 2 are left.*"
        $text | Should -BeLike '*0102_Do.ps1*0103_Do.ps1*Total scripts: 2*'
        $text | Should -Not -BeLike '*0101_Do.ps1*'
        $ran.ExitCode | Should -Be 0
        Get-Witness $project | Should -BeNullOrEmpty
        @(Invoke-InProject $project { Get-OrchestrationRun }) | Should -HaveCount 1
    }

    It 'runs a changed script again, with all that needs it' {
        $project = New-WitnessProject
        $null = Invoke-InProject $project { Invoke-OrchestrationSequence '0101-0104' -Quiet }
        $null = Get-Witness $project
        $path = Join-Path $project 'automation-scripts' '0102_Do.ps1'
        [System.IO.File]::AppendAllText($path, "`n# changed")

        $result = Invoke-InProject $project { Invoke-OrchestrationSequence -Resume Last -Quiet }

        Get-Witness $project | Should -Be '0102 0103'
        $result.Success | Should -BeTrue
    }

    It 'says so when nothing is left to do' {
        $project = New-WitnessProject
        $first = Invoke-InProject $project { Invoke-OrchestrationSequence '0101-0104' -Quiet }
        $null = Get-Witness $project

        $ran = Invoke-Capturing $project { Invoke-OrchestrationSequence -Resume $first.RunId }

        Get-Witness $project | Should -BeNullOrEmpty
        $ran.ExitCode, $ran.Result[0].Completed | Should -Be 0, 4
        $ran.Text -join "`n" | Should -Match "Nothing is left to do of run $($first.RunId): all 4 jobs"
    }

    It 'keeps a matrix and a playbook with its profile and conditions' {
        $project = New-WitnessProject @{ '0101' = 'if ($profile -eq "full" -and -not (Test-Path ready)) { exit 3 }' }
        $null = Add-Playbook $project 'two' (New-StagedPlaybook @(
                @{ name = 'One'; sequences = @('0101') }
                @{ name = 'Two'; sequences = @('0104') }
            ) @{ profiles = @{ slow = @{ variables = @{ pace = 'slow' } } } })
        $null = Invoke-InProject $project {
            Invoke-OrchestrationSequence -LoadPlaybook two -PlaybookProfile slow -Matrix @{ profile = 'quick', 'full' } -ContinueOnError -Quiet
        }
        Get-Witness $project | Should -Match '0101 0101'
        $null = New-Item -ItemType File -Path (Join-Path $project 'ready')

        $result = Invoke-InProject $project { Invoke-OrchestrationSequence -Resume last -Quiet }

        $result.Success | Should -BeTrue
        $done = $result.Jobs | Where-Object Reason
        $done.MatrixId | Select-Object -Unique | Should -Be 'profile=quick'
        $done.Count | Should -Be 2
        (Invoke-InProject $project { Get-OrchestrationRun -Last 1 }).Name | Should -Be 'two'
    }

    It 'wants secrets and live values again, by name' {
        $project = New-Project @{ '0101_A' = 'param($token, $key, $tool) if (-not (Test-Path ready)) { throw "no" } "got $($key.Length)"' } -Configuration (
            "@{ Automation = @{ Secrets = @('key') } }")
        $token = [System.Net.NetworkCredential]::new('', 'secret-token').SecurePassword
        $variables = @{ token = $token; key = 'named-secret'; tool = [regex]'x'; plain = 1 }
        $null = Invoke-InProject $project { Invoke-OrchestrationSequence '0101' -Variables $variables -Quiet }
        $null = New-Item -ItemType File -Path (Join-Path $project 'ready')

        $ran = Invoke-Capturing $project { Invoke-OrchestrationSequence -Resume Last -Quiet }
        $ran.Error.FullyQualifiedErrorId | Should -BeLike 'Run.MissingValue*'
        "$($ran.Error)" | Should -Match ([regex]::Escape('-Variables @{ key = …; token = …; tool = … }'))

        $again = @{ token = $token; key = 'named-secret'; tool = [regex]'x' }
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence -Resume Last -Variables $again -Quiet }
        $result.Jobs[0].Output | Should -Be 'got 12'
    }

    It 'says what is wrong with an id' {
        $project = New-WitnessProject
        { Invoke-InProject $project { Invoke-OrchestrationSequence -Resume Last } } | Should -Throw -ErrorId 'Run.NothingRecorded*'
        $null = Invoke-InProject $project { Invoke-OrchestrationSequence '0101' -Quiet }
        { Invoke-InProject $project { Invoke-OrchestrationSequence -Resume 'nonsense' } } | Should -Throw -ErrorId 'Run.UnknownId*'
        $global:LASTEXITCODE | Should -Be 1
        { Invoke-OrchestrationSequence -Sequence '0101' -Resume Last } | Should -Throw -ErrorId 'AmbiguousParameterSet*'
    }

    It 'finishes what a killed PowerShell has left' {
        $project = New-WitnessProject @{ '0102' = '[Console]::Out.WriteLine("here"); if (-not (Test-Path ready)) { $null = [Threading.ManualResetEventSlim]::new().Wait(60000) }' }
        $module = (Get-Module AitherZero.Orchestration).Path
        $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellPath))
        foreach ($argument in '-NoProfile', '-NonInteractive', '-Command', "Import-Module '$module'; Invoke-OrchestrationSequence '0101-0104' -MaxConcurrency 1 -Quiet") {
            $start.ArgumentList.Add($argument)
        }
        $start.WorkingDirectory = $project
        $start.RedirectStandardOutput = $true
        $null = $start.Environment.Remove('AITHERZERO_ROOT')
        $process = [System.Diagnostics.Process]::Start($start)
        do {
            $line = $process.StandardOutput.ReadLine()
        } until ($null -eq $line -or $line -match 'here')
        $process.Kill()
        $process.WaitForExit()
        $line | Should -Match 'here'

        $run = Invoke-InProject $project { Get-OrchestrationRun -Id Last }
        $run.Status | Should -Be 'Interrupted'
        $run.Jobs.Status | Should -Be 'Success', 'Interrupted', 'NotStarted', 'NotStarted'
        Get-Witness $project | Should -Be '0101 0102'
        $null = New-Item -ItemType File -Path (Join-Path $project 'ready')
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence -Resume Last -Quiet }
        Get-Witness $project | Should -Be '0102 0103 0104'
        $result.Success | Should -BeTrue
    }
}

Describe 'Secrets' {
    It 'are in nothing that a run leaves or shows' {
        $project = New-Project @{
            '0101_Leak' = 'param($token, $credential, $apiKey, $settings)
                $plain = [System.Net.NetworkCredential]::new("", $token).Password
                Write-Output "token $plain"
                Write-Warning "password $($credential.GetNetworkCredential().Password)"
                Write-Host "key $apiKey"
                Write-Host "::add-mask::found-by-chance"
                Write-Host "and found-by-chance"
                Write-Host ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("user:$plain")))
                Write-Host ([uri]::EscapeDataString("a=$apiKey&"))
                Set-OrchestrationOutput -Name token -Value $plain
                throw "failed with $apiKey"'
        } -Configuration "@{ Automation = @{ Secrets = @('unused') } }"
        $null = Add-Playbook $project 'leaky' (New-StagedPlaybook @(@{ name = 'One'; sequences = @('0101') }) @{
                defaultVariables = @{ apiKey = 'k3y/of+playbook' }
            } @{ secrets = @('apikey') })
        $secure = [System.Net.NetworkCredential]::new('', 'S3cure!Token').SecurePassword
        $credential = [pscredential]::new('user', [System.Net.NetworkCredential]::new('', 'Cr3d "quoted"').SecurePassword)
        $variables = @{ token = $secure; credential = $credential }

        $ran = Invoke-Capturing $project { Invoke-OrchestrationSequence -LoadPlaybook leaky -Variables $variables -Verbose }

        $written = foreach ($file in [System.IO.Directory]::GetFiles((Join-Path $project '.orchestration-cache'), '*', 'AllDirectories')) {
            $file
            [System.IO.File]::ReadAllText($file)
        }
        $shown = ($ran.Text + $ran.Result[0].Jobs[0].Error) -join "`n"
        foreach ($text in ($written -join "`n"), $shown) {
            foreach ($secret in 'S3cure!Token', 'Cr3d', 'k3y/of', 'k3y%2Fof', 'found-by-chance', 'UzNjdXJl', 'M2N1cmUhVG9r') {
                $text | Should -Not -Match ([regex]::Escape($secret))
            }
            $text | Should -Match 'token \*\*\*'
            $text | Should -Match 'failed with \*\*\*'
        }
        $ran.Warnings -join ' ' | Should -Not -Match 'not masked'
        $ran.Result[0].Outputs['0101']['token'] | Should -Be 'S3cure!Token'
    }

    It 'are said when they are too short to be masked' {
        $project = New-Project @{ '0101_A' = 'param($pin) "pin $pin"' } -Configuration "@{ Automation = @{ Secrets = @('pin') } }"
        $ran = Invoke-Capturing $project { Invoke-OrchestrationSequence '0101' -Variables @{ pin = '42' } -Quiet }
        $ran.Warnings -join ' ' | Should -Match "secret 'pin' has fewer than 3 characters"
        $ran.Result[0].Success | Should -BeTrue
        # Its name is enough to keep it out of the journal.
        $asked = Get-Content -LiteralPath (Join-Path $project '.orchestration-cache' 'runs' "$($ran.Result[0].RunId).jsonl") -TotalCount 1
        $asked | Should -Match '"pin":\{"\$aither\.secret":true\}'
    }

    It 'cannot be recorded where the folder is in the way, and the run goes on' {
        $project = New-Project @{ '0101_A' = '"done"' }
        [System.IO.File]::WriteAllText((Join-Path $project '.orchestration-cache'), 'in the way')
        $ran = Invoke-Capturing $project { Invoke-OrchestrationSequence '0101' -Quiet }
        $ran.Result[0].Success | Should -BeTrue
        @($ran.Warnings -match 'cannot be resumed').Count | Should -Be 1
    }
}
