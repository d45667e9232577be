# Which parameter is completed by what. The blocks belong to the module, so they find its private functions.

$script:Completers = @{
    Playbook = {
        param($command, $parameter, $word)
        try {
            Initialize-Module
            Complete-Playbook -Word $word
        } catch { $null = $_ }
    }
    Profile  = {
        param($command, $parameter, $word, $ast, $bound)
        try {
            Initialize-Module
            $playbook = [string]($bound['LoadPlaybook'] ?? $bound['Name'] ?? $bound['Playbook'])
            Complete-PlaybookProfile -Word $word -Playbook $playbook
        } catch { $null = $_ }
    }
    Run      = {
        param($command, $parameter, $word)
        try {
            Initialize-Module
            Complete-RunId -Word $word
        } catch { $null = $_ }
    }
    Sequence = {
        param($command, $parameter, $word)
        try {
            Initialize-Module
            Complete-Sequence -Word $word
        } catch { $null = $_ }
    }
}

$profiled = 'Invoke-OrchestrationSequence', 'Start-AitherZero.ps1'
Register-ArgumentCompleter -CommandName $profiled -ParameterName Sequence -ScriptBlock $Completers.Sequence
Register-ArgumentCompleter -CommandName Invoke-Sequence -ParameterName Numbers -ScriptBlock $Completers.Sequence
Register-ArgumentCompleter -CommandName $profiled -ParameterName PlaybookProfile -ScriptBlock $Completers.Profile
Register-ArgumentCompleter -CommandName $profiled -ParameterName LoadPlaybook -ScriptBlock $Completers.Playbook
Register-ArgumentCompleter -CommandName $profiled -ParameterName Playbook -ScriptBlock $Completers.Playbook
Register-ArgumentCompleter -CommandName @(
    'Get-OrchestrationPlaybook'
    'Test-OrchestrationPlaybook'
) -ParameterName Name -ScriptBlock $Completers.Playbook
$recorded = 'Get-OrchestrationRun', 'Remove-OrchestrationRun'
Register-ArgumentCompleter -CommandName $recorded -ParameterName Id -ScriptBlock $Completers.Run
Register-ArgumentCompleter -CommandName Get-OrchestrationLog -ParameterName RunId -ScriptBlock $Completers.Run
$resumed = 'Invoke-OrchestrationSequence'
Register-ArgumentCompleter -CommandName $resumed -ParameterName Resume -ScriptBlock $Completers.Run
