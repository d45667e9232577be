function Assert-Matrix {
    # Refuses what is no table before the library sees it, in the words of PowerShell.
    [CmdletBinding()]
    param([AllowNull()] [object] $Matrix)

    if ($Matrix -is [System.Collections.IDictionary] -or
        $Matrix -is [System.Management.Automation.PSCustomObject]) {
        return
    }
    $problem = @{
        Code    = $null -eq $Matrix ? 'matrix.null' : 'matrix.wrong-type'
        Message = $null -eq $Matrix ? 'The matrix is $null.' : "The matrix is a $($Matrix.GetType().FullName)."
        Hint    = "Give a table of lists, such as @{ profile = 'quick', 'full' }, or leave -Matrix out."
        Target  = $Matrix
    }
    throw (New-OrchestrationError @problem)
}

function Get-MatrixExpansion {
    # The library's {combinations: [{id, values}], warnings} of a matrix.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([AllowNull()] [object] $Matrix)

    Assert-Matrix -Matrix $Matrix
    $request = '{"matrix":' + (ConvertTo-NativeJson -Value $Matrix -Name 'Matrix') + '}'
    ConvertFrom-NativeJson -Json (Invoke-NativeRequest -Call 'aither_matrix_expand' -Request $request)
}

function New-MatrixJob {
    # One script with one combination, as an object of its own.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.MatrixJob')]
    param(
        [Parameter(Mandatory)] [object] $Script,
        # {id, values}
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Combination,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [int] $Position
    )

    $job = [ordered]@{ PSTypeName = 'AitherZero.Orchestration.MatrixJob' }
    if ($Script -is [string] -or $Script -is [int]) {
        $job['Number'] = "$Script".PadLeft(4, '0')
    } elseif ($Script -is [System.Collections.IDictionary]) {
        foreach ($key in $Script.Keys) {
            $job[[string]$key] = Copy-PlainValue $Script[$key]
        }
    } else {
        foreach ($property in $Script.PSObject.Properties) {
            $job[$property.Name] = Copy-PlainValue $property.Value
        }
    }
    if ("$($job['Number'])" -eq '') {
        $problem = @{
            Code    = 'script.no-number'
            Message = 'An element of -Scripts has no Number.'
            Hint    = "Give tables such as @{ Number = '0402'; Name = 'test.ps1' }."
            Target  = $Script
        }
        throw (New-OrchestrationError @problem)
    }
    $values = Copy-PlainValue $Variables
    $own = Copy-PlainValue $Combination['values']
    foreach ($name in $own.Keys) {
        $values[$name] = $own[$name]
    }
    $job['Number'] = "$($job['Number'])-matrix-$Position"
    $job['Variables'] = $values
    $job['MatrixConfig'] = Copy-PlainValue $Combination['values']
    $job['MatrixId'] = $Combination['id']
    [pscustomobject]$job
}
