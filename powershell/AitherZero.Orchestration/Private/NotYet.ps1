# Parameters that are part of the contract and whose work is still to come. Asking for one is an error before
# anything starts, never silence. Whoever builds one removes its line.
$script:NotYet = [ordered]@{
}

function Assert-ParameterReady {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Bound)

    foreach ($name in $script:NotYet.Keys) {
        if (-not $Bound.ContainsKey($name)) {
            continue
        }
        $value = $Bound[$name]
        $asksForNothing = ($value -is [switch] -and -not $value) -or
        ($value -is [hashtable] -and $value.Count -eq 0)
        if ($asksForNothing) {
            continue
        }
        $problem = @{
            Code    = 'parameter.not-yet'
            Message = "-$name is not available yet: $($script:NotYet[$name]) will come with a later version."
            Hint    = "Nothing was started; run again without -$name."
            Target  = $name
        }
        throw (New-OrchestrationError @problem)
    }
}
