function Receive-OrchestrationRun {
    <#
    .SYNOPSIS
    Gives what a run in the background has written, and its result once it has ended.

    .DESCRIPTION
    What Receive-Job does for the job of the run: log lines go to the host, and the result object comes out. What
    has been received once does not come again.

    .PARAMETER Id
    The run's id: RunId of the job that -AsJob returned.

    .PARAMETER Wait
    Waits until the run has ended.

    .EXAMPLE
    $job = Invoke-OrchestrationSequence -Sequence '0402' -AsJob
    Receive-OrchestrationRun -Id $job.RunId -Wait

    Waits for a run and gives its result.

    .OUTPUTS
    AitherZero.Orchestration.Result.
    #>
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Result')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $Id,

        [switch] $Wait
    )

    process {
        try {
            Initialize-Module
            $job = Find-BackgroundRun -Id $Id
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
        Receive-Job -Job $job -Wait:$Wait
    }
}
