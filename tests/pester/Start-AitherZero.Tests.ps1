BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Checkout.ps1')
    $launcher = (Resolve-Path (Join-Path $PSScriptRoot '..' '..' 'powershell' 'Start-AitherZero.ps1')).ProviderPath

    $project = New-Project @{
        '0101_First'     = "# Stage: Core`n# Tags: fast, net`n# Description: Goes first`nparam(`$CI, `$color) `"CI=`$CI color=`$color`""
        '0102_Fails'     = 'exit 3'
        '0500_Validate'  = "# Stage: Validation`n# Dependencies: Nothing-Like-It"
        '0501_Inventory' = ''
    }
    $folder = Join-Path $project 'orchestration' 'playbooks' 'core'
    $null = [System.IO.Directory]::CreateDirectory($folder)
    [System.IO.File]::WriteAllText((Join-Path $folder 'test-matrix-comprehensive.json'), '{"metadata": {"name":
        "test-matrix-comprehensive", "description": "Matrix over the first script", "version": "1.0.0"}, "orchestration": {
        "profiles": {"ci": {"variables": {"color": "blue"}}}, "stages": [{"name": "one", "sequences": ["0101"]}]}}')

    function Start-Launcher {
        # As child process.
        param([string[]] $Arguments, [string] $Project = $project, [string] $Path = $launcher)

        Invoke-Shell (@('-File', $Path) + $Arguments) -Location $Project
    }
}

Describe 'Exit codes of the launcher (defect 18)' {
    It 'is <Code> for <Arguments>' -ForEach @(
        @{ Arguments = @('-Mode', 'Orchestrate', '-Sequence', '0101'); Code = 0; Says = '*Completed: *0101_First.ps1*' }
        @{ Arguments = @('-Mode', 'Orchestrate', '-Sequence', '0102'); Code = 1; Says = '*' }
        @{ Arguments = @('-Mode', 'Orchestrate', '-Sequence', '0101,0102', '-ContinueOnError'); Code = 10; Says = '*' }
        @{ Arguments = @('-Mode', 'Orchestrate', '-Sequence', '0102', '-DryRun'); Code = 0; Says = '*Total scripts: 1*' }
        @{ Arguments = @('-Mode', 'Orchestrate', '-Sequence', '9998'); Code = 1; Says = '*[[]CRITICAL ERROR] Message: *9998* Type: *Location: *' }
        @{ Arguments = @('-Mode', 'Orchestrate', '-Sequence', '0600-0700'); Code = 1; Says = '*No scripts match*' }
        @{ Arguments = @('-Mode', 'Orchestrate', '-Playbook', 'missing'); Code = 1; Says = '*CRITICAL ERROR*missing*' }
        @{ Arguments = @('-Mode', 'Orchestrate'); Code = 1; Says = '*Orchestrate mode requires -Sequence or -Playbook parameter*' }
        @{ Arguments = @('-Mode', 'Nonsense'); Code = 1; Says = '*' }
        @{ Arguments = @('-Mode', 'Deploy'); Code = 1; Says = '*-Mode Deploy is the work of the project''s own launcher*' }
        @{ Arguments = @('-Mode', 'Validate'); Code = 0; Says = '*0500_Validate.ps1*Nothing-Like-It*' }
        @{ Arguments = @(); Code = 0; Says = '*0101_First*Goes first*test-matrix-comprehensive*' }
    ) {
        $run = Start-Launcher $Arguments
        $run.Text | Should -BeLike $Says
        $run.ExitCode | Should -Be $Code
    }

    It 'is 1 where there is no module, and where its library is missing' {
        $alone = Join-Path $TestDrive 'alone'
        $null = [System.IO.Directory]::CreateDirectory($alone)
        $copy = Join-Path $alone 'Start-AitherZero.ps1'
        [System.IO.File]::Copy($launcher, $copy)
        $code = "`$env:PSModulePath = '$alone'; & '$copy' -Mode Orchestrate 0101; exit `$LASTEXITCODE"
        $run = Invoke-Shell @('-Command', $code) -Location $project
        $run.Text | Should -BeLike '*Orchestration module not loaded*'
        $run.ExitCode | Should -Be 1

        $code = "`$env:AITHER_ORCHESTRATION_LIBRARY = '$alone/gone'; & '$launcher' -Mode Orchestrate 0101; exit `$LASTEXITCODE"
        $run = Invoke-Shell @('-Command', $code) -Location $project
        $run.Text | Should -BeLike '*CRITICAL ERROR*has no native library*gone*'
        $run.ExitCode | Should -Be 1
    }

    It 'is 1 where there is no project' {
        $run = Start-Launcher @('-Mode', 'Orchestrate', '-Sequence', '0101') -Project ([System.IO.Path]::GetTempPath())
        $run.Text | Should -BeLike '*CRITICAL ERROR*'
        $run.ExitCode | Should -Be 1
    }
}

