#Requires -Version 7.4
<#
.SYNOPSIS
    What a job costs in PowerShell, beside what a user would write instead. All of it in one process, several rounds in
    turn, medians and ratios; `cargo xtask bench` runs it.
.PARAMETER Scripts
    How many scripts that do nothing are run.
.PARAMETER Concurrency
    How many at once.
.PARAMETER Rounds
    How often each way is measured.
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 9000)] [int] $Scripts = 60,
    [ValidateRange(1, 64)] [int] $Concurrency = 4,
    [ValidateRange(1, 100)] [int] $Rounds = 7
)

$ErrorActionPreference = 'Stop'
$clock = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module AitherZero.Orchestration

# What an import adds to the start of a PowerShell: whole processes, in turn.
$shell = (Get-Process -Id $PID).Path
$starts = [ordered]@{ 'PowerShell alone' = '1'; 'PowerShell with the module' = 'Import-Module AitherZero.Orchestration' }
$startTimes = @{}
foreach ($round in 0..($Rounds + 4)) {
    foreach ($start in $starts.Keys) {
        $clock.Restart()
        $null = & $shell -NoProfile -NonInteractive -Command $starts[$start]
        if ($round) {
            $startTimes[$start] += , $clock.Elapsed.TotalMilliseconds
        }
    }
}

$root = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "aither-bench-$([guid]::NewGuid().ToString('n'))"
$folder = (New-Item -ItemType Directory -Path (Join-Path -Path $root -ChildPath 'automation-scripts')).FullName
$paths = foreach ($number in 1..$Scripts) {
    $path = Join-Path -Path $folder -ChildPath ('{0:d4}_Do-Nothing.ps1' -f $number)
    [System.IO.File]::WriteAllText($path, "param()`n")
    $path
}

# The floor: runspaces that share a queue and call the scripts, with nothing else done for anybody.
$bare = {
    $queue = [System.Collections.Concurrent.ConcurrentQueue[string]]::new([string[]]$paths)
    $loop = {
        param($queue)
        $path = ''
        while ($queue.TryDequeue([ref]$path)) {
            & $path
        }
    }
    $shells = foreach ($number in 1..$Concurrency) {
        $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
        $runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($state)
        $runspace.Open()
        $shell = [powershell]::Create($runspace)
        $null = $shell.AddScript($loop).AddArgument($queue)
        @{ Shell = $shell; Runspace = $runspace; Call = $shell.BeginInvoke() }
    }
    foreach ($one in $shells) {
        $null = $one.Shell.EndInvoke($one.Call)
        $one.Shell.Dispose()
        $one.Runspace.Dispose()
    }
}

$ways = [ordered]@{
    'Invoke-OrchestrationSequence' = {
        $null = Invoke-OrchestrationSequence -Sequence '*' -MaxConcurrency $Concurrency -Quiet
    }
    'bare runspace loop'           = $bare
    'ForEach-Object -Parallel'     = { $paths | ForEach-Object -ThrottleLimit $Concurrency -Parallel { & $_ } }
}
if (Get-Command -Name Start-ThreadJob -ErrorAction Ignore) {
    $ways['Start-ThreadJob'] = {
        $jobs = foreach ($path in $paths) {
            Start-ThreadJob -FilePath $path -ThrottleLimit $Concurrency
        }
        $null = $jobs | Receive-Job -Wait -AutoRemoveJob
    }
}

# Tab completion in the same project, which has as many scripts as this benchmark runs.
$completion = {
    $line = 'Invoke-OrchestrationSequence -Sequence 0'
    $null = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
}

$times = @{}
$before = $env:AITHERZERO_ROOT
try {
    $env:AITHERZERO_ROOT = $root
    # Round 0 warms up and is not counted.
    foreach ($round in 0..$Rounds) {
        foreach ($way in $ways.GetEnumerator()) {
            $clock.Restart()
            . $way.Value
            $spent = $clock.Elapsed.TotalMilliseconds
            if ($round) {
                $times[$way.Key] += , $spent
            }
        }
        $clock.Restart()
        & $completion
        if ($round) {
            $times['Tab completion'] += , $clock.Elapsed.TotalMilliseconds
        }
    }
} finally {
    $env:AITHERZERO_ROOT = $before
    Remove-Item -LiteralPath $root -Recurse -Force
}

$median = @{}
foreach ($start in $starts.Keys) {
    $times[$start] = $startTimes[$start]
}
foreach ($way in $times.Keys) {
    $sorted = [double[]]$times[$way]
    [System.Array]::Sort($sorted)
    $median[$way] = $sorted[[int][System.Math]::Floor($sorted.Count / 2)]
}
$ours = $median['Invoke-OrchestrationSequence']
"$Scripts scripts that do nothing, $Concurrency at once, median of $Rounds rounds"
foreach ($way in $ways.Keys) {
    '{0,-30} {1,9:n1} ms {2,8:n3} ms a script {3,7:n2} x ours' -f
    $way, $median[$way], ($median[$way] / $Scripts), ($median[$way] / $ours)
}
'{0,-30} {1,9:n1} ms' -f 'Tab completion', $median['Tab completion']
foreach ($start in $starts.Keys) {
    '{0,-30} {1,9:n1} ms' -f $start, $median[$start]
}
'{0,-30} {1,9:n1} ms' -f 'so an import takes', ($median['PowerShell with the module'] - $median['PowerShell alone'])
