function Get-OrchestrationCache {
    <#
    .SYNOPSIS
    Lists what is in the project's cache.

    .DESCRIPTION
    One object an entry, the most recently used first. Entries that are damaged are not listed; they are never used
    and go with time.

    .PARAMETER Key
    Only these; wildcards are allowed, so the first digits of a key and a * are enough.

    .EXAMPLE
    Get-OrchestrationCache | Sort-Object Size -Descending | Select-Object -First 10

    .EXAMPLE
    Get-OrchestrationCache -Key '3f*'

    .OUTPUTS
    AitherZero.Orchestration.CacheEntry with Key, Scripts, Created, LastUsed, Size, Success, Variables and Kind.
    #>
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.CacheEntry')]
    param(
        [Parameter(Position = 0)]
        [SupportsWildcards()]
        [string[]] $Key = '*'
    )

    try {
        Initialize-Module
        $folder = Get-CacheFolder -Root (Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet))
        $body = ConvertTo-NativeJson -Value @{ folder = $folder } -Name 'Request'
        $entries = (Invoke-NativeTask -Name 'cacheList' -Body $body)['entries']
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
    foreach ($entry in $entries) {
        if (-not $Key.Where({ $entry['key'] -like $_ }, 'First')) {
            continue
        }
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.CacheEntry'
            Key        = $entry['key']
            Scripts    = [string[]]@(foreach ($script in $entry['scripts']) {
                    $script['Name'] ? $script['Name'] : $script['Number']
                })
            Created    = [datetimeoffset]::Parse($entry['created'], [cultureinfo]::InvariantCulture).LocalDateTime
            LastUsed   = [datetimeoffset]::Parse($entry['lastUsed'], [cultureinfo]::InvariantCulture).LocalDateTime
            Size       = [long]$entry['size']
            Success    = $entry['success']
            Variables  = $entry['variables']
            Kind       = $entry['isJob'] ? 'Job' : 'Run'
        }
    }
}
