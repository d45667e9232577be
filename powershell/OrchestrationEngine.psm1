# AitherZero.Orchestration in the place of AitherZero's own OrchestrationEngine.psm1. Everything is in the module,
# in the folder beside this file or on PSModulePath; here its commands are passed on. Put here by
# Install-AitherOrchestration, which keeps the original beside it as OrchestrationEngine.original.psm1.

$folder = [System.IO.Path]::Combine($PSScriptRoot, 'AitherZero.Orchestration')
$name = [System.IO.Directory]::Exists($folder) ? $folder : 'AitherZero.Orchestration'
$module = Import-Module -Name $name -PassThru -ErrorAction Stop

Export-ModuleMember -Function @($module.ExportedFunctions.Keys) -Alias @($module.ExportedAliases.Keys)
