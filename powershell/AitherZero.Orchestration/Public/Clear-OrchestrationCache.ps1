function Clear-OrchestrationCache {
    <#
    .SYNOPSIS
    Removes entries from the project's cache, or all of it.

    .DESCRIPTION
    Without a parameter everything goes: results, artifacts and what is known of files. With -OlderThan, -MaxSize
    or -Key only what they name goes, and what nothing refers to any more. Waits for runs that read or write at
    that moment.

    A run with -UseCache removes by itself, once a day, what was not used for seven days or is more than 10 GiB.

    .PARAMETER OlderThan
    Entries that were not used for so long.

    .PARAMETER MaxSize
    The least recently used entries, until the rest has no more bytes than this.

    .PARAMETER Key
    These entries; wildcards are allowed.

    .EXAMPLE
    Clear-OrchestrationCache -WhatIf

    .EXAMPLE
    Clear-OrchestrationCache -OlderThan (New-TimeSpan -Days 2) -MaxSize 1GB

    .OUTPUTS
    AitherZero.Orchestration.CacheCleared with Removed (keys), Kept and Bytes.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('AitherZero.Orchestration.CacheCleared')]
    param(
        [timespan] $OlderThan,

        [ValidateRange(0, [long]::MaxValue)]
        [long] $MaxSize,

        [Parameter(ValueFromPipelineByPropertyName)]
        [SupportsWildcards()]
        [string[]] $Key
    )

    begin {
        $keys = [System.Collections.Generic.List[string]]::new()
        $named = $false
    }
    process {
        if ($PSBoundParameters.ContainsKey('Key')) {
            $named = $true
            $keys.AddRange($Key)
        }
    }
    end {
        try {
            Initialize-Module
            $folder = Get-CacheFolder -Root (Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet))
            $body = [ordered]@{ folder = $folder }
            $what = @()
            if ($named) {
                $found = @(Get-OrchestrationCache -Key $keys)
                $body['keys'] = @(foreach ($entry in $found) { $entry.Key })
                $what += "$($found.Count) entries"
            }
            if ($PSBoundParameters.ContainsKey('OlderThan')) {
                $body['olderThan'] = $OlderThan.TotalSeconds
                $what += "entries not used for $OlderThan"
            }
            if ($PSBoundParameters.ContainsKey('MaxSize')) {
                $body['maxSize'] = $MaxSize
                $what += "entries beyond $MaxSize bytes"
            }
            if (-not $what) {
                $body['all'] = $true
                $what = 'everything'
            }
            if ($PSCmdlet.ShouldProcess($folder, "Remove $($what -join ' and ')")) {
                $json = ConvertTo-NativeJson -Value $body -Name 'Request'
                $done = Invoke-NativeTask -Name 'cacheCollect' -Body $json
                [pscustomobject]@{
                    PSTypeName = 'AitherZero.Orchestration.CacheCleared'
                    Removed    = [string[]]@($done['removed'])
                    Kept       = $done['kept']
                    Bytes      = $done['bytes']
                }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
