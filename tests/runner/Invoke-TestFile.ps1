<#
.SYNOPSIS
    Runs Pester 5 test files: with Pester where it is installed, with the runner beside this script elsewhere.
.DESCRIPTION
    Prints one line a file and, for each failure, the test's full name, the message and the place. The last line is
    "N passed, N failed, N skipped". The exit code is 0 where nothing failed and at least one test ran, else 1.
.EXAMPLE
    pwsh -NoProfile -File tests/runner/Invoke-TestFile.ps1 -Path tests/pester -ExcludeTag Slow
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)] [string[]] $Path,
    [string] $Filter,
    [string[]] $Tag = @(),
    [string[]] $ExcludeTag = @(),
    [switch] $Detailed,
    [switch] $NoPester,
    [Parameter(ValueFromRemainingArguments)] [string[]] $MorePath = @()
)

$__options = @{
    Filter     = $Filter
    # -File hands a list over as one word.
    Tag        = @($Tag -split ',' | Where-Object { $_ })
    ExcludeTag = @($ExcludeTag -split ',' | Where-Object { $_ })
    Detailed   = [bool] $Detailed
}
$__files = foreach ($__path in @($Path) + @($MorePath)) {
    $__parts = if (Test-Path -LiteralPath $__path) { , $__path } else { $__path -split ',' }
    foreach ($__part in $__parts) {
        if (Test-Path -LiteralPath $__part -PathType Container) {
            Get-ChildItem -LiteralPath $__part -Filter *.Tests.ps1 -Recurse -File |
                Sort-Object FullName | ForEach-Object FullName
        } else {
            (Resolve-Path -Path $__part -ErrorAction Stop).ProviderPath
        }
    }
}
$__pester = if (-not $NoPester) {
    Get-Module -Name Pester -ListAvailable | Where-Object Version -GE '5.0' |
        Sort-Object Version -Descending | Select-Object -First 1
}

# The tests run below this scope and must not find their undefined variables here.
Remove-Variable -Name Path, Filter, Tag, ExcludeTag, Detailed, NoPester, MorePath

. (Join-Path $PSScriptRoot 'Position.ps1')
. (Join-Path $PSScriptRoot 'Report.ps1')
if ($__pester) {
    Import-Module $__pester.Path
    $__totals = Invoke-WithPester -Path @($__files) -Options $__options
} else {
    Import-Module (Join-Path $PSScriptRoot 'TestRunner.psd1')
    $__totals = @{ Passed = 0; Failed = 0; Skipped = 0 }
    foreach ($__file in $__files) {
        $__arguments = @{
            Path       = $__file
            Filter     = $__options.Filter
            Tag        = $__options.Tag
            ExcludeTag = $__options.ExcludeTag
        }
        Write-Report -Container (Invoke-TestContainer @__arguments) -Detailed $__options.Detailed -Totals $__totals
    }
}
Write-Host "$($__totals.Passed) passed, $($__totals.Failed) failed, $($__totals.Skipped) skipped"
exit ($__totals.Failed -gt 0 -or $__totals.Passed -eq 0 ? 1 : 0)
