function Get-OrchestrationLog {
    <#
    .SYNOPSIS
    Gets what the jobs of a run wrote, line by line.

    .DESCRIPTION
    Every job that writes something has a log. Secrets are masked in it. What a resumed run took over from an
    earlier one is read from there.

    .PARAMETER RunId
    The id of a run, or Last for the newest, which is the default.

    .PARAMETER Number
    The numbers of jobs, 0402 or 0402-matrix-3. Without it the logs of all jobs come, one after the other.

    .PARAMETER Follow
    Goes on while the jobs write, and ends when they have.

    .PARAMETER Stream
    Only lines of these streams.

    .PARAMETER Raw
    Gives the texts alone.

    .EXAMPLE
    Get-OrchestrationLog -Number 0402

    .EXAMPLE
    Get-OrchestrationLog -RunId Last -Stream Error, Warning

    .EXAMPLE
    Get-OrchestrationLog -Number 0402 -Raw | Select-String 'failed'

    .EXAMPLE
    Get-OrchestrationLog -Number 0402 -Follow

    In a second PowerShell, while the run goes on in the first.

    .OUTPUTS
    AitherZero.Orchestration.LogLine with Number, Stream and Text; System.String with -Raw.
    #>
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.LogLine')]
    [OutputType([string])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('Id')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $RunId = 'Last',

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [string[]] $Number,

        [switch] $Follow,

        [ValidateSet('Output', 'Error', 'Warning', 'Verbose', 'Debug', 'Information', 'Engine')]
        [string[]] $Stream,

        [switch] $Raw
    )

    process {
        $watcher = $null
        try {
            Initialize-Module
            $root = Find-RunRoot -Cmdlet $PSCmdlet
            $reader = New-LogReader -Root $root -Id $RunId -Number $Number
            if ($Follow) {
                $watcher = New-RunWatcher -Root $root
            }
            while ($true) {
                Read-LogPart -Reader $reader | & {
                    process {
                        if (-not $Stream -or $_.Stream -in $Stream) {
                            $Raw ? $_.Text : $_
                        }
                    }
                }
                if (-not $Follow -or -not $reader.Places.Count) {
                    break
                }
                # Not longer, so that Ctrl+C is heard and nothing written in between is missed for long.
                $null = $watcher.WaitForChanged([System.IO.WatcherChangeTypes]::All, 100)
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        } finally {
            if ($watcher) {
                $watcher.Dispose()
            }
        }
    }
}
