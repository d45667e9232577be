BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    function Set-ProjectFile([string] $Project, [string] $Name, [string] $Text) {
        [System.IO.File]::WriteAllText((Join-Path $Project $Name), $Text)
    }
}

Describe 'The layers of the configuration' {
    BeforeAll {
        $script = 'param($Configuration) "$($Configuration.A.x)-$($Configuration.A.y)-$($Configuration.A.z)"'
        $project = New-Project @{ '0101_Show' = $script }
        Set-ProjectFile $project 'config.psd1' "@{ A = @{ x = 'base'; y = 'base'; z = 'base' } }"
        Set-ProjectFile $project 'config.local.psd1' "@{ A = @{ y = 'local'; z = 'local' } }"
        Set-ProjectFile $project 'own.psd1' "@{ A = @{ z = 'own' } }"
        Set-ProjectFile $project 'own.json' "{`n  // a comment`n  `"A`": { `"z`": `"json`", },`n}"
    }

    It 'are, <Title>' -ForEach @(
        @{ Title = 'without options, config.psd1 and config.local.psd1'; Options = @{}; Expected = 'base-local-local' }
        @{ Title = 'over both, -ConfigFile'; Options = @{ ConfigFile = 'own.psd1' }; Expected = 'base-local-own' }
        @{ Title = 'also as JSON'; Options = @{ ConfigFile = 'own.json' }; Expected = 'base-local-json' }
        @{ Title = 'in place of the files, -Configuration'; Options = @{ Configuration = @{ A = @{ x = 1 } } }; Expected = '1--' }
        @{ Title = 'a path too'; Options = @{ Configuration = 'own.json' }; Expected = '--json' }
        @{
            Title    = '-ConfigFile over -Configuration'
            Options  = @{ Configuration = @{ A = @{ x = 1; z = 1 } }; ConfigFile = 'own.psd1' }
            Expected = '1--own'
        }
        @{
            Title    = 'an object, as ConvertFrom-Json makes it'
            Options  = @{ Configuration = [pscustomobject]@{ A = [pscustomobject]@{ x = 'o' } } }
            Expected = 'o--'
        }
        @{ Title = 'nothing for an empty table'; Options = @{ Configuration = @{} }; Expected = '--' }
    ) {
        (Invoke-InProject $project { seq 0101 -Quiet @Options }).Jobs.Output | Should -Be $Expected
    }

    It 'leave the caller''s table as it was, and do not share it with scripts (defect 22)' {
        $own = New-Project @{ '0101_Spoil' = 'param($Configuration) $Configuration.A.x = "spoilt"; $Configuration.B = 1' }
        Set-ProjectFile $own 'layer.psd1' "@{ A = @{ x = 'layer' }; Orchestration = @{ MaxRetries = 2 } }"
        $table = @{ A = @{ x = 'mine' } }
        (Invoke-InProject $own { seq 0101 -Quiet -Configuration $table -ConfigFile layer.psd1 }).Success | Should -BeTrue
        $table.Count | Should -Be 1
        $table.A.Count | Should -Be 1
        $table.A.x | Should -Be 'mine'
    }

    It 'reach scripts as a hashtable, from JSON too' {
        $own = New-Project @{ '0101_Type' = 'param([hashtable]$Configuration) $Configuration.a.GetType().Name' }
        Set-ProjectFile $own 'own.json' '{"A": {"b": [1, "two"]}}'
        (Invoke-InProject $own { seq 0101 -Quiet -Configuration own.json }).Jobs.Output | Should -Be 'Hashtable'
    }

    It 'may read $env:NAME and begin with #Requires, as AitherZero''s own file' {
        $own = New-Project @{ '0101_Show' = 'param($Configuration) "$($Configuration.A) $($Configuration.List.Count)"' }
        Set-ProjectFile $own 'config.psd1' "#Requires -Version 7.0`n<#`n.SYNOPSIS`n#>`n@{ A = `$env:AITHER_TEST_VALUE; List = @('x') }"
        try {
            $env:AITHER_TEST_VALUE = 'from outside'
            (Invoke-InProject $own { seq 0101 -Quiet }).Jobs.Output | Should -Be 'from outside 1'
            Set-ProjectFile $own 'config.psd1' "#Requires -Version 7.0`n@{ A = 'plain'; List = @() }"
            (Invoke-InProject $own { seq 0101 -Quiet }).Jobs.Output | Should -Be 'plain 0'
        } finally {
            $env:AITHER_TEST_VALUE = $null
        }
    }
}

