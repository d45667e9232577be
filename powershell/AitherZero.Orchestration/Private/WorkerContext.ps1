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

    $class = New-EmittedClass -Name 'ContextVariable' -Base ([psvariable])
    $fields = [ordered]@{ Held = [object]; Text = [string]; Make = [scriptblock]; Given = [object[]] }
    $options = [System.Management.Automation.ScopedItemOptions]
    $operands = @{
        VariableName = 'OrchestrationContext'
        Options      = [int]($options::ReadOnly -bor $options::AllScope)
        Base         = [psvariable].GetConstructor([type[]]@([string], [object], $options))
        Invoke       = [scriptblock].GetMethod('InvokeReturnAsIs', [type[]]@([object[]]))
    }
    foreach ($field in $fields.Keys) {
        $operands[$field] = $class.DefineField($field, $fields[$field], 'Public')
    }
    $code = $class.DefineConstructor('Public', 'Standard', [type[]]@()).GetILGenerator()
    Add-EmittedCode -Code $code -Operands $operands -Listing @'
        Ldarg_0
        Ldstr VariableName
        Ldnull
        Ldc_I4 Options
        Call Base
        Ret
'@
    $getter = $class.DefineMethod(
        'get_Value', 'Public, Virtual, HideBySig, SpecialName', [object], [type[]]@())
    # if (Held == null && Text != null) { Given[0] = Text; Held = Make.InvokeReturnAsIs(Given); } return Held;
    Add-EmittedCode -Code $getter.GetILGenerator() -Operands $operands -Listing @'
        Ldarg_0
        Ldfld Held
        Brtrue done
        Ldarg_0
        Ldfld Text
        Brfalse done
        Ldarg_0
        Ldarg_0
        Ldfld Make
        Ldarg_0
        Ldfld Given
        Dup
        Ldc_I4_0
        Ldarg_0
        Ldfld Text
        Stelem_Ref
        Callvirt Invoke
        Stfld Held
        done:
        Ldarg_0
        Ldfld Held
        Ret
'@
    $class.CreateType()
}

function Get-ContextVariableType {
    # The emitted class, once a process.
    [CmdletBinding()]
    [OutputType([type])]
    param()

    Get-ProcessValue -Name 'ContextVariable' -Make { New-ContextVariableType }
}
