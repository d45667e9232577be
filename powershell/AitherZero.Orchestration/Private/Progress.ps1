# The progress of a run, for a person at a terminal.

# How often it is drawn at most; a drawing costs more than the rest of a turn.
$script:ProgressEveryMs = 100

function New-RunProgress {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log,
        # The project, whose last run says how long jobs take.
        [AllowEmptyString()] [string] $Root,
        # What jobs took in earlier runs: number and combination to milliseconds.
        [System.Collections.IDictionary] $Known = @{}
    )

    $wanted = $Log.Style.Terminal -and -not $Log.Quiet
    if ($wanted -and $Root) {
        $Known = Get-KnownDuration -Root $Root
    }
    @{
        Wanted  = $wanted
        Plan    = $Plan
        Known   = $Known
        # Of jobs that run: position to when they began, in milliseconds of this machine's clock.
        Running = [System.Collections.Generic.SortedDictionary[int, long]]::new()
        # Of jobs with a secret in their combination: position to what is shown.
        Masked  = @{}
        Ended   = [System.Collections.Generic.HashSet[int]]::new()
        Failed  = 0
        TookMs  = 0.0
        Due     = 0L
        Shown   = $false
    }
}

function Get-KnownDuration {
    # What the jobs of the run before took: number and combination to milliseconds.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Root)

    $known = @{}
    try {
        $last = Get-RecordedRun -Root $Root -Id 'Last'
    } catch {
        # No run before this one, or none that can be read: the estimate goes by this run alone.
        return $known
    }
    foreach ($job in $last['jobs']) {
        if ($job['result']['status'] -eq 'Success' -and -not $job['result']['cached']) {
            $known["$($job['number'])|$($job['matrixId'])"] = $job['result']['durationMs']
        }
    }
    $known
}

function Update-RunProgress {
    # Takes in what has happened, and draws when it is time to.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Progress,
        [AllowEmptyCollection()] [object[]] $Facts = @(),
        [Parameter(Mandatory)] [hashtable] $Log
    )

    if (-not $Progress.Wanted) {
        return
    }
    $now = [System.Environment]::TickCount64
    foreach ($fact in $Facts) {
        switch ($fact['kind']) {
            'JobStarted' {
                $Progress.Running[[int]$fact['job']] = $now
                if ($fact['shownAs']) {
                    $Progress.Masked[[int]$fact['job']] = $fact['shownAs']['matrixId']
                }
            }
            'JobsSucceeded' {
                foreach ($position in $fact['jobs']) {
                    $null = $Progress.Running.Remove([int]$position)
                    $null = $Progress.Ended.Add([int]$position)
                }
                foreach ($took in $fact['durationMs']) {
                    $Progress.TookMs += $took
                }
            }
            'JobFinished' {
                $null = $Progress.Running.Remove([int]$fact['job'])
                if ($Progress.Ended.Add([int]$fact['job'])) {
                    $Progress.TookMs += $fact['durationMs']
                    $Progress.Failed += $fact['status'] -in 'Failure', 'TimedOut'
                }
            }
        }
    }
    if ($now -lt $Progress.Due) {
        return
    }
    $Progress.Due = $now + $script:ProgressEveryMs
    $Progress.Shown = $true
    $Log.Cmdlet.WriteProgress((New-ProgressRecord -Progress $Progress -Now $now))
}

function New-ProgressRecord {
    # 12 of 27 done, 1 failed: 0402-matrix-3 os=linux, 0404
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ProgressRecord])]
    param(
        [Parameter(Mandatory)] [hashtable] $Progress,
        [Parameter(Mandatory)] [long] $Now
    )

    $jobs = $Progress.Plan['jobs']
    $done, $total = $Progress.Ended.Count, $jobs.Count
    $names = foreach ($position in $Progress.Running.Keys) {
        $id = $Progress.Masked.Contains($position) ? $Progress.Masked[$position] : $jobs[$position]['matrixId']
        "$($jobs[$position]['number']) $id".TrimEnd()
    }
    $failed = $Progress.Failed ? ", $($Progress.Failed) failed" : ''
    $status = "$done of $total done$failed" + ($names ? ": $($names -join ', ')" : '')
    $record = [System.Management.Automation.ProgressRecord]::new(8402, 'Orchestration', $status)
    $record.PercentComplete = $total ? [int][System.Math]::Floor(100 * $done / $total) : 0
    $left = Get-RemainingMs -Progress $Progress -Now $Now
    if ($null -ne $left) {
        $record.SecondsRemaining = [int][System.Math]::Ceiling($left / 1000)
    }
    $record
}

function Get-RemainingMs {
    # What is left of the jobs, by what they took in earlier runs or else by what others took in this one, as many
    # side by side as may be. Nothing where there is nothing to go by.
    [CmdletBinding()]
    [OutputType([double])]
    param(
        [Parameter(Mandatory)] [hashtable] $Progress,
        [Parameter(Mandatory)] [long] $Now
    )

    $jobs = $Progress.Plan['jobs']
    $average = $Progress.Ended.Count ? $Progress.TookMs / $Progress.Ended.Count : $null
    $left, $longest = 0.0, 0.0
    $position = -1
    foreach ($job in $jobs) {
        $position++
        if ($Progress.Ended.Contains($position)) {
            continue
        }
        $took = $Progress.Known["$($job['number'])|$($job['matrixId'])"] ?? $average
        if ($null -eq $took) {
            return
        }
        $began = 0L
        if ($Progress.Running.TryGetValue($position, [ref]$began)) {
            $took = [System.Math]::Max(0.0, $took - ($Now - $began))
        }
        $left += $took
        $longest = [System.Math]::Max($longest, $took)
    }
    $beside = [System.Math]::Max(1, [System.Math]::Min($Progress.Plan['maxConcurrency'], $jobs.Count))
    [System.Math]::Max($longest, $left / $beside)
}

function Complete-RunProgress {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Progress,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    if ($Progress.Shown) {
        $record = [System.Management.Automation.ProgressRecord]::new(8402, 'Orchestration', 'done')
        $record.RecordType = 'Completed'
        $Log.Cmdlet.WriteProgress($record)
    }
}