Describe 'Keys of the configuration' {
    It 'lends Automation what only Orchestration has' {
        $project = New-Project @{ '0101_A' = '1' }
        $table = @{ Automation = @{ MaxConcurrency = 2 }; Orchestration = @{ MaxConcurrency = 9; DefaultMode = 'Sequential' } }
        (Invoke-InProject $project { seq 0101 -DryRun -Configuration $table 6>$null }).MaxConcurrency | Should -Be 1
        (Invoke-InProject $project { seq 0101 -DryRun -Configuration $table -Parallel $true 6>$null }).MaxConcurrency |
            Should -Be 2
    }

    It 'warns of a mode that does not exist' {
        $project = New-Project @{ '0101_A' = '1' }
        $run = Invoke-Capturing $project { seq 0101 -DryRun -Configuration @{ Automation = @{ DefaultMode = 'Paralel' } } }
        $run.Warnings | Should -BeLike "*DefaultMode*'Paralel'*Parallel and Sequential*"
        $run.Result.MaxConcurrency | Should -Be 1
    }

    It 'refuses <Title>' -ForEach @(
        @{ Title = 'an Automation that is no table'; Table = @{ Automation = 'x' }; Id = 'Configuration.WrongType'; Says = 'Automation*String*' }
        @{ Title = 'an Orchestration that is no table'; Table = @{ Orchestration = 1 }; Id = 'Configuration.WrongType'; Says = 'Orchestration*' }
        @{ Title = 'MaxConcurrency 0'; Table = @{ Automation = @{ MaxConcurrency = 0 } }; Id = 'Concurrency.OutOfRange'; Says = '*configuration*' }
    ) {
        $project = New-Project @{ '0101_A' = '1' }
        $run = Invoke-Capturing $project { seq 0101 -Configuration $Table }
        $run.Error.FullyQualifiedErrorId | Should -Be "$Id,Invoke-OrchestrationSequence"
        $run.Error.Exception.Message | Should -BeLike $Says
        $run.ExitCode | Should -Be 1
    }
}

Describe 'A configuration file that cannot be read' {
    It 'is an error with its position: <Name> with <Text>' -ForEach @(
        @{ Name = 'own.psd1'; Text = "@{`n  A = (Get-Date)`n}"; Says = '*own.psd1, line 2, column 7*' }
        @{ Name = 'own.psd1'; Text = "@{`n  A = 'x`n}"; Says = '*own.psd1, line *, column *' }
        @{ Name = 'own.psd1'; Text = "@{ A = 1 }`nRemove-Item x"; Says = '*own.psd1, line 2, column 1*' }
        @{ Name = 'own.psd1'; Text = "'text'"; Says = '*own.psd1*line 1*' }
        @{ Name = 'own.psd1'; Text = ''; Says = '*own.psd1*table*' }
        @{ Name = 'own.json'; Text = "{`n  `"A`": tru`n}"; Says = '*own.json, line 2, column *not JSON*' }
        @{ Name = 'own.json'; Text = '[1]'; Says = '*own.json, line 1*not a table*' }
        @{ Name = 'own.json'; Text = ''; Says = '*own.json, line 1*' }
    ) {
        $project = New-Project @{ '0101_A' = '1' }
        Set-ProjectFile $project $Name $Text
        foreach ($parameter in 'Configuration', 'ConfigFile') {
            $options = @{ $parameter = $Name }
            $run = Invoke-Capturing $project { seq 0101 @options }
            $run.Error.FullyQualifiedErrorId | Should -Be 'Configuration.Unreadable,Invoke-OrchestrationSequence'
            $run.Error.Exception.Message | Should -BeLike $Says
            $run.Result | Should -BeNullOrEmpty
            $run.ExitCode | Should -Be 1
        }
    }

    It 'is an error also where it is config.local.psd1, and where it is not there' {
        $project = New-Project @{ '0101_A' = '1' }
        $run = Invoke-Capturing $project { seq 0101 -ConfigFile nowhere.psd1 }
        $run.Error.FullyQualifiedErrorId | Should -BeLike 'Configuration.NotFound,*'
        Set-ProjectFile $project 'config.local.psd1' '@{'
        (Invoke-Capturing $project { seq 0101 }).Error.Exception.Message | Should -BeLike '*config.local.psd1, line 1*'
    }

    It 'runs nothing, even what a using statement names' {
        $project = New-Project @{ '0101_A' = '1' }
        $mark = Join-Path $project 'ran.txt'
        Set-ProjectFile $project 'bad.psm1' "[System.IO.File]::WriteAllText('$mark', 'x')"
        Set-ProjectFile $project 'own.psd1' "using module ./bad.psm1`n@{ A = 1 }"
        (Invoke-Capturing $project { seq 0101 -ConfigFile own.psd1 }).Error | Should -Not -BeNullOrEmpty
        Test-Path $mark | Should -BeFalse
    }
}