Describe 'Arguments that nobody knows (defect 15)' {
    It 'refuses <Arguments>' -ForEach @(
        @{ Arguments = @{ Rest = '-Frobnicate' }; Says = "*'-Frobnicate'*-Help*" }
        @{ Arguments = @{ Rest = '-GenerateSumary' }; Says = "*'-GenerateSumary'. Did you mean -GenerateSummary?*" }
        @{ Arguments = @{ Rest = '-UsesCache' }; Says = '*Did you mean -UseCache?*' }
        @{ Arguments = @{ Rest = '--Parallell' }; Says = '*Did you mean -Parallel?*' }
        @{ Arguments = @{ Rest = '0501'; Sequence = '0500' }; Says = "*'0501'*" }
    ) {
        $words = @('-Mode', 'Orchestrate')
        $words += $Arguments.Sequence ? @('-Sequence', $Arguments.Sequence) : @('-Playbook', 'test-matrix-comprehensive')
        $run = Start-Launcher ($words + $Arguments.Rest)
        $run.Text | Should -BeLike $Says
        $run.Text | Should -Not -BeLike '*Starting*'
        $run.ExitCode | Should -Be 1
    }

    It 'honours the guide''s command line' {
        $run = Start-Launcher @('-Mode', 'Orchestrate', '-Playbook', 'test-matrix-comprehensive', '-GenerateSummary', '-UseCache')
        $run.ExitCode | Should -Be 0
        $run.Text | Should -BeLike '*Execution summary saved to: *'
    }

    It 'hands -<Name> to the engine' -ForEach @(
        @{ Name = 'UseCache'; Value = $true }
        @{ Name = 'GenerateSummary'; Value = $true }
        @{ Name = 'ContinueOnError'; Value = $true }
        @{ Name = 'MaxConcurrency'; Value = 2 }
    ) {
        $received = [System.Collections.Generic.List[object]]::new()
        $slot = New-Meeting $received
        $stand = "function Invoke-OrchestrationSequence { param(`$Sequence, `$Variables, [switch]`$DryRun, `$$Name)
            [System.AppDomain]::CurrentDomain.GetData('$slot').Add(`$$Name); `$global:LASTEXITCODE = 0 }"
        . ([scriptblock]::Create($stand))
        $options = @{ $Name = $Value }
        Invoke-InProject $project { & $launcher -Mode Orchestrate 0101 @options }
        $received | Should -Be $Value
    }

    It 'says which known ones mean nothing where they stand' {
        $run = Invoke-Capturing $project { & $launcher -Mode List -Playbook x -DryRun }
        $run.Warnings | Should -Be '-Playbook has no effect with -Mode List.', '-DryRun has no effect with -Mode List.'
        $run = Invoke-Capturing $project { & $launcher -Mode Orchestrate -Sequence 0101 -PlaybookProfile x -DryRun }
        $run.Warnings | Should -BeLike '-PlaybookProfile has no effect*'
    }
}

