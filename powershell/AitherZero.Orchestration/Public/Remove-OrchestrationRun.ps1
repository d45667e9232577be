function Remove-OrchestrationRun {
    <#
    .SYNOPSIS
    Removes what is recorded of runs: their journals and logs.

    .DESCRIPTION
    A run that is still running is not removed; named by its id it is an error, and left alone by -OlderThan. Runs
    that are older than 30 days, or not among the newest 200, go by themselves.

    .PARAMETER Id
    The ids of runs, or Last for the newest.

    .PARAMETER OlderThan
    Removes the runs that started before this moment, or longer ago than this time span.

    .EXAMPLE
    Remove-OrchestrationRun -Id Last -WhatIf

    .EXAMPLE
    Get-OrchestrationRun -Status Interrupted | Remove-OrchestrationRun -WhatIf

    .EXAMPLE
    Remove-OrchestrationRun -OlderThan (New-TimeSpan -Days 7)

    .OUTPUTS
    None.
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Id')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Id', ValueFromPipelineByPropertyName)]
        [Alias('RunId')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string[]] $Id,

        [Parameter(Mandatory, ParameterSetName = 'Age')]
        [object] $OlderThan
    )

    process {
        try {
            Initialize-Module
            $root = Find-RunRoot -Cmdlet $PSCmdlet
            $runs = if ($PSCmdlet.ParameterSetName -eq 'Id') {
                foreach ($one in $Id) {
                    Get-RecordedRun -Root $root -Id $one
                }
            } else {
                $before = ConvertTo-Moment -Value $OlderThan
                foreach ($run in Get-RecordedRunList -Root $root) {
                    $started = ConvertTo-LocalTime -Milliseconds $run['started']
                    if ($run['status'] -ne 'Running' -and $started -lt $before) {
                        $run
                    }
                }
            }
            foreach ($run in $runs) {
                $started = (ConvertTo-LocalTime -Milliseconds $run['started']).ToString('g')
                if ($PSCmdlet.ShouldProcess("$($run['id']) ($($run['name']), $started)", 'Remove run')) {
                    Invoke-RunRequest -Call 'aither_runs_remove' -Root $root -Fields @{ id = $run['id'] }
                }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
