#Requires -Version 7.4
<#
.SYNOPSIS
    What a job costs in PowerShell, beside what a user would write instead. All of it in one process, several rounds in
    turn, medians and ratios; `cargo xtask bench run` runs it.
.DESCRIPTION
    Every way runs the same scripts, which do nothing, by the same number of runspaces, and throws away what they put
    out. Times are the clock's and the processors' (of the whole process, so that a busy machine counts less). What one
    more script costs comes from two sizes: the difference leaves out what a run costs whatever its size.
.PARAMETER Scripts
    How many scripts that do nothing are run.
.PARAMETER Concurrency
    How many at once.
.PARAMETER Rounds
    How often each way is measured. Before it come as many rounds as .NET needs to have compiled what is called often.
#>
[CmdletBinding()]
param(
    [ValidateRange(10, 9000)] [int] $Scripts = 1000,
    [ValidateRange(1, 64)] [int] $Concurrency = 2,
    [ValidateRange(1, 100)] [int] $Rounds = 7
)

$ErrorActionPreference = 'Stop'
$clock = [System.Diagnostics.Stopwatch]::StartNew()
. (Join-Path -Path $PSScriptRoot -ChildPath 'Figure.ps1')
Import-Module AitherZero.Orchestration

# What an import adds to the start of a PowerShell: whole processes, in turn.
$process = [System.Diagnostics.Process]::GetCurrentProcess()
$shell = $process.MainModule.FileName
$manifest = $env:AITHER_BENCH_SHIPPED ?? ((Get-Module -Name AitherZero.Orchestration).Path -replace 'psm1$', 'psd1')
$starts = [ordered]@{ 'PowerShell alone' = '1'; 'PowerShell with the module' = "Import-Module '$manifest'" }
# By path: to find a module by its name PowerShell searches folders, whatever the module.
$pester = Get-Module -Name Pester -ListAvailable | Select-Object -First 1
if ($pester) {
    $starts['PowerShell with Pester'] = "Import-Module '$($pester.Path)'"
}
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
$sizes = [ordered]@{ Many = $Scripts; Few = [int][System.Math]::Ceiling($Scripts / 10) }
$projects = @{}
foreach ($size in $sizes.Keys) {
    $project = Join-Path -Path $root -ChildPath $size
    $folder = (New-Item -ItemType Directory -Path (Join-Path -Path $project -ChildPath 'automation-scripts')).FullName
    $paths = foreach ($number in 1..$sizes[$size]) {
        $path = Join-Path -Path $folder -ChildPath ('{0:d4}_Do-Nothing.ps1' -f $number)
        [System.IO.File]::WriteAllText($path, "param()`n")
        $path
    }
    $projects[$size] = @{ Root = $project; Paths = $paths }
}

# The floor: runspaces that share a queue and call the scripts, with nothing else done for anybody. They are open
# before the clock starts.
$state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
$open = foreach ($number in 1..$Concurrency) {
    $runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($state)
    $runspace.Open()
    $runspace
}
$loop = {
    param($queue)
    $path = ''
    while ($queue.TryDequeue([ref]$path)) {
        & $path
    }
}
$bare = {
    $queue = [System.Collections.Concurrent.ConcurrentQueue[string]]::new([string[]]$paths)
    $shells = foreach ($runspace in $open) {
        $shell = [powershell]::Create($runspace)
        $null = $shell.AddScript($loop).AddArgument($queue)
        @{ Shell = $shell; Call = $shell.BeginInvoke() }
    }
    foreach ($one in $shells) {
        $null = $one.Shell.EndInvoke($one.Call)
        $one.Shell.Dispose()
    }
}

$ways = [ordered]@{
    'bare runspace loop'           = $bare
    'Invoke-OrchestrationSequence' = {
        $null = Invoke-OrchestrationSequence -Sequence '*' -MaxConcurrency $Concurrency -Quiet
    }
    'ForEach-Object -Parallel'     = { $paths | ForEach-Object -ThrottleLimit $Concurrency -Parallel { & $_ } }
}
# A hundred times slower than the others: measured with the few scripts, and in fewer rounds.
$threadJob = {
    $jobs = foreach ($path in $paths) {
        Start-ThreadJob -FilePath $path -ThrottleLimit $Concurrency
    }
    $null = $jobs | Receive-Job -Wait -AutoRemoveJob
}

# Tab completion in the same project, which has as many scripts as this benchmark runs.
$completion = {
    $line = 'Invoke-OrchestrationSequence -Sequence 0'
    $null = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
}

