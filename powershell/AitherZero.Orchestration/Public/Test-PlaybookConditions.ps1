function Test-PlaybookConditions {
    <#
    .SYNOPSIS
    Says whether all conditions of a list hold.

    .DESCRIPTION
    Conditions are expressions such as `$Environment -eq 'Production'`, `{{ready}} == true` or
    `${{ env.CI == 'true' }}`. They are data: they are parsed and evaluated, never executed. One that cannot be
    evaluated does not hold. For each one that does not, its message is logged as an error.

    .PARAMETER Conditions
    Tables with name, condition and message, or just texts.

    .PARAMETER Type
    What the conditions are called in messages.

    .PARAMETER Variables
    The values that the conditions see.

    .EXAMPLE
    Test-PlaybookConditions -Conditions '$ready -eq $true' -Variables @{ ready = $true }

    True.

    .EXAMPLE
    Test-PlaybookConditions '$count -gt 3', '$env:HOME -ne ""' 'post-condition' @{ count = 2 }

    False.

    .OUTPUTS
    System.Boolean. True where there are no conditions.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Position = 0)]
        [AllowNull()]
        [AllowEmptyCollection()]
        [array] $Conditions,

        [Parameter(Position = 1)]
        [string] $Type = 'pre-condition',

        [Parameter(Position = 2)]
        [AllowNull()]
        [hashtable] $Variables = @{}
    )

    try {
        Initialize-Module
        $log = New-OrchestrationLog -Cmdlet $PSCmdlet
        $root = Get-ProjectLocation -Cmdlet $PSCmdlet
        Test-ConditionList -Condition $Conditions -Type $Type -Variables ($Variables ?? @{}) -Root $root -Log $log
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
