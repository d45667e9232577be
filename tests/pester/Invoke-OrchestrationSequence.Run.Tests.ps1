BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Matrix runs' {
    BeforeAll {
        $project = New-Project @{
            '0402_Run-UnitTests' = 'param([string]$profile, [string]$platform) "$profile on $platform"'
        }
        $matrix = [ordered]@{ profile = 'quick', 'comprehensive'; platform = 'Windows', 'Linux' }
    }

    It 'runs the guide''s first example under ErrorActionPreference Stop (defect 1)' {
        $ErrorActionPreference = 'Stop'
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence -Sequence '0402' -Matrix $matrix -Quiet }

        $result.Success | Should -BeTrue
        $result.Total | Should -Be 4
        $result.Jobs.Number | Should -Be '0402-matrix-0', '0402-matrix-1', '0402-matrix-2', '0402-matrix-3'
        $result.Jobs.MatrixId | Should -Be @(
            'profile=quick,platform=Windows', 'profile=quick,platform=Linux',
            'profile=comprehensive,platform=Windows', 'profile=comprehensive,platform=Linux')
        $result.Jobs.Output | Should -Be @(
            'quick on Windows', 'quick on Linux', 'comprehensive on Windows', 'comprehensive on Linux')
        @($result.Jobs[0].Matrix.Keys) | Should -Be 'profile', 'platform'
        $result.Results.Completed.Keys | Sort-Object | Should -Be $result.Jobs.Number
    }

    It 'takes dimensions of a plain hashtable by name, in every run the same (defect 2)' {
        $ids = foreach ($turn in 1..3) {
            $plain = @{ zebra = 1, 2; alpha = 'a', 'b'; middle = @('m') }
            $result = Invoke-InProject $project { Invoke-OrchestrationSequence '0402' -Matrix $plain -DryRun 6>$null }
            $result.Jobs.MatrixId -join ';'
        }
        $ids | Select-Object -Unique |
            Should -Be 'alpha=a,middle=m,zebra=1;alpha=a,middle=m,zebra=2;alpha=b,middle=m,zebra=1;alpha=b,middle=m,zebra=2'
    }
}

