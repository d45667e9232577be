# What a caller gets: one object a run, one a job.

function ConvertTo-OrchestrationResult {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Result')]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Result,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        # The jobs' live output objects, by position in the plan.
        [Parameter(Mandatory)] [AllowEmptyCollection()]
        [System.Collections.Concurrent.ConcurrentDictionary[long, object]] $Outputs
    )

    $completed, $failed = @{}, @{}
    $outputsByJob = [ordered]@{}
    $jobs = foreach ($job in $Result['jobs']) {
        $planned = $Plan['jobs'][$job['job']]
        $success = $job['status'] -eq 'Success'
        $objects = $null
        $null = $Outputs.TryGetValue($job['job'], [ref]$objects)
        $entry = @{
            Success  = $success
            ExitCode = $job['exitCode']
            Error    = $job['error'] ? $job['error']['message'] : $null
            Output   = $null -eq $objects ? @() : $objects
            Duration = [timespan]::FromTicks([long]($job['durationMs'] * [timespan]::TicksPerMillisecond))
            Attempts = $job['attempts']
            Cached   = $job['cached']
            Status   = $job['status']
        }
        if ($success) {
            $completed[$job['number']] = $entry
        } elseif ($job['status'] -in 'Failure', 'TimedOut') {
            $failed[$job['number']] = $entry
        }
        if ($job['outputs'].Count) {
            $outputsByJob[$job['number']] = $job['outputs']
        }
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.Job'
            Number     = $job['number']
            Script     = $planned['script']
            Name       = $planned['name']
            Path       = $planned['path']
            Stage      = $null -eq $planned['group'] ? $planned['stage'] : (Get-JobStage -Plan $Plan -Job $planned)
            Status     = $entry.Status
            Success    = $success
            ExitCode   = $entry.ExitCode
            Error      = $entry.Error
            ErrorAt    = $job['error'] ? $job['error']['at'] : $null
            ErrorCount = $job['errors']
            Reason     = $job['reason']
            Output     = $entry.Output
            Duration   = $entry.Duration
            Attempts   = $entry.Attempts
            Cached     = $entry.Cached
            Matrix     = $planned['matrix']
            MatrixId   = $planned['matrixId']
        }
    }
    [pscustomobject]@{
        PSTypeName  = 'AitherZero.Orchestration.Result'
        Total       = $Result['total']
        Completed   = $Result['completed']
        Failed      = $Result['failed']
        Duration    = [timespan]::FromTicks([long]($Result['durationMs'] * [timespan]::TicksPerMillisecond))
        Results     = @{ Completed = $completed; Failed = $failed }
        SummaryPath = $null
        Success     = $Result['success']
        ExitCode    = $Result['exitCode']
        Cached      = $Result['cached']
        Skipped     = $Result['skipped']
        Cancelled   = $Result['cancelled']
        Outputs     = $outputsByJob
        RunId       = $Result['runId']
        Jobs        = @($jobs)
    }
}
