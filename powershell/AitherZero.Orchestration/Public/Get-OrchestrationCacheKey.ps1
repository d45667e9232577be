function Get-OrchestrationCacheKey {
    <#
    .SYNOPSIS
    Makes the cache key of some scripts and variables.

    .DESCRIPTION
    The key is a BLAKE3 hash in 64 lower-case hexadecimal digits. It is the same in every process and on every
    system. The scripts, their order, names and contents (where a path is given) and the variables with their types
    are part of it; the order of a hashtable's keys is not.

    .PARAMETER Scripts
    Tables or objects with Number, Name and Path, or just numbers.

    .PARAMETER Variables
    The variables that the scripts would get.

    .EXAMPLE
    Get-OrchestrationCacheKey -Scripts @(@{ Number = '0402'; Name = 'test.ps1' }) -Variables @{ profile = 'quick' }

    .PARAMETER Explain
    Gives what the key is made of instead: Key, Format, Scripts with the digests of their contents, and Variables.
    Test-OrchestrationCache does the same for the jobs of a run.

    .EXAMPLE
    Get-OrchestrationCacheKey '0402', '0404'

    .EXAMPLE
    Get-OrchestrationCacheKey '0402' @{ profile = 'quick' } -Explain

    .OUTPUTS
    System.String, or AitherZero.Orchestration.CacheKey with -Explain.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    [OutputType('AitherZero.Orchestration.CacheKey')]
    param(
        [Parameter(Position = 0)]
        [AllowNull()]
        [AllowEmptyCollection()]
        [array] $Scripts,

        [Parameter(Position = 1)]
        [AllowNull()]
        [hashtable] $Variables,

        [switch] $Explain
    )

    try {
        Initialize-Module
        $location = Get-ProjectLocation -Cmdlet $PSCmdlet
        $elements = foreach ($script in $Scripts) {
            ConvertTo-CacheScript -Script $script -Location $location
        }
        $request = @{ scripts = @($elements); variables = $Variables ?? @{} }
        $json = ConvertTo-NativeJson -Value $request -Name 'Request'
        if (-not $Explain) {
            $answer = Invoke-NativeRequest -Call 'aither_cache_key' -Request $json
            return (ConvertFrom-NativeJson -Json $answer)['key']
        }
        $parts = ConvertFrom-NativeJson -Json (Invoke-NativeRequest -Call 'aither_cache_explain' -Request $json)
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.CacheKey'
            Key        = $parts['key']
            Format     = $parts['format']
            Scripts    = @(foreach ($part in $parts['scripts']) {
                    [pscustomobject]@{ Number = $part['number']; Name = $part['name']; Digest = $part['digest'] }
                })
            Variables  = $parts['variables']
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
