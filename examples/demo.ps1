#Requires -Version 7.4
<#
.SYNOPSIS
    The example project, run from one end to the other: nine scripts for each of three texts, eight jobs at once.
.DESCRIPTION
    Prints a line a finished job, then the table of jobs and the totals. `cargo xtask demo` runs it with the module on
    PSModulePath. The reports are in examples/text-report/out afterwards.
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
}
Push-Location -LiteralPath $project
$root = $env:AITHERZERO_ROOT
try {
    $env:AITHERZERO_ROOT = $project
    $result = Invoke-OrchestrationSequence @run
} finally {
    $env:AITHERZERO_ROOT = $root
    Pop-Location
}
$code = $LASTEXITCODE

$result.Jobs | Format-Table -Property Number, Name, MatrixId, Status, Duration | Out-Host
$result | Format-List -Property Total, Completed, Failed, Skipped, Cancelled, Duration, RunId | Out-Host
exit $code
