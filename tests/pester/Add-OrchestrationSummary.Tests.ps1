BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Add-OrchestrationSummary' {
    It 'brings a script''s Markdown into the result and the summary, in the order written' {
        $project = New-Project @{
            '0101_A' = "Add-OrchestrationSummary '## Coverage'`n'| a |', '|---|' | Add-OrchestrationSummary"
            '0102_B' = 'Add-OrchestrationSummary -Text "**done**"'
        }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence '*' -GenerateSummary -Quiet }
        $run.Result.Jobs[0].Summary | Should -Be '## Coverage', '| a |', '|---|'
        $run.Result.Jobs[1].Summary | Should -Be '**done**'
        $text = [System.IO.File]::ReadAllText($run.Result.SummaryPath)
        $text | Should -Match '(?s)## From the scripts\n\n### 0101 .*\n\n## Coverage\n.*### 0102 .*\n\n\*\*done\*\*'
    }

    It 'does so in a job that runs as a process' {
        $project = New-Project @{
            '0101_A' = "Add-OrchestrationSummary '## Coverage'`n'| a |', '|---|' | Add-OrchestrationSummary"
        }
        $run = Invoke-Capturing $project {
            Invoke-OrchestrationSequence 0101 -Isolation Process -GenerateSummary -Quiet
        }
        "$($run.Result.Jobs[0].Summary)".Trim() | Should -Be "## Coverage`n| a |`n|---|"
        [System.IO.File]::ReadAllText($run.Result.SummaryPath) | Should -Match '### 0101 .*\n\n## Coverage\n\| a \|\n'
    }

    It 'says outside of a job that there is none' {
        { Add-OrchestrationSummary 'x' } |
            Should -Throw '*works inside a job only*' -ErrorId 'Summary.NoJob,Add-OrchestrationSummary'
    }

    It 'refuses what is larger than GitHub takes, and fails the script' {
        $project = New-Project @{ '0101_A' = 'Add-OrchestrationSummary ("x" * (1MB + 1))' }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -Quiet }
        $run.Result.Jobs[0].Error | Should -BeLike '*1048577 characters*Nothing was added*'
        $run.Result.Jobs[0].Summary | Should -BeNullOrEmpty
    }
}
