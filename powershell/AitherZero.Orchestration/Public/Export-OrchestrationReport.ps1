function Export-OrchestrationReport {
    <#
    .SYNOPSIS
    Writes a page that shows a run: the graph of its jobs, the timeline, logs and outputs.

    .DESCRIPTION
    One HTML file that needs nothing else: no network, no script, no font. It follows the reader's choice of light
    or dark.

    .PARAMETER Result
    A result of Invoke-OrchestrationSequence.

    .PARAMETER RunId
    The id of a recorded run, or Last for the newest.

    .PARAMETER Html
    An HTML page. It is the only format, and may be left out.

    .PARAMETER Path
    The file; reports/orchestration/run-<run id>.html of the project where it is left out. One that is there is
    replaced.

    .EXAMPLE
    $result = Invoke-OrchestrationSequence -Sequence '0402'
    Export-OrchestrationReport -Html -Result $result -Path './run.html'

    .EXAMPLE
    Invoke-OrchestrationSequence -Sequence '0402' -Quiet
    Export-OrchestrationReport -RunId Last -Path './run.html'

    The page of the run before, also in another session.

    .OUTPUTS
    System.IO.FileInfo: the page.
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Result')]
    [OutputType([System.IO.FileInfo])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Result')]
        [ValidateNotNull()]
        [object] $Result,

        [Parameter(Mandatory, ParameterSetName = 'Run')]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $RunId,

        [switch] $Html,

        [Parameter(Position = 1)]
        [string] $Path
    )

    process {
        try {
            Initialize-Module
            $null = $Html
            $shown = $Result
            if ($RunId) {
                $folder = Find-RunRoot -Cmdlet $PSCmdlet
                $shown = ConvertTo-OrchestrationRun -Run (Get-RecordedRun -Root $folder -Id $RunId) -Root $folder
            }
            $document = ConvertTo-ReportDocument -Result $shown
            Add-ReportLog -Document $document -Root "$($shown.Root)"
            $place = $Path
            if (-not $place) {
                $root = Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet)
                $file = "run-$($document['runId']).html"
                $place = [System.IO.Path]::Combine($root, 'reports', 'orchestration', $file)
            }
            Export-Report -Document $document -Format 'Html' -Path $place -Cmdlet $PSCmdlet
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
