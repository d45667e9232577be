function Add-OrchestrationSummary {
    <#
    .SYNOPSIS
    Adds Markdown to the summary of the run.

    .DESCRIPTION
    For scripts that the orchestration runs, and for the text of a playbook's steps. The summary that
    -GenerateSummary writes has the text under the job's number; the result has it as Summary of the job. A script
    need not import the module to call it.

    .PARAMETER Text
    The Markdown. Several calls of one job stand below each other.

    .EXAMPLE
    Add-OrchestrationSummary -Text '## Coverage: 83 %'

    .EXAMPLE
    Add-OrchestrationSummary "| File | Lines |`n|---|---|`n| a.ps1 | 120 |"

    .OUTPUTS
    None.
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
        [AllowEmptyString()]
        [string] $Text
    )

    # A copy of this text is put into every worker, so it calls nothing of the module.
    process {
        $registry = [System.AppDomain]::CurrentDomain.GetData('AitherZero.Orchestration.Workers')
        $worker = $null
        $runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
        if ($null -ne $registry -and $registry.TryGetValue($runspace.InstanceId, [ref]$worker)) {
            # As GitHub's limit for a step.
            if ($Text.Length -le 1MB -and $worker.Summary) {
                # The file of the step, as its programs have it; read when the job ends.
                [System.IO.File]::AppendAllText($worker.Summary, "$Text`n")
                return
            }
            if ($Text.Length -le 1MB) {
                $worker.Texts.Enqueue([pscustomobject]@{ Job = $worker.Slot[0]; Text = $Text })
                return
            }
            $problem = "The text has $($Text.Length) characters; a summary takes $(1MB). Nothing was added."
        } else {
            $problem = 'Add-OrchestrationSummary works inside a job only: in a script that ' +
            'Invoke-OrchestrationSequence runs. Nothing was added.'
        }
        $exception = [System.InvalidOperationException]::new($problem)
        $id = $worker ? 'Summary.TooLarge' : 'Summary.NoJob'
        $PSCmdlet.ThrowTerminatingError(
            [System.Management.Automation.ErrorRecord]::new($exception, $id, 'InvalidOperation', $null))
    }
}
