function Expand-MatrixBuilds {
    <#
    .SYNOPSIS
    Makes the jobs of a matrix: every script once for every combination.

    .DESCRIPTION
    Combination after combination, every script becomes a job of its own. A job has all that its script has, and
    Number <number>-matrix-<k> with k counted over all jobs, MatrixConfig (the combination), MatrixId, and
    Variables with the combination's values over those given. The scripts are not changed.

    .PARAMETER Scripts
    Tables or objects with Number, and whatever else a script has.

    .PARAMETER Matrix
    A table of dimension names and lists of values, as for Get-MatrixCombinations.

    .PARAMETER Variables
    Values that every job gets; those of its combination are over them.

    .EXAMPLE
    Expand-MatrixBuilds -Scripts @(@{ Number = '0402'; Name = 'test.ps1' }) -Matrix @{ os = 'Windows', 'Linux' }

    Two jobs, 0402-matrix-0 and 0402-matrix-1.

    .OUTPUTS
    AitherZero.Orchestration.MatrixJob
    #>
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.MatrixJob')]
    param(
        [Parameter(Position = 0)]
        [AllowNull()]
        [AllowEmptyCollection()]
        [array] $Scripts,

        [Parameter(Position = 1)]
        [AllowNull()]
        [object] $Matrix,

        [Parameter(Position = 2)]
        [AllowNull()]
        [hashtable] $Variables = @{}
    )

    try {
        Initialize-Module
        $expansion = Get-MatrixExpansion -Matrix $Matrix
        foreach ($warning in $expansion['warnings']) {
            $PSCmdlet.WriteWarning($warning)
        }
        $position = 0
        foreach ($combination in $expansion['combinations']) {
            foreach ($script in $Scripts) {
                $job = @{ Script = $script; Combination = $combination; Variables = $Variables ?? @{} }
                New-MatrixJob @job -Position $position
                $position++
            }
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
