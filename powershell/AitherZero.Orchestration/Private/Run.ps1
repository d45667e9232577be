# A run, seen from the pipeline thread: it listens to the engine's events, logs, keeps the workers in number, and
# whatever happens leaves nothing running behind.

function Complete-OrphanedJob {
    # Reports a job whose worker cannot.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [uint64] $Run,
        [Parameter(Mandatory)] [long] $Job,
        [string] $Message
    )

    $report = $Message ? "{`"exitCode`":1,`"error`":{`"message`":$(ConvertTo-JsonScalar -Value $Message)}}" :
    '{"exitCode":1,"stopped":true}'
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($report)
    $length = [UIntPtr]::new([uint64]$bytes.Length)
    $null = $script:Native::aither_run_finish_job($Run, [uint64]$Job, $bytes, $length, $null)
}

function Restore-JobEnvironment {
    # Puts environment variables back in place of a worker that was left behind; it will find nothing more to do.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Shared,
        [Parameter(Mandatory)] [long] $Job
    )

    $before = $null
    if ($Shared.Environment.TryRemove($Job, [ref]$before)) {
        foreach ($name in $before.Keys) {
            [System.Environment]::SetEnvironmentVariable($name, $before[$name] ?? [NullString]::Value)
        }
    }
}

function Update-OrchestrationWorker {
    # Looks after the workers: asks those to stop that the engine wants stopped, sees off those that have ended,
    # and gives up on those that do not stop. What is left in $Workers is alive.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [uint64] $Run,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.Generic.List[object]] $Workers,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.Generic.HashSet[long]] $Stops,
        [Parameter(Mandatory)] [hashtable] $Shared,
        [Parameter(Mandatory)] [hashtable] $Log,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan
    )

    foreach ($job in @($Stops)) {
        foreach ($worker in $Workers) {
            if (Request-WorkerStop -Worker $worker -Job $job) {
                $null = $Stops.Remove($job)
                break
            }
        }
    }
    $text = ''
    while ($Shared.Warnings.TryDequeue([ref]$text)) {
        $Log.Cmdlet.WriteWarning($text)
    }
    foreach ($worker in @($Shared.Leaving)) {
        if (Test-WorkerEnded -Worker $worker) {
            $null = $Shared.Leaving.Remove($worker)
            Close-OrchestrationWorker -Worker $worker
        }
    }
    foreach ($worker in $Workers.ToArray()) {
        if (Test-WorkerLeaving -Worker $worker) {
            # Another one takes its place at once.
            $null = $Workers.Remove($worker)
            $Shared.Leaving.Add($worker)
            continue
        }
        $ended = Test-WorkerEnded -Worker $worker
        $late = $worker.GiveUpAt -and [System.Environment]::TickCount64 -gt $worker.GiveUpAt
        if (-not $ended -and -not $late) {
            Resume-WorkerThread -Worker $worker
            continue
        }
        $null = $Workers.Remove($worker)
        $job = Get-WorkerJob -Worker $worker
        if ($job -ge 0 -and $late) {
            $planned = $Plan['jobs'][$job]
            $title = "[$($planned['number'])] $($planned['name'])"
            $Log.Cmdlet.WriteWarning(
                "$title did not stop when asked to. It was left behind and may still be running.")
            Restore-JobEnvironment -Shared $Shared -Job $job
            Complete-OrphanedJob -Run $Run -Job $job
        } elseif ($job -ge 0) {
            $reason = $worker.Shell.InvocationStateInfo.Reason
            $message = "The worker of this script ended: $($reason ? $reason.Message : 'no reason given')"
            Complete-OrphanedJob -Run $Run -Job $job -Message ($worker.GiveUpAt ? '' : $message)
        }
        if ($ended -or $job -lt 0) {
            Close-OrchestrationWorker -Worker $worker
        }
    }
}

