function Set-OrchestrationOutput {
    <#
    .SYNOPSIS
    Sets an output of the job that is running.

    .DESCRIPTION
    For scripts that the orchestration runs, and for the text of a playbook's steps. Later jobs read the value as
    ${{ jobs.ID.outputs.NAME }}, ${{ stages.NAME.outputs.NAME }} or ${{ steps.ID.outputs.NAME }}; the result of the
    run has it under Outputs. A script need not import the module to call it.

    .PARAMETER Name
    The output's name.

    .PARAMETER Value
    Its value: text, a number, true or false, a list or a table. Anything else becomes text.

    .EXAMPLE
    Set-OrchestrationOutput -Name version -Value '1.2.0'

    .EXAMPLE
    Set-OrchestrationOutput files @('a.txt', 'b.txt')

    .OUTPUTS
    None.
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Name,

        [Parameter(Position = 1)]
        [AllowNull()]
        [object] $Value
    )

    # A copy of this text is put into every worker, so it calls nothing of the module.
    $registry = [System.AppDomain]::CurrentDomain.GetData('AitherZero.Orchestration.Workers')
    $worker = $null
    $runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
    $problem = if ($null -eq $registry -or -not $registry.TryGetValue($runspace.InstanceId, [ref]$worker)) {
        'Set-OrchestrationOutput works inside a job only: in a script that Invoke-OrchestrationSequence runs. ' +
        "The output '$Name' was not set."
    } else {
        try {
            $utf8 = [System.Text.Encoding]::UTF8
            $key = $utf8.GetBytes($Name)
            $json = $utf8.GetBytes((& ([scriptblock]::Create($worker.Encode)) $Value))
            $out = [IntPtr[]]::new(3)
            $native = $worker.Native
            $lengths = [UIntPtr]::new([uint64]$key.Length), [UIntPtr]::new([uint64]$json.Length)
            $status = $native::aither_run_output(
                $worker.Run, [uint64]$worker.Slot[0], $key, $lengths[0], $json, $lengths[1], $out)
            if ($status -ne 0) {
                $text = [System.Runtime.InteropServices.Marshal]::PtrToStringUTF8($out[0], [int]$out[1])
                $null = $native::aither_text_free($out)
                $answer = [System.Text.Json.JsonDocument]::Parse($text)
                "The output '$Name' was not set: " + $answer.RootElement.GetProperty('message').GetString()
                $answer.Dispose()
            }
        } catch {
            "The output '$Name' was not set: $($_.Exception.GetBaseException().Message)"
        }
    }
    if ($problem) {
        $exception = [System.InvalidOperationException]::new($problem)
        $id = $worker ? 'Output.NotSet' : 'Output.NoJob'
        $PSCmdlet.ThrowTerminatingError(
            [System.Management.Automation.ErrorRecord]::new($exception, $id, 'InvalidOperation', $Name))
    }
}
