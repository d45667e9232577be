# Which parameter is completed by what. The blocks belong to the module, so they find its private functions.

$completer = {
    param($command, $parameter, $word, $ast, $bound)
    try {
        Initialize-Module
        switch ($parameter) {
            { $_ -in 'Sequence', 'Numbers' } { Complete-Sequence -Word $word }
            { $_ -in 'Id', 'RunId', 'Resume' } { Complete-RunId -Word $word }
            'PlaybookProfile' {
                $playbook = [string]($bound['LoadPlaybook'] ?? $bound['Name'] ?? $bound['Playbook'])
                Complete-PlaybookProfile -Word $word -Playbook $playbook
            }
            default { Complete-Playbook -Word $word }
        }
    } catch { $null = $_ }
}
$profiled = 'Invoke-OrchestrationSequence', 'Start-AitherZero.ps1'
$known = 'Get-OrchestrationPlaybook', 'Test-OrchestrationPlaybook'
$recorded = 'Get-OrchestrationRun', 'Remove-OrchestrationRun'
Register-ArgumentCompleter -CommandName $profiled -ParameterName Sequence -ScriptBlock $completer
Register-ArgumentCompleter -CommandName Invoke-Sequence -ParameterName Numbers -ScriptBlock $completer
Register-ArgumentCompleter -CommandName $profiled -ParameterName PlaybookProfile -ScriptBlock $completer
Register-ArgumentCompleter -CommandName $profiled -ParameterName LoadPlaybook -ScriptBlock $completer
Register-ArgumentCompleter -CommandName $profiled -ParameterName Playbook -ScriptBlock $completer
Register-ArgumentCompleter -CommandName $known -ParameterName Name -ScriptBlock $completer
Register-ArgumentCompleter -CommandName $recorded -ParameterName Id -ScriptBlock $completer
Register-ArgumentCompleter -CommandName Get-OrchestrationLog -ParameterName RunId -ScriptBlock $completer
Register-ArgumentCompleter -CommandName Invoke-OrchestrationSequence -ParameterName Resume -ScriptBlock $completer
