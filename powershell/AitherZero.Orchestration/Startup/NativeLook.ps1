function Test-NativeLibrary {
    # Whether a library that nobody placed, or that is another one since, can be used.
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [string] $Path)

    try {
        # What was cut off can end the process that loads it. ELF files have their table of sections last, DLLs the
        # last section or the symbols. dyld looks for itself.
        $head = [byte[]]::new(1024)
        $file = [System.IO.File]::OpenRead($Path)
        $null = $file.Read($head, 0, $head.Length)
        $length = $file.Length
        $file.Dispose()
        $last = if ($IsLinux) {
            [System.BitConverter]::ToInt64($head, 40)
        } elseif ($IsWindows) {
            $at = [System.BitConverter]::ToInt32($head, 60)
            $sections = [System.BitConverter]::ToUInt16($head, $at + 6)
            $section = $at + 40 * $sections + [System.BitConverter]::ToUInt16($head, $at + 20) - 16
            $data = [System.BitConverter]::ToInt32($head, $section + 20)
            $data += [System.BitConverter]::ToInt32($head, $section + 16) - 1
            $symbols = [System.BitConverter]::ToInt32($head, $at + 12)
            $symbols += 18 * [System.BitConverter]::ToInt32($head, $at + 16) - 1
            [System.Math]::Max($data, $symbols)
        }
        if ($last -ge $length) {
            return $false
        }
        $library = [System.Runtime.InteropServices.NativeLibrary]::Load($Path)
        $abi = [System.Runtime.InteropServices.NativeLibrary]::GetExport($library, 'aither_abi')
        [System.Runtime.InteropServices.Marshal]::ReadInt32($abi) -eq $script:NativeAbi
    } catch {
        $false
    }
}
