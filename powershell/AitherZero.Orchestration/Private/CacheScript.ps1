function ConvertTo-CacheScript {
    # One script as aither_cache_key wants it: {number, name?, path?}.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [AllowNull()] [object] $Script,
        [Parameter(Mandatory)] [string] $Location
    )

    $isScalar = $Script -is [string] -or $Script -is [int]
    $number = $isScalar ? $Script : $Script.Number
    if ($null -eq $number -or "$number" -eq '') {
        $problem = @{
            Code    = 'script.no-number'
            Message = 'An element of -Scripts has no Number.'
            Hint    = "Give numbers, or tables such as @{ Number = '0402'; Name = 'test.ps1' }."
            Target  = $Script
        }
        throw (New-OrchestrationError @problem)
    }
    $entry = [ordered]@{ number = "$number" -match '^\d{1,3}$' ? "$number".PadLeft(4, '0') : "$number" }
    if (-not $isScalar -and $Script.Name) {
        $entry['name'] = [string]$Script.Name
    }
    if (-not $isScalar -and $Script.Path) {
        $entry['path'] = Resolve-ProjectPath -Path $Script.Path -Location $Location
    }
    $entry
}
