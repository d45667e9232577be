BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    $project = New-Project @{
        '0201_Install-Node'  = "# Stage: Development`n# Tags: node, ai"
        '0207_Install-Git'   = "# Stage: Development"
        '0208_Install-Docker' = "# Stage: Core"
        '0401_Check'         = "# Stage: Testing`n# Tags: ai"
        '0402_Run-UnitTests' = ''
        '0501_Report'        = "# Description: Writes the report`n# Dependencies: 0402`n# Condition: IsLinux -eq `$true"
    }
}

Describe 'What a sequence selects' {
    It 'takes <Text> as <Expected>' -ForEach @(
        @{ Text = '0402'; Expected = '0402' }
        @{ Text = '0201-0207'; Expected = '0201', '0207' }
        @{ Text = '02*'; Expected = '0201', '0207', '0208' }
        @{ Text = '02*,!0208'; Expected = '0201', '0207' }
        @{ Text = 'stage:Development'; Expected = '0201', '0207' }
        @{ Text = 'tag:ai'; Expected = '0201', '0401' }
        @{ Text = '0402, 0401'; Expected = '0401', '0402' }
        @{ Text = 'stage:Core,stage:Testing'; Expected = '0208', '0401' }
    ) {
        $plan = Invoke-InProject $project { Invoke-OrchestrationSequence $Text -DryRun 6>$null }
        $plan.Jobs.Script | Should -Be $Expected
    }

    It 'runs seq 0201,0207,0208 as typed, without quotes (defect 25)' {
        $result = Invoke-InProject $project { seq 0201,0207,0208 -Quiet }
        $result.Jobs.Number | Should -Be '0201', '0207', '0208'
        $result.Completed | Should -Be 3
    }

    It 'runs two stages or tags in one string (defect 25)' {
        (Invoke-InProject $project { seq 'stage:Core,stage:Testing' -Quiet }).Completed | Should -Be 2
        (Invoke-InProject $project { seq 'tag:node,tag:ai' -Quiet }).Completed | Should -Be 2
    }

    It 'pads numbers that lost their zeros: seq 401,402' {
        (Invoke-InProject $project { seq 401,402 -DryRun 6>$null }).Jobs.Number | Should -Be '0401', '0402'
    }
}

