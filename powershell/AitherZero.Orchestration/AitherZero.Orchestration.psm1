foreach ($folder in 'Private', 'Public') {
    $files = [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')
    [System.Array]::Sort($files, [System.StringComparer]::Ordinal)
    foreach ($file in $files) {
        . $file
    }
}

# Raised here, so that a machine without the library hears about it once, at import, and not at the first call.
$script:Native = Import-NativeLibrary -ModuleRoot $PSScriptRoot

# AitherZero promises `seq` everywhere, also where the module was imported by another module.
Set-Alias -Name 'seq' -Value 'Invoke-OrchestrationSequence' -Scope Global -Force
Set-Alias -Name 'seq' -Value 'Invoke-OrchestrationSequence' -Force
$ExecutionContext.SessionState.Module.OnRemove = {
    Remove-Item -Path 'Alias:seq' -Force -ErrorAction Ignore
}
