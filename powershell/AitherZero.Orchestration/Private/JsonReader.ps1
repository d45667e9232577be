# Documents of the library's as PowerShell values: what ConvertFrom-JsonElement makes, in emitted code. Its first
# use takes as long as that function needs for 300 jobs of a plan, so that a session's first ones are left to it.

function New-JsonReaderType {
    # Emits the class whose Read makes values of a JsonElement. In PowerShell's own code the plan of a thousand
    # jobs takes as long to read as the jobs take to run.
    [CmdletBinding()]
    [OutputType([type])]
    param()

    $element, $member = [System.Text.Json.JsonElement], [System.Text.Json.JsonProperty]
    $members = [System.Text.Json.JsonElement+ObjectEnumerator]
    $items = [System.Text.Json.JsonElement+ArrayEnumerator]
    $table = [System.Collections.Specialized.OrderedDictionary]
    $class = New-EmittedClass -Name 'JsonReader'
    $read = $class.DefineMethod('Read', 'Public, Static', [object], [type[]]@($element))
    $code = $read.GetILGenerator()
    $operands = @{
        element        = [int16]0
        Read           = $read
        StringComparer = [System.StringComparer].GetMethod('get_OrdinalIgnoreCase')
        NewTable       = $table.GetConstructor([type[]]@([System.Collections.IEqualityComparer]))
        SetItem        = $table.GetMethod('set_Item', [type[]]@([object], [object]))
        NextMember     = $members.GetMethod('MoveNext')
        CurrentMember  = $members.GetMethod('get_Current')
        NextItem       = $items.GetMethod('MoveNext')
        CurrentItem    = $items.GetMethod('get_Current')
        Name           = $member.GetMethod('get_Name')
        Value          = $member.GetMethod('get_Value')
        members        = $code.DeclareLocal($members)
        member         = $code.DeclareLocal($member)
        items          = $code.DeclareLocal($items)
        whole          = $code.DeclareLocal([long])
        large          = $code.DeclareLocal([ulong])
        index          = $code.DeclareLocal([int])
    }
    foreach ($type in [object], [int], [long], [ulong], [double], [bool]) {
        $operands[$type.Name] = $type
    }
    foreach ($method in 'get_ValueKind', 'EnumerateObject', 'EnumerateArray', 'GetArrayLength', 'GetString',
        'TryGetInt64', 'TryGetUInt64', 'GetDouble') {
        $operands[$method] = $element.GetMethod($method)
    }
    # The kinds in the order of [System.Text.Json.JsonValueKind].
    Add-EmittedCode -Code $code -Operands $operands -Listing @'
        Ldarga element
        Call get_ValueKind
        Switch null table array text number true false
        null:
        Ldnull
        Ret

        table:
        Call StringComparer
        Newobj NewTable
        Ldarga element
        Call EnumerateObject
        Stloc members
        nextMember:
        Ldloca members
        Call NextMember
        Brfalse end
        Ldloca members
        Call CurrentMember
        Stloc member
        Dup
        Ldloca member
        Call Name
        Ldloca member
        Call Value
        Call Read
        Callvirt SetItem
        Br nextMember

        array:
        Ldarga element
        Call GetArrayLength
        Newarr Object
        Ldarga element
        Call EnumerateArray
        Stloc items
        Ldc_I4_0
        Stloc index
        nextItem:
        Ldloca items
        Call NextItem
        Brfalse end
        Dup
        Ldloc index
        Ldloca items
        Call CurrentItem
        Call Read
        Stelem_Ref
        Ldloc index
        Ldc_I4_1
        Add
        Stloc index
        Br nextItem

        text:
        Ldarga element
        Call GetString
        Ret

        number:
        Ldarga element
        Ldloca whole
        Call TryGetInt64
        Brfalse large
        Ldloc whole
        Conv_I4
        Conv_I8
        Ldloc whole
        Bne_Un long
        Ldloc whole
        Conv_I4
        Box Int32
        Ret
        long:
        Ldloc whole
        Box Int64
        Ret
        large:
        Ldarga element
        Ldloca large
        Call TryGetUInt64
        Brfalse fraction
        Ldloc large
        Box UInt64
        Ret
        fraction:
        Ldarga element
        Call GetDouble
        Box Double
        Ret

        true:
        Ldc_I4_1
        Box Boolean
        Ret
        false:
        Ldc_I4_0
        Box Boolean
        end:
        Ret
'@
    $class.CreateType()
}

function Get-JsonReaderType {
    [CmdletBinding()]
    [OutputType([type])]
    param()

    Get-ProcessValue -Name 'JsonReader' -Make { New-JsonReaderType }
}
