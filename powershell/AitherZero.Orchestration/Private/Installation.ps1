# Putting the drop-in and the launcher into an AitherZero checkout, and taking them out again. Every change is one
# rename, and a list of undo steps takes everything back when a later one fails.

# Where AitherZero has had its engine, newest layout last.
$script:EngineFolders = 'domains/automation', 'aithercore/automation', 'aithercore'
$script:EngineFile, $script:EngineOriginal = 'OrchestrationEngine.psm1', 'OrchestrationEngine.original.psm1'
$script:LauncherFile, $script:LauncherOriginal = 'Start-AitherZero.ps1', 'Start-AitherZero.original.ps1'
$script:ModuleName = 'AitherZero.Orchestration'

function Find-Checkout {
    # The engines and the launcher of a checkout, or the error that says what makes a folder one.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Path)

    $problem = @{ Code = 'checkout.not-found'; Target = $Path }
    if (-not [System.IO.Directory]::Exists($Path)) {
        throw (New-OrchestrationError @problem -Message "There is no folder $Path.")
    }
    $engines = @(foreach ($folder in $script:EngineFolders) {
            $file = [System.IO.Path]::GetFullPath("$folder/$script:EngineFile", $Path)
            if ([System.IO.File]::Exists($file)) {
                $file
            }
        })
    if (-not $engines) {
        $looked = foreach ($folder in $script:EngineFolders) { "$folder/$script:EngineFile" }
        $message = "$Path is not an AitherZero checkout: it has none of $($looked -join ', ')."
        throw (New-OrchestrationError @problem -Message $message -Hint 'Give the root folder of a checkout.')
    }
    $launcher = [System.IO.Path]::Combine($Path, $script:LauncherFile)
    @{
        Path     = $Path
        Engines  = $engines
        Launcher = [System.IO.File]::Exists($launcher) ? $launcher : $null
    }
}

function Find-InstallationSource {
    # The module's own folder, and the two files that go with it, which lie beside it.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([switch] $WithLauncher)

    $module = $ExecutionContext.SessionState.Module.ModuleBase
    $beside = [System.IO.Path]::GetDirectoryName($module)
    $source = @{ Module = $module }
    foreach ($file in $script:EngineFile, $script:LauncherFile) {
        $path = [System.IO.Path]::Combine($beside, $file)
        $wanted = $file -eq $script:EngineFile -or $WithLauncher
        if ($wanted -and -not (Test-OwnFile -Path $path)) {
            $problem = @{
                Code    = 'installation.missing-file'
                Message = "$file of AitherZero.Orchestration is not beside the module: looked for $path."
                Hint    = 'Install from the folder that AitherZero.Orchestration was unpacked or cloned to.'
                Target  = $path
            }
            throw (New-OrchestrationError @problem)
        }
        $source[$file] = $path
    }
    $source
}

function Test-OwnFile {
    # Whether a file is this project's engine or launcher, of any version: both say so in their first lines.
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [string] $Path)

    if (-not [System.IO.File]::Exists($Path)) {
        return $false
    }
    # All lines are read: a file that is read line by line stays open where not all are asked for, and Windows
    # replaces none that is open.
    $lines = [System.IO.File]::ReadAllLines($Path)
    [bool]$lines[0..5].Where({ $_.Contains('AitherZero.Orchestration') })
}

function Test-SameFile {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [string] $Path, [Parameter(Mandatory)] [string] $Other)

    if (-not [System.IO.File]::Exists($Path) -or -not [System.IO.File]::Exists($Other)) {
        return $false
    }
    $left, $right = [System.IO.File]::ReadAllBytes($Path), [System.IO.File]::ReadAllBytes($Other)
    [System.Linq.Enumerable]::SequenceEqual([byte[]]$left, [byte[]]$right)
}

function Get-RelativeFile {
    [CmdletBinding()]
    [OutputType([string[]])]
    param([Parameter(Mandatory)] [string] $Folder)

    $files = @([System.IO.Directory]::GetFiles($Folder, '*', [System.IO.SearchOption]::AllDirectories).ForEach({
                [System.IO.Path]::GetRelativePath($Folder, $_)
            }))
    [System.Array]::Sort($files, [System.StringComparer]::Ordinal)
    $files
}

function Test-SameFolder {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [string] $Path, [Parameter(Mandatory)] [string] $Other)

    if (-not [System.IO.Directory]::Exists($Path) -or -not [System.IO.Directory]::Exists($Other)) {
        return $false
    }
    $left, $right = @(Get-RelativeFile -Folder $Path), @(Get-RelativeFile -Folder $Other)
    if (($left -join "`n") -cne ($right -join "`n")) {
        return $false
    }
    foreach ($file in $left) {
        $pair = [System.IO.Path]::Combine($Path, $file), [System.IO.Path]::Combine($Other, $file)
        if (-not (Test-SameFile -Path $pair[0] -Other $pair[1])) {
            return $false
        }
    }
    $true
}

