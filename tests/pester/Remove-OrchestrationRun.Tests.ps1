BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Remove-OrchestrationRun' {
    BeforeEach {
        $project = New-Project @{ '0101_Say' = '"said"' }
        $runs = foreach ($turn in 1..3) {
            (Invoke-InProject $project { Invoke-OrchestrationSequence '0101' -Quiet }).RunId
        }
        $folder = Join-Path $project '.orchestration-cache' 'runs'
    }

    It 'removes journal and logs of one run' {
        Invoke-InProject $project { Remove-OrchestrationRun -Id $runs[1] }

        (Invoke-InProject $project { Get-OrchestrationRun }).Id | Should -Be $runs[2], $runs[0]
        @(Get-ChildItem -LiteralPath $folder).Name | Where-Object { $_ -like "$($runs[1])*" } | Should -BeNullOrEmpty
    }

    It 'takes runs from the pipeline' {
        Invoke-InProject $project { Get-OrchestrationRun -Last 2 | Remove-OrchestrationRun }
        (Invoke-InProject $project { Get-OrchestrationRun }).Id | Should -Be $runs[0]
    }

    It 'removes nothing under -WhatIf' {
        Invoke-InProject $project { Remove-OrchestrationRun -OlderThan ([timespan]::Zero) -WhatIf 6>$null }
        @(Invoke-InProject $project { Get-OrchestrationRun }).Count | Should -Be 3
    }

    It 'removes what is older than a moment or a time span' {
        Invoke-InProject $project { Remove-OrchestrationRun -OlderThan (New-TimeSpan -Days 1) }
        @(Invoke-InProject $project { Get-OrchestrationRun }).Count | Should -Be 3
        Invoke-InProject $project { Remove-OrchestrationRun -OlderThan ([datetime]::Now.AddSeconds(1)) }
        Invoke-InProject $project { Get-OrchestrationRun } | Should -BeNullOrEmpty
        { Invoke-InProject $project { Remove-OrchestrationRun -OlderThan 'some day' } } |
            Should -Throw -ErrorId 'Run.NoMoment*'
    }
}
