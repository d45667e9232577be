foreach ($folder in 'Startup', 'Public') {
    $files = [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')
    [System.Array]::Sort($files, [System.StringComparer]::Ordinal)
    foreach ($file in $files) {
        . $file
    }
}

# A machine without the library, or with one that it cannot use, hears about it once, at import, and not at the
# first call.
$system = Get-RuntimeIdentifier
$library = $env:AITHER_ORCHESTRATION_LIBRARY
if (-not $library) {
    $library = Get-NativeFilePath -ModuleRoot $PSScriptRoot -RuntimeIdentifier $system
}
if (-not [System.IO.File]::Exists($library) -or
    (Get-NativeFileProblem -Path $library -RuntimeIdentifier $system)) {
    Initialize-Module
}

# AitherZero promises `seq` everywhere, also where another module imports this one. A small module carries it
# there: Set-Alias would first have to load Microsoft.PowerShell.Utility, which takes longer than all the rest.
$script:Seq = New-Module -Name 'AitherZero.Orchestration.Seq' -ScriptBlock {
    $null = $ExecutionContext.InvokeProvider.Item.Set('Alias:\seq', 'Invoke-OrchestrationSequence')
    Export-ModuleMember -Alias 'seq'
}
Import-Module -ModuleInfo $script:Seq -Global -Force -DisableNameChecking
$null = $ExecutionContext.InvokeProvider.Item.Set('Alias:\seq', 'Invoke-OrchestrationSequence')
$ExecutionContext.SessionState.Module.OnRemove = {
    Remove-Module -ModuleInfo $script:Seq -Force
    foreach ($idle in $script:IdleWorkers) {
        Remove-WorkerRunspace -Runspace $idle.Runspace
    }
}
