# What all sessions of a process share: a background run and the user's session have a module of their own each.

function Get-ProcessValue {
    # The value of this name, made by the block at its first use in the process. Its name is
    # AitherZero.Orchestration.<Name> among the process's own.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Name,
        # Gives one object; a list with a comma before it.
        [Parameter(Mandatory)] [scriptblock] $Make
    )

    $domain = [System.AppDomain]::CurrentDomain
    $slot = "AitherZero.Orchestration.$Name"
    [System.Threading.Monitor]::Enter($domain)
    try {
        $value = $domain.GetData($slot)
        if ($null -eq $value) {
            $value = & $Make
            $domain.SetData($slot, $value)
        }
        , $value
    } finally {
        [System.Threading.Monitor]::Exit($domain)
    }
}