Describe 'Concurrency' {
    It 'runs <Jobs> scripts at once under -MaxConcurrency <Jobs> (defect 7)' -ForEach @(@{ Jobs = 6 }, @{ Jobs = 8 }) {
        $barrier = [System.Threading.Barrier]::new($Jobs)
        $name = New-Meeting $barrier
        $text = "if (-not [AppDomain]::CurrentDomain.GetData('$name').SignalAndWait(30000)) { throw 'alone' }"
        $scripts = @{}
        foreach ($number in 1..$Jobs) {
            $scripts["010${number}_Meet"] = $text
        }
        $project = New-Project $scripts
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence '0101-0109' -MaxConcurrency $Jobs -Quiet }

        $result.Completed | Should -Be $Jobs
        $barrier.CurrentPhaseNumber | Should -Be 1
    }

    It 'never runs more than -MaxConcurrency at once' {
        $crowd = [hashtable]::Synchronized(@{ Now = 0; Most = 0; Barrier = [System.Threading.Barrier]::new(3) })
        $name = New-Meeting $crowd
        $text = @"
`$crowd = [AppDomain]::CurrentDomain.GetData('$name')
[System.Threading.Monitor]::Enter(`$crowd.SyncRoot)
`$crowd.Now++
`$crowd.Most = [Math]::Max(`$crowd.Now, `$crowd.Most)
[System.Threading.Monitor]::Exit(`$crowd.SyncRoot)
if (-not `$crowd.Barrier.SignalAndWait(30000)) { throw 'alone' }
[System.Threading.Monitor]::Enter(`$crowd.SyncRoot)
`$crowd.Now--
[System.Threading.Monitor]::Exit(`$crowd.SyncRoot)
"@
        $scripts = @{}
        foreach ($number in 1..9) {
            $scripts["010${number}_Meet"] = $text
        }
        $project = New-Project $scripts
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence '0101-0109' -MaxConcurrency 3 -Quiet }

        $result.Completed | Should -Be 9
        $crowd.Most | Should -Be 3
    }

    It 'runs one after another with -Parallel $false, in the order of numbers' {
        $list = [System.Collections.ArrayList]::Synchronized([System.Collections.ArrayList]::new())
        $name = New-Meeting $list
        $scripts = @{}
        foreach ($number in 1..5) {
            $scripts["010${number}_Step"] = "`$l = [AppDomain]::CurrentDomain.GetData('$name')
                `$null = `$l.Add('in $number')
                `$null = `$l.Add('out $number')"
        }
        $project = New-Project $scripts
        $result = Invoke-InProject $project {
            Invoke-OrchestrationSequence '0105,0101-0104' -Parallel $false -MaxConcurrency 4 -Quiet
        }
        $result.Completed | Should -Be 5
        @($list) | Should -Be @(1..5 | ForEach-Object { "in $_"; "out $_" })
    }

    It 'takes the default from Automation.MaxConcurrency and DefaultMode of config.psd1' {
        $project = New-Project @{ '0101_A' = '1' } -Configuration '@{ Automation = @{ MaxConcurrency = 7 } }'
        (Invoke-InProject $project { seq 0101 -DryRun 6>$null }).MaxConcurrency | Should -Be 7

        $text = "@{ Automation = @{ MaxConcurrency = 7 }; Orchestration = @{ DefaultMode = 'Sequential' } }"
        $project = New-Project @{ '0101_A' = '1' } -Configuration $text
        (Invoke-InProject $project { seq 0101 -DryRun 6>$null }).MaxConcurrency | Should -Be 1
        (Invoke-InProject $project { seq 0101 -DryRun -Parallel $true 6>$null }).MaxConcurrency | Should -Be 7
        (Invoke-InProject $project { seq 0101 -DryRun -Parallel $true -MaxConcurrency 2 6>$null }).MaxConcurrency |
            Should -Be 2
    }
}

