function Test-OrchestrationPlaybook {
    <#
    .SYNOPSIS
    Checks playbooks: everything that is wrong with them, and everything that looks like a mistake.

    .DESCRIPTION
    Reads each playbook, compares it with what AitherZero's schema asks for, checks its conditions, and plans it
    against the project's scripts without starting anything. What keeps a playbook from running as it is written is
    an error, also the number of a script that does not exist; the rest are warnings.

    .PARAMETER Name
    Names of playbooks. Without -Name and -Path all of the project are checked.

    .PARAMETER Path
    Paths of playbook files.

    .EXAMPLE
    Test-OrchestrationPlaybook

    .EXAMPLE
    Test-OrchestrationPlaybook -Name 'test-quick' | Select-Object -ExpandProperty Warnings

    .EXAMPLE
    $broken = Test-OrchestrationPlaybook | Where-Object -Not IsValid

    .OUTPUTS
    AitherZero.Orchestration.PlaybookCheck, with Path, Name, IsValid, Errors and Warnings. An error or warning has
    Line (where known), Path (in the document) and Message.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Name')]
    [OutputType('AitherZero.Orchestration.PlaybookCheck')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'Name', ValueFromPipelineByPropertyName)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string[]] $Name,

        [Parameter(Mandatory, ParameterSetName = 'Path')]
        [string[]] $Path
    )

    process {
        try {
            Initialize-Module
            $location = Get-ProjectLocation -Cmdlet $PSCmdlet
            $root = Find-ProjectRoot -Location $location
            $files = if ($PSCmdlet.ParameterSetName -eq 'Path') {
                foreach ($one in $Path) {
                    $full = Resolve-ProjectPath -Path $one -Location $location
                    @{ name = [System.IO.Path]::GetFileNameWithoutExtension($full); path = $full }
                }
            } elseif ($Name) {
                foreach ($one in $Name) {
                    @{ name = $one; path = Find-PlaybookFile -Name $one -Root $root -Location $location }
                }
            } else {
                Get-KnownPlaybook -Root $root
            }
            foreach ($file in $files) {
                Get-PlaybookCheck -Name $file['name'] -Path $file['path'] -Root $root
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
