# Small .NET classes made at run time, where PowerShell's own code would be too slow or cannot do it. Their methods
# are written as listings of IL: one instruction a line, with its operand by a name that the caller explains. A
# listing in a loop also costs a tenth of as many calls written out, each of which PowerShell compiles by itself.

function New-EmittedClass {
    [CmdletBinding()]
    [OutputType([System.Reflection.Emit.TypeBuilder])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [type] $Base = [object]
    )

    $assembly = [System.Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly(
        [System.Reflection.AssemblyName]::new("AitherZero.Orchestration.$Name"), 'Run')
    $assembly.DefineDynamicModule($Name).DefineType("AitherZero.Orchestration.$Name", 'Public', $Base)
}

function Add-EmittedCode {
    # `name:` is a place to jump to. Any other operand is a member, a type, a local, an argument or a constant, by
    # its name in $Operands.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Reflection.Emit.ILGenerator] $Code,
        [Parameter(Mandatory)] [hashtable] $Operands,
        [Parameter(Mandatory)] [string] $Listing
    )

    $lines = @(foreach ($line in $Listing.Split("`n")) {
            if ($line.Trim()) {
                , $line.Trim().Split(' ')
            }
        })
    $places = @{}
    foreach ($line in $lines) {
        if ($line[0].EndsWith(':')) {
            $places[$line[0].TrimEnd(':')] = $Code.DefineLabel()
        }
    }
    $known = [System.Reflection.Emit.OpCodes]
    foreach ($line in $lines) {
        if ($line[0].EndsWith(':')) {
            $Code.MarkLabel($places[$line[0].TrimEnd(':')])
            continue
        }
        $instruction = $known.GetField($line[0]).GetValue($null)
        if ($line.Count -eq 1) {
            $Code.Emit($instruction)
            continue
        }
        if ($instruction.OperandType -eq 'InlineSwitch') {
            $targets = foreach ($name in $line[1..($line.Count - 1)]) { $places[$name] }
            $Code.Emit($instruction, [System.Reflection.Emit.Label[]]$targets)
            continue
        }
        $operand = ($instruction.OperandType -eq 'InlineBrTarget' ? $places : $Operands)[$line[1]]
        if ($null -eq $operand) {
            throw [System.ArgumentException]::new("A listing names '$($line[1])', which nothing explains.")
        }
        $Code.Emit($instruction, $operand)
    }
}
