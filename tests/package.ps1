<#
.SYNOPSIS
    Checks a package as `cargo xtask package` lays it out: sums, manifest, import, a matrix run, and the same from the
    cache.
.DESCRIPTION
    Runs on every system, in a new PowerShell that has not loaded the module. Prints a line for each check; what is
    wrong ends it with an error, and the exit code is 1.
.EXAMPLE
    pwsh -NoProfile -File tests/package.ps1 -Path target/package
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $Path)

$ErrorActionPreference = 'Stop'
$package = (Resolve-Path -LiteralPath $Path).ProviderPath
$name = 'AitherZero.Orchestration'

function Assert-That {
    param([bool] $IsSo, [string] $What)

    if (-not $IsSo) {
        throw "Not so: $What"
    }
    Write-Host "ok: $What"
}

$sums = [System.IO.File]::ReadAllLines([System.IO.Path]::Combine($package, 'SHA256SUMS'))
foreach ($line in $sums) {
    $sum, $file = $line -split '  ', 2
    $found = (Get-FileHash -Algorithm SHA256 -LiteralPath ([System.IO.Path]::Combine($package, $file))).Hash
    if ($found -ne $sum) {
        throw "$file has the sum $found, not $sum"
    }
}
Assert-That ($sums.Count -gt 50) "the sums of $($sums.Count) files"
$script = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($package, $name, "$name.psm1"))
Assert-That $script.Contains('function Invoke-OrchestrationSequence {') 'the commands stand in the module''s script'
$folders = Get-ChildItem -LiteralPath ([System.IO.Path]::Combine($package, $name, 'native'))
Assert-That ($folders.Count -gt 0) "libraries for $($folders.Name -join ', ')"
foreach ($folder in $folders) {
    $library = Get-ChildItem -LiteralPath $folder.FullName -Exclude '*.built'
    $built = [System.IO.File]::ReadAllText("$($library.FullName).built")
    Assert-That ($built -match "^interface \d+, $($library.Length) bytes\n$") "what is known of $($library.Name) is so"
}

$manifest = [System.IO.Path]::Combine($package, $name, "$name.psd1")
$module = Test-ModuleManifest -Path $manifest
Assert-That ($module.ExportedCommands.Count -gt 20) "the manifest of version $($module.Version)"

Import-Module $manifest
$project = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "aither-package-$([guid]::NewGuid())")
$scripts = [System.IO.Path]::Combine($project, 'automation-scripts')
$null = [System.IO.Directory]::CreateDirectory($scripts)
[System.IO.File]::WriteAllText([System.IO.Path]::Combine($scripts, '0100_Say.ps1'), '
    param($Os, $Level)
    Set-OrchestrationOutput -Name said -Value "$Os-$Level"
')
Push-Location -LiteralPath $project
try {
    $matrix = [ordered]@{ Os = 'a', 'b'; Level = 1, 2, 3 }
    $run = @{ Sequence = '0100'; Matrix = $matrix; UseCache = $true; PassThru = $true; MaxConcurrency = 4 }
    $first = Invoke-OrchestrationSequence @run
    Assert-That ($first.Completed -eq 6 -and $first.Cached -eq 0) 'six combinations were run'
    $second = Invoke-OrchestrationSequence @run
    Assert-That ($second.Completed -eq 6 -and $second.Cached -eq 6) 'and then taken from the cache'
    Assert-That ($second.Jobs[5].Outputs.said -eq 'b-3') 'with their outputs'
} finally {
    Pop-Location
    [System.IO.Directory]::Delete($project, $true)
}