Describe 'Failures' {
    BeforeAll {
        $project = New-Project ([ordered]@{
                '0101_Good'  = '"one"'
                '0102_Throw' = 'throw "broken on purpose"'
                '0103_Exit'  = 'exit 3'
                '0104_Good'  = '"four"'
                '0105_Good'  = '"five"'
            })
    }

    It 'returns with every script reported under -ContinueOnError (defect 8), -Parallel <Parallel>' -ForEach @(
        @{ Parallel = $true }
        @{ Parallel = $false }
    ) {
        $result = Invoke-InProject $project {
            Invoke-OrchestrationSequence '0101-0105' -ContinueOnError -Parallel $Parallel -Quiet *>&1 |
                Where-Object { $_.PSTypeNames -contains 'AitherZero.Orchestration.Result' }
        }
        $result.Total | Should -Be 5
        $result.Completed | Should -Be 3
        $result.Failed | Should -Be 2
        $result.Jobs.Status | Should -Be 'Success', 'Failure', 'Failure', 'Success', 'Success'
        $result.Results.Failed['0102'].Error | Should -Be 'broken on purpose'
        $result.Results.Failed['0103'].ExitCode | Should -Be 3
        $result.Results.Failed['0103'].Error | Should -Be 'Script exited with code: 3'
        $result.Results.Completed['0105'].Output | Should -Be 'five'
        $global:LASTEXITCODE | Should -Be 10
    }

    It 'starts nothing after the first failure in sequential mode (defect 10)' {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence '0101-0105' -Parallel $false }
        $run.Result.Jobs.Status | Should -Be 'Success', 'Failure', 'Cancelled', 'Cancelled', 'Cancelled'
        $run.Result.Completed | Should -Be 1
        $run.Result.Cancelled | Should -Be 3
        $run.Result.Jobs[4].Attempts | Should -Be 0
        $run.Result.Jobs[4].Reason | Should -Not -BeNullOrEmpty
        $run.ExitCode | Should -Be 1
    }

    It 'cancels what runs when another script fails' {
        $meeting = @{ Started = [System.Threading.CountdownEvent]::new(2); Stopped = [hashtable]::Synchronized(@{}) }
        $name = New-Meeting $meeting
        $wait = "`$m = [AppDomain]::CurrentDomain.GetData('$name')
            `$null = `$m.Started.Signal()
            `$never = [System.Threading.ManualResetEvent]::new(`$false)
            try { while (-not `$never.WaitOne(5)) { } } finally { `$m.Stopped[`$PSCommandPath] = `$true }"
        $fail = "if (-not [AppDomain]::CurrentDomain.GetData('$name').Started.Wait(30000)) { throw 'alone' }
            throw 'now'"
        $own = New-Project @{ '0201_Wait' = $wait; '0202_Wait' = $wait; '0203_Fail' = $fail }
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence '02*' -MaxConcurrency 3 }

        $run.Result.Jobs.Status | Should -Be 'Cancelled', 'Cancelled', 'Failure'
        $run.Result.Jobs[2].Error | Should -Be 'now'
        $meeting.Stopped.Count | Should -Be 2
        $run.ExitCode | Should -Be 1
    }

    It 'goes on with a new worker after one that was stopped' {
        $text = '# Dependencies: 0301' + "`n" + '"never"'
        $own = New-Project @{ '0301_Break' = '[runspace]::DefaultRunspace.CloseAsync()
            while ($true) { $null = [System.Threading.Thread]::Yield() }'; '0302_Next' = '"alive"'; '0303_Needs' = $text }
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence '03*' -Parallel $false -ContinueOnError }

        $run.Result.Jobs[0].Status | Should -Be 'Failure'
        $run.Result.Jobs[0].Error | Should -Not -BeNullOrEmpty
        $run.Result.Jobs[1].Output | Should -Be 'alive'
        $run.Result.Jobs[2].Status | Should -Be 'Skipped'
    }

    It 'counts a script as ended whose worker ended without saying so, once' {
        # Else no later script would be alone, and what it does to the environment would stay.
        InModuleScope AitherZero.Orchestration {
            $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
            $shell = [powershell]::Create($state).AddScript('')
            $handle = $shell.BeginInvoke()
            $null = $shell.EndInvoke($handle)
            $worker = @{ Slot = [long[]]@(3, 0, 0); Handle = $handle; Crowd = [long[]]@(1, 1) }
            Get-WorkerJob -Worker $worker | Should -Be 3
            Get-WorkerJob -Worker $worker | Should -Be -1
            $worker.Crowd[0] | Should -Be 0
            $shell.Dispose()
        }
    }

    It 'leaves a script behind that does not stop, says so, and returns' {
        $meeting = @{
            Started = [System.Threading.ManualResetEvent]::new($false)
            Release = [System.Threading.ManualResetEvent]::new($false)
        }
        $name = New-Meeting $meeting
        $own = New-Project @{
            '0401_Deaf' = "`$m = [AppDomain]::CurrentDomain.GetData('$name')
                `$null = `$m.Started.Set()
                `$null = `$m.Release.WaitOne()"
            '0402_Fail' = "`$null = [AppDomain]::CurrentDomain.GetData('$name').Started.WaitOne(30000)
                throw 'now'"
        }
        InModuleScope AitherZero.Orchestration { $script:StopPatienceMs = 100 }
        try {
            $run = Invoke-Capturing $own { Invoke-OrchestrationSequence '04*' -MaxConcurrency 2 }
        } finally {
            InModuleScope AitherZero.Orchestration { $script:StopPatienceMs = 10000 }
            $null = $meeting.Release.Set()
        }
        $run.Result.Jobs.Status | Should -Be 'Cancelled', 'Failure'
        $run.Warnings | Should -HaveCount 1
        $run.Warnings[0] | Should -BeLike '*0401_Deaf.ps1*'
    }

    It 'wakes a script that waits in .NET code for ever, and leaves nothing behind' {
        $name = New-Meeting @{ Started = [System.Threading.ManualResetEvent]::new($false) }
        $own = New-Project @{
            '0401_Deaf' = "`$null = [AppDomain]::CurrentDomain.GetData('$name').Started.Set()
                [System.Threading.Thread]::Sleep(-1)"
            '0402_Fail' = "`$null = [AppDomain]::CurrentDomain.GetData('$name').Started.WaitOne(30000)
                throw 'now'"
        }
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence '04*' -MaxConcurrency 2 }
        $run.Result.Jobs.Status | Should -Be 'Cancelled', 'Failure'
        $run.Warnings | Should -BeNullOrEmpty
    }

    It 'puts the environment back when the last of overlapping runs ends, in whichever order they do' {
        $meeting = @{
            Begun = [System.Threading.CountdownEvent]::new(2)
            End   = @{ 1 = [System.Threading.ManualResetEvent]::new($false); 2 = [System.Threading.ManualResetEvent]::new($false) }
        }
        $name = New-Meeting $meeting
        $own = New-Project @{ '0501_Wait' = "param(`$Which) `$m = [AppDomain]::CurrentDomain.GetData('$name')
            `$null = `$m.Begun.Signal()
            `$null = `$m.End[`$Which].WaitOne(60000)
            `$env:AITHERZERO_NONINTERACTIVE" }
        $env:AITHERZERO_NONINTERACTIVE | Should -BeNullOrEmpty
        $jobs = foreach ($which in 1, 2) {
            Invoke-InProject $own { Invoke-OrchestrationSequence 0501 -Variables @{ Which = $which } -Quiet -AsJob }
        }
        $meeting.Begun.Wait(60000) | Should -BeTrue
        foreach ($which in 1, 2) {
            $null = $meeting.End[$which].Set()
            (Receive-Job -Job $jobs[$which - 1] -Wait).Jobs.Output | Should -Be 'true'
            Remove-Job -Job $jobs[$which - 1]
        }
        $env:AITHERZERO_NONINTERACTIVE | Should -BeNullOrEmpty
        $env:AITHERZERO_QUIET | Should -BeNullOrEmpty
    }

    It 'leaves nothing running when it is interrupted' {
        $meeting = @{
            Started = [System.Threading.CountdownEvent]::new(2)
            Stopped = [System.Threading.CountdownEvent]::new(2)
        }
        $name = New-Meeting $meeting
        $text = "`$m = [AppDomain]::CurrentDomain.GetData('$name')
            `$null = `$m.Started.Signal()
            `$never = [System.Threading.ManualResetEvent]::new(`$false)
            try { while (-not `$never.WaitOne(5)) { } } finally { `$null = `$m.Stopped.Signal() }"
        $own = New-Project @{ '0501_Wait' = $text; '0502_Wait' = $text }
        $shell = [powershell]::Create([System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
        $null = $shell.AddScript('param($module, $folder) Import-Module $module; Set-Location -LiteralPath $folder
            Invoke-OrchestrationSequence "05*" -Quiet').
            AddArgument((Get-Module AitherZero.Orchestration).Path).AddArgument($own)
        $null = $shell.BeginInvoke()
        $meeting.Started.Wait(30000) | Should -BeTrue
        $shell.Stop()

        $meeting.Stopped.IsSet | Should -BeTrue
        $shell.Runspace.SessionStateProxy.GetVariable('LASTEXITCODE') | Should -Be 130
        $env:AITHERZERO_NONINTERACTIVE | Should -BeNullOrEmpty
        $shell.Dispose()
    }
}

Describe 'Dependencies' {
    It 'does not wait for itself when a script''s own name contains its dependency (defect 9)' {
        $project = New-Project @{ '0009_Initialize-OpenTofu' = "# Dependencies: OpenTofu`n'done'" }
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence '0009' -Quiet }
        $result.Jobs.Output | Should -Be 'done'
        $result.Success | Should -BeTrue
    }

    It 'refuses a cycle and prints it (defect 9)' {
        $project = New-Project @{
            '0101_A' = '# Dependencies: 0103'
            '0102_B' = '# Dependencies: 0101'
            '0103_C' = '# Dependencies: 0102'
        }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence '0101-0103' }
        $run.Error.FullyQualifiedErrorId | Should -Be 'Plan.Cycle,Invoke-OrchestrationSequence'
        foreach ($number in '0101', '0102', '0103') {
            $run.Error.Exception.Message | Should -BeLike "*$number*"
        }
        $run.ExitCode | Should -Be 1
    }

    It 'skips what needs a failed script, all the way down, under -ContinueOnError (defect 9)' {
        $project = New-Project @{
            '0101_First'  = 'exit 4'
            '0102_Second' = "# Dependencies: 0101`n'never'"
            '0103_Third'  = "# Dependencies: Second`n'never'"
            '0104_Free'   = "'free'"
        }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence '01*' -ContinueOnError }
        $run.Result.Jobs.Status | Should -Be 'Failure', 'Skipped', 'Skipped', 'Success'
        $run.Result.Skipped | Should -Be 2
        $run.Result.Jobs[1].Reason | Should -BeLike '*0101*'
        $run.Text -join "`n" | Should -BeLike '*Skipped: `[0102`] 0102_Second.ps1 - *'
        $run.ExitCode | Should -Be 10
    }

    It 'starts a script only after what it needs, in every mode' {
        $list = [System.Collections.ArrayList]::Synchronized([System.Collections.ArrayList]::new())
        $name = New-Meeting $list
        $add = "`$null = [AppDomain]::CurrentDomain.GetData('$name').Add('{0}')"
        $project = New-Project @{
            '0101_Late'  = "# Dependencies: 0102, 0103`n" + ($add -f 'late')
            '0102_Early' = $add -f 'early'
            '0103_Early' = $add -f 'early'
        }
        foreach ($parallel in $true, $false) {
            $list.Clear()
            $null = Invoke-InProject $project { Invoke-OrchestrationSequence '01*' -Parallel $parallel -Quiet }
            @($list) | Should -Be 'early', 'early', 'late'
        }
    }
}

