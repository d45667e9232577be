# A run that has ended, in the shape that the library's reports read (docs/c-abi.md, Document).

function ConvertTo-ReportDocument {
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        # A result of Invoke-OrchestrationSequence, or a table of the shape that AitherZero's engine summarises.
        [Parameter(Mandatory)] [object] $Result,
        [AllowEmptyString()] [string] $Root = ''
    )

    if ($Result -is [array] -and $Result.Count -eq 1) {
        $Result = $Result[0]
    }
    if ($Result.PSTypeNames -contains 'AitherZero.Orchestration.Run') {
        return ConvertFrom-RecordedRun -Run $Result
    }
    if ($Result.PSTypeNames -notcontains 'AitherZero.Orchestration.Result') {
        return ConvertFrom-SummaryTable -Table $Result
    }
    $started = [System.DateTimeOffset]$Result.Started
    $texts = foreach ($job in $Result.Jobs) {
        foreach ($text in $job.Summary) {
            [ordered]@{ number = $job.Number; text = $text }
        }
    }
    # A stage's outputs stand under its name only; those of single jobs are told with the jobs.
    $outputs = [ordered]@{}
    foreach ($stage in $Result.Stages) {
        if ($stage.Outputs.Count) {
            $outputs[$stage.Name] = $stage.Outputs
        }
    }
    foreach ($job in $Result.Jobs) {
        if ($job.MatrixId -and $job.Outputs.Count) {
            $outputs[$job.Number] = $job.Outputs
        }
    }
    $names = @{}
    foreach ($stage in $Result.Stages) {
        $names[$stage.Id] = $stage.Name
    }
    $saved = 0.0
    $jobs = foreach ($job in $Result.Jobs) {
        $entry = ConvertTo-ReportTask -Job $job
        $saved += $entry['savedMs'] ?? 0
        $entry
    }
    [ordered]@{
        playbook         = [string]$Result.Playbook
        runId            = $Result.RunId
        success          = $Result.Success
        exitCode         = $Result.ExitCode
        startedAt        = $started.ToUnixTimeMilliseconds()
        utcOffsetMinutes = [int]$started.Offset.TotalMinutes
        durationMs       = $Result.Duration.TotalMilliseconds
        savedMs          = $saved
        variables        = $Result.Variables
        outputs          = $outputs
        secrets          = Get-ResultSecret -Result $Result
        root             = [string]$Result.Root
        texts            = @($texts)
        stages           = @(
            if ($Result.Playbook) {
                foreach ($stage in $Result.Stages) {
                    [ordered]@{ name = $stage.Name; needs = @(foreach ($id in $stage.Needs) { $names[$id] }) }
                }
            }
        )
        jobs             = @($jobs)
    }
}

function ConvertTo-ReportTask {
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param([Parameter(Mandatory)] [object] $Job)

    $started = $null -eq $Job.Started ? $null : ([System.DateTimeOffset]$Job.Started).ToUnixTimeMilliseconds()
    [ordered]@{
        number     = $Job.Number
        script     = [string]$Job.Script
        name       = [string]$Job.Name
        path       = [string]$Job.Path
        stage      = [string]$Job.Stage
        status     = $Job.Status
        exitCode   = $Job.ExitCode
        error      = $Job.Error
        errorType  = $Job.ErrorType
        errorAt    = $Job.ErrorAt
        errorCount = $Job.ErrorCount
        reason     = $Job.Reason
        startedAt  = $started
        durationMs = $Job.Duration.TotalMilliseconds
        attempts   = $Job.Attempts
        cached     = $Job.Cached
        savedMs    = $Job.PSObject.Properties['Saved'] -and $Job.Saved ? $Job.Saved.TotalMilliseconds : $null
        matrix     = $Job.Matrix
        matrixId   = $Job.MatrixId
        needs      = @($Job.Needs)
        outputs    = $Job.Outputs
        log        = Get-ReportLog -Job $Job
    }
}

