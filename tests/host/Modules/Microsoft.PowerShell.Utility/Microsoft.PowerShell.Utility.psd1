@{
    GUID                 = '1DA87E53-152B-403E-98DC-74D7B4D63D59'
    ModuleVersion        = '7.0.0.0'
    PowerShellVersion    = '7.0'
    CompatiblePSEditions = @('Core')
    NestedModules        = @('Microsoft.PowerShell.Commands.Utility.dll')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    CmdletsToExport      = @(
        'Add-Member', 'Add-Type', 'Clear-Variable', 'Compare-Object', 'ConvertFrom-Csv', 'ConvertFrom-Json',
        'ConvertFrom-StringData', 'ConvertTo-Csv', 'ConvertTo-Json', 'Export-Clixml', 'Export-Csv',
        'Format-Custom', 'Format-List', 'Format-Table', 'Format-Wide', 'Get-Alias', 'Get-Culture', 'Get-Date',
        'Get-Error', 'Get-Event', 'Get-EventSubscriber', 'Get-FileHash', 'Get-Host', 'Get-Member',
        'Get-PSCallStack', 'Get-Random', 'Get-Runspace', 'Get-TypeData', 'Get-UICulture', 'Get-Unique',
        'Get-Variable', 'Get-Verb', 'Group-Object', 'Import-Clixml', 'Import-Csv', 'Import-LocalizedData',
        'Import-PowerShellDataFile', 'Invoke-Expression', 'Join-String', 'Measure-Command', 'Measure-Object',
        'New-Alias', 'New-Event', 'New-Guid', 'New-Object', 'New-TemporaryFile', 'New-TimeSpan', 'New-Variable',
        'Out-File', 'Out-String', 'Read-Host', 'Register-EngineEvent', 'Register-ObjectEvent', 'Remove-Alias',
        'Remove-Event', 'Remove-TypeData', 'Remove-Variable', 'Select-Object', 'Select-String', 'Set-Alias',
        'Set-Variable', 'Sort-Object', 'Start-Sleep', 'Tee-Object', 'Unblock-File', 'Unregister-Event',
        'Update-FormatData', 'Update-TypeData', 'Wait-Event', 'Write-Debug', 'Write-Error', 'Write-Host',
        'Write-Information', 'Write-Output', 'Write-Progress', 'Write-Verbose', 'Write-Warning'
    )
}
