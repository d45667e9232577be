function Complete-Argument {
    # What the commands' parameters are completed by, called as PowerShell calls argument completers. It writes
    # nothing and throws nothing.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param(
        [string] $Command,
        [string] $Parameter,
        [AllowEmptyString()] [string] $Word,
        [object] $Ast,
        [System.Collections.IDictionary] $Bound
    )

    try {
        Initialize-Module
        switch ($Parameter) {
            { $_ -in 'Sequence', 'Numbers' } { Complete-Sequence -Word $Word }
            { $_ -in 'Id', 'RunId', 'Resume' } { Complete-RunId -Word $Word }
            'PlaybookProfile' {
                $playbook = [string]($Bound['LoadPlaybook'] ?? $Bound['Playbook'])
                Complete-PlaybookProfile -Word $Word -Playbook $playbook
            }
            default { Complete-Playbook -Word $Word }
        }
    } catch { $null = $_ }
}
