BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    $project = New-Project @{
        '0401_Check'         = "# Stage: Testing`n# Tags: ci, fast"
        '0402_Run-UnitTests' = "# Stage: Testing`n# Description: Runs them all"
        '0207_Install-Git'   = "# Stage: Core & More`n# Tags: tools"
    }
    $folder = Join-Path $project 'orchestration' 'playbooks'
    foreach ($name in 'core/test-quick', 'core/test-full', 'other/test-full', 'core/broken') {
        $path = Join-Path $folder "$name.json"
        $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($path))
        [System.IO.File]::WriteAllText($path, $name -eq 'core/broken' ? '{' : '{"metadata": {"name": "x", "description": "a",
            "version": "1.0.0"}, "orchestration": {"profiles": {"quick": {"description": "the quick one"}, "ci": {}},
            "stages": [{"name": "one", "sequences": ["0401"]}]}}')
    }
    [System.IO.File]::WriteAllText((Join-Path $folder 'listed.psd1'),
        "@{ Name = 'listed'; Sequence = @('0401'); Profiles = @{ nightly = @{ Description = 'at night' } } }")

    [System.IO.File]::WriteAllText((Join-Path $project 'Start-AitherZero.ps1'), 'param($Sequence, $Playbook, $PlaybookProfile)')

    function Get-Completion([string] $Line, [string] $Location = $project) {
        Invoke-InProject $Location {
            [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches
        }
    }
}

Describe 'Tab completion' {
    It 'completes "<Line>" to <Expected>' -ForEach @(
        @{ Line = 'Invoke-OrchestrationSequence -LoadPlaybook test-q'; Expected = @('test-quick') }
        @{ Line = 'Invoke-OrchestrationSequence -LoadPlaybook TEST-'; Expected = @('test-quick') }
        @{ Line = 'Invoke-OrchestrationSequence -LoadPlaybook other/'; Expected = @('other/test-full') }
        @{ Line = 'Invoke-OrchestrationSequence -LoadPlaybook core/t'; Expected = 'core/test-full', 'core/test-quick' }
        @{ Line = "seq -LoadPlaybook 'li"; Expected = @("'listed'") }
        @{ Line = 'seq -LoadPlaybook test-quick -PlaybookProfile '; Expected = 'quick', 'ci' }
        @{ Line = 'seq -LoadPlaybook core/test-quick -PlaybookProfile c'; Expected = @('ci') }
        @{ Line = 'seq -LoadPlaybook listed -PlaybookProfile n'; Expected = @('nightly') }
        @{ Line = 'seq 04'; Expected = '0401', '0402' }
        @{ Line = 'seq 0401,04'; Expected = '0401', '0402' }
        @{ Line = "seq '0401, !04"; Expected = "'0401, !0401'", "'0401, !0402'" }
        @{ Line = 'seq -Sequence !0207'; Expected = @('!0207') }
        @{ Line = 'seq stage:t'; Expected = @('stage:Testing') }
        @{ Line = 'seq stage:C'; Expected = @("'stage:Core & More'") }
        @{ Line = 'seq tag:'; Expected = 'tag:ci', 'tag:fast', 'tag:tools' }
        @{ Line = 'Invoke-Sequence 02'; Expected = @('0207') }
        @{ Line = 'Get-OrchestrationPlaybook li'; Expected = @('listed') }
        @{ Line = 'Get-OrchestrationPlaybook -Name test-q'; Expected = @('test-quick') }
        @{ Line = 'Test-OrchestrationPlaybook li'; Expected = @('listed') }
        @{ Line = 'Save-OrchestrationPlaybook new 04'; Expected = '0401', '0402' }
        @{ Line = 'Test-OrchestrationCache 02'; Expected = @('0207') }
        @{ Line = 'Test-OrchestrationCache -LoadPlaybook listed -PlaybookProfile '; Expected = @('nightly') }
        @{ Line = './Start-AitherZero.ps1 -Playbook test-q'; Expected = @('test-quick') }
        @{ Line = './Start-AitherZero.ps1 -Playbook listed -PlaybookProfile '; Expected = @('nightly') }
    ) {
        @(Get-Completion $Line).CompletionText | Should -Be $Expected
    }

    It 'shows what stands behind a word' {
        (Get-Completion 'seq 0402').ToolTip | Should -Be 'Run-UnitTests - Runs them all'
        (Get-Completion 'seq 0207').ToolTip | Should -Be 'Install-Git'
        (Get-Completion 'seq tag:ci').ToolTip | Should -Be '1 scripts'
        (Get-Completion 'seq -LoadPlaybook test-q').ToolTip | Should -Be 'core/test-quick'
        (Get-Completion 'seq -LoadPlaybook test-quick -PlaybookProfile q').ToolTip | Should -Be 'the quick one'
    }

    It 'offers nothing, and says nothing, for <Title>' -ForEach @(
        @{ Title = 'a folder that is no project'; Word = 'a'; Kind = 'Sequence'; Here = $false }
        @{ Title = 'what nothing begins with'; Word = 'zzz'; Kind = 'Sequence'; Here = $true }
        @{ Title = 'a lone quote'; Word = "'zz"; Kind = 'Playbook'; Here = $true }
        @{ Title = 'wildcards, brackets and subexpressions'; Word = '[$(throw 1)*`'; Kind = 'Sequence'; Here = $true }
        @{ Title = 'an unknown playbook''s profiles'; Word = ''; Kind = 'PlaybookProfile'; Playbook = 'gone'; Here = $true }
        @{ Title = 'a broken playbook''s profiles'; Word = ''; Kind = 'PlaybookProfile'; Playbook = 'broken'; Here = $true }
    ) {
        $place = $Here ? $project : [System.IO.Path]::GetTempPath()
        $completer = InModuleScope AitherZero.Orchestration { ${function:Complete-Argument} }
        $records = @(Invoke-InProject $place { & $completer 'seq' $Kind $Word $null @{ LoadPlaybook = $Playbook } *>&1 })
        $records | Should -BeNullOrEmpty
    }

    It 'finds its way in a project of AitherZero''s size' {
        $scripts = @{}
        foreach ($number in 0..150) {
            $scripts['{0:0000}_Script-{0}' -f ($number * 7)] = "# Stage: Stage$($number % 9)`n# Tags: t$($number % 30)`n`n"
        }
        $large = New-Project $scripts
        $place = Join-Path $large 'orchestration' 'playbooks'
        $null = [System.IO.Directory]::CreateDirectory($place)
        foreach ($number in 1..40) {
            [System.IO.File]::Copy((Join-Path $folder 'core' 'test-quick.json'), (Join-Path $place "playbook-$number.json"))
        }
        foreach ($line in 'seq 0', 'seq stage:', 'seq -LoadPlaybook play', 'seq -LoadPlaybook playbook-7 -PlaybookProfile ') {
            @(Get-Completion $line -Location $large).Count | Should -BeGreaterThan 1 -Because $line
        }
    }
}
