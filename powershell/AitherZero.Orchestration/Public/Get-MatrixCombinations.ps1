function Get-MatrixCombinations {
    <#
    .SYNOPSIS
    Lists the combinations that a matrix stands for.

    .DESCRIPTION
    Every dimension of the matrix is combined with every other. The combinations come in a fixed order: dimensions
    as written for [ordered] tables and JSON, by name for a plain hashtable; the last dimension varies fastest.

    The keys `include` and `exclude` work as in GitHub Actions: a list of tables that add to combinations, or take
    combinations away.

    .PARAMETER Matrix
    A table of dimension names and lists of values. A value that is not a list is one value, with a warning.

    .PARAMETER Limit
    The most combinations that are accepted.

    .EXAMPLE
    Get-MatrixCombinations -Matrix ([ordered]@{ profile = 'quick', 'full'; platform = 'Windows', 'Linux' })

    Four ordered dictionaries: quick/Windows, quick/Linux, full/Windows, full/Linux.

    .EXAMPLE
    Get-MatrixCombinations @{ os = 'Windows', 'Linux'; exclude = @(@{ os = 'Windows' }) }

    One combination: Linux.

    .EXAMPLE
    Get-MatrixCombinations -Matrix ('{"os": ["Windows", "Linux"], "node": [18, 20]}' | ConvertFrom-Json)

    A matrix that comes from JSON keeps the order it was written in.

    .OUTPUTS
    System.Collections.Specialized.OrderedDictionary, one for each combination.
    #>
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [AllowNull()]
        [object] $Matrix,

        [ValidateRange(1, [int]::MaxValue)]
        [int] $Limit = 256
    )

    try {
        Initialize-Module
        Assert-Matrix -Matrix $Matrix
        $request = '{{"matrix":{0},"limit":{1}}}' -f (ConvertTo-NativeJson -Value $Matrix -Name 'Matrix'), $Limit
        $json = Invoke-NativeRequest -Call 'aither_matrix_expand' -Request $request
        $answer = ConvertFrom-NativeJson -Json $json
        foreach ($warning in $answer['warnings']) {
            $PSCmdlet.WriteWarning($warning)
        }
        foreach ($combination in $answer['combinations']) {
            $combination['values']
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