function Complete-OrchestrationRun {
    # The end of every run, also of one that is interrupted: cancel what goes on, stop the workers, forget the run.
    # Of one that is interrupted gives what became of it.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory)] [uint64] $Run,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.Generic.List[object]] $Workers,
        [Parameter(Mandatory)] [bool] $Ended
    )

    if (-not $Ended) {
        $null = $script:Native::aither_run_cancel($Run, $null)
        foreach ($worker in $Workers) {
            $null = Request-WorkerStop -Worker $worker -Job $worker.Slot[0]
        }
    }
    Wait-OrchestrationWorker -Worker $Workers -PatienceMs ($Ended ? 2000 : $script:StopPatienceMs)
    if (-not $Ended) {
        # Reported for workers that are left behind, so that the journal has the run's end.
        foreach ($worker in $Workers) {
            $job = Get-WorkerJob -Worker $worker
            if ($job -ge 0) {
                Complete-OrphanedJob -Run $Run -Job $job
            }
        }
        Wait-OrchestrationChild -Run $Run -PatienceMs $script:ChildPatienceMs
        Get-NativeResult -Run $Run
    }
    foreach ($worker in $Workers) {
        Close-OrchestrationWorker -Worker $worker
    }
    $null = $script:Native::aither_run_free($Run)
}

function Get-EventPatience {
    # How many milliseconds to wait for events before looking after the workers again; 0 when one should be made.
    [CmdletBinding()]
    [OutputType([int])]
    param(
        [Parameter(Mandatory)] [hashtable] $Crew,
        [Parameter(Mandatory)] [int] $Count
    )

    if ($Count -ge [System.Math]::Min($Crew.Wanted, $Crew.Left)) {
        return 100
    }
    # Short jobs can be done before another worker would be there to help.
    $spent = $Crew.Clock.Elapsed.TotalMilliseconds
    $soonDone = $Count -and $Crew.Done -and $spent / $Crew.Done * $Crew.Left -lt $Crew.CostMs
    $soonDone ? 5 : 0
}