function New-InstallationStep {
    # One change: what is to be in a place afterwards. Without Source, what is there is taken away.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [ValidateSet('File', 'Folder', 'Move')] [string] $Kind,
        [Parameter(Mandatory)] [string] $Place,
        [AllowNull()] [string] $Source
    )

    @{ Kind = $Kind; Place = $Place; Source = $Source }
}

function Get-InstallationStep {
    # What is left to do for an installation: nothing where it is complete.
    [CmdletBinding()]
    [OutputType([hashtable[]])]
    param(
        [Parameter(Mandatory)] [hashtable] $Checkout,
        [Parameter(Mandatory)] [hashtable] $Source,
        [AllowNull()] [string] $Launcher
    )

    foreach ($engine in $Checkout['Engines']) {
        $folder = [System.IO.Path]::GetDirectoryName($engine)
        $module = [System.IO.Path]::Combine($folder, $script:ModuleName)
        if (-not (Test-SameFolder -Path $Source['Module'] -Other $module)) {
            Assert-OwnFolder -Path $module
            New-InstallationStep -Kind Folder -Place $module -Source $Source['Module']
        }
        $original = [System.IO.Path]::Combine($folder, $script:EngineOriginal)
        Get-ReplacementStep -Place $engine -Original $original -Source $Source[$script:EngineFile]
    }
    if ($Launcher) {
        $original = [System.IO.Path]::Combine($Checkout['Path'], $script:LauncherOriginal)
        Get-ReplacementStep -Place $Launcher -Original $original -Source $Source[$script:LauncherFile]
    }
}

function Assert-OwnFolder {
    # What is replaced and thrown away in the module's place must be the module.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)

    if (-not [System.IO.Path]::Exists($Path) -or
        [System.IO.File]::Exists([System.IO.Path]::Combine($Path, "$script:ModuleName.psd1"))) {
        return
    }
    $problem = @{
        Code    = 'installation.foreign-folder'
        Message = "$Path is in the module's place and is not the module: it has no $script:ModuleName.psd1."
        Hint    = 'Move it away, then install again.'
        Target  = $Path
    }
    throw (New-OrchestrationError @problem)
}

function Get-ReplacementStep {
    # Puts our file in the place of theirs, which is kept; an original that is there already is never overwritten.
    [CmdletBinding()]
    [OutputType([hashtable[]])]
    param(
        [Parameter(Mandatory)] [string] $Place,
        [Parameter(Mandatory)] [string] $Original,
        [Parameter(Mandatory)] [string] $Source
    )

    if (-not (Test-OwnFile -Path $Place)) {
        if (-not [System.IO.Path]::Exists($Original)) {
            New-InstallationStep -Kind File -Place $Original -Source $Place
        } elseif (-not (Test-SameFile -Path $Place -Other $Original)) {
            $problem = @{
                Code    = 'installation.original-exists'
                Message = "$Place and the original kept earlier, $Original, are not the same."
                Hint    = 'Remove or rename the one that is out of date, then install again.'
                Target  = $Original
            }
            throw (New-OrchestrationError @problem)
        }
    }
    if (-not (Test-SameFile -Path $Place -Other $Source)) {
        New-InstallationStep -Kind File -Place $Place -Source $Source
    }
}

function Get-RemovalStep {
    # What brings back the state before an installation: nothing where there is none.
    [CmdletBinding()]
    [OutputType([hashtable[]])]
    param([Parameter(Mandatory)] [hashtable] $Checkout)

    $places = @(foreach ($engine in $Checkout['Engines']) {
            $folder = [System.IO.Path]::GetDirectoryName($engine)
            , @($engine, [System.IO.Path]::Combine($folder, $script:EngineOriginal))
        })
    if ($Checkout['Launcher']) {
        $original = [System.IO.Path]::Combine($Checkout['Path'], $script:LauncherOriginal)
        $places += , @($Checkout['Launcher'], $original)
    }
    foreach ($pair in $places) {
        $place, $original = $pair
        if (Test-OwnFile -Path $place) {
            if (-not [System.IO.File]::Exists($original)) {
                $problem = @{
                    Code    = 'installation.missing-original'
                    Message = "$place is ours, but the original that was kept, $original, is gone."
                    Hint    = 'In a git checkout, git checkout -- and its path bring it back.'
                    Target  = $original
                }
                throw (New-OrchestrationError @problem)
            }
            New-InstallationStep -Kind Move -Place $place -Source $original
        } elseif (Test-SameFile -Path $place -Other $original) {
            # Somebody has brought the original back already; our copy of it is all that is left.
            New-InstallationStep -Kind File -Place $original -Source $null
        }
    }
    foreach ($engine in $Checkout['Engines']) {
        $module = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($engine), $script:ModuleName)
        if ([System.IO.File]::Exists([System.IO.Path]::Combine($module, "$script:ModuleName.psd1"))) {
            New-InstallationStep -Kind Folder -Place $module -Source $null
        }
    }
}