Describe 'Requests that cannot be honoured' {
    It 'refuses <Text> with <Id>, and exit code 1' -ForEach @(
        @{ Text = '0999'; Id = 'Sequence.UnknownNumber'; Says = '*0999*automation-scripts*' }
        @{ Text = '0401', '0998'; Id = 'Sequence.UnknownNumber'; Says = '*0998*' }
        @{ Text = '0405-0401'; Id = 'Sequence.ReversedRange'; Says = '*0405-0401*' }
        @{ Text = '0401-'; Id = 'Sequence.Malformed'; Says = "*'0401-'*" }
        @{ Text = '04x'; Id = 'Sequence.Malformed'; Says = "*'04x'*" }
        @{ Text = 'playbook:x'; Id = 'Sequence.Malformed'; Says = '*playbook:x*' }
        @{ Text = 'stage:Nowhere'; Id = 'Sequence.Nothing'; Says = '*No scripts match the specified sequence*' }
        @{ Text = '0600-0700'; Id = 'Sequence.Nothing'; Says = '*No scripts match the specified sequence*' }
    ) {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence $Text }
        $run.Error.FullyQualifiedErrorId | Should -Be "$Id,Invoke-OrchestrationSequence"
        $run.Error.Exception.Message | Should -BeLike $Says
        $run.Result | Should -BeNullOrEmpty
        $run.Text | Should -BeNullOrEmpty
        $run.ExitCode | Should -Be 1
    }

    It 'refuses <Title>' -ForEach @(
        @{ Title = 'a $null matrix'; Options = @{ Matrix = $null }; Id = 'Matrix.Null'; Says = '*$null*' }
        @{ Title = 'an empty matrix'; Options = @{ Matrix = @{} }; Id = 'Matrix.Empty'; Says = '*empty*' }
        @{
            Title   = '10^9 combinations'
            Options = @{ Matrix = @{ a = 1..1000; b = 1..1000; c = 1..1000 } }
            Id      = 'Matrix.TooMany'
            Says    = '*1000000000*256*'
        }
        @{ Title = '-MaxConcurrency 0'; Options = @{ MaxConcurrency = 0 }; Id = 'Concurrency.OutOfRange'; Says = '*0*' }
        @{ Title = '-MaxConcurrency -1'; Options = @{ MaxConcurrency = -1 }; Id = 'Concurrency.OutOfRange'; Says = '*-1*' }
        @{
            Title   = 'a configuration file that is not there'
            Options = @{ Configuration = 'nowhere.psd1' }
            Id      = 'Configuration.NotFound'
            Says    = '*Configuration file not found:*nowhere.psd1*'
        }
        @{ Title = 'a configuration that is a number'; Options = @{ Configuration = 5 }; Id = 'Configuration.WrongType'; Says = '*Int32*' }
        @{
            Title   = 'a matrix of things that are not data'
            Options = @{ Matrix = @{ a = @({ 1 }) } }
            Id      = 'Value.NotData'
            Says    = '*Matrix.a`[0`] is a*ScriptBlock*'
        }
    ) {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0402 @Options }
        $run.Error.FullyQualifiedErrorId | Should -Be "$Id,Invoke-OrchestrationSequence"
        $run.Error.Exception.Message | Should -BeLike $Says
        $run.Result | Should -BeNullOrEmpty
        $run.ExitCode | Should -Be 1
    }

    It 'does not mind what is switched off: -UseCache:$false -OutputFormat None -Conditions @{}' {
        $run = Invoke-Capturing $project {
            Invoke-OrchestrationSequence 0402 -UseCache:$false -OutputFormat None -Conditions @{}
        }
        $run.Error | Should -BeNullOrEmpty
        $run.Result.Success | Should -BeTrue
    }

    It 'says in which file and line a configuration is not plain data' {
        $own = New-Project @{ '0101_A' = '' } -Configuration "@{`n  Automation = @{`n    MaxConcurrency = (Get-Date).Day`n  }`n}"
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence 0101 }
        $run.Error.FullyQualifiedErrorId | Should -Be 'Configuration.Unreadable,Invoke-OrchestrationSequence'
        $run.Error.Exception.Message | Should -BeLike '*config.psd1, line 3*'

        $own = New-Project @{ '0101_A' = '' } -Configuration "@{`n  Automation = @{`n"
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence 0101 }
        $run.Error.Exception.Message | Should -BeLike '*config.psd1, line *'
    }
}

Describe 'Where the project is' {
    It 'is found from a folder below it, by PowerShell''s location and not the process''s' {
        $below = Join-Path $project 'a' 'b'
        $null = [System.IO.Directory]::CreateDirectory($below)
        (Invoke-InProject $below { seq 0402 -DryRun 6>$null }).Jobs.Path |
            Should -Be (Join-Path $project 'automation-scripts' '0402_Run-UnitTests.ps1')
    }

    It 'may have its scripts in library/automation-scripts' {
        $own = New-Project @{ '0101_New' = '"new layout"' } -Folder 'library/automation-scripts'
        (Invoke-InProject $own { seq 0101 -Quiet }).Jobs.Output | Should -Be 'new layout'
    }

    It 'is what AITHERZERO_ROOT names' {
        $other = New-Project @{ '0402_Other' = '"the other"' }
        $before = $env:AITHERZERO_ROOT
        try {
            $env:AITHERZERO_ROOT = $other
            (Invoke-InProject $project { seq 0402 -Quiet }).Jobs.Output | Should -Be 'the other'
            $env:AITHERZERO_ROOT = Join-Path $other 'gone'
            (Invoke-Capturing $project { seq 0402 }).Error.FullyQualifiedErrorId | Should -BeLike 'Project.NotFound,*'
        } finally {
            $env:AITHERZERO_ROOT = $before
        }
    }

    It 'may have a name that PowerShell would take for a pattern' {
        $odd = Join-Path $TestDrive 'odd [name]' 'automation-scripts'
        $null = [System.IO.Directory]::CreateDirectory($odd)
        [System.IO.File]::WriteAllText((Join-Path $odd '0101_Odd.ps1'), '"here: $PSScriptRoot|$((Get-Location).ProviderPath)"')
        $result = Invoke-InProject (Split-Path $odd) { seq 0101 -Quiet }
        $result.Jobs.Output | Should -Be "here: $odd|$(Split-Path $odd)"
    }

    It 'is missed with a message that says where it was looked for' {
        $nowhere = Join-Path $TestDrive 'nowhere'
        $null = [System.IO.Directory]::CreateDirectory($nowhere)
        $run = Invoke-Capturing $nowhere { seq 0402 }
        $run.Error.FullyQualifiedErrorId | Should -Be 'Project.NotFound,Invoke-OrchestrationSequence'
        $run.Error.Exception.Message | Should -BeLike "*$nowhere*automation-scripts*"
    }
}

