function Assert-Matrix {
    # Refuses what is no table before the library sees it, in the words of PowerShell.
    [CmdletBinding()]
    param([AllowNull()] [object] $Matrix)

    if ($Matrix -is [System.Collections.IDictionary] -or
        $Matrix -is [System.Management.Automation.PSCustomObject]) {
        return
    }
    $problem = @{
        Code    = $null -eq $Matrix ? 'matrix.null' : 'matrix.wrong-type'
        Message = $null -eq $Matrix ? 'The matrix is $null.' : "The matrix is a $($Matrix.GetType().FullName)."
        Hint    = "Give a table of lists, such as @{ profile = 'quick', 'full' }, or leave -Matrix out."
        Target  = $Matrix
    }
    throw (New-OrchestrationError @problem)
}
