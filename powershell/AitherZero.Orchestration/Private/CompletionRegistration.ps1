# Which parameter is completed by what. The blocks belong to the module, so they find its private functions.

$script:Completers = @{
    Playbook = {
        param($command, $parameter, $word)
        try { Complete-Playbook -Word $word } catch { $null = $_ }
    }
    Profile  = {
        param($command, $parameter, $word, $ast, $bound)
        try {
            $playbook = [string]($bound['LoadPlaybook'] ?? $bound['Name'] ?? $bound['Playbook'])
            Complete-PlaybookProfile -Word $word -Playbook $playbook
        } catch { $null = $_ }
    }
    Sequence = {
        param($command, $parameter, $word)
        try { Complete-Sequence -Word $word } catch { $null = $_ }
    }
}
foreach ($registration in @(
        , @('Playbook', 'LoadPlaybook', @('Invoke-OrchestrationSequence'))
        , @('Playbook', 'Name', @('Get-OrchestrationPlaybook', 'Test-OrchestrationPlaybook'))
        , @('Playbook', 'Playbook', @('Start-AitherZero.ps1'))
        , @('Profile', 'PlaybookProfile', @('Invoke-OrchestrationSequence', 'Start-AitherZero.ps1'))
        , @('Sequence', 'Sequence', @('Invoke-OrchestrationSequence', 'Start-AitherZero.ps1'))
        , @('Sequence', 'Numbers', @('Invoke-Sequence'))
    )) {
    $completer, $parameter, $commands = $registration
    $options = @{ CommandName = $commands; ParameterName = $parameter }
    Register-ArgumentCompleter @options -ScriptBlock $script:Completers[$completer]
}
Remove-Variable -Name registration, completer, parameter, commands, options
