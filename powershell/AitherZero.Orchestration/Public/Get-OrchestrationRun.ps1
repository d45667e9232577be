function Get-OrchestrationRun {
    <#
    .SYNOPSIS
    Lists the runs that are recorded, or shows one of them.

    .DESCRIPTION
    Every run is recorded below the project's .orchestration-cache/runs folder, for 30 days, and the newest 200 of
    them. The newest comes first. What a run's jobs came to is in its Jobs.

    A run is Running, Success, Failure, Cancelled, or Interrupted: the PowerShell that ran it ended before it did.

    .PARAMETER Id
    The id of a run, or Last for the newest.

    .PARAMETER Status
    Only runs that stand so.

    .PARAMETER Last
    Only the newest so many.

    .EXAMPLE
    Get-OrchestrationRun

    .EXAMPLE
    (Get-OrchestrationRun -Id Last).Jobs | Where-Object Status -ne 'Success'

    What the newest run has not done.

    .EXAMPLE
    Get-OrchestrationRun -Status Failure, Interrupted -Last 5

    .OUTPUTS
    AitherZero.Orchestration.Run
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('AitherZero.Orchestration.Run')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Id', ValueFromPipelineByPropertyName)]
        [Alias('RunId')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string[]] $Id,

        [Parameter(ParameterSetName = 'List')]
        [ValidateSet('Running', 'Success', 'Failure', 'Cancelled', 'Interrupted')]
        [string[]] $Status,

        [Parameter(ParameterSetName = 'List')]
        [ValidateRange(1, [int]::MaxValue)]
        [int] $Last
    )

    process {
        try {
            Initialize-Module
            $root = Find-RunRoot -Cmdlet $PSCmdlet
            if ($PSCmdlet.ParameterSetName -eq 'Id') {
                foreach ($one in $Id) {
                    ConvertTo-OrchestrationRun -Run (Get-RecordedRun -Root $root -Id $one) -Root $root
                }
                return
            }
            $left = $Last ? $Last : [int]::MaxValue
            foreach ($run in Get-RecordedRunList -Root $root) {
                if ($left -eq 0) {
                    break
                }
                if (-not $Status -or $run['status'] -in $Status) {
                    $left--
                    ConvertTo-OrchestrationRun -Run $run -Root $root
                }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
