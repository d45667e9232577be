BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Receive-OrchestrationRun' {
    It 'gives what has come so far without waiting, and each thing once' {
        $meeting = @{
            Started = [System.Threading.ManualResetEvent]::new($false)
            Release = [System.Threading.ManualResetEvent]::new($false)
        }
        $name = New-Meeting $meeting
        $project = New-Project @{ '0101_Wait' = "`$m = [AppDomain]::CurrentDomain.GetData('$name')
            `$null = `$m.Started.Set()
            `$null = `$m.Release.WaitOne(60000)" }
        $job = Invoke-InProject $project { Invoke-OrchestrationSequence 0101 -AsJob }
        $meeting.Started.WaitOne(60000) | Should -BeTrue
        $first = @(Receive-OrchestrationRun -Id $job.RunId 6>&1 | ForEach-Object { "$_" })
        $first -like '*Resolved to 1 scripts*' | Should -HaveCount 1
        $null = $meeting.Release.Set()
        $rest = @(Receive-OrchestrationRun -Id $job.RunId -Wait 6>&1)
        @($rest | ForEach-Object { "$_" }) -like '*Resolved to 1 scripts*' | Should -BeNullOrEmpty
        @($rest | Where-Object { $_.PSTypeNames -contains 'AitherZero.Orchestration.Result' }).Success | Should -BeTrue
        Remove-Job -Job $job
    }
}
