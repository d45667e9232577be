function Test-Same {
    [CmdletBinding()]
    param($Actual, $Expected, [bool] $CaseSensitive)

    if ($Actual -is [array] -or $Expected -is [array]) {
        $left = @($Actual)
        $right = @($Expected)
        if ($left.Count -ne $right.Count) {
            return $false
        }
        for ($i = 0; $i -lt $left.Count; $i++) {
            $bothAreLists = $left[$i] -is [array] -or $right[$i] -is [array]
            $same = if ($bothAreLists) {
                Test-Same -Actual $left[$i] -Expected $right[$i] -CaseSensitive $CaseSensitive
            } else {
                Test-SameItem -Actual $left[$i] -Expected $right[$i] -CaseSensitive $CaseSensitive
            }
            if (-not $same) {
                return $false
            }
        }
        return $true
    }
    Test-SameItem -Actual $Actual -Expected $Expected -CaseSensitive $CaseSensitive
}

function Test-SameItem {
    [CmdletBinding()]
    param($Actual, $Expected, [bool] $CaseSensitive)

    if ($null -eq $Actual -or $null -eq $Expected) {
        return $null -eq $Actual -and $null -eq $Expected
    }
    # On a collection -eq filters; what it returns then is true only where something equal was found.
    if ($CaseSensitive) { [bool] ($Actual -ceq $Expected) } else { [bool] ($Actual -eq $Expected) }
}

function Format-Value {
    [CmdletBinding()]
    param($Value)

    if ($null -eq $Value) { return '$null' }
    if ($Value -is [string]) { return "'$Value'" }
    if ($Value -is [bool]) { return "`$$($Value.ToString().ToLowerInvariant())" }
    if ($Value -is [type]) { return "[$($Value.FullName)]" }
    if ($Value -is [Collections.IDictionary]) {
        $pairs = foreach ($key in $Value.Keys) { "$key=$(Format-Value -Value $Value[$key])" }
        return "@{$($pairs -join '; ')}"
    }
    if ($Value -is [array]) {
        $shown = @($Value | Select-Object -First 10 | ForEach-Object { Format-Value -Value $_ })
        $more = if ($Value.Count -gt 10) { ", …$($Value.Count - 10) more" } else { '' }
        return "@($($shown -join ', ')$more)"
    }
    "$Value"
}

function Format-Difference {
    [CmdletBinding()]
    param($Actual, $Expected, [string] $Reason)

    $lead = "Expected $(Format-Value -Value $Expected),$Reason but got $(Format-Value -Value $Actual)."
    if ($Actual -isnot [string] -or $Expected -isnot [string] -or $Actual.Length + $Expected.Length -lt 60) {
        return $lead
    }
    $limit = [Math]::Min($Actual.Length, $Expected.Length)
    $at = 0
    while ($at -lt $limit -and $Actual[$at] -ceq $Expected[$at]) {
        $at++
    }
    "$lead The strings (lengths $($Expected.Length) and $($Actual.Length)) differ at index $at."
}
