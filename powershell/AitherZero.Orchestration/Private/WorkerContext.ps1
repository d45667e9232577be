# $OrchestrationContext: what a script can know of the job that it runs in. Every job has it and few scripts
# read it, so it is a variable that makes its value when it is read: for a job whose script does not ask, the
# worker sets two fields and no more.

# The value of the variable, from the text of a job as the library hands it out. Runs in the worker, inside the
# script that reads the variable, so it calls nothing of the module.
$script:WorkerContext = {
    param($text, $shared, $decode)

    $document = [System.Text.Json.JsonDocument]::Parse($text)
    $job = & $decode $document.RootElement
    $document.Dispose()
    $strategy = $job['strategy']
    [pscustomobject]@{
        PSTypeName = 'AitherZero.Orchestration.Context'
        RunId      = $job['runId']
        Root       = $shared.Root
        Number     = $job['number']
        Name       = $job['name']
        Path       = $job['path']
        Stage      = $job['stage']
        # The playbook's job or stage, and the step's id; nothing in a sequence.
        Job        = $job['group']
        Step       = $job['step']
        Attempt    = $job['attempt']
        Matrix     = $job['matrix'] ?? [ordered]@{}
        MatrixId   = $job['matrixId']
        Strategy   = [pscustomobject]@{
            JobIndex    = $strategy ? $strategy['jobIndex'] : 0
            JobTotal    = $strategy ? $strategy['jobTotal'] : 1
            FailFast    = $strategy ? $strategy['failFast'] : $shared.FailFast
            MaxParallel = $strategy ? $strategy['maxParallel'] : 1
        }
        Parameters = $job['parameters']
    }
}

function New-ContextVariableType {
    # Emits the class of the variable: a PSVariable whose Value, when there is none yet, is what the script block
    # in the field Make gives for the job in the field Text.
    [CmdletBinding()]
    [OutputType([type])]
    param()

    $name = [System.Reflection.AssemblyName]::new('AitherZero.Orchestration.Context')
    $assembly = [System.Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($name, 'Run')
    $class = $assembly.DefineDynamicModule('Context').DefineType(
        'AitherZero.Orchestration.ContextVariable', 'Public', [psvariable])
    $fields = @{
        Held  = $class.DefineField('Held', [object], 'Public')
        Text  = $class.DefineField('Text', [string], 'Public')
        Make  = $class.DefineField('Make', [scriptblock], 'Public')
        Given = $class.DefineField('Given', [object[]], 'Public')
    }
    $op = [System.Reflection.Emit.OpCodes]

    $options = [System.Management.Automation.ScopedItemOptions]
    $base = [psvariable].GetConstructor([type[]]@([string], [object], $options))
    $code = $class.DefineConstructor('Public', 'Standard', [type[]]@()).GetILGenerator()
    $code.Emit($op::Ldarg_0)
    $code.Emit($op::Ldstr, 'OrchestrationContext')
    $code.Emit($op::Ldnull)
    $code.Emit($op::Ldc_I4, [int]($options::ReadOnly -bor $options::AllScope))
    $code.Emit($op::Call, $base)
    $code.Emit($op::Ret)

    $getter = $class.DefineMethod(
        'get_Value', 'Public, Virtual, HideBySig, SpecialName', [object], [type[]]@())
    $code = $getter.GetILGenerator()
    $done = $code.DefineLabel()
    foreach ($field in 'Held', 'Text') {
        $code.Emit($op::Ldarg_0)
        $code.Emit($op::Ldfld, $fields[$field])
        $code.Emit($field -eq 'Held' ? $op::Brtrue : $op::Brfalse, $done)
    }
    $code.Emit($op::Ldarg_0)
    $code.Emit($op::Ldarg_0)
    $code.Emit($op::Ldfld, $fields.Make)
    # Given[0] = Text
    $code.Emit($op::Ldarg_0)
    $code.Emit($op::Ldfld, $fields.Given)
    $code.Emit($op::Dup)
    $code.Emit($op::Ldc_I4_0)
    $code.Emit($op::Ldarg_0)
    $code.Emit($op::Ldfld, $fields.Text)
    $code.Emit($op::Stelem_Ref)
    $code.Emit($op::Callvirt, [scriptblock].GetMethod('InvokeReturnAsIs', [type[]]@([object[]])))
    $code.Emit($op::Stfld, $fields.Held)
    $code.MarkLabel($done)
    $code.Emit($op::Ldarg_0)
    $code.Emit($op::Ldfld, $fields.Held)
    $code.Emit($op::Ret)
    $class.CreateType()
}

function Get-ContextVariableType {
    # The emitted class, once a process.
    [CmdletBinding()]
    [OutputType([type])]
    param()

    $slot = 'AitherZero.Orchestration.ContextVariable'
    $type = [System.AppDomain]::CurrentDomain.GetData($slot)
    if ($null -eq $type) {
        $type = New-ContextVariableType
        [System.AppDomain]::CurrentDomain.SetData($slot, $type)
    }
    $type
}
