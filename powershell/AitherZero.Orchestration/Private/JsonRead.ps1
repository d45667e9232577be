# From the library's JSON to PowerShell values.

# After how many characters in all the emitted reader is worth its making; then it is kept.
$script:LargeJson = 100000
$script:JsonLength = 0L
$script:JsonReader = $null

function ConvertFrom-JsonElement {
    # A JsonElement as PowerShell value: ordered dictionaries, arrays, [int] or [long] for whole numbers, [double]
    # for others. Goes without calling itself, since a PowerShell call costs thirty times as much as a turn of the
    # loop. Workers run a copy of this function's text, so it calls nothing of the module.
    param($Element)

    $root = [object[]]::new(1)
    $pending = [System.Collections.Generic.Stack[object]]::new()
    $pending.Push(@($root, @($Element)))
    while ($pending.Count) {
        $target, $children = $pending.Pop()
        $index = 0
        foreach ($child in $children) {
            if ($child -is [System.Text.Json.JsonProperty]) {
                $key = $child.Name
                $child = $child.Value
            } else {
                $key = $index++
            }
            $value = $null
            switch ([int]$child.ValueKind) {
                1 {
                    $value = [ordered]@{}
                    $pending.Push(@($value, $child.EnumerateObject()))
                }
                2 {
                    $value = [object[]]::new($child.GetArrayLength())
                    $pending.Push(@($value, $child.EnumerateArray()))
                }
                3 {
                    $value = $child.GetString()
                }
                4 {
                    $whole = 0L
                    $large = 0UL
                    if ($child.TryGetInt64([ref]$whole)) {
                        $small = $whole -ge [int]::MinValue -and $whole -le [int]::MaxValue
                        $value = $small ? [int]$whole : $whole
                    } elseif ($child.TryGetUInt64([ref]$large)) {
                        $value = $large
                    } else {
                        $value = $child.GetDouble()
                    }
                }
                5 {
                    $value = $true
                }
                6 {
                    $value = $false
                }
            }
            $target[$key] = $value
        }
    }
    , $root[0]
}

function ConvertFrom-NativeJson {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Json)

    $document = [System.Text.Json.JsonDocument]::Parse($Json)
    try {
        $script:JsonLength += $Json.Length
        if ($script:JsonLength -gt $script:LargeJson) {
            $script:JsonReader ??= Get-JsonReaderType
            , $script:JsonReader::Read($document.RootElement)
        } else {
            ConvertFrom-JsonElement $document.RootElement
        }
    } finally {
        $document.Dispose()
    }
}
