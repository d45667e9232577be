BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    $project = New-Project @{ '0101_Good' = '"fine"'; '0102_Bad' = "'last words'`nexit 3" }
    $failed = (Invoke-Capturing $project { Invoke-OrchestrationSequence '*' -ContinueOnError -Quiet }).Result
}

Describe 'Export-OrchestrationSummary' {
    It 'writes the summary of a result where AitherZero has it' {
        $path = Invoke-InProject $project { Export-OrchestrationSummary -Summary $failed }
        $path | Should -Match 'reports[\\/]orchestration[\\/]summary-\d{4}-\d\d-\d\d-\d{6}(-\d+)?\.md$'
        $text = [System.IO.File]::ReadAllText($path)
        $text | Should -BeLike "# Orchestration Execution Summary`n*| Failed | 1 ❌ |*"
        $text | Should -BeLike '*- `*`*0102`*`*: Script exited with code: 3*exit code 3*last words*'
    }

    It 'gives two summaries of one second two files' {
        $paths = Invoke-InProject $project { 1..3 | ForEach-Object { Export-OrchestrationSummary $failed } }
        @($paths | Sort-Object -Unique) | Should -HaveCount 3
        $paths | ForEach-Object { Test-Path -LiteralPath $_ | Should -BeTrue }
    }

    It 'takes the record that AitherZero''s own engine makes, and a configuration' {
        $record = @{
            Playbook  = 'ci'
            StartTime = [datetime]'2025-11-05 14:30:15'
            EndTime   = [datetime]'2025-11-05 14:35:42'
            Duration  = [timespan]'00:05:27'
            Variables = @{ deep = @{ a = @{ b = @{ c = 'still there' } } } }
            Result    = @{
                Total     = 2
                Completed = 1
                Failed    = 1
                Results   = @{
                    Completed = @{ '0101' = @{ Success = $true; ExitCode = 0 } }
                    Failed    = @{ '0102' = @{ Success = $false; ExitCode = 4; Error = 'a|b' } }
                }
            }
        }
        $path = Invoke-InProject $project { Export-OrchestrationSummary $record @{} }
        $text = [System.IO.File]::ReadAllText($path)
        $text | Should -BeLike "*Playbook*: ci  `n*Started*: 2025-11-05 14:30:15  `n*: 2025-11-05 14:35:42  `n*: 00:05:27*"
        $text | Should -BeLike '*still there*- `*`*0102`*`*: a\|b*'
        $text | Should -BeLike '*| Success Rate | 50% |*'
    }

    It 'writes nothing with -WhatIf' {
        $empty = New-Project @{ '0101_A' = '' }
        Invoke-InProject $empty { Export-OrchestrationSummary $failed -WhatIf } | Should -BeNullOrEmpty
        Test-Path (Join-Path $empty 'reports') | Should -BeFalse
    }
}

Describe 'Invoke-OrchestrationSequence -GenerateSummary' {
    It 'names the file in the result and in the log' {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -GenerateSummary -Variables @{ testRun = 'v2' } }
        Test-Path -LiteralPath $run.Result.SummaryPath | Should -BeTrue
        $run.Text -join "`n" | Should -BeLike "*Execution summary saved to: $($run.Result.SummaryPath)*"
        $text = [System.IO.File]::ReadAllText($run.Result.SummaryPath)
        $text | Should -BeLike '*"testRun": "v2"*All stages completed successfully.*'
    }

    It 'writes none unless asked, and none with -DryRun' {
        $own = New-Project @{ '0101_A' = '' }
        $null = Invoke-Capturing $own { Invoke-OrchestrationSequence 0101 -Quiet }
        $null = Invoke-Capturing $own { Invoke-OrchestrationSequence 0101 -GenerateSummary -DryRun }
        Test-Path (Join-Path $own 'reports') | Should -BeFalse
    }

    It 'still gives the result where the summary cannot be written' {
        $own = New-Project @{ '0101_A' = '"x"' }
        [System.IO.File]::WriteAllText((Join-Path $own 'reports'), 'a file in the way')
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence 0101 -GenerateSummary -Quiet }
        $run.Result.Success | Should -BeTrue
        $run.Result.SummaryPath | Should -BeNullOrEmpty
        $run.Warnings | Should -BeLike 'The summary was not written: *'
    }

    It 'shows no secret: neither a secure string nor what the playbook lists' {
        $own = New-Project @{ '0101_A' = 'param($token, $word) "ran"' }
        $null = Add-Playbook $own 'quiet' @{
            metadata      = @{ name = 'quiet' }
            secrets       = @('token')
            orchestration = @{ stages = @(@{ name = 'One'; sequences = @('0101') }) }
        }
        $word = [securestring]::new()
        $word.AppendChar('x')
        $run = Invoke-Capturing $own {
            Invoke-OrchestrationSequence -LoadPlaybook quiet -Variables @{ token = 'sesame'; word = $word } -GenerateSummary
        }
        $text = [System.IO.File]::ReadAllText($run.Result.SummaryPath)
        $text | Should -BeLike '*"token": "`*`*`*"*'
        $text | Should -BeLike '*"word": "`*`*`*"*'
        $text | Should -Not -BeLike '*sesame*'
    }

    It 'follows a playbook''s generateSummary, summaryPath and reporting, unless the caller says no' {
        $own = New-Project @{ '0101_A' = '' }
        $null = Add-Playbook $own 'list.psd1' "@{
            Name = 'list'; Sequence = @('0101')
            Options = @{ GenerateSummary = `$true; SummaryPath = 'out/here.md' }
        }"
        $null = Add-Playbook $own 'v2' @{
            metadata      = @{ name = 'v2' }
            orchestration = @{ stages = @(@{ name = 'One'; sequences = @('0101') }) }
            reporting     = @{ enabled = $true; formats = @('JSON', 'HTML', 'CSV'); outputPath = 'out/reports' }
        }
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence -LoadPlaybook list }
        $run.Result.SummaryPath | Should -Be (Join-Path $own 'out' 'here.md')
        [System.IO.File]::ReadAllText($run.Result.SummaryPath) | Should -BeLike '*Playbook*: list*'
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence -LoadPlaybook list -GenerateSummary:$false }
        $run.Result.SummaryPath | Should -BeNullOrEmpty
        $null = Invoke-Capturing $own { Invoke-OrchestrationSequence -LoadPlaybook v2 }
        @(Get-ChildItem (Join-Path $own 'out' 'reports')).Extension | Sort-Object | Should -Be '.html', '.json'
    }
}