Describe 'Exit codes' {
    BeforeAll {
        $project = New-Project @{
            '0101_Three' = 'exit 3'
            '0102_Plain' = '"no exit here"'
            '0103_Sees'  = '"saw $LASTEXITCODE"'
        }
    }

    It 'does not take an earlier script''s exit code for a later one''s, -Parallel <Parallel> (defect 11)' -ForEach @(
        @{ Parallel = $true }
        @{ Parallel = $false }
    ) {
        $run = Invoke-Capturing $project {
            Invoke-OrchestrationSequence '0101-0103' -ContinueOnError -Parallel $Parallel -MaxConcurrency 1
        }
        $run.Result.Jobs.Status | Should -Be 'Failure', 'Success', 'Success'
        $run.Result.Jobs.ExitCode | Should -Be 3, 0, 0
        $run.Result.Jobs[2].Output | Should -Be 'saw 0'
    }

    It 'does not take the caller''s exit code for a script''s (defect 11)' {
        $global:LASTEXITCODE = 42
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence '0102' -Quiet }
        $result.Success | Should -BeTrue
        $global:LASTEXITCODE | Should -Be 0
    }

    It 'sets $LASTEXITCODE to <Code> for <Sequence> (defect 16)' -ForEach @(
        @{ Sequence = '0102'; Options = @{}; Code = 0 }
        @{ Sequence = '0101'; Options = @{}; Code = 1 }
        @{ Sequence = '0101,0102'; Options = @{ ContinueOnError = $true }; Code = 10 }
        @{ Sequence = '0101'; Options = @{ DryRun = $true }; Code = 0 }
        @{ Sequence = '0999'; Options = @{}; Code = 1 }
    ) {
        $global:LASTEXITCODE = 77
        (Invoke-Capturing $project { Invoke-OrchestrationSequence $Sequence @Options }).ExitCode | Should -Be $Code
    }
}
