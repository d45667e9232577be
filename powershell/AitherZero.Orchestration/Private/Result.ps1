# What a caller gets: one object a run, one a job.

function ConvertTo-OrchestrationResult {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Result')]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Result,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        # The jobs' live output objects, by position in the plan.
        [Parameter(Mandatory)] [AllowEmptyCollection()]
        [System.Collections.Concurrent.ConcurrentDictionary[long, object]] $Outputs,
        # What scripts wrote for the summary: lists of a job's position and a text.
        [AllowEmptyCollection()] [object[]] $Texts = @()
    )

    # A job's call of a function takes as long as all the rest for it, so most are written out here.
    $completed, $failed = @{}, @{}
    $spared = [timespan]::Zero
    $epoch = [datetime]::UnixEpoch
    $tick = [timespan]::TicksPerMillisecond
    $written = Get-SummaryText -Result $Result -Texts $Texts
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
            Duration = [timespan]::FromTicks([long]($job['durationMs'] * $tick))
            Attempts = $job['attempts']
            Cached   = $job['cached']
            Status   = $job['status']
        }
        $saved = $null -eq $job['savedMs'] ? $null :
        [timespan]::FromTicks([long]($job['savedMs'] * $tick))
        $spared += $saved ?? [timespan]::Zero
        if ($success) {
            $completed[$job['number']] = $entry
        } elseif ($job['status'] -in 'Failure', 'TimedOut') {
            $failed[$job['number']] = $entry
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
            ErrorType  = $job['error'] ? $job['error']['type'] : $null
            Reason     = $job['reason']
            Output     = $entry.Output
            Outputs    = $job['outputs'].Count ? (ConvertTo-OutputTable -Values $job['outputs']) : [ordered]@{}
            Started    = $null -eq $job['startedAt'] ? $null :
            $epoch.AddTicks($job['startedAt'] * $tick).ToLocalTime()
            Duration   = $entry.Duration
            Attempts   = $entry.Attempts
            Cached     = $entry.Cached
            Saved      = $saved
            Matrix     = $planned['matrix']
            MatrixId   = $planned['matrixId']
            Needs      = [string[]]@(foreach ($need in $planned['needs']) { $Plan['jobs'][$need]['number'] })
            LogTail    = [string[]]$job['logTail']
            Summary    = [string[]]@($written[[int]$job['job']] ?? @())
        }
    }
    $stages = @(Get-ResultStage -Result $Result -Plan $Plan -Jobs @($jobs))
    $whole = [pscustomobject]@{
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
        Saved       = $spared
        Skipped     = $Result['skipped']
        Cancelled   = $Result['cancelled']
        Outputs     = Merge-ResultOutput -Stages $stages -Jobs @($jobs)
        RunId       = $Result['runId']
        Started     = ConvertTo-LocalTime -Milliseconds $Result['startedAt']
        Playbook    = ''
        Variables   = [ordered]@{}
        Root        = [string]$Plan['root']
        Stages      = $stages
        Jobs        = @($jobs)
    }
    if ($Result['secrets']) {
        (Get-ResultSecretTable).AddOrUpdate($whole, [string[]]$Result['secrets'])
    }
    $whole
}

function Get-ResultSecretTable {
    # The secrets of results, as long as somebody has the result: they are no part of it, and reports mask them.
    [CmdletBinding()]
    [OutputType([System.Runtime.CompilerServices.ConditionalWeakTable[object, string[]]])]
    param()

    Get-ProcessValue -Name 'ResultSecrets' -Make {
        , [System.Runtime.CompilerServices.ConditionalWeakTable[object, string[]]]::new()
    }
}

function Get-ResultSecret {
    [CmdletBinding()]
    [OutputType([string[]])]
    param([Parameter(Mandatory)] [object] $Result)

    $secrets = [string[]]@()
    $null = (Get-ResultSecretTable).TryGetValue($Result, [ref]$secrets)
    , [string[]]@($secrets)
}

function ConvertTo-LocalTime {
    # A moment of the library's, in this machine's time zone; nothing of what has not been.
    [CmdletBinding()]
    [OutputType([datetime])]
    param([AllowNull()] [System.Nullable[long]] $Milliseconds)

    if ($null -eq $Milliseconds) {
        return
    }
    [System.DateTimeOffset]::FromUnixTimeMilliseconds($Milliseconds).LocalDateTime
}

function Complete-Result {
    # What the run itself does not know of its result.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [object] $Result,
        # As Import-Playbook gives it; without a model for a sequence.
        [Parameter(Mandatory)] [hashtable] $Playbook,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.IDictionary] $Variables,
        [switch] $All
    )

    $Result.Playbook = $Playbook.Model ? [string]$Playbook.Model['name'] : ''
    $secrets = $Playbook.Model ? $Playbook.Model['secrets'] : @()
    $Result.Variables = Get-PublicVariable -Variables $Variables -Secrets $secrets
    if ($All) {
        $Result.Outputs = Merge-ResultOutput -Stages $Result.Stages -Jobs $Result.Jobs -All
    }
}
