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
        $isObject = $Matrix -is [System.Management.Automation.PSCustomObject]
        $names = $isObject ? $Matrix.PSObject.Properties.Name : $Matrix.Keys
        $dimensions = foreach ($name in $names) {
            if ($name -notin 'include', 'exclude') {
                [ordered]@{ name = $name; values = @($isObject ? $Matrix.$name : $Matrix[$name]) }
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
