function Save-OrchestrationPlaybook {
    <#
    .SYNOPSIS
    Saves a sequence with its variables as a playbook.

    .DESCRIPTION
    Writes orchestration/playbooks/<Name>.json, or library/playbooks/<Name>.json where the project has only that.
    The file is written whole or not at all. Asks before it overwrites a playbook, unless -Force is given.

    .PARAMETER Name
    The playbook's name, with / for folders.

    .PARAMETER Sequence
    What it runs, in the language of Invoke-OrchestrationSequence -Sequence.

    .PARAMETER Variables
    Its variables. One that is called Description becomes the description. Secrets are left out, with a warning.

    .PARAMETER ExecutionProfile
    The execution profile it belongs to.

    .PARAMETER Description
    What it is for.

    .PARAMETER Force
    Overwrites without asking.

    .EXAMPLE
    Save-OrchestrationPlaybook -Name 'my/quick' -Sequence '0402', '0404' -Variables @{ profile = 'quick' }

    .EXAMPLE
    Save-OrchestrationPlaybook 'nightly' '04*' -Description 'All checks, every night' -Force

    .OUTPUTS
    None.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(Position = 0)]
        [string] $Name,

        [Parameter(Position = 1)]
        [AllowNull()]
        [AllowEmptyCollection()]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string[]] $Sequence,

        [Parameter(Position = 2)]
        [AllowNull()]
        [hashtable] $Variables = @{},

        [Parameter(Position = 3)]
        [string] $ExecutionProfile,

        [Parameter(Position = 4)]
        [string] $Description,

        [switch] $Force
    )

    try {
        Initialize-Module
        $log = New-OrchestrationLog -Cmdlet $PSCmdlet
        $root = Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet)
        $path = Resolve-PlaybookTarget -Name $Name -Root $root
        if (-not @($Sequence).Where({ $_ })) {
            $problem = @{
                Code    = 'playbook.nothing-to-save'
                Message = "The playbook '$Name' would run nothing."
                Hint    = "Give -Sequence, for example '0402', '0404'."
                Target  = $Name
            }
            throw (New-OrchestrationError @problem)
        }
        $content = @{
            Name        = $Name
            Sequence    = $Sequence
            Variables   = $Variables ?? @{}
            ProfileName = $ExecutionProfile
            Description = $Description
            Log         = $log
        }
        $document = ConvertTo-PlaybookDocument @content
        if (-not $PSCmdlet.ShouldProcess($path, 'Save playbook')) {
            return
        }
        if ([System.IO.File]::Exists($path) -and -not $Force) {
            $overwrite = try {
                $PSCmdlet.ShouldContinue("$path exists. Overwrite it?", 'Save playbook')
            } catch [System.Management.Automation.PSInvalidOperationException],
                [System.Management.Automation.Host.HostException], [System.NotImplementedException] {
                $problem = @{
                    Code    = 'playbook.exists'
                    Message = "The playbook $path exists, and nobody can be asked whether to overwrite it."
                    Hint    = 'Give -Force to overwrite it.'
                    Target  = $path
                }
                throw (New-OrchestrationError @problem)
            }
            if (-not $overwrite) {
                return
            }
        }
        Write-PlaybookFile -Path $path -Document $document
        Write-OrchestrationLog -Log $log -Message "Saved playbook: $path"
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