Describe 'Execution profiles (defect 20)' {
    BeforeAll {
        $project = New-Project @{ '0101_A' = ''; '0102_B' = ''; '0201_C' = '# Dependencies: 0102'; '0202_D' = ''; '0301_E' = '' }
        $folder = Join-Path $project 'orchestration' 'playbooks'
        $null = [System.IO.Directory]::CreateDirectory($folder)
        Set-ProjectFile $folder 'staged.json' '{"metadata": {"name": "staged", "version": "1.0.0"}, "orchestration": {"stages": [
            {"name": "one", "sequences": ["0202"]}, {"name": "two", "sequences": ["0301"]}, {"name": "three", "sequences": ["0101"]}]}}'
        Set-ProjectFile $project 'config.psd1' "@{ Automation = @{ Profiles = @{
            Minimal = @{ Description = 'core'; Scripts = @('0100-0199', '!0101') }
            Standard = @{ Scripts = '0101,0102', '02*' }
            Developer = @{ Scripts = @() }
            Full = @{ Scripts = @('*') } } } }"
    }

    It 'leave of <Sequence> in <Name> only <Expected>' -ForEach @(
        @{ Name = 'Minimal'; Sequence = '01*'; Expected = '0102' }
        @{ Name = 'Standard'; Sequence = '0301', '0202', '0101'; Expected = '0101', '0202' }
        @{ Name = 'Full'; Sequence = '0101', '0301'; Expected = '0101', '0301' }
    ) {
        $plan = Invoke-InProject $project { seq $Sequence -ExecutionProfile $Name -DryRun 6>$null }
        $plan.Jobs.Number | Should -Be $Expected
    }

    It 'are the run where there is no sequence: <Name>' -ForEach @(
        @{ Name = 'Minimal'; Expected = @('0102') }
        @{ Name = 'Standard'; Expected = '0101', '0102', '0201', '0202' }
        @{ Name = 'Full'; Expected = '0101', '0102', '0201', '0202', '0301' }
    ) {
        $plan = Invoke-InProject $project { Invoke-OrchestrationSequence -ExecutionProfile $Name -DryRun 6>$null }
        $plan.Jobs.Number | Should -Be $Expected
        (Invoke-InProject $project { Invoke-OrchestrationSequence -ExecutionProfile $Name -Quiet }).Completed |
            Should -Be @($Expected).Count
    }

    It 'leave of a playbook what they list, in the playbook''s order' {
        $result = Invoke-InProject $project {
            Invoke-OrchestrationSequence -LoadPlaybook staged -ExecutionProfile Standard -Quiet
        }
        $result.Jobs.Number | Should -Be '0202', '0101'
        $result.Completed | Should -Be 2
    }

    It 'refuse <Title>' -ForEach @(
        @{ Title = 'a name the configuration lacks'; Options = @{ ExecutionProfile = 'Custom' }; Id = 'ExecutionProfile.Unknown'; Says = '*Developer, Full, Minimal, Standard*' }
        @{ Title = 'a profile without scripts'; Options = @{ ExecutionProfile = 'Developer' }; Id = 'ExecutionProfile.Nothing'; Says = '*Developer*Scripts*' }
        @{ Title = 'a sequence outside it'; Options = @{ ExecutionProfile = 'Minimal'; Sequence = '0301' }; Id = 'ExecutionProfile.Nothing'; Says = "*0301*'Minimal'*" }
        @{ Title = 'a configuration without profiles'; Options = @{ ExecutionProfile = 'Full'; Configuration = @{} }; Id = 'ExecutionProfile.Unknown'; Says = '*missing or empty*' }
    ) {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence @Options }
        $run.Error.FullyQualifiedErrorId | Should -Be "$Id,Invoke-OrchestrationSequence"
        $run.Error.Exception.Message | Should -BeLike $Says
        $run.ExitCode | Should -Be 1
    }

    It 'pass on to what waited for a job that is left out what that job waited for' {
        InModuleScope AitherZero.Orchestration {
            function New-Job([int] $Job, [string] $Script, [int[]] $Needs, [int[]] $After) {
                [ordered]@{ job = $Job; script = $Script; number = $Script; needs = @($Needs); after = @($After); follows = @() }
            }
            $plan = [ordered]@{
                total   = 4
                scripts = 4
                jobs    = @(
                    New-Job 0 '0101' @() @()
                    New-Job 1 '0102' @(0) @()
                    New-Job 2 '0103' @(1) @()
                    New-Job 3 '0104' @() @(1, 2)
                )
            }
            $left = Select-ProfileJob -Plan $plan -Name x -Allowed '0101', '0103', '0104'
            $left['total'] | Should -Be 3
            $left['jobs'].ForEach({ $_['number'] }) | Should -Be '0101', '0103', '0104'
            $left['jobs'].ForEach({ $_['job'] }) | Should -Be 0, 1, 2
            $left['jobs'][1]['needs'] | Should -Be 0
            $left['jobs'][2]['needs'] | Should -BeNullOrEmpty
            $left['jobs'][2]['after'] | Should -Be 0, 1
            $plan['jobs'][2]['needs'] | Should -Be 1
        }
    }
}
