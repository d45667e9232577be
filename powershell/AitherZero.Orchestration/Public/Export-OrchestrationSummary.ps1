function Export-OrchestrationSummary {
    <#
    .SYNOPSIS
    Writes the Markdown summary of a run.

    .DESCRIPTION
    To reports/orchestration/summary-<date>-<time>.md of the project, with a number behind it where that file is
    there already. What -GenerateSummary writes is the same document.

    .PARAMETER Summary
    A result of Invoke-OrchestrationSequence, or a table with Playbook, StartTime, EndTime, Duration, Variables and
    Result, as AitherZero's own engine makes one.

    .PARAMETER Configuration
    Accepted for compatibility; nothing of it is needed.

    .EXAMPLE
    $result = Invoke-OrchestrationSequence -Sequence '0402'
    Export-OrchestrationSummary -Summary $result

    .OUTPUTS
    System.String: the path of the file.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([string])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
        [ValidateNotNull()]
        [object] $Summary,

        [Parameter(Position = 1)]
        [AllowNull()]
        [object] $Configuration
    )

    process {
        try {
            Initialize-Module
            $root = Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet)
            $document = ConvertTo-ReportDocument -Result $Summary
            if ($PSCmdlet.ShouldProcess($root, 'Write a summary')) {
                Write-RunSummary -Document $document -Options @{} -Root $root
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
