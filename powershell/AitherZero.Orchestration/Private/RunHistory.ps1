# What is recorded of runs, from the library's answers to the objects that a caller gets.

function Invoke-RunRequest {
    # A call about recorded runs of a project.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Call,
        [Parameter(Mandatory)] [string] $Root,
        [System.Collections.IDictionary] $Fields = @{}
    )

    $request = [ordered]@{ root = $Root }
    foreach ($name in $Fields.Keys) {
        $request[$name] = $Fields[$name]
    }
    $answer = Invoke-NativeRequest -Call $Call -Request (ConvertTo-NativeJson -Value $request -Name 'Request')
    if ($answer) {
        ConvertFrom-NativeJson -Json $answer
    }
}

function Get-RecordedRun {
    # A run in full, by its id or as Last.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string] $Id
    )

    Invoke-RunRequest -Call 'aither_runs_show' -Root $Root -Fields @{ id = $Id }
}

# The jobs of a run are read when somebody asks for them: a list of runs needs none.
$script:RunJobs = {
    Get-RunJob -Root $this.Root -Id $this.Id
}

function ConvertTo-OrchestrationRun {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Run')]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Run, [Parameter(Mandatory)] [string] $Root)

    $started = ConvertTo-LocalTime -Milliseconds $Run['started']
    $spent = [timespan]::FromMilliseconds($Run['durationMs'])
    $object = [pscustomobject]@{
        PSTypeName  = 'AitherZero.Orchestration.Run'
        Id          = $Run['id']
        Name        = $Run['name']
        Status      = $Run['status']
        Started     = $started
        Duration    = $Run['status'] -eq 'Running' ? [datetime]::Now - $started : $spent
        Total       = $Run['total']
        Completed   = $Run['completed']
        Failed      = $Run['failed']
        Skipped     = $Run['skipped']
        Cancelled   = $Run['cancelled']
        Cached      = $Run['cached']
        ExitCode    = $Run['exitCode']
        ResumedFrom = $Run['resumedFrom']
        Root        = $Root
    }
    if ($null -ne $Run['jobs']) {
        $jobs = @(foreach ($job in $Run['jobs']) { ConvertTo-RecordedJob -Job $job -Run $Run })
        $object.PSObject.Properties.Add([psnoteproperty]::new('Jobs', $jobs))
    } else {
        $object.PSObject.Properties.Add([psscriptproperty]::new('Jobs', $script:RunJobs))
    }
    $object
}

function Get-RunJob {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Job')]
    param([Parameter(Mandatory)] [string] $Root, [Parameter(Mandatory)] [string] $Id)

    $run = Get-RecordedRun -Root $Root -Id $Id
    foreach ($job in $run['jobs']) {
        ConvertTo-RecordedJob -Job $job -Run $run
    }
}

function ConvertTo-RecordedJob {
    # A job of a recorded run, with the names that a job of a result has.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Job')]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Job,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Run
    )

    $result = $Job['result']
    $status = $result['status']
    if (-not $status) {
        $begun = $result['attempts'] -gt 0
        $status = if ($Run['status'] -eq 'Running') {
            $begun ? 'Running' : 'Waiting'
        } else {
            $begun ? 'Interrupted' : 'NotStarted'
        }
    }
    [pscustomobject]@{
        PSTypeName = 'AitherZero.Orchestration.Job'
        Number     = $Job['number']
        Script     = $Job['script']
        Name       = $Job['name']
        Stage      = $Job['stage']
        Status     = $status
        Success    = $status -eq 'Success'
        ExitCode   = $result['exitCode']
        Error      = $result['error'] ? $result['error']['message'] : $null
        ErrorAt    = $result['error'] ? $result['error']['at'] : $null
        ErrorCount = $result['errors']
        Reason     = $result['reason']
        Started    = ConvertTo-LocalTime -Milliseconds $result['startedAt']
        Duration   = [timespan]::FromMilliseconds($result['durationMs'])
        Attempts   = $result['attempts']
        Cached     = $result['cached']
        Matrix     = $Job['matrix']
        MatrixId   = $Job['matrixId']
        Needs      = [string[]]@(foreach ($need in $Job['needs']) { $Run['jobs'][$need]['number'] })
        Outputs    = $result['outputs']
    }
}

function Get-RecordedRunList {
    # All runs in short, the newest first.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Root)

    (Invoke-RunRequest -Call 'aither_runs_list' -Root $Root)['runs']
}

function Find-RunRoot {
    # The project whose runs are meant.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet)

    Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $Cmdlet)
}

function Complete-RunId {
    # Ids of recorded runs and the word Last, with what they were and came to.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param([AllowEmptyString()] [string] $Word)

    $typed = Split-CompletionWord -Word $Word
    $runs = @(Get-RecordedRunList -Root (Get-CompletionRoot))
    if ($runs -and 'Last'.StartsWith($typed['Part'], 'OrdinalIgnoreCase')) {
        New-Completion -Typed $typed -Text 'Last' -Tip "The newest run, $($runs[0]['id'])"
    }
    foreach ($run in $runs) {
        if ($run['id'].StartsWith($typed['Part'], 'OrdinalIgnoreCase')) {
            $tip = "$($run['name']) - $($run['status']), $($run['completed']) of $($run['total']) done"
            New-Completion -Typed $typed -Text $run['id'] -Tip $tip
        }
    }
}

function ConvertTo-Moment {
    # A moment, or a time span back from now, as local time.
    [CmdletBinding()]
    [OutputType([datetime])]
    param([Parameter(Mandatory)] [object] $Value)

    if ($Value -is [timespan]) {
        return [datetime]::Now - $Value
    }
    if ($Value -is [System.DateTimeOffset]) {
        return $Value.LocalDateTime
    }
    $moment, $span = [datetime]::MinValue, [timespan]::Zero
    $invariant = [cultureinfo]::InvariantCulture
    if ($Value -is [datetime]) {
        $moment = $Value
    } elseif (-not [datetime]::TryParse("$Value", $invariant, 'None', [ref]$moment)) {
        if ([timespan]::TryParse("$Value", $invariant, [ref]$span)) {
            return [datetime]::Now - $span
        }
        $problem = @{
            Code    = 'run.no-moment'
            Message = "'$Value' is no moment and no time span."
            Hint    = "Give a date such as '2026-11-01', or a time span such as '7.00:00' for seven days."
            Target  = $Value
        }
        throw (New-OrchestrationError @problem)
    }
    $moment.Kind -eq [System.DateTimeKind]::Utc ? $moment.ToLocalTime() : $moment
}
