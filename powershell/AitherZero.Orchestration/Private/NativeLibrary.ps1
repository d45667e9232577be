# Finding and binding the native library. No compiler and no Add-Type: a type with P/Invoke methods is emitted at
# run time (40 ms once, 2 µs a call) and works in every runspace of the process.

function Find-NativeLibrary {
    # Where the library is, or the one error that says where it was looked for.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $ModuleRoot)

    $rid = Get-RuntimeIdentifier
    $named = [System.Environment]::GetEnvironmentVariable('AITHER_ORCHESTRATION_LIBRARY')
    $path = if ($named) {
        $location = $ExecutionContext.SessionState.Path.CurrentProviderLocation('FileSystem').ProviderPath
        [System.IO.Path]::GetFullPath($named, $location)
    } else {
        Get-NativeFilePath -ModuleRoot $ModuleRoot -RuntimeIdentifier $rid
    }
    if (-not [System.IO.File]::Exists($path)) {
        $source = $named ? ' (from AITHER_ORCHESTRATION_LIBRARY)' : ''
        $problem = @{
            Code    = 'library.not-found'
            Message = "AitherZero.Orchestration has no native library for $rid. Tried: $path$source."
            Hint    = 'In a checkout, `cargo xtask pwsh` builds it and starts PowerShell; or set ' +
            'AITHER_ORCHESTRATION_LIBRARY to the path of the library.'
            Target  = $path
        }
        throw (New-OrchestrationError @problem)
    }
    $path
}

function New-NativeType {
    # Emits the class whose static methods are the library's exports.
    [CmdletBinding()]
    [OutputType([type])]
    param([Parameter(Mandatory)] [string] $Path)

    $status, $key, $job, $text = [int], [uint64], [uint64], @([byte[]], [UIntPtr])
    $out, $milliseconds, $stream = [IntPtr[]], [int64], [byte]
    $calls = [ordered]@{
        aither_abi_version         = [uint32], @()
        aither_text_free           = $status, @($out)
        aither_matrix_expand       = $status, @($text + $out)
        aither_sequence_resolve    = $status, @($text + $out)
        aither_cache_key           = $status, @($text + $out)
        aither_cache_explain       = $status, @($text + $out)
        aither_plan                = $status, @($text + $out)
        aither_playbook_find       = $status, @($text + $out)
        aither_playbook_parse      = $status, @($text + $out)
        aither_expression_evaluate = $status, @($text + $out)
        aither_report_write        = $status, @($text + $out)
        aither_run_start           = $status, @($text + @([uint64[]], $out))
        aither_run_next_job        = $status, @($key, $milliseconds, $out)
        aither_run_log             = $status, @(@($key, $job, $stream) + $text + $out)
        aither_run_output          = $status, @(@($key, $job) + $text + $text + $out)
        aither_run_finish_job      = $status, @(@($key, $job) + $text + $out)
        aither_run_events          = $status, @($key, $milliseconds, $out)
        aither_run_cancel          = $status, @($key, $out)
        aither_run_result          = $status, @($key, $out)
        aither_run_job_output      = $status, @($key, $job, $out)
        aither_run_free            = $status, @($key)
        aither_runs_list           = $status, @($text + $out)
        aither_runs_show           = $status, @($text + $out)
        aither_runs_log            = $status, @($text + $out)
        aither_runs_remove         = $status, @($text + $out)
        aither_runs_resume         = $status, @($text + $out)
        aither_task_start          = $status, @($text + @([uint64[]], $out))
        aither_task_wait           = $status, @($key, $milliseconds, $out)
        aither_task_free           = $status, @($key)
    }
    $name = [System.Reflection.AssemblyName]::new('AitherZero.Orchestration.Native')
    $assembly = [System.Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($name, 'Run')
    $class = $assembly.DefineDynamicModule('Native').DefineType('AitherZero.Orchestration.Native', 'Public')
    foreach ($call in $calls.Keys) {
        $result, $parameters = $calls[$call]
        $method = $class.DefinePInvokeMethod(
            $call, $Path, 'Public, Static, PinvokeImpl', 'Standard', $result, [type[]]$parameters, 'Cdecl', 'Ansi')
        # Without it the runtime would expect an HRESULT and throw.
        $method.SetImplementationFlags('PreserveSig')
    }
    $class.CreateType()
}

function Import-NativeLibrary {
    # The emitted type, once a process and library: importing the module again finds the first one.
    [CmdletBinding()]
    [OutputType([type])]
    param([Parameter(Mandatory)] [string] $ModuleRoot)

    $path = Find-NativeLibrary -ModuleRoot $ModuleRoot
    $slot = "AitherZero.Orchestration.Native|$script:NativeAbi|$path"
    $type = [System.AppDomain]::CurrentDomain.GetData($slot)
    if ($null -ne $type) {
        return $type
    }
    try {
        $cause = Get-NativeFileProblem -Path $path -RuntimeIdentifier (Get-RuntimeIdentifier)
        if ($cause) {
            throw $cause
        }
        $null = [System.Runtime.InteropServices.NativeLibrary]::Load($path)
        $type = New-NativeType -Path $path
        $abi = $type::aither_abi_version()
    } catch {
        $cause = ($_.Exception.GetBaseException().Message -replace '\s+', ' ').Trim().TrimEnd('.')
        $problem = @{
            Code    = 'library.load'
            Message = "AitherZero.Orchestration cannot use $path as its native library: $cause."
            Hint    = "It must be a library built for $(Get-RuntimeIdentifier); ``cargo xtask pwsh`` builds one."
            Target  = $path
        }
        throw (New-OrchestrationError @problem)
    }
    if ($abi -ne $script:NativeAbi) {
        $problem = @{
            Code    = 'library.version'
            Message = "The native library $path has interface version $abi; this module needs $script:NativeAbi."
            Hint    = 'Module and library must come from the same build: run `cargo xtask pwsh` once more.'
            Target  = $path
        }
        throw (New-OrchestrationError @problem)
    }
    [System.AppDomain]::CurrentDomain.SetData($slot, $type)
    $type
}