function ConvertFrom-RecordedRun {
    # A run as its journal has it.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param([Parameter(Mandatory)] [object] $Run)

    $started = [System.DateTimeOffset]$Run.Started
    $ends = 'Success', 'Failure', 'TimedOut', 'Cancelled', 'Skipped'
    $jobs = foreach ($job in $Run.Jobs) {
        [ordered]@{
            number     = $job.Number
            script     = [string]$job.Script
            name       = [string]$job.Name
            stage      = [string]$job.Stage
            # A run may have been cut off, or go on.
            status     = $job.Status -in $ends ? $job.Status : $null
            exitCode   = $job.ExitCode
            error      = $job.Error
            errorAt    = $job.ErrorAt
            errorCount = $job.ErrorCount
            reason     = $job.Reason
            startedAt  = $job.Started ? ([System.DateTimeOffset]$job.Started).ToUnixTimeMilliseconds() : $null
            durationMs = $job.Duration.TotalMilliseconds
            attempts   = $job.Attempts
            cached     = $job.Cached
            matrix     = $job.Matrix
            matrixId   = $job.MatrixId
            needs      = @($job.Needs)
            outputs    = $job.Outputs
        }
    }
    [ordered]@{
        playbook         = [string]$Run.Name
        runId            = $Run.Id
        success          = $Run.Status -eq 'Success'
        exitCode         = $Run.ExitCode ?? ($Run.Status -eq 'Success' ? 0 : 1)
        startedAt        = $started.ToUnixTimeMilliseconds()
        utcOffsetMinutes = [int]$started.Offset.TotalMinutes
        durationMs       = $Run.Duration.TotalMilliseconds
        root             = [string]$Run.Root
        jobs             = @($jobs)
    }
}

function Add-ReportLog {
    # The recorded logs of a document's jobs in place of their ends, where the run is recorded.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document,
        [AllowEmptyString()] [string] $Root
    )

    if (-not $Root -or -not $Document['runId']) {
        return
    }
    foreach ($job in $Document['jobs']) {
        if (-not $job['attempts']) {
            continue
        }
        try {
            $fields = @{ id = $Document['runId']; number = $job['number']; most = $script:ReportLogCharacters }
            $part = Invoke-RunRequest -Call 'aither_runs_log' -Root $Root -Fields $fields
        } catch {
            # A run that is not recorded, or no more, has the ends of its logs.
            continue
        }
        $lines = @(foreach ($line in $part['lines']) { $line['text'] })
        if ($lines) {
            $job['log'] = $lines
        }
    }
}

# So much of a recorded log is in a page.
$script:ReportLogCharacters = 65536

# So many of a job's last lines are in a report.
$script:ReportLogLines = 200

function Get-ReportLog {
    # The end of a job's log; of one that succeeded the end of what it put out.
    [CmdletBinding()]
    [OutputType([string[]])]
    param([Parameter(Mandatory)] [object] $Job)

    $lines = [System.Collections.Generic.List[string]]::new([string[]]@($Job.LogTail))
    if (-not $lines.Count) {
        foreach ($value in $Job.Output) {
            $lines.AddRange([string[]]"$value".TrimEnd().Split("`n"))
        }
    }
    $extra = $lines.Count - $script:ReportLogLines
    if ($extra -gt 0) {
        $lines.RemoveRange(0, $extra)
    }
    , $lines.ToArray()
}

function ConvertFrom-SummaryTable {
    # AitherZero's own summary record: Playbook, StartTime, EndTime, Duration, Variables and Result, whose Results
    # has tables Completed and Failed by job number.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param([Parameter(Mandatory)] [object] $Table)

    $result = $Table.Result ?? $Table
    $start = $Table.StartTime ?? $Table.Started ?? [datetime]::Now
    $started = [System.DateTimeOffset]$start
    $duration = $Table.Duration ?? ($Table.EndTime ? $Table.EndTime - $start : [timespan]::Zero)
    $jobs = foreach ($status in 'Success', 'Failure') {
        $entries = $status -eq 'Success' ? $result.Results.Completed : $result.Results.Failed
        foreach ($number in $entries.Keys) {
            $entry = $entries[$number]
            [ordered]@{
                number     = [string]$number
                name       = [string]$number
                status     = $status
                exitCode   = $entry.ExitCode
                error      = $entry.Error ? [string]$entry.Error : $null
                durationMs = $entry.Duration -is [timespan] ? $entry.Duration.TotalMilliseconds : 0.0
            }
        }
    }
    $jobs = [object[]]@($jobs)
    $numbers = [string[]]@(foreach ($job in $jobs) { $job['number'] })
    [System.Array]::Sort($numbers, $jobs, [System.StringComparer]::Ordinal)
    $failed = [int]$result.Failed
    [ordered]@{
        playbook         = [string]$Table.Playbook
        success          = $failed -eq 0
        exitCode         = $failed ? 1 : 0
        startedAt        = $started.ToUnixTimeMilliseconds()
        utcOffsetMinutes = [int]$started.Offset.TotalMinutes
        durationMs       = ([timespan]$duration).TotalMilliseconds
        variables        = $Table.Variables ?? @{}
        outputs          = $Table.Outputs ?? @{}
        jobs             = $jobs
    }
}
