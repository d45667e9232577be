function Stop-OrchestrationRun {
    <#
    .SYNOPSIS
    Cancels a run that goes on in this process.

    .DESCRIPTION
    Nothing further of the run starts, and what runs is asked to stop; a script that has not stopped after ten
    seconds is left behind. Returns at once: the run ends by itself, and its result says Cancelled, with exit
    code 130.

    .PARAMETER Id
    The run's id: RunId of the job that -AsJob returned.

    .EXAMPLE
    $job = Invoke-OrchestrationSequence -Sequence 'stage:Testing' -AsJob
    Stop-OrchestrationRun -Id $job.RunId

    Cancels a run in the background.

    .EXAMPLE
    Get-Job -State Running | ForEach-Object RunId | ForEach-Object { Stop-OrchestrationRun -Id $_ }

    Cancels the runs of all jobs.

    .OUTPUTS
    None.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $Id
    )

    process {
        try {
            Initialize-Module
            $entry = $null
            $isActive = (Get-ActiveRunTable).TryGetValue($Id, [ref]$entry)
            $job = $isActive ? $null : (Get-BackgroundRun -Id $Id)
            $begins = $job -and $job.State -in 'NotStarted', 'Running'
            if (-not $isActive -and -not $begins) {
                $problem = @{
                    Code    = 'run.unknown'
                    Message = "No run with the id '$Id' goes on in this process."
                    Hint    = 'A run that has ended cannot be cancelled; one of another process is stopped there.'
                    Target  = $Id
                }
                throw (New-OrchestrationError @problem)
            }
            if ($PSCmdlet.ShouldProcess($Id, 'Cancel the run')) {
                if ($isActive) {
                    $null = $script:Native::aither_run_cancel($entry.Key, $null)
                } else {
                    # Started with -AsJob a moment ago: there is no run yet, only its job.
                    $job.StopJob()
                }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
