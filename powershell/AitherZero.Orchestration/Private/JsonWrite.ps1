# From PowerShell values to the JSON the library reads. ConvertTo-Json is not used: it stops at a depth, guesses at
# hashtable order and writes [double]1 as 1, while types and order matter here.

$script:JsonDepth = 100
$script:JsonText = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping

function ConvertTo-NativeJson {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [AllowNull()] [object] $Value,
        # What the value is called in messages, e.g. 'Matrix'.
        [Parameter(Mandatory)] [string] $Name,
        # Write {"$aither.live": "Type"} for a value that JSON cannot carry, instead of refusing it.
        [switch] $AllowLive
    )

    $builder = [System.Text.StringBuilder]::new()
    $context = @{ Builder = $builder; AllowLive = $AllowLive.IsPresent }
    Add-NativeJson $context $Value $Name 0
    $builder.ToString()
}

function Test-JsonInteger {
    [CmdletBinding()]
    [OutputType([bool])]
    param([object] $Value)

    $Value -is [int] -or $Value -is [long] -or $Value -is [byte] -or $Value -is [int16] -or $Value -is [uint16] -or
    $Value -is [uint32] -or $Value -is [uint64] -or $Value -is [sbyte] -or
    ($Value -is [bigint] -and $Value -ge [long]::MinValue -and $Value -le [uint64]::MaxValue)
}

function ConvertTo-JsonScalar {
    # The JSON of a value that is neither a table nor a list, or nothing when JSON has no word for it.
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()] [object] $Value)

    $invariant = [System.Globalization.CultureInfo]::InvariantCulture
    if ($null -eq $Value) {
        'null'
    } elseif ($Value -is [string] -or $Value -is [char]) {
        '"' + $script:JsonText.Encode([string]$Value) + '"'
    } elseif ($Value -is [bool] -or $Value -is [switch]) {
        $Value ? 'true' : 'false'
    } elseif ($Value -is [enum]) {
        '"' + $script:JsonText.Encode($Value.ToString()) + '"'
    } elseif (Test-JsonInteger -Value $Value) {
        $Value.ToString($invariant)
    } elseif (($Value -is [double] -or $Value -is [float]) -and [double]::IsFinite($Value)) {
        $text = $Value.ToString('R', $invariant)
        # 1.0 is not 1: the point says which of the two it was.
        $text -match '[.E]' ? $text : "$text.0"
    } elseif ($Value -is [decimal]) {
        $text = $Value.ToString($invariant)
        $text.Contains('.') ? $text : "$text.0"
    } elseif ($Value -is [datetime] -or $Value -is [System.DateTimeOffset]) {
        '"' + $Value.ToString('o', $invariant) + '"'
    } elseif ($Value -is [version] -or $Value -is [semver] -or $Value -is [timespan] -or $Value -is [guid] -or
        $Value -is [uri]) {
        # Text that PowerShell converts back for a parameter of the type.
        '"' + $script:JsonText.Encode($Value.ToString()) + '"'
    }
}

function Get-JsonMember {
    # Names and values of a table, in the order they are to be written: as given where the table has an order, by
    # ordinal order of names for a plain hashtable, which has none.
    [CmdletBinding()]
    param([object] $Value)

    if ($Value -isnot [System.Collections.IDictionary]) {
        return @($Value.PSObject.Properties)
    }
    $members = @(foreach ($entry in $Value.GetEnumerator()) {
            @{ Name = [string]$entry.Key; Value = $entry.Value }
        })
    $ordered = $Value -isnot [hashtable] -or $Value -is [System.Management.Automation.OrderedHashtable]
    if (-not $ordered -and $members.Count -gt 1) {
        [string[]]$names = foreach ($member in $members) {
            $member['Name']
        }
        [System.Array]::Sort($names, [object[]]$members, [System.StringComparer]::Ordinal)
    }
    $members
}

function Add-NativeJson([hashtable] $Context, [object] $Value, [string] $Path, [int] $Depth) {
    if ($Depth -gt $script:JsonDepth) {
        $problem = @{
            Code    = 'value.too-deep'
            Message = "$($Path.Substring(0, [System.Math]::Min(60, $Path.Length)))… is nested more than " +
            "$script:JsonDepth levels deep."
            Hint    = 'A table that contains itself cannot be passed on.'
        }
        throw (New-OrchestrationError @problem)
    }
    $scalar = ConvertTo-JsonScalar -Value $Value
    if ($scalar) {
        $null = $Context.Builder.Append($scalar)
        return
    }
    if ($Value -is [System.Management.Automation.PSCustomObject] -or $Value -is [System.Collections.IDictionary]) {
        $separator = '{'
        foreach ($member in Get-JsonMember -Value $Value) {
            $null = $Context.Builder.Append($separator).Append('"')
            $null = $Context.Builder.Append($script:JsonText.Encode($member.Name)).Append('":')
            Add-NativeJson $Context $member.Value "$Path.$($member.Name)" ($Depth + 1)
            $separator = ','
        }
        $null = $Context.Builder.Append($separator -eq '{' ? '{}' : '}')
        return
    }
    if ($Value -is [System.Collections.ICollection]) {
        $separator = '['
        $index = 0
        foreach ($element in $Value) {
            $null = $Context.Builder.Append($separator)
            Add-NativeJson $Context $element "$Path[$index]" ($Depth + 1)
            $separator = ','
            $index++
        }
        $null = $Context.Builder.Append($separator -eq '[' ? '[]' : ']')
        return
    }
    if (-not $Context.AllowLive) {
        $problem = @{
            Code    = 'value.not-data'
            Message = "$Path is a $($Value.GetType().FullName), which is not plain data."
            Hint    = 'Use text, numbers, true or false, lists and tables.'
            Target  = $Value
        }
        throw (New-OrchestrationError @problem)
    }
    $type = $script:JsonText.Encode($Value.GetType().FullName)
    $null = $Context.Builder.Append('{"$aither.live":"').Append($type).Append('"}')
}
