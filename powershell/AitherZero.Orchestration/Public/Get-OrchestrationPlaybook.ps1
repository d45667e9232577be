function Get-OrchestrationPlaybook {
    <#
    .SYNOPSIS
    Gets a playbook, or lists the playbooks there are.

    .DESCRIPTION
    With a name: the playbook as hashtable, in the shape of ConvertTo-StandardPlaybookFormat, or nothing when there
    is none of that name. Without one: an object for each playbook of the project. A file that cannot be read is a
    warning.

    .PARAMETER Name
    The name of a playbook's file, with folders or without, or the path of a .json or .psd1 file.

    .PARAMETER ListAvailable
    Lists all, as does no name at all.

    .PARAMETER ListAll
    The same as -ListAvailable.

    .EXAMPLE
    (Get-OrchestrationPlaybook -Name 'test-quick').Stages

    .EXAMPLE
    Get-OrchestrationPlaybook | Where-Object Format -eq 'V3'

    .EXAMPLE
    Get-OrchestrationPlaybook 'core/testing/test-quick'

    .OUTPUTS
    System.Collections.Hashtable with a name, AitherZero.Orchestration.Playbook without.
    #>
    [CmdletBinding()]
    [OutputType([hashtable])]
    [OutputType('AitherZero.Orchestration.Playbook')]
    param(
        [Parameter(Position = 0)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $Name,

        [switch] $ListAvailable,

        [switch] $ListAll
    )

    try {
        Initialize-Module
        $location = Get-ProjectLocation -Cmdlet $PSCmdlet
        $root = Find-ProjectRoot -Location $location
        if ($Name -and -not $ListAvailable -and -not $ListAll) {
            try {
                $path = Find-PlaybookFile -Name $Name -Root $root -Location $location
            } catch {
                if ($_.FullyQualifiedErrorId -notlike 'Playbook.NotFound*') {
                    throw
                }
                $PSCmdlet.WriteVerbose($_.Exception.Message)
                return
            }
            return ConvertTo-StandardPlaybookFormat -Playbook (Read-PlaybookTable -Path $path)
        }
        foreach ($found in Get-KnownPlaybook -Root $root) {
            try {
                $answer = ConvertTo-Playbook -Source (Read-PlaybookFile -Path $found['path'])
                ConvertTo-PlaybookEntry -Name $found['name'] -Path $found['path'] -Model $answer['playbook']
            } catch {
                $PSCmdlet.WriteWarning("$($found['path']): $($_.Exception.Message)")
            }
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
