# A miniature of an AitherZero checkout. Dot-source in BeforeAll, after Project.ps1.

function New-Checkout {
    # A folder with AitherZero's manifest, root module, engine, launcher and two scripts. Gives the folder's path.
    param(
        [string] $EngineFolder = 'domains/automation',
        # The manifest nests the engine itself, instead of its root module importing it.
        [switch] $Nested,
        # The launcher of the newer layout, which has no -Mode.
        [switch] $NewerLauncher
    )

    $root = New-Project @{ '0101_First' = '"first ran"'; '0102_Bad' = 'exit 3' }
    $engine = "$EngineFolder/OrchestrationEngine.psm1"
    $files = @{
        'AitherZero.psd1'       = "@{
            ModuleVersion = '1.0.0'
            GUID = 'a7d4e8f1-2b3c-4d5e-6f7a-8b9c0d1e2f3b'
            RootModule = 'AitherZero.psm1'
            $($Nested ? "NestedModules = @('$engine')" : '')
            FunctionsToExport = @('Invoke-AitherScript', 'Invoke-OrchestrationSequence', '*')
            CmdletsToExport = @()
            AliasesToExport = @('az', 'seq')
        }"
        'AitherZero.psm1'       = '$env:AITHERZERO_ROOT = $PSScriptRoot
            function Invoke-AitherScript { "one script" }
            Set-Alias -Name az -Value Invoke-AitherScript -Scope Global -Force
            ' + ($Nested ? '' : "Import-Module (Join-Path `$PSScriptRoot '$engine') -Force -Global")
        $engine                 = "# the original engine`r`nfunction Invoke-OrchestrationSequence { 'the original ran' }`r`n" +
        'Export-ModuleMember -Function *'
        'Start-AitherZero.ps1'  = $NewerLauncher ? 'param([string]$Playbook, [switch]$List) "newer"' : '[CmdletBinding()]
            param([string]$Mode = "List", [string[]]$Sequence, [string]$ConfigPath, [switch]$NonInteractive, [string]$Target,
                [string]$ScriptNumber, [switch]$Dashboard,
                [Parameter(ValueFromRemainingArguments)][object[]]$RemainingArguments)
            "the original launcher: Mode=$Mode Sequence=$Sequence Target=$Target ScriptNumber=$ScriptNumber " +
            "NonInteractive=$NonInteractive Dashboard=$Dashboard Rest=$RemainingArguments"
            exit 7'
    }
    foreach ($name in $files.Keys) {
        $path = Join-Path $root $name
        $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($path))
        [System.IO.File]::WriteAllText($path, $files[$name])
    }
    $root
}

function Get-Snapshot {
    # Every file and folder below a folder, files with the hash of their bytes: the native library has many.
    param([string] $Path)

    $entries = [System.IO.Directory]::GetFileSystemEntries($Path, '*', [System.IO.SearchOption]::AllDirectories)
    [System.Array]::Sort($entries, [System.StringComparer]::Ordinal)
    foreach ($entry in $entries) {
        $relative = [System.IO.Path]::GetRelativePath($Path, $entry)
        $isFile = [System.IO.File]::Exists($entry)
        $isFile ? "$relative $((Get-FileHash -LiteralPath $entry).Hash)" : "$relative/"
    }
}

function Invoke-Shell {
    # A PowerShell of the kind that runs this test, as child process: what it wrote, on one line, and its exit code.
    param([string[]] $Arguments, [string] $Location)

    $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellPath))
    foreach ($argument in @('-NoProfile', '-NonInteractive') + $Arguments) {
        $start.ArgumentList.Add($argument)
    }
    $start.WorkingDirectory = $Location
    $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
    $null = $start.Environment.Remove('AITHERZERO_ROOT')
    $process = [System.Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
        if (-not $process.WaitForExit(120000)) {
            $process.Kill($true)
            throw "$Arguments does not end."
        }
        $process.WaitForExit()
        $text = ($output.Result + "`n" + $errors.Result) -replace '\e\[[\d;]*m' -replace '\s*\n\s*(\|\s*)?', ' '
        [pscustomobject]@{ Text = $text; ExitCode = $process.ExitCode }
    } finally {
        $process.Dispose()
    }
}
