function Export-OrchestrationResult {
    <#
    .SYNOPSIS
    Writes a run's result for another program.

    .DESCRIPTION
    JSON and XML have everything that the result object has; JUnit has a suite a stage and a test case a job, as CI
    systems read it; GitHubActions has annotations and log groups. Without -Path the text is returned.

    .PARAMETER Result
    A result of Invoke-OrchestrationSequence.

    .PARAMETER Format
    JSON, XML, JUnit or GitHubActions.

    .PARAMETER Path
    The file. One that is there is replaced.

    .EXAMPLE
    $result = Invoke-OrchestrationSequence -Sequence '0402'
    Export-OrchestrationResult -Result $result -Format JUnit -Path './test-results.xml'

    .EXAMPLE
    $result = Invoke-OrchestrationSequence -Sequence '0402'
    $result | Export-OrchestrationResult -Format JSON | ConvertFrom-Json

    .OUTPUTS
    System.String: the text, without -Path. System.IO.FileInfo: the file, with it.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([string], [System.IO.FileInfo])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
        [ValidateNotNull()]
        [object] $Result,

        [Parameter(Mandatory, Position = 1)]
        [ValidateSet('JSON', 'XML', 'JUnit', 'GitHubActions')]
        [string] $Format,

        [Parameter(Position = 2)]
        [string] $Path
    )

    process {
        try {
            Initialize-Module
            $document = ConvertTo-ReportDocument -Result $Result
            Export-Report -Document $document -Format $Format -Path $Path -Cmdlet $PSCmdlet
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
