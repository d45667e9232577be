# Every new session that imports the module waits for this file. There each file that is dot-sourced, each method
# that is called from a new place, and each text with variables in it takes a millisecond or more: the commands are
# one script, little is called, and texts are joined. In a package the commands' text stands here, where they are
# read.

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
# A library that is as `cargo xtask` placed it, by its length and interface, is not looked at.
$isWell = $false
$library = $env:AITHER_ORCHESTRATION_LIBRARY
try {
    if (-not $library) {
        $processor = [System.Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture
        $processor = ('x86', 'x64', 'arm', 'arm64')[[int]$processor]
        if ($IsLinux) {
            $library = -join ($PSScriptRoot, '/native/linux-', $processor, '/libaither_orchestration.so')
        } elseif ($IsWindows) {
            $library = -join ($PSScriptRoot, '/native/win-', $processor, '/aither_orchestration.dll')
        } else {
            $library = -join ($PSScriptRoot, '/native/osx-', $processor, '/libaither_orchestration.dylib')
        }
    }
    $length = [System.IO.FileInfo]::new($library).Length
    $built = [System.IO.File]::ReadAllText((-join ($library, '.built')))
    $isWell = $built -eq (-join ('interface ', $script:NativeAbi, ', ', $length, " bytes`n"))
} catch {
    $null = $_
}
if (-not $isWell -and -not (Test-NativeLibrary -Path $library)) {
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
