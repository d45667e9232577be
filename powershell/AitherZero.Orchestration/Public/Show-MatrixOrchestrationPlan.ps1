function Show-MatrixOrchestrationPlan {
    <#
    .SYNOPSIS
    Shows what a matrix makes of some scripts.

    .DESCRIPTION
    Writes the dimensions, the number of combinations and jobs, and a line for each job to the host. Starts
    nothing.

    .PARAMETER Scripts
    Tables or objects with Number and Name; or the jobs that Expand-MatrixBuilds made of them.

    .PARAMETER Matrix
    A table of dimension names and lists of values, as for Get-MatrixCombinations.

    .EXAMPLE
    $scripts = @(@{ Number = '0402'; Name = '0402_Run-UnitTests.ps1' })
    Show-MatrixOrchestrationPlan -Scripts $scripts -Matrix ([ordered]@{ profile = 'quick', 'full' })

    .OUTPUTS
    None.
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Position = 0)]
        [AllowNull()]
        [AllowEmptyCollection()]
        [array] $Scripts,

        [Parameter(Position = 1)]
        [AllowNull()]
        [object] $Matrix
    )

    try {
        Initialize-Module
        $log = New-OrchestrationLog -Cmdlet $PSCmdlet
        $combinations = @((Get-MatrixExpansion -Matrix $Matrix)['combinations'])
        $expanded = $Scripts -and -not @($Scripts).Where({ "$($_.Number)" -notmatch '-matrix-\d+$' })
        $jobs = $expanded ? $Scripts : @(Expand-MatrixBuilds -Scripts $Scripts -Matrix $Matrix)
        $dimensions = foreach ($member in Get-JsonMember -Value $Matrix) {
            if ($member.Name -notin 'include', 'exclude') {
                [ordered]@{ name = $member.Name; values = @($member.Value) }
            }
        }
        $shown = foreach ($job in $jobs) {
            [ordered]@{ number = $job.Number; name = $job.Name; matrixId = $job.MatrixId }
        }
        $plan = [ordered]@{
            dimensions   = @($dimensions)
            combinations = $combinations.Count
            total        = @($jobs).Count
            jobs         = @($shown)
        }
        Show-MatrixPlan -Plan $plan -Log $log
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
