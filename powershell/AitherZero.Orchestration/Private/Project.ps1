# Where the project is, as the user of this PowerShell session sees it: PowerShell's location, not the process's.

$script:ScriptFolders = 'automation-scripts', 'library/automation-scripts'

function Get-ProjectLocation {
    # The session's folder, also while its current location is on another provider, such as Env:.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet)

    $Cmdlet.SessionState.Path.CurrentProviderLocation('FileSystem').ProviderPath
}

function Resolve-ProjectPath {
    # A path of the user's as an absolute path of the file system.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [string] $Location
    )

    [System.IO.Path]::GetFullPath($Path, $Location)
}

function Find-ProjectRoot {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $Location)

    $named = [System.Environment]::GetEnvironmentVariable('AITHERZERO_ROOT')
    if ($named) {
        $root = Resolve-ProjectPath -Path $named -Location $Location
        if ([System.IO.Directory]::Exists($root)) {
            return $root
        }
        $problem = @{
            Code    = 'project.not-found'
            Message = "AITHERZERO_ROOT names the folder $root, which does not exist."
            Hint    = 'Set it to the root of an AitherZero checkout, or remove it.'
            Target  = $root
        }
        throw (New-OrchestrationError @problem)
    }
    $folder = $Location
    while ($folder) {
        foreach ($name in $script:ScriptFolders) {
            if ([System.IO.Directory]::Exists([System.IO.Path]::Combine($folder, $name))) {
                return $folder
            }
        }
        $folder = [System.IO.Path]::GetDirectoryName($folder)
    }
    $problem = @{
        Code    = 'project.not-found'
        Message = "No AitherZero project here: neither $Location nor a folder above it has " +
        "$($script:ScriptFolders -join '/ or ')/."
        Hint    = 'Change into a checkout, or set AITHERZERO_ROOT to its root.'
        Target  = $Location
    }
    throw (New-OrchestrationError @problem)
}