function Invoke-OrchestrationRun {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Result')]
    param(
        [Parameter(Mandatory)] [string] $PlanJson,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Configuration,
        [Parameter(Mandatory)] [string] $Location,
        [Parameter(Mandatory)] [hashtable] $Log,
        # As Start-NativeRun takes them.
        [AllowEmptyString()] [string] $Journal,
        [AllowEmptyString()] [string] $Secrets,
        [AllowEmptyString()] [string] $Cache,
        # Also what happens while jobs run: starts and what they write.
        [switch] $Detailed,
        # Takes, as Result, what became of a run that is interrupted.
        [System.Collections.IDictionary] $Left = @{}
    )

    $events = @(
        'RunStarted', 'TurnAwaited', 'JobsAdded', 'JobStopRequested', 'JobRetried', 'JobFinished', 'JobsSucceeded',
        'RunWarning', 'RunFailed', 'RunFinished', 'OutputNotKept')
    $progress = New-RunProgress -Plan $Plan -Log $Log -Root $Plan['root']
    if ($Detailed) {
        $events += 'JobStarted', 'JobLog', 'CacheNoted'
    } elseif ($progress.Wanted) {
        $events += 'JobStarted'
    }
    $values = @{ Plan = $Plan; Variables = $Variables; Configuration = $Configuration; Location = $Location }
    $told = @{
        Events   = $events
        Children = Get-ChildSettingJson @values
        Journal  = $Journal
        Secrets  = $Secrets
        Cache    = $Cache
    }
    $started = Start-NativeRun -PlanJson $PlanJson @told
    $run = $started.Key
    $workers = [System.Collections.Generic.List[object]]::new()
    $leaving = [System.Collections.Generic.List[object]]::new()
    $stops = [System.Collections.Generic.HashSet[long]]::new()
    $signals = Get-StopSignal
    $ended = $cancelled = $false
    try {
        Write-RunResumed -Started $started -Total $Plan['total'] -Log $Log
        $shared = New-WorkerTable -Run $run @values
        $shared.Caches = [bool]$Cache
        $shared.Leaving = $leaving
        $out = [IntPtr[]]::new(3)
        # What the number of workers is decided by; none are made before the engine has use for one.
        $crew = @{
            Wanted = 0
            Done   = 0
            Left   = $Plan['total']
            # Since the first worker was asked for, and how much of that the last one took.
            Clock  = [System.Diagnostics.Stopwatch]::new()
            CostMs = 0
        }
        while ($true) {
            $patience = Get-EventPatience -Crew $crew -Count $workers.Count
            $status = $script:Native::aither_run_events($run, $patience, $out)
            if ($status -eq $script:StatusEnd) {
                $ended = $true
                break
            }
            if ($signals.Heard[0] -and -not $cancelled) {
                $cancelled = $true
                $null = $script:Native::aither_run_cancel($run, $null)
            }
            $facts = @()
            if ($status -eq $script:StatusOk) {
                $answer = ConvertFrom-NativeJson -Json (Receive-NativeText -Text $out)
                $facts = $answer['events']
                foreach ($fact in $facts) {
                    if ($fact['kind'] -eq 'RunStarted') {
                        Register-ActiveRun -Id $fact['runId'] -Run $run
                    } elseif ($fact['kind'] -eq 'JobStopRequested') {
                        $null = $stops.Add($fact['job'])
                    } elseif ($fact['kind'] -in 'JobFinished', 'JobRetried') {
                        $null = $stops.Remove($fact['job'])
                    } elseif ($fact['kind'] -eq 'JobsSucceeded' -and $stops.Count) {
                        $stops.ExceptWith([long[]]$fact['jobs'])
                    } elseif ($fact['kind'] -eq 'OutputNotKept') {
                        $shared.Outputs[$fact['job']] = @()
                    }
                    if ($fact['kind'] -eq 'JobsAdded') {
                        Add-PlannedJob -Fact $fact -Plan $Plan
                    }
                    Write-RunEvent -Fact $fact -Plan $Plan -Log $Log
                }
                $crew.Wanted, $crew.Done = $answer['workers'], $answer['done']
                $crew.Left = $answer['total'] - $answer['done']
                if ($script:JobLink) {
                    $script:JobLink.Total, $script:JobLink.Done = $answer['total'], $answer['done']
                }
            } elseif ($status -ne $script:StatusTimeout) {
                throw (New-OrchestrationError -Json (Receive-NativeText -Text $out))
            }
            Update-RunProgress -Progress $progress -Facts $facts -Log $Log
            $care = @{ Workers = $workers; Stops = $stops; Shared = $shared; Log = $Log; Plan = $Plan }
            Update-OrchestrationWorker -Run $run @care
            if ((Get-EventPatience -Crew $crew -Count $workers.Count) -eq 0) {
                $begin = $crew.Clock.Elapsed.TotalMilliseconds
                $crew.Clock.Start()
                $workers.Add((Start-OrchestrationWorker -Shared $shared))
                $crew.CostMs = $crew.Clock.Elapsed.TotalMilliseconds - $begin
            }
        }
        foreach ($job in $Plan['jobs']) {
            if ($job['isolation'] -eq 'process') {
                $shared.Outputs[$job['job']] = Receive-ChildOutput -Run $run -Job $job['job']
            }
        }
        $text = ''
        while ($shared.Warnings.TryDequeue([ref]$text)) {
            $Log.Cmdlet.WriteWarning($text)
        }
        $result = Get-NativeResult -Run $run
        foreach ($job in $result['jobs']) {
            # An output is handed out once, and those of processes have been taken.
            if ($job['cached'] -and $Plan['jobs'][$job['job']]['isolation'] -ne 'process') {
                $shared.Outputs[$job['job']] = @(Receive-CachedOutput -Run $run -Job $job['job'])
            }
        }
        Complete-RunProgress -Progress $progress -Log $Log
    } finally {
        $workers.AddRange($leaving)
        $last = Complete-OrchestrationRun -Run $run -Workers $workers -Ended $ended
        Unregister-ActiveRun -Run $run
        # Jobs that came with the run's last moments are in no plan here.
        if ($last -and $shared -and $last['jobs'].Count -eq $Plan['jobs'].Count) {
            $told = @{ Outputs = $shared.Outputs; Texts = $shared.Texts.ToArray() }
            $Left['Result'] = ConvertTo-OrchestrationResult -Result $last -Plan $Plan @told
        }
    }
    $told = @{ Outputs = $shared.Outputs; Texts = $shared.Texts.ToArray() }
    ConvertTo-OrchestrationResult -Result $result -Plan $Plan @told
}
