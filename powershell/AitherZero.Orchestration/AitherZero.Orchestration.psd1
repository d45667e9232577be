# A list is not in @(): each import would run that as a script.
@{
    RootModule           = 'AitherZero.Orchestration.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '6b1c8f0e-53d4-4b8e-9a67-2f7d1f0c4e25'
    Author               = 'AitherZero'
    CompanyName          = 'AitherZero'
    Copyright            = '(c) AitherZero. MIT License.'
    Description          = 'GitHub Actions on your own machine: matrix, plan and parallel runs of AitherZero scripts.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = 'Core'
    FormatsToProcess     = 'AitherZero.Orchestration.format.ps1xml'
    FunctionsToExport    =
        'Add-OrchestrationSummary',
        'Clear-OrchestrationCache',
        'ConvertTo-StandardPlaybookFormat',
        'Expand-MatrixBuilds',
        'Export-OrchestrationReport',
        'Export-OrchestrationResult',
        'Export-OrchestrationSummary',
        'Get-MatrixCombinations',
        'Get-OrchestrationCache',
        'Get-OrchestrationCacheKey',
        'Get-OrchestrationLog',
        'Get-OrchestrationPlaybook',
        'Get-OrchestrationRun',
        'Initialize-OrchestrationCache',
        'Install-AitherOrchestration',
        'Invoke-OrchestrationSequence',
        'Invoke-Sequence',
        'Publish-OrchestrationArtifact',
        'Receive-OrchestrationArtifact',
        'Receive-OrchestrationRun',
        'Remove-OrchestrationRun',
        'Save-OrchestrationCache',
        'Save-OrchestrationPlaybook',
        'Send-PlaybookNotification',
        'Set-OrchestrationOutput',
        'Show-MatrixOrchestrationPlan',
        'Test-OrchestrationCache',
        'Stop-OrchestrationRun',
        'Test-OrchestrationPlaybook',
        'Test-PlaybookConditions'
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = 'seq'
    PrivateData          = @{
        PSData = @{
            Tags       = 'AitherZero', 'Orchestration', 'Matrix', 'Parallel', 'CI', 'PSEdition_Core'
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
