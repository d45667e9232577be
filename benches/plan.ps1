#Requires -Version 7.4
<#
.SYNOPSIS
    What expanding a matrix costs beside nested loops in PowerShell, and what 10,000 jobs need of memory.
.DESCRIPTION
    The ways take turns, round after round; figures are medians. `cargo xtask bench plan` runs it.
.PARAMETER Rounds
    How often each way is measured. The first rounds, in which .NET still compiles, are not counted.
.PARAMETER Jobs
    How many jobs the memory is measured with.
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 100)] [int] $Rounds = 5,
    [ValidateRange(100, 10000)] [int] $Jobs = 10000
)

$ErrorActionPreference = 'Stop'
. (Join-Path -Path $PSScriptRoot -ChildPath 'Figure.ps1')
Import-Module AitherZero.Orchestration
$clock = [System.Diagnostics.Stopwatch]::StartNew()
$module = Get-Module -Name AitherZero.Orchestration

foreach ($size in 256, 100000) {
    $first, $second = $size -eq 256 ? @(16, 16) : @(250, 400)
    $matrix = [ordered]@{ first = 1..$first; second = 1..$second }
    $null = Get-MatrixCombinations -Matrix ([ordered]@{ one = 1, 2 })
    $ways = [ordered]@{
        'the library, as JSON'   = {
            & $module {
                param($matrix, $size)
                $json = ConvertTo-NativeJson -Value $matrix -Name 'Matrix'
                Invoke-NativeRequest -Call 'aither_matrix_expand' -Request "{`"matrix`":$json,`"limit`":$size}"
            } $matrix $size
        }
        'Get-MatrixCombinations' = { Get-MatrixCombinations -Matrix $matrix -Limit $size }
        'nested loops'           = {
            foreach ($one in $matrix.first) {
                foreach ($other in $matrix.second) {
                    [ordered]@{ first = $one; second = $other }
                }
            }
        }
    }
    $times = @{}
    $repeat = [System.Math]::Max(1, [int](20000 / $size))
    foreach ($round in -1..$Rounds) {
        foreach ($way in $ways.Keys) {
            $clock.Restart()
            foreach ($time in 1..$repeat) {
                $found = & $ways[$way]
            }
            if ($round -gt 0) {
                $times[$way] += , ($clock.Elapsed.TotalMilliseconds / $repeat)
            }
        }
    }
    if (@($found).Count -ne $size) {
        throw "The loops made $(@($found).Count) combinations, not $size."
    }
    $loops = Get-Median $times['nested loops']
    foreach ($way in @($ways.Keys)[0, 1]) {
        $figure = @{
            Work   = "$size combinations in PowerShell: $way"
            Unit   = 'ms'
            Ours   = Get-Median $times[$way]
            Peer   = 'nested loops'
            Theirs = $loops
            Most   = 0.01
        }
        Write-Figure @figure
    }
}

# The most that a PowerShell of its own ever needed, with ten jobs and with all.
$shell = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
$root = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "aither-bench-$([guid]::NewGuid().ToString('n'))"
$before = $env:AITHERZERO_ROOT
try {
    $peaks = foreach ($count in 10, $Jobs) {
        $env:AITHERZERO_ROOT = Join-Path -Path $root -ChildPath $count
        $folder = Join-Path -Path $env:AITHERZERO_ROOT -ChildPath 'automation-scripts'
        $null = New-Item -ItemType Directory -Path $folder
        foreach ($number in 0..($count - 1)) {
            $path = Join-Path -Path $folder -ChildPath ('{0:d4}_Do-Nothing.ps1' -f $number)
            [System.IO.File]::WriteAllText($path, "param()`n")
        }
        $said = & $shell -NoProfile -NonInteractive -Command {
            Import-Module AitherZero.Orchestration
            $result = Invoke-OrchestrationSequence -Sequence '*' -MaxConcurrency 2 -Quiet
            "$($result.Completed) $([System.Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64)"
        }
        $completed, $bytes = "$said".Split(' ')
        if ([int]$completed -ne $count) {
            throw "$completed of $count jobs were done."
        }
        [long]$bytes / 1MB
    }
    $work = "memory of $Jobs jobs above ten, PowerShell included"
    Write-Figure -Work $work -Unit 'MB' -Ours ($peaks[1] - $peaks[0]) -Most 100
} finally {
    $env:AITHERZERO_ROOT = $before
    if (Test-Path -LiteralPath $root) {
        Remove-Item -LiteralPath $root -Recurse -Force
    }
}
