function New-TestDrive {
    [CmdletBinding()]
    param()

    $root = Join-Path ([IO.Path]::GetTempPath()) ('testdrive-' + [guid]::NewGuid().ToString('n'))
    $null = [IO.Directory]::CreateDirectory($root)
    Get-PSDrive -Name TestDrive -ErrorAction Ignore | Remove-PSDrive -Force -Scope Global -ErrorAction Ignore
    $null = New-PSDrive -Name TestDrive -PSProvider FileSystem -Root $root -Scope Global
    Set-Variable -Name TestDrive -Value $root -Scope Global -Force
    $root
}

function Remove-TestDrive {
    [CmdletBinding()]
    param([string] $Root)

    # A test that ended inside its drive must not keep the drive from being removed.
    if ((Get-Location).Path -like 'TestDrive:*' -or (Get-Location).ProviderPath -like "$Root*") {
        Set-Location -LiteralPath ([IO.Path]::GetTempPath())
    }
    Remove-PSDrive -Name TestDrive -Force -Scope Global -ErrorAction Ignore
    Remove-Variable -Name TestDrive -Scope Global -Force -ErrorAction Ignore
    if ([IO.Directory]::Exists($Root)) {
        Remove-Item -LiteralPath $Root -Recurse -Force -ErrorAction Ignore
    }
}

function Get-TestDriveEntry {
    [CmdletBinding()]
    param([string] $Root)

    $entries = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
    foreach ($entry in [IO.Directory]::EnumerateFileSystemEntries($Root, '*', [IO.SearchOption]::AllDirectories)) {
        $null = $entries.Add($entry)
    }
    , $entries
}

function Clear-TestDrive {
    [CmdletBinding()]
    param([string] $Root, [Collections.Generic.HashSet[string]] $Keep)

    $added = @([IO.Directory]::EnumerateFileSystemEntries($Root, '*', [IO.SearchOption]::AllDirectories)) |
        Where-Object { -not $Keep.Contains($_) } | Sort-Object -Property Length
    foreach ($entry in $added) {
        if ([IO.File]::Exists($entry) -or [IO.Directory]::Exists($entry)) {
            Remove-Item -LiteralPath $entry -Recurse -Force -ErrorAction Ignore
        }
    }
}
