# Small projects for tests. Dot-source in BeforeAll.

# Forced, so that a module which an earlier file left in another state does not matter.
Import-Module (Join-Path $PSScriptRoot '..' '..' '..' 'powershell' 'AitherZero.Orchestration') -Force
# Private functions are loaded by the first command; tests look at them before.
& (Get-Module AitherZero.Orchestration) { Initialize-Module }

function New-Project {
    # A folder with numbered scripts: keys are file names without .ps1, values are texts. Gives the folder's path.
    param(
        [System.Collections.IDictionary] $Scripts,
        [string] $Folder = 'automation-scripts',
        [string] $Configuration
    )

    $root = Join-Path $TestDrive "project-$([guid]::NewGuid().ToString('n'))"
    $place = Join-Path $root $Folder
    $null = [System.IO.Directory]::CreateDirectory($place)
    foreach ($name in $Scripts.Keys) {
        [System.IO.File]::WriteAllText((Join-Path $place "$name.ps1"), [string]$Scripts[$name])
    }
    if ($Configuration) {
        [System.IO.File]::WriteAllText((Join-Path $root 'config.psd1'), $Configuration)
    }
    $root
}

function Invoke-InProject {
    # Runs a block with the project's folder as location; what it returns comes back.
    param([string] $Project, [scriptblock] $Block)

    Push-Location -LiteralPath $Project
    try {
        & $Block
    } finally {
        Pop-Location
    }
}

function Invoke-Capturing {
    # Runs a block and gives what it returned, what it wrote, and the error that ended it, if any.
    param([string] $Project, [scriptblock] $Block)

    $caught = $null
    $records = @(
        try {
            Invoke-InProject $Project $Block *>&1
        } catch {
            $caught = $_
        }
    )
    $texts = foreach ($record in $records) {
        if ($record -is [System.Management.Automation.InformationRecord] -or
            $record -is [System.Management.Automation.WarningRecord] -or
            $record -is [System.Management.Automation.VerboseRecord]) {
            "$record"
        }
    }
    [pscustomobject]@{
        Result   = @($records | Where-Object { $_.PSTypeNames -like 'AitherZero.Orchestration.*' })
        Text     = @($texts)
        Warnings = @($records | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | ForEach-Object { "$_" })
        Error    = $caught
        ExitCode = $global:LASTEXITCODE
    }
}

function New-Meeting {
    # An object that scripts of a run find in AppDomain data by the name returned, to meet without sleeping.
    param([object] $Value)

    $name = "aither-test-$([guid]::NewGuid().ToString('n'))"
    [System.AppDomain]::CurrentDomain.SetData($name, $Value)
    $name
}

function Get-ShellPath {
    # The PowerShell that runs this test. Installed as a .NET tool it runs in dotnet, and the program that starts
    # it stands beside the tool's store.
    $own = (Get-Process -Id $PID).Path
    if ((Split-Path -LeafBase $own) -ne 'dotnet') {
        return $own
    }
    Join-Path ($PSHOME -replace '[\\/]\.store[\\/].*') ($IsWindows ? 'pwsh.exe' : 'pwsh')
}
