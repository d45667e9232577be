# Runs in the background, and how they are stopped.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    function New-Waiting {
        # A project whose script says that it has begun and then waits until it is stopped.
        $meeting = @{
            Started = [System.Threading.ManualResetEvent]::new($false)
            Stopped = [System.Threading.ManualResetEvent]::new($false)
        }
        $name = New-Meeting $meeting
        $project = New-Project @{ '0101_Wait' = "`$m = [AppDomain]::CurrentDomain.GetData('$name')
            'waiting'
            `$null = `$m.Started.Set()
            `$never = [System.Threading.ManualResetEvent]::new(`$false)
            try { while (-not `$never.WaitOne(5)) { } } finally { `$null = `$m.Stopped.Set() }" }
        @{ Meeting = $meeting; Project = $project }
    }
}

Describe 'A run in the background' {
    It 'is a job: it is listed, waited for, received and removed' {
        $project = New-Project @{ '0101_Say' = 'param($word) "said $word"' }
        $values = @{ word = 'hello' }
        $job = Invoke-InProject $project {
            Invoke-OrchestrationSequence 0101 -Variables $values -AsJob
        }
        $values.word = 'changed'
        $job | Should -BeOfType [System.Management.Automation.Job]
        (Get-Job -Id $job.Id).InstanceId | Should -Be $job.InstanceId
        $null = Wait-Job -Job $job
        $job.State | Should -Be 'Completed'
        $job.Progress | Should -Be 100
        $received = @(Receive-Job -Job $job 6>&1)
        $result = $received | Where-Object { $_.PSTypeNames -contains 'AitherZero.Orchestration.Result' }
        $result.RunId | Should -Be $job.RunId
        $result.Jobs.Output | Should -Be 'said hello'
        @($received | ForEach-Object { "$_" }) -like '*Completed: `[0101`]*' | Should -HaveCount 1
        Remove-Job -Job $job
        Get-Job | Where-Object InstanceId -EQ $job.InstanceId | Should -BeNullOrEmpty
    }

    It 'ends by Stop-OrchestrationRun and gives its result to Receive-OrchestrationRun' {
        $own = New-Waiting
        $job = Invoke-InProject $own.Project { Invoke-OrchestrationSequence 0101 -AsJob }
        $own.Meeting.Started.WaitOne(60000) | Should -BeTrue
        Stop-OrchestrationRun -Id $job.RunId
        $result = Receive-OrchestrationRun -Id $job.RunId -Wait 6>$null
        $result.ExitCode | Should -Be 130
        $result.Jobs.Status | Should -Be 'Cancelled'
        $own.Meeting.Stopped.WaitOne(0) | Should -BeTrue
        { Stop-OrchestrationRun -Id $job.RunId } | Should -Throw -ErrorId 'Run.Unknown,Stop-OrchestrationRun'
        Remove-Job -Job $job
    }

    It 'leaves nothing running after Stop-Job' {
        $own = New-Waiting
        $job = Invoke-InProject $own.Project { Invoke-OrchestrationSequence 0101 -AsJob }
        $own.Meeting.Started.WaitOne(60000) | Should -BeTrue
        Stop-Job -Job $job
        $own.Meeting.Stopped.WaitOne(60000) | Should -BeTrue
        $null = Wait-Job -Job $job
        $job.State | Should -Be 'Stopped'
        Remove-Job -Job $job
    }

    It 'is not found by an id that no run has' {
        { Stop-OrchestrationRun -Id nobody } | Should -Throw -ErrorId 'Run.Unknown,Stop-OrchestrationRun'
        { Receive-OrchestrationRun -Id nobody } |
            Should -Throw -ErrorId 'Run.UnknownBackground,Receive-OrchestrationRun'
    }

    It 'does not undo what the session does to its environment meanwhile' {
        $own = New-Waiting
        $job = Invoke-InProject $own.Project { Invoke-OrchestrationSequence 0101 -AsJob }
        $own.Meeting.Started.WaitOne(60000) | Should -BeTrue
        try {
            $env:AITHER_TEST_SESSION = 'mine'
            Stop-OrchestrationRun -Id $job.RunId
            $null = Receive-OrchestrationRun -Id $job.RunId -Wait 6>$null 3>$null
            $env:AITHER_TEST_SESSION | Should -Be 'mine'
        } finally {
            $env:AITHER_TEST_SESSION = $null
        }
        Remove-Job -Job $job
    }
}