$wall, $busy, $completions = @{}, @{}, @()
$before = $env:AITHERZERO_ROOT
$warmUp = 20
$hasThreadJob = [bool](Get-Command -Name Start-ThreadJob -ErrorAction Ignore)
try {
    foreach ($round in 1..($Rounds + $warmUp)) {
        foreach ($size in $sizes.Keys) {
            $env:AITHERZERO_ROOT = $projects[$size].Root
            $paths = $projects[$size].Paths
            $all = @($ways.GetEnumerator())
            if ($hasThreadJob -and $size -eq 'Few' -and $round -in 1, ($Rounds + $warmUp - 1), ($Rounds + $warmUp)) {
                $all += @{ Key = 'Start-ThreadJob'; Value = $threadJob }
            }
            foreach ($way in $all) {
                $process.Refresh()
                $used = $process.TotalProcessorTime
                $clock.Restart()
                . $way.Value
                $spent = $clock.Elapsed.TotalMilliseconds
                $process.Refresh()
                if ($round -gt $warmUp) {
                    $wall["$($way.Key) $size"] += , $spent
                    $busy["$($way.Key) $size"] += , ($process.TotalProcessorTime - $used).TotalMilliseconds
                }
            }
        }
        $clock.Restart()
        & $completion
        if ($round -gt $warmUp) {
            $completions += $clock.Elapsed.TotalMilliseconds
        }
    }
} finally {
    $env:AITHERZERO_ROOT = $before
    $open.Dispose()
    Remove-Item -LiteralPath $root -Recurse -Force
}

function Get-Cost {
    # Of a way: the clock and the processors for all scripts, and the processors for one more, in milliseconds.
    param([string] $Way)

    $all, $few = (Get-Median $busy["$Way Many"]), (Get-Median $busy["$Way Few"])
    @{
        Wall = Get-Median $wall["$Way Many"]
        Busy = $all
        More = [System.Math]::Max(0.0, $all - $few) / ($sizes.Many - $sizes.Few)
    }
}

$floor = Get-Cost 'bare runspace loop'
"$Scripts scripts that do nothing, $Concurrency at once, median of $Rounds rounds; ratios of processor time"
'{0,-30} {1,10} {2,12} {3,10} {4,15} {5,10}' -f 'way', 'clock', 'processors', 'x floor', 'one more script', 'x floor'
foreach ($way in $ways.Keys) {
    $cost = Get-Cost $way
    '{0,-30} {1,7:n1} ms {2,9:n1} ms {3,10:n2} {4,12:n3} ms {5,10:n2}' -f
    $way, $cost.Wall, $cost.Busy, ($cost.Busy / $floor.Busy), $cost.More, ($cost.More / $floor.More)
}

# How many times each way's time ours may be.
$most = [ordered]@{ 'bare runspace loop' = 1.5; 'ForEach-Object -Parallel' = 0.1 }
$ours = Get-Cost 'Invoke-OrchestrationSequence'
foreach ($kind in @{ Name = 'clock'; Key = 'Wall' }, @{ Name = 'processors'; Key = 'Busy' }) {
    $work = "$Scripts scripts that do nothing, $($kind.Name)"
    foreach ($way in $most.Keys) {
        $theirs = (Get-Cost $way)[$kind.Key]
        Write-Figure -Work $work -Unit 'ms' -Ours $ours[$kind.Key] -Peer $way -Theirs $theirs -Most $most[$way]
    }
}
$work = "$($sizes.Few) scripts that do nothing, clock"
if ($hasThreadJob) {
    $mine, $theirs = foreach ($way in 'Invoke-OrchestrationSequence', 'Start-ThreadJob') { Get-Median $wall["$way Few"] }
    Write-Figure -Work $work -Unit 'ms' -Ours $mine -Peer 'Start-ThreadJob' -Theirs $theirs -Most 0.02
} else {
    Write-Absence -Work $work -Peer 'Start-ThreadJob' -Reason 'this PowerShell has no such command'
}
$work = 'one more script that does nothing, processors'
foreach ($way in $most.Keys) {
    Write-Figure -Work $work -Unit 'ms' -Ours $ours.More -Peer $way -Theirs (Get-Cost $way).More -Most $most[$way]
}
Write-Figure -Work "Tab completion among $Scripts scripts" -Unit 'ms' -Ours (Get-Median $completions)
$alone = Get-Median $startTimes['PowerShell alone']
$import = (Get-Median $startTimes['PowerShell with the module']) - $alone
Write-Figure -Work 'import of the module' -Unit 'ms' -Ours $import -Most 100
if ($starts.Contains('PowerShell with Pester')) {
    $theirs = (Get-Median $startTimes['PowerShell with Pester']) - $alone
    Write-Figure -Work 'import of the module' -Unit 'ms' -Ours $import -Peer 'Pester' -Theirs $theirs
} else {
    Write-Absence -Work 'import of the module' -Peer 'Pester' -Reason 'it is not installed'
}