Describe 'Plans' {
    It 'prints the plan with <Name>, starts nothing and returns one object' -ForEach @(
        @{ Name = '-DryRun'; Options = @{ DryRun = $true } }
        @{ Name = '-WhatIf'; Options = @{ WhatIf = $true } }
    ) {
        $own = New-Project @{
            '0101_Touch' = "# Stage: Zeta`n[System.IO.File]::WriteAllText((Join-Path `$PSScriptRoot 'touched'), '')"
            '0102_After' = "# Stage: Alpha`n# Description: Comes after`n# Dependencies: 0101, Touch`n# Condition: x -eq 1"
        }
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence '0101,0102' @Options }
        $run.Text | Should -Be @(
            ''
            'Orchestration Plan:'
            '==================='
            ''
            'Stage: Alpha'
            '  [0102] 0102_After.ps1 - Comes after'
            '       Dependencies: 0101, Touch'
            '       Condition: x -eq 1'
            ''
            'Stage: Zeta'
            '  [0101] 0101_Touch.ps1'
            ''
            'Total scripts: 2'
        )
        $run.Result | Should -HaveCount 1
        $run.Result[0].PSTypeNames[0] | Should -Be 'AitherZero.Orchestration.Plan'
        $run.Result.Total | Should -Be 2
        $run.Result.Jobs[1].Needs | Should -Be '0101'
        $run.ExitCode | Should -Be 0
        Join-Path $own 'automation-scripts' 'touched' | Should -Not -Exist
        @(Get-ChildItem -LiteralPath $own -Force).Name | Should -Be 'automation-scripts'
    }

    It 'prints a matrix plan' {
        $matrix = [ordered]@{ profile = 'quick', 'full'; level = 1, 2 }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0402 -Matrix $matrix -DryRun }
        $run.Text | Should -Be @(
            ''
            'Matrix Orchestration Plan:'
            '=========================='
            ''
            'Matrix Dimensions:'
            '  profile : quick, full'
            '  level : 1, 2'
            ''
            'Total Combinations: 4'
            'Total Jobs: 4'
            ''
            'Jobs:'
            '  [0402-matrix-0] [profile=quick,level=1] 0402_Run-UnitTests.ps1'
            '  [0402-matrix-1] [profile=quick,level=2] 0402_Run-UnitTests.ps1'
            '  [0402-matrix-2] [profile=full,level=1] 0402_Run-UnitTests.ps1'
            '  [0402-matrix-3] [profile=full,level=2] 0402_Run-UnitTests.ps1'
        )
        $run.Result.Combinations | Should -Be 4
    }

    It 'shows a plan in one line and jobs in a table' {
        $plan = Invoke-InProject $project { Invoke-OrchestrationSequence '0402' -DryRun 6>$null }
        ($plan | Out-String).Trim() | Should -Be 'Plan: 1 job of 1 script, 4 at once'
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence '0402' -Quiet }
        ($result | Out-String).Trim() | Should -Match '^✓ 1 job in \d+\.\d\d s: 1 completed \(exit code 0\)$'
        $result.Jobs | Out-String | Should -Match '✓ 0402 +Success +\d+\.\d{3} 0402_Run-UnitTests.ps1'
    }
}
