#Requires -Version 7.4
<#
.SYNOPSIS
    The example project, run from one end to the other: nine scripts for each of three texts, eight jobs at once; then
    the same again from the cache.
.DESCRIPTION
    Prints a line a finished job, then the table of jobs, the totals, and how long both runs took. `cargo xtask demo`
    runs it with the module on PSModulePath. The reports are in examples/text-report/out afterwards.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
Import-Module AitherZero.Orchestration

$project = Join-Path -Path $PSScriptRoot -ChildPath 'text-report'
$run = @{
    Sequence       = '0100-0190'
    Matrix         = [ordered]@{ Text = 'garden', 'harbour', 'observatory' }
    MaxConcurrency = 8
    UseCache       = $true
}
Push-Location -LiteralPath $project
$root = $env:AITHERZERO_ROOT
try {
    $env:AITHERZERO_ROOT = $project
    # -Force, so that it runs also where an earlier demo has left its results.
    $result = Invoke-OrchestrationSequence @run -Force
    $code = $LASTEXITCODE
    $again = Invoke-OrchestrationSequence @run -Quiet
} finally {
    $env:AITHERZERO_ROOT = $root
    Pop-Location
}

$result.Jobs | Out-Host
$result | Format-List -Property Total, Completed, Failed, Skipped, Cancelled, Duration, RunId | Out-Host
$first, $second = foreach ($one in $result, $again) {
    $one.Duration.TotalMilliseconds.ToString('0', [cultureinfo]::InvariantCulture)
}
"First run: $first ms, $($result.Cached) of $($result.Total) jobs from the cache."
"Second run: $second ms, $($again.Cached) of $($again.Total) jobs from the cache."
exit ($code ? $code : $again.ExitCode)
