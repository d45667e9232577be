function Install-AitherOrchestration {
    <#
    .SYNOPSIS
    Puts this engine into an AitherZero checkout, or takes it out again.

    .DESCRIPTION
    Replaces the checkout's OrchestrationEngine.psm1 (in domains/automation, aithercore/automation or aithercore)
    by one that passes on this module's commands, with the module's folder beside it, and Start-AitherZero.ps1 by
    our launcher. The old files stay beside the new ones as OrchestrationEngine.original.psm1 and
    Start-AitherZero.original.ps1; an original that is there already is never overwritten. Nothing else is written.

    Installing again changes nothing, or replaces an older version of ours. When a step fails, all steps before it
    are taken back.

    A launcher without -Mode, as in AitherZero's newer layout, is left alone, since its command lines are others.

    .PARAMETER Path
    The root folder of the checkout.

    .PARAMETER KeepLauncher
    Leaves Start-AitherZero.ps1 alone.

    .PARAMETER Uninstall
    Brings the original files back, byte for byte, and removes the module's folder.

    .EXAMPLE
    Install-AitherOrchestration -Path ~/src/AitherZero

    .EXAMPLE
    Install-AitherOrchestration -Path ~/src/AitherZero -WhatIf

    Says what would be changed.

    .EXAMPLE
    Install-AitherOrchestration -Path ~/src/AitherZero -Uninstall

    .OUTPUTS
    AitherZero.Orchestration.Installation with Path, Engine (the engine files), Launcher (the launcher, if it is
    ours or was) and Action: Installed, Upgraded, Unchanged or Uninstalled.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('AitherZero.Orchestration.Installation')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [string] $Path,

        [switch] $KeepLauncher,

        [switch] $Uninstall
    )

    try {
        Initialize-Module
        $root = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        $checkout = Find-Checkout -Path $root
        $launcher = $checkout['Launcher']
        $wasOurs = @($checkout['Engines']).Where({ Test-OwnFile -Path $_ }).Count -gt 0
        if ($Uninstall) {
            if ($launcher -and -not (Test-OwnFile -Path $launcher)) {
                $launcher = $null
            }
            $steps = @(Get-RemovalStep -Checkout $checkout)
            $action = 'Uninstalled'
        } else {
            if ($KeepLauncher) {
                $launcher = $null
            } elseif ($launcher -and -not (Test-OwnFile -Path $launcher) -and
                (Get-ScriptParameterName -Path $launcher) -notcontains 'Mode') {
                $PSCmdlet.WriteWarning("$launcher has no -Mode and is left alone: its command lines are others.")
                $launcher = $null
            }
            $source = Find-InstallationSource -WithLauncher:($null -ne $launcher)
            $steps = @(Get-InstallationStep -Checkout $checkout -Source $source -Launcher $launcher)
            $action = $wasOurs ? 'Upgraded' : 'Installed'
        }
        if (-not $steps) {
            $action = 'Unchanged'
            $state = $Uninstall ? 'is not installed' : 'is installed already'
            $PSCmdlet.WriteVerbose("AitherZero.Orchestration $state in $root.")
        } else {
            $places = $steps.ForEach({ [System.IO.Path]::GetRelativePath($root, $_['Place']) }) -join ', '
            $verb = $Uninstall ? 'Uninstall' : 'Install'
            if (-not $PSCmdlet.ShouldProcess("$root ($places)", "$verb AitherZero.Orchestration")) {
                return
            }
            Invoke-InstallationStep -Step $steps
        }
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.Installation'
            Path       = $root
            Engine     = [string[]]$checkout['Engines']
            Launcher   = $launcher
            Action     = $action
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
