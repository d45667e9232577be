$parts = 'Scopes', 'Discovery', 'TestDrive', 'Position', 'Run', 'Comparison', 'Assertions', 'Should', 'ModuleScope'
foreach ($part in $parts) {
    . (Join-Path $PSScriptRoot "$part.ps1")
}
