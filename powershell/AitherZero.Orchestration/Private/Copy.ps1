function Copy-PlainValue {
    # A copy of a value that shares no table or list with the original; live objects inside are shared. A script
    # block is copied too, since one that belongs to another runspace must not be run here. Goes without calling
    # itself, and calls nothing of the module: workers run a copy of this function's text.
    param($Value)

    $root = [object[]]::new(1)
    $root[0] = $Value
    $pending = [System.Collections.Generic.Queue[object]]::new()
    $pending.Enqueue($root)
    while ($pending.Count) {
        $container = $pending.Dequeue()
        if ($container -is [System.Management.Automation.PSCustomObject]) {
            $keys = @($container.PSObject.Properties.Name)
        } elseif ($container -is [System.Collections.IDictionary]) {
            $keys = @($container.Keys)
        } else {
            $keys = 0..($container.Count - 1)
        }
        foreach ($key in $keys) {
            $isObject = $container -is [System.Management.Automation.PSCustomObject]
            $item = $isObject ? $container.$key : $container[$key]
            if ($null -eq $item -or $item -is [string] -or $item -is [valuetype]) {
                continue
            }
            $copy = $null
            if ($item -is [System.Management.Automation.OrderedHashtable]) {
                $copy = [System.Management.Automation.OrderedHashtable]::new($item)
            } elseif ($item -is [hashtable] -or $item -is [array]) {
                $copy = $item.Clone()
            } elseif ($item -is [System.Collections.Specialized.OrderedDictionary]) {
                $copy = [ordered]@{}
                foreach ($entry in $item.GetEnumerator()) {
                    $copy[[object]$entry.Key] = $entry.Value
                }
            } elseif ($item -is [System.Collections.IDictionary] -or $item -is [System.Collections.ArrayList] -or
                ($item -is [System.Collections.IList] -and $item.GetType().Name -eq 'List`1')) {
                $copy = $item.GetType()::new($item)
            } elseif ($item -is [System.Management.Automation.PSCustomObject]) {
                $copy = $item.PSObject.Copy()
            } elseif ($item -is [scriptblock]) {
                $copy = $item.Ast.GetScriptBlock()
            }
            if ($null -eq $copy) {
                continue
            }
            if ($isObject) {
                $container.$key = $copy
            } else {
                $container[$key] = $copy
            }
            if ($copy -isnot [scriptblock] -and
                ($copy -is [System.Management.Automation.PSCustomObject] -or $copy.Count)) {
                $pending.Enqueue($copy)
            }
        }
    }
    , $root[0]
}
