# What a playbook needs of the machine, looked at before anything starts.

function Get-UnmetRequirement {
    # One sentence for each requirement that this machine does not meet.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Requirements)

    $wanted = [string]$Requirements['powerShell']
    if ($wanted) {
        $lowest = ($wanted -match '^\d+$' ? "$wanted.0" : $wanted) -as [version]
        $version = $PSVersionTable.PSVersion
        $own = [version]::new($version.Major, $version.Minor, [System.Math]::Max(0, $version.Patch))
        if ($null -eq $lowest) {
            "The playbook needs PowerShell '$wanted', which is no version."
        } elseif ($own -lt $lowest) {
            "The playbook needs PowerShell $wanted or later; this is $version."
        }
    }
    foreach ($module in $Requirements['modules']) {
        if ($module -and -not (Test-ModuleInstalled -Name $module)) {
            "The playbook needs the module $module, which is not installed."
        }
    }
    foreach ($tool in $Requirements['tools']) {
        if ($tool -and -not $ExecutionContext.InvokeCommand.GetCommand($tool, 'Application')) {
            "The playbook needs the program $tool, which is not on PATH."
        }
    }
    $platforms = @($Requirements['platforms'])
    $here = if ($IsWindows) { 'Windows' } elseif ($IsMacOS) { 'macOS' } else { 'Linux' }
    if ($platforms.Count -and $platforms -notcontains $here -and $platforms -notcontains 'CrossPlatform') {
        "The playbook is for $($platforms -join ', '); this is $here."
    }
}

function Test-ModuleInstalled {
    # Whether a folder of the module path has the module. Get-Module -ListAvailable would open every module's
    # files.
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [string] $Name)

    $simple = @($Name -split '[\s@]')[0]
    foreach ($folder in $env:PSModulePath -split [System.IO.Path]::PathSeparator) {
        if (-not $folder) {
            continue
        }
        $own = [System.IO.Path]::Combine($folder, $simple)
        if ([System.IO.Directory]::Exists($own) -and
            [System.Linq.Enumerable]::Any([System.IO.Directory]::EnumerateFileSystemEntries($own))) {
            return $true
        }
    }
    # One that is loaded from somewhere else, or that PowerShell carries inside itself.
    [bool](Get-Module -Name $simple) -or [bool](Get-Module -Name $simple -ListAvailable -ErrorAction Ignore)
}

function Assert-PlaybookRequirement {
    # Unmet requirements are a warning each, or one error that lists them all.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Model,
        [Parameter(Mandatory)] [hashtable] $Log,
        [switch] $Strict
    )

    $unmet = @(Get-UnmetRequirement -Requirements $Model['requirements'])
    if ($unmet.Count -eq 0) {
        return
    }
    if (-not $Strict) {
        foreach ($text in $unmet) {
            $Log.Cmdlet.WriteWarning($text)
        }
        return
    }
    $problem = @{
        Code    = 'playbook.requirements-unmet'
        Message = $unmet -join ' '
        Hint    = 'Nothing was started; leave out -Strict to run all the same.'
        Target  = $Model['name']
    }
    throw (New-OrchestrationError @problem)
}