Describe 'Orchestrate' {
    It 'takes <Title> as 0500 and 0501' -ForEach @(
        @{ Title = 'bare words'; Command = { & $launcher -Mode Orchestrate 0500 0501 -DryRun } }
        @{ Title = 'bare words before a switch, quoted'; Command = { & $launcher -Mode Orchestrate '0500' '0501' -DryRun } }
        @{ Title = 'a bare list that lost its zeros'; Command = { & $launcher -Mode Orchestrate 0500, 0501 -DryRun } }
        @{ Title = 'a comma string with blanks'; Command = { & $launcher -Mode Orchestrate -Sequence ' 500 , 0501,' -DryRun } }
        @{ Title = 'a list'; Command = { & $launcher -Mode Orchestrate -Sequence 500, '501' -DryRun } }
        @{ Title = 'a range'; Command = { & $launcher Orchestrate 0500-0501 -WhatIf } }
        @{ Title = 'an exclusion'; Command = { & $launcher -Mode Orchestrate -Sequence '05*', '!0502' -DryRun } }
    ) {
        $run = Invoke-Capturing $project $Command
        $run.Error | Should -BeNullOrEmpty
        $run.Result.Jobs.Number | Should -Be '0500', '0501'
        $run.ExitCode | Should -Be 0
    }

    It 'adds the variable CI with -CI, and leaves the caller''s table alone' {
        $table = @{ color = 'red' }
        $run = Invoke-Capturing $project { & $launcher -Mode Orchestrate 0101 -CI -Variables $table }
        $run.Result.Jobs.Output | Should -Be 'CI=True color=red'
        $table.Count | Should -Be 1
    }

    It 'runs a playbook with its profile; the playbook wins over a sequence' {
        $run = Invoke-Capturing $project {
            & $launcher -Mode Orchestrate -Playbook test-matrix-comprehensive -PlaybookProfile ci -Sequence 0501
        }
        $run.Result.Jobs.Output | Should -Be 'CI= color=blue'
        $run.Warnings | Should -Contain '-Sequence has no effect: -Playbook wins.'
    }

    It 'maps -Sequential and -Parallel, of which one is enough' {
        $one = Invoke-Capturing $project { & $launcher -Mode Orchestrate 0101 -Sequential -DryRun -MaxConcurrency 3 }
        $one.Result.MaxConcurrency | Should -Be 1
        $many = Invoke-Capturing $project { & $launcher -Mode Orchestrate 0101 -Parallel -DryRun -MaxConcurrency 3 }
        $many.Result.MaxConcurrency | Should -Be 3
        (Start-Launcher @('-Mode', 'Orchestrate', '0101', '-Sequential', '-Parallel')).Text | Should -BeLike '*contradict*'
    }

    It 'takes a matrix as table and as JSON text' {
        $matrix = [ordered]@{ color = 'red', 'blue' }
        $run = Invoke-Capturing $project { & $launcher -Mode Orchestrate 0101 -Matrix $matrix }
        $run.Result.Jobs.Output | Should -Be 'CI= color=red', 'CI= color=blue'
        $run = Start-Launcher @('-Mode', 'Orchestrate', '0101', '-Matrix', '{"color": ["green", "grey"]}')
        $run.Text | Should -BeLike '*Completed: *0101-matrix-0*2 jobs*2 completed*'
        $run.ExitCode | Should -Be 0
    }

    It 'reads -ConfigPath as psd1 and as JSON, and -ProfileName from it' {
        [System.IO.File]::WriteAllText((Join-Path $project 'own.json'),
            '{"Automation": {"MaxConcurrency": 9, "Profiles": {"Minimal": {"Scripts": ["0101"]}}}}')
        [System.IO.File]::WriteAllText((Join-Path $project 'own.psd1'), '@{ Automation = @{ MaxConcurrency = 8 } }')
        $json = Invoke-Capturing $project { & $launcher -Mode Orchestrate '0101-0501' -ConfigPath own.json -ProfileName Minimal -DryRun }
        $json.Result.MaxConcurrency | Should -Be 9
        $json.Result.Jobs.Number | Should -Be '0101'
        $psd1 = Invoke-Capturing $project { & $launcher -Mode Orchestrate 0101 -ConfigPath own.psd1 -DryRun }
        $psd1.Result.MaxConcurrency | Should -Be 8
        $none = Start-Launcher @('-Mode', 'Orchestrate', '0101', '-ConfigPath', 'none.json')
        $none.Text | Should -BeLike '*Configuration file not found*none.json*'
        $none.ExitCode | Should -Be 1
    }

    It 'leaves AITHERZERO_ROOT as it was' {
        $before = $env:AITHERZERO_ROOT
        $null = Invoke-Capturing $project { & $launcher -Mode Orchestrate 0101 }
        $env:AITHERZERO_ROOT | Should -Be $before
    }
}

