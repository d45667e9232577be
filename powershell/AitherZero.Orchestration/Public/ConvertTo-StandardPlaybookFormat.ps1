function ConvertTo-StandardPlaybookFormat {
    <#
    .SYNOPSIS
    Brings a playbook of any format into one shape.

    .DESCRIPTION
    A playbook with metadata and orchestration becomes a hashtable of Name, Description, Version, Category,
    Author, Tags, EstimatedDuration, Requirements, Variables, Profiles, Stages, Validation, Notifications and
    Reporting, and Jobs where it has jobs. Each stage is a hashtable of Name, Description, Sequence, Variables,
    Condition, ContinueOnError, Parallel, Timeout and Retries, and Matrix for a job.

    Any other playbook becomes a hashtable of Name, Description, Version, Sequence, Variables and Stages, with
    every other property kept.

    .PARAMETER Playbook
    The playbook as table, as read from JSON or a psd1. It is not changed.

    .EXAMPLE
    ConvertTo-StandardPlaybookFormat -Playbook @{ name = 'quick'; sequence = '0402', '0404' }

    .EXAMPLE
    $table = Import-PowerShellDataFile ./library/playbooks/run-tests.psd1
    (ConvertTo-StandardPlaybookFormat $table).Sequence.Count

    .OUTPUTS
    System.Collections.Hashtable
    #>
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Position = 0)]
        [System.Collections.IDictionary] $Playbook
    )

    try {
        Initialize-Module
        $own = Copy-PlainValue ($Playbook ?? @{})
        $orchestration = Get-TableValue $own 'orchestration'
        $isNewer = $orchestration -is [System.Collections.IDictionary]
        if ($isNewer -and $null -ne (Get-TableValue $own 'metadata')) {
            ConvertFrom-NewerPlaybook -Playbook $own
        } else {
            ConvertFrom-FlatPlaybook -Playbook $own
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
