# Where the library's file is, and what its head tells without loading it: a library of another system, or one that
# was cut off while it was copied, would be refused by the system in words of its own, or end the process.

# The runtime identifiers by what the three formats write for a processor.
$script:ElfProcessors = @{ 62 = 'x64'; 183 = 'arm64' }
$script:PeProcessors = @{ 0x8664 = 'x64'; 0xAA64 = 'arm64' }
$script:MachProcessors = @{ 0x01000007 = 'x64'; 0x0100000C = 'arm64' }

function Get-RuntimeIdentifier {
    # .NET's word for this system and processor, the name of the library's folder.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } else { 'linux' }
    $architecture = [System.Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture
    "$system-$("$architecture".ToLowerInvariant())"
}

function Get-NativeFilePath {
    # Where the module has its library for this runtime identifier.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $ModuleRoot,
        [Parameter(Mandatory)] [string] $RuntimeIdentifier
    )

    $file = if ($IsWindows) {
        'aither_orchestration.dll'
    } elseif ($IsMacOS) {
        'libaither_orchestration.dylib'
    } else {
        'libaither_orchestration.so'
    }
    [System.IO.Path]::Combine($ModuleRoot, 'native', $RuntimeIdentifier, $file)
}

function Get-NativeFileProblem {
    # What is wrong with a library for this runtime identifier, as the end of a sentence; nothing where nothing is.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [string] $RuntimeIdentifier
    )

    $file = [System.IO.File]::OpenRead($Path)
    try {
        $length = $file.Length
        $head = [byte[]]::new([System.Math]::Min($length, 4096))
        $file.ReadExactly($head, 0, $head.Length)
    } finally {
        $file.Dispose()
    }
    $convert = [System.BitConverter]
    try {
        $magic = $convert::ToUInt32($head, 0)
        # The system, and the end of what the head says is there: sections or, in ELF files, their table, which
        # stands last.
        $made, $needed = if ($magic -eq 0x464C457F) {
            "linux-$($script:ElfProcessors[[int]$convert::ToUInt16($head, 18)])",
            ($convert::ToInt64($head, 40) + $convert::ToUInt16($head, 58) * $convert::ToUInt16($head, 60))
        } elseif (($magic -band 0xFFFF) -eq 0x5A4D) {
            $at = $convert::ToInt32($head, 60)
            $section = $at + 24 + $convert::ToUInt16($head, $at + 20)
            # The table of symbols, of 18 bytes each, where it was not taken out.
            $end = [long]$convert::ToUInt32($head, $at + 12) + 18L * $convert::ToUInt32($head, $at + 16)
            for ($left = $convert::ToUInt16($head, $at + 6); $left -gt 0; $left--) {
                $size, $place = $convert::ToUInt32($head, $section + 16), $convert::ToUInt32($head, $section + 20)
                $end = [System.Math]::Max($end, [long]$size + $place)
                $section += 40
            }
            "win-$($script:PeProcessors[[int]$convert::ToUInt16($head, $at + 4)])", $end
        } elseif ($magic -eq 0xFEEDFACFL) {
            $command = 32
            $end = 0L
            for ($left = $convert::ToInt32($head, 16); $left -gt 0; $left--) {
                # A segment.
                if ($convert::ToInt32($head, $command) -eq 0x19) {
                    $end = [System.Math]::Max(
                        $end, $convert::ToInt64($head, $command + 40) + $convert::ToInt64($head, $command + 48))
                }
                $command += $convert::ToInt32($head, $command + 4)
            }
            "osx-$($script:MachProcessors[$convert::ToInt32($head, 4)])", $end
        } else {
            'no system', 0
        }
    } catch [System.ArgumentException] {
        return "it is cut off: it has only $length bytes"
    }
    if ($made -ne $RuntimeIdentifier) {
        "it is a library for $made"
    } elseif ($length -lt $needed) {
        "it is cut off: it has $length bytes of at least $needed"
    }
}
