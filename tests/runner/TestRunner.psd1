@{
    RootModule           = 'TestRunner.psm1'
    ModuleVersion        = '1.0.0'
    GUID                 = '6f0f4d0e-2f0e-4f6c-9a53-0a3a2a7b3c11'
    Description          = 'Runs test files written for Pester 5 where Pester itself is not installed.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FunctionsToExport    = @(
        'AfterAll', 'AfterEach', 'BeforeAll', 'BeforeDiscovery', 'BeforeEach', 'Context', 'Describe',
        'InModuleScope', 'Invoke-TestContainer', 'It', 'Mock', 'Set-ItResult', 'Should'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
}
