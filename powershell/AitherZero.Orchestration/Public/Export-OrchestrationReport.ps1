function Export-OrchestrationReport {
    <#
    .SYNOPSIS
    Writes a page that shows a run: the graph of its jobs, the timeline, logs and outputs.

    .DESCRIPTION
    One HTML file that needs nothing else: no network, no script, no font. It follows the reader's choice of light
    or dark.

    .PARAMETER Result
    A result of Invoke-OrchestrationSequence.

    .PARAMETER Html
    An HTML page. It is the only format, and may be left out.

    .PARAMETER Path
    The file; reports/orchestration/run-<run id>.html of the project where it is left out. One that is there is
    replaced.

    .EXAMPLE
    $result = Invoke-OrchestrationSequence -Sequence '0402'
    Export-OrchestrationReport -Html -Result $result -Path './run.html'

    .OUTPUTS
    System.IO.FileInfo: the page.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([System.IO.FileInfo])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
        [ValidateNotNull()]
        [object] $Result,

        [switch] $Html,

        [Parameter(Position = 1)]
        [string] $Path
    )

    process {
        try {
            Initialize-Module
            $null = $Html
            $document = ConvertTo-ReportDocument -Result $Result
            $place = $Path
            if (-not $place) {
                $root = Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet)
                $place = [System.IO.Path]::Combine($root, 'reports', 'orchestration', "run-$($Result.RunId).html")
            }
            Export-Report -Document $document -Format 'Html' -Path $place -Cmdlet $PSCmdlet
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
