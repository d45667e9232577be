# Every new session that imports the module waits for this file. There each file that is dot-sourced, and each
# method that is called from a new place, takes a millisecond: the commands are one script, and little is called.

# AitherZero promises `seq` everywhere, also where another module imports this one. A function's own alias goes to
# the function's scope, and stays there without it. Set-Alias would first load Microsoft.PowerShell.Utility.
$former = ${function:global:Invoke-OrchestrationSequence}
function global:Invoke-OrchestrationSequence { [Alias('seq')] param() }
if ($former) {
    ${function:global:Invoke-OrchestrationSequence} = $former
} else {
    $ExecutionContext.InvokeProvider.Item.Remove('Function:\Invoke-OrchestrationSequence', $null)
}

$text = foreach ($folder in 'Startup', 'Public') {
    foreach ($file in [System.IO.Directory]::EnumerateFiles("$PSScriptRoot/$folder", '*.ps1')) {
        [System.IO.File]::ReadAllText($file)
    }
}
. ([scriptblock]::Create($text -join "`n"))

# A machine without the library, or with one that it cannot use, hears about it once, at import, and not at the
# first call. Here it is only seen whether all is well; Initialize-Module finds out, and says, what is wrong.
$abi = $null
try {
    $library = $env:AITHER_ORCHESTRATION_LIBRARY
    if (-not $library) {
        $processor = [System.Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture
        $processor = "$processor".ToLowerInvariant()
        $library = if ($IsLinux) {
            "$PSScriptRoot/native/linux-$processor/libaither_orchestration.so"
        } elseif ($IsWindows) {
            "$PSScriptRoot/native/win-$processor/aither_orchestration.dll"
        } else {
            "$PSScriptRoot/native/osx-$processor/libaither_orchestration.dylib"
        }
    }
    # What was cut off can end the process that loads it. ELF files have their table of sections last, DLLs the
    # last section or the symbols. dyld looks for itself.
    $from, $size = 0, 1024
    $head = [byte[]]::new($size)
    $file = [System.IO.File]::OpenRead($library)
    $null = $file.Read($head, $from, $size)
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
    if ($last -lt $length) {
        $library = [System.Runtime.InteropServices.NativeLibrary]::Load($library)
        $abi = [System.Runtime.InteropServices.NativeLibrary]::GetExport($library, 'aither_abi')
        $abi = [System.Runtime.InteropServices.Marshal]::ReadInt32($abi)
    }
} catch {
    $null = $_
}
if ($abi -ne $script:NativeAbi) {
    Initialize-Module
}

$ExecutionContext.SessionState.Module.OnRemove = {
    # The module's own alias, then everybody's, unless that is another one by now.
    foreach ($scope in 'Module', 'Global') {
        if (${alias:seq} -eq 'Invoke-OrchestrationSequence') {
            $ExecutionContext.InvokeProvider.Item.Remove('Alias:\seq', $false)
        }
    }
    foreach ($idle in $script:IdleWorkers) {
        Remove-WorkerRunspace -Runspace $idle.Runspace
    }
}