Describe 'List, Search, Validate' {
    It 'lists <Target>: <Expected>' -ForEach @(
        @{ Target = 'scripts'; Expected = '0101_First', '0102_Fails', '0500_Validate', '0501_Inventory' }
        @{ Target = 'playbooks'; Expected = @('test-matrix-comprehensive') }
        @{ Target = 'all'; Expected = '0101_First', '0102_Fails', '0500_Validate', '0501_Inventory', 'test-matrix-comprehensive' }
    ) {
        $run = Invoke-Capturing $project { & $launcher -Mode List -Target $Target }
        $run.Result.Name | Should -Be $Expected
        $run.ExitCode | Should -Be 0
    }

    It 'finds <Query>: <Expected>' -ForEach @(
        @{ Query = '050'; Expected = '0500_Validate', '0501_Inventory' }
        @{ Query = 'goes FIRST'; Expected = @('0101_First') }
        @{ Query = 'net'; Expected = @('0101_First') }
        @{ Query = 'matrix'; Expected = @('test-matrix-comprehensive') }
        @{ Query = '*_F*'; Expected = '0101_First', '0102_Fails' }
        @{ Query = 'first'; Expected = '0101_First', 'test-matrix-comprehensive' }
    ) {
        $run = Invoke-Capturing $project { & $launcher -Mode Search -Query $Query }
        $run.Result.Name | Should -Be $Expected
        $run.ExitCode | Should -Be 0
    }

    It 'asks for a query, says when nothing matches, and knows its targets' {
        $run = Start-Launcher @('-Mode', 'Search')
        $run.Text | Should -BeLike '*Search query required*'
        $run.ExitCode | Should -Be 1
        $run = Start-Launcher @('-Mode', 'Search', '-Query', 'no-such-thing')
        $run.Text | Should -BeLike "*Nothing in * matches 'no-such-thing'*"
        $run.ExitCode | Should -Be 1
        $run = Start-Launcher @('-Mode', 'List', '-Target', 'cars')
        $run.Text | Should -BeLike "*'cars'*scripts, playbooks or all*"
        $run.ExitCode | Should -Be 1
    }

    It 'validates: syntax, dependencies, playbooks, configuration' {
        $own = New-Project @{ '0101_Broken' = "# fine`nif (`$x {`n"; '0102_Ok' = '# Dependencies: 0101' } -Configuration '@{ A = (Get-Date) }'
        $folder = Join-Path $own 'library' 'playbooks'
        $null = [System.IO.Directory]::CreateDirectory($folder)
        [System.IO.File]::WriteAllText((Join-Path $folder 'broken.json'), "{`n  `"name`": `n}")
        $run = Invoke-Capturing $own { & $launcher -Mode Validate }
        $run.ExitCode | Should -Be 1
        $errors = @($run.Result | Where-Object Severity -EQ 'Error')
        $errors.File | Should -Contain '0101_Broken.ps1'
        $errors.File | Should -Contain 'broken.json'
        $errors.File | Should -Contain 'config.psd1'
        $errors.Where({ $_.File -eq '0101_Broken.ps1' })[0].Line | Should -Be 2
        (Invoke-Capturing $own { & $launcher -Mode Validate -Target playbooks }).Result.File | Should -Not -Contain '0101_Broken.ps1'
    }
}

