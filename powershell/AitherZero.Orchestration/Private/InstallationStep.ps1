# Doing the steps of an installation, all of them or none.

function Invoke-InstallationStep {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [AllowEmptyCollection()] [hashtable[]] $Step)

    # What takes the steps back, and what is of no use once all are done.
    $undo = [System.Collections.Generic.Stack[hashtable]]::new()
    $aside = [System.Collections.Generic.List[string]]::new()
    try {
        foreach ($one in $Step) {
            Set-InstalledItem -Step $one -Undo $undo -Aside $aside
        }
    } catch {
        $failure = $_
        $problem = @{
            Code    = 'installation.failed'
            Message = "Nothing was changed, since $($one['Place']) could not be: " +
            $failure.Exception.GetBaseException().Message
            Hint    = 'A PowerShell that has the module loaded may hold its files; close it and try again.'
            Target  = $one['Place']
        }
        while ($undo.Count) {
            $back = $undo.Pop()
            try {
                Move-InstalledItem -From $back['From'] -To $back['To']
            } catch {
                # What was put aside may now be the only copy there is.
                $aside.Clear()
                $problem['Message'] = "$($one['Place']) could not be changed " +
                "($($failure.Exception.GetBaseException().Message)), and $($back['From']) could not be moved " +
                "back to $($back['To']): $($_.Exception.GetBaseException().Message)"
            }
        }
        throw (New-OrchestrationError @problem)
    } finally {
        foreach ($path in $aside) {
            Remove-InstalledItem -Path $path
        }
    }
}

function Set-InstalledItem {
    # One step: a copy is made beside the place and renamed into it. A file is replaced by that one rename; a
    # folder, which cannot be, moves aside first.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Step,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.Generic.Stack[hashtable]] $Undo,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.Generic.List[string]] $Aside
    )

    $place, $source = $Step['Place'], $Step['Source']
    $new = $source
    if ($source -and $Step['Kind'] -ne 'Move') {
        $new = Get-TemporaryPlace -Beside $place
        $Aside.Add($new)
        Copy-InstalledItem -From $source -To $new -Like $place
    }
    $old = Get-TemporaryPlace -Beside $place
    if ($new -and [System.IO.File]::Exists($place)) {
        $Aside.Add($old)
        [System.IO.File]::Copy($place, $old)
        $Undo.Push(@{ From = $old; To = $place })
    } elseif ([System.IO.Directory]::Exists($place) -or [System.IO.File]::Exists($place)) {
        Move-InstalledItem -From $place -To $old
        $Undo.Push(@{ From = $old; To = $place })
        $Aside.Add($old)
    }
    if ($new) {
        Move-InstalledItem -From $new -To $place
        $Undo.Push(@{ From = $place; To = $new })
    }
}

function Get-TemporaryPlace {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $Beside)

    $folder = [System.IO.Path]::GetDirectoryName($Beside)
    [System.IO.Path]::Combine($folder, ".aither-$([guid]::NewGuid().ToString('n')).tmp")
}

function Move-InstalledItem {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $From, [Parameter(Mandatory)] [string] $To)

    if ([System.IO.Directory]::Exists($From)) {
        [System.IO.Directory]::Move($From, $To)
    } else {
        [System.IO.File]::Move($From, $To, $true)
    }
}

function Remove-InstalledItem {
    # Of what was put aside: failing here, as for a library that Windows has in use, harms nobody.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)

    try {
        if ([System.IO.Directory]::Exists($Path)) {
            [System.IO.Directory]::Delete($Path, $true)
        } else {
            [System.IO.File]::Delete($Path)
        }
    } catch {
        $cause = $_.Exception.GetBaseException().Message
        $PSCmdlet.WriteWarning("$Path is of no use any more, but could not be removed: $cause")
    }
}

function Copy-InstalledItem {
    # A file or folder with its contents. A file that replaces another takes over who may read and run that.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $From,
        [Parameter(Mandatory)] [string] $To,
        [Parameter(Mandatory)] [string] $Like
    )

    if (-not [System.IO.Directory]::Exists($From)) {
        [System.IO.File]::Copy($From, $To)
        if (-not $IsWindows -and [System.IO.File]::Exists($Like)) {
            [System.IO.File]::SetUnixFileMode($To, [System.IO.File]::GetUnixFileMode($Like))
        }
        return
    }
    $null = [System.IO.Directory]::CreateDirectory($To)
    foreach ($file in Get-RelativeFile -Folder $From) {
        $target = [System.IO.Path]::Combine($To, $file)
        $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($target))
        [System.IO.File]::Copy([System.IO.Path]::Combine($From, $file), $target)
    }
}
