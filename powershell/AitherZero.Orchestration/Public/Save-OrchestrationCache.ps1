function Save-OrchestrationCache {
    <#
    .SYNOPSIS
    Keeps the result of a whole run in the cache, to look at later.

    .DESCRIPTION
    Writes results/<key>.json and metadata/<key>.meta.json, where the key is the one that
    Get-OrchestrationCacheKey gives for the scripts and variables. What is kept this way is for looking at; jobs
    are replayed only from what a run with -UseCache has stored itself. A failure is a warning. Secrets are written
    as ***.

    .PARAMETER CacheManager
    What Initialize-OrchestrationCache gave; its CacheDir is written to.

    .PARAMETER Result
    The result of Invoke-OrchestrationSequence.

    .PARAMETER Scripts
    The scripts that ran: tables or objects with Number, Name and Path, or just numbers.

    .PARAMETER Variables
    The variables they ran with.

    .EXAMPLE
    $cache = Initialize-OrchestrationCache
    $result = Invoke-OrchestrationSequence '0402'
    Save-OrchestrationCache $cache $result @(@{ Number = '0402'; Name = '0402_Run-UnitTests.ps1' }) @{}

    .OUTPUTS
    None.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(Position = 0)]
        [AllowNull()]
        [hashtable] $CacheManager,

        [Parameter(Position = 1)]
        [AllowNull()]
        [object] $Result,

        [Parameter(Position = 2)]
        [AllowNull()]
        [AllowEmptyCollection()]
        [array] $Scripts,

        [Parameter(Position = 3)]
        [AllowNull()]
        [hashtable] $Variables
    )

    try {
        Initialize-Module
        $location = Get-ProjectLocation -Cmdlet $PSCmdlet
        $folder = [string]$CacheManager.CacheDir
        if (-not $folder) {
            $folder = Get-CacheFolder -Root (Find-ProjectRoot -Location $location)
        }
        $folder = Resolve-ProjectPath -Path $folder -Location $location
        $plain = ConvertTo-StoredResult -Value ($Variables ?? @{})
        $key = Get-OrchestrationCacheKey -Scripts $Scripts -Variables $plain
        $lines = foreach ($script in $Scripts) {
            $entry = ConvertTo-CacheScript -Script $script -Location $location
            @{ Number = $entry['number']; Name = [string]$entry['name']; Path = [string]$entry['path'] }
        }
        $stored = ConvertTo-StoredResult -Value $Result
        $body = [ordered]@{
            folder    = $folder
            key       = $key
            scripts   = @($lines)
            variables = $plain
            success   = -not $Result.Failed
            result    = $stored -is [System.Collections.IDictionary] ? $stored : @{ Value = $stored }
        }
        if ($PSCmdlet.ShouldProcess($folder, "Keep the result under $key")) {
            $null = Invoke-NativeTask -Name 'cacheSave' -Body (ConvertTo-NativeJson -Value $body -Name 'Result')
        }
    } catch {
        $PSCmdlet.WriteWarning("The result was not kept in the cache: $($_.Exception.Message)")
    }
}
