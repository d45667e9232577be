BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Get-OrchestrationRun' {
    BeforeAll {
        $project = New-Project @{
            '0101_Good' = '"good"; Set-OrchestrationOutput -Name answer -Value @{ deep = 42 }'
            '0102_Bad'  = 'throw "no luck"'
            '0103_Last' = '# Dependencies: 0102'
        }
        $good = Invoke-InProject $project { Invoke-OrchestrationSequence '0101' -Quiet }
        $bad = Invoke-InProject $project { Invoke-OrchestrationSequence '0101-0103' -ContinueOnError -Quiet }
    }

    It 'lists the runs, the newest first, as objects that can be read' {
        $runs = Invoke-InProject $project { Get-OrchestrationRun }

        $runs.Id | Should -Be $bad.RunId, $good.RunId
        $runs.Name | Should -Be '0101-0103', '0101'
        $runs.Status | Should -Be 'Failure', 'Success'
        $runs[0].PSObject.TypeNames[0] | Should -Be 'AitherZero.Orchestration.Run'
        $runs[0].Total, $runs[0].Completed, $runs[0].Failed, $runs[0].Skipped | Should -Be 3, 1, 1, 1
        $runs[0].Started | Should -BeOfType [datetime]
        ([datetime]::Now - $runs[0].Started).Duration().TotalHours | Should -BeLessThan 1
        $runs[0].Duration | Should -BeOfType [timespan]
    }

    It 'shows what the jobs of a run came to, also of one in the list' {
        foreach ($run in @(Invoke-InProject $project { Get-OrchestrationRun -Id Last }), @(Invoke-InProject $project { Get-OrchestrationRun -Last 1 })) {
            $run.Jobs.Number | Should -Be '0101', '0102', '0103'
            $run.Jobs.Status | Should -Be 'Success', 'Failure', 'Skipped'
            $run.Jobs[0].Outputs['answer']['deep'] | Should -Be 42
            $run.Jobs[1].Error | Should -Be 'no luck'
            $run.Jobs[1].ErrorAt | Should -Be '0102_Bad.ps1:1'
            $run.Jobs[2].Reason | Should -Match '0102'
            $run.Jobs[0].Duration.TotalMilliseconds | Should -BeGreaterThan 0
        }
    }

    It 'filters by status and number' {
        (Invoke-InProject $project { Get-OrchestrationRun -Status Success }).Id | Should -Be $good.RunId
        (Invoke-InProject $project { Get-OrchestrationRun -Last 1 }).Id | Should -Be $bad.RunId
        Invoke-InProject $project { Get-OrchestrationRun -Status Running, Interrupted } | Should -BeNullOrEmpty
    }

    It 'says which run is meant when an id is wrong' {
        $wrong = $good.RunId.Substring(0, $good.RunId.Length - 1) + 'x'
        { Invoke-InProject $project { Get-OrchestrationRun -Id $wrong } } |
            Should -Throw -ErrorId 'Run.UnknownId*' -ExpectedMessage "*$wrong*"
        { Invoke-InProject (New-Project @{ '0101_A' = '' }) { Get-OrchestrationRun -Id Last } } |
            Should -Throw -ErrorId 'Run.NothingRecorded*'
        Invoke-InProject (New-Project @{ '0101_A' = '' }) { Get-OrchestrationRun } | Should -BeNullOrEmpty
    }

    It 'draws runs as a table' {
        $text = Invoke-InProject $project { Get-OrchestrationRun | Out-String -Width 160 }
        $text | Should -Match 'Id\s+Name\s+Status\s+Started\s+Duration\s+Jobs'
        $text | Should -Match "$($bad.RunId)\s+0101-0103\s+Failure"
    }

    It 'completes the ids of runs' {
        $line = 'Get-OrchestrationRun -Id '
        $found = Invoke-InProject $project {
            [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
        }
        $found.CompletionText | Should -Be 'Last', $bad.RunId, $good.RunId
    }

    It 'leaves a dry run unrecorded' {
        $other = New-Project @{ '0101_A' = '' }
        $null = Invoke-InProject $other { Invoke-OrchestrationSequence '0101' -DryRun 6>$null }
        $null = Invoke-InProject $other { Invoke-OrchestrationSequence '0101' -WhatIf 6>$null }
        Join-Path $other '.orchestration-cache' | Should -Not -Exist
    }

    It 'tells a run that goes on from one whose PowerShell was killed' {
        $meeting = [System.Threading.ManualResetEventSlim[]]@(
            [System.Threading.ManualResetEventSlim]::new(), [System.Threading.ManualResetEventSlim]::new())
        $name = New-Meeting $meeting
        $other = New-Project @{ '0101_Wait' = "`$m = [AppDomain]::CurrentDomain.GetData('$name'); `$m[0].Set(); `$null = `$m[1].Wait(60000)" }
        $seen = [powershell]::Create([initialsessionstate]::CreateDefault2()).AddScript({
                param($module, $project, $meeting)
                Import-Module $module
                Set-Location -LiteralPath $project
                $null = $meeting[0].Wait(60000)
                Get-OrchestrationRun
                try { Remove-OrchestrationRun -Id Last -Confirm:$false } catch { $_.FullyQualifiedErrorId }
                try { Invoke-OrchestrationSequence -Resume Last } catch { $_.FullyQualifiedErrorId }
                $meeting[1].Set()
            }).AddArgument((Get-Module AitherZero.Orchestration).Path).AddArgument($other).AddArgument($meeting)
        $handle = $seen.BeginInvoke()
        $result = Invoke-InProject $other { Invoke-OrchestrationSequence '0101' -Quiet }
        $told = $seen.EndInvoke($handle)
        $seen.Dispose()

        $result.Success | Should -BeTrue
        $told[0].Status | Should -Be 'Running'
        $told[0].Jobs | Should -Not -BeNullOrEmpty
        $told[1] | Should -BeLike 'Run.StillRunning*'
        $told[2] | Should -BeLike 'Run.StillRunning*'
        (Invoke-InProject $other { Get-OrchestrationRun }).Status | Should -Be 'Success'
    }
}