Describe 'Modes of the project''s own launcher' {
    BeforeAll {
        $checkout = New-Checkout
        $null = Install-AitherOrchestration $checkout
        $own = Join-Path $checkout 'Start-AitherZero.ps1'
    }

    It 'hands <Arguments> over, and its exit code back' -ForEach @(
        @{
            Arguments = @('-Mode', 'Run', '-Target', 'script', '-ScriptNumber', '0101')
            Says      = '*Mode=Run Sequence= Target=script ScriptNumber=0101 NonInteractive=False Dashboard=False Rest=*'
        }
        @{
            Arguments = @('-Mode', 'Test', '-Sequence', '0402', '-NonInteractive')
            Says      = '*Mode=Test Sequence=0402 * NonInteractive=True *'
        }
        @{ Arguments = @('-Mode', 'Deploy', '-Dashboard', 'x', 'y'); Says = '*Mode=Deploy Sequence=x *Dashboard=True *' }
        @{ Arguments = @('-Mode', 'Interactive'); Says = '*Mode=Interactive *' }
    ) {
        $run = Start-Launcher $Arguments -Path $own -Project ([System.IO.Path]::GetTempPath())
        $run.Text | Should -BeLike $Says
        $run.ExitCode | Should -Be 7
    }

    It 'refuses what neither launcher knows' {
        $run = Start-Launcher @('-Mode', 'Deploy', '-Frob') -Path $own
        $run.Text | Should -BeLike "*Unknown argument '-Frob'*"
        $run.ExitCode | Should -Be 1
        $run = Start-Launcher @('-Mode', 'Deploy', '-UseCache') -Path $own
        $run.Text | Should -BeLike '*-UseCache is not known to *Start-AitherZero.original.ps1*'
        $run.ExitCode | Should -Be 1
    }

    It 'runs the rest itself, on the checkout it lies in, with the module beside the engine' {
        $run = Start-Launcher @('-Mode', 'Orchestrate', '0101') -Path $own -Project ([System.IO.Path]::GetTempPath())
        $run.Text | Should -BeLike '*Completed: *0101*'
        $run.ExitCode | Should -Be 0
    }

    It 'finds the original in the project''s root where it does not lie there itself' {
        $run = Start-Launcher @('-Mode', 'Run', '-Target', 'script') -Project $checkout
        $run.Text | Should -BeLike '*the original launcher: Mode=Run*'
        $run.ExitCode | Should -Be 7
    }
}

Describe 'What AitherZero''s own tests ask of the launcher' {
    BeforeAll {
        $command = Get-Command $launcher
        $text = [System.IO.File]::ReadAllText($launcher)
    }

    It 'has the parameters, with their types and sets' {
        $command.Parameters['PlaybookProfile'].ParameterType | Should -Be ([string])
        $command.Parameters['PlaybookProfile'].Attributes.Where({ $_ -is [ValidateSet] }) | Should -BeNullOrEmpty
        $command.Parameters['ProfileName'].Attributes.Where({ $_ -is [ValidateSet] }).ValidValues |
            Should -Be 'Minimal', 'Standard', 'Developer', 'Full'
        $command.Parameters['Mode'].Attributes.Where({ $_ -is [ValidateSet] }).ValidValues |
            Should -Be 'Interactive', 'Orchestrate', 'Validate', 'Deploy', 'Test', 'List', 'Search', 'Run'
        foreach ($name in 'Sequence', 'ConfigPath', 'NonInteractive', 'Playbook', 'DryRun', 'Version', 'Help', 'Target', 'Query',
            'ScriptNumber', 'CI', 'Variables', 'Sequential', 'Parallel', 'IsRelaunch', 'RemainingArguments', 'Matrix', 'UseCache',
            'GenerateSummary', 'MaxConcurrency', 'ContinueOnError') {
            $command.Parameters.Keys | Should -Contain $name
        }
    }

    It 'has the texts they search for' {
        foreach ($part in "ValidateSet('Interactive', 'Orchestrate', 'Validate', 'Deploy', 'Test', 'List', 'Search', 'Run')",
            'not $Sequence -and -not $Playbook', 'exit 0', 'exit 1', 'DryRun', 'Orchestration module not loaded') {
            $text.Contains($part) | Should -BeTrue -Because $part
        }
    }

    It 'documents every parameter, and shows help and version' {
        $tokens, $mistakes = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($launcher, [ref]$tokens, [ref]$mistakes)
        $mistakes | Should -BeNullOrEmpty
        $help = $ast.GetHelpContent()
        foreach ($name in $ast.ParamBlock.Parameters.Name.VariablePath.UserPath) {
            $help.Parameters[$name.ToUpperInvariant()] | Should -Not -BeNullOrEmpty -Because $name
        }
        $version = (Get-Module AitherZero.Orchestration).Version
        (Start-Launcher '-Version').Text | Should -BeLike "*AitherZero.Orchestration $version*"
        $run = Start-Launcher '-Help'
        $run.Text | Should -BeLike '*PlaybookProfile*profile inside the playbook*'
        $run.ExitCode | Should -Be 0
    }

    It 'keeps to lines of 115 characters and no backtick at a line''s end' {
        ($text -split '\r?\n').Where({ $_.Length -gt 115 -or $_.EndsWith('`') }) | Should -BeNullOrEmpty
    }
}
