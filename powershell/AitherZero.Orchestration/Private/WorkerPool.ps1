# Runspaces of workers stay warm from one run of a session to the next. A new one costs more than a short run, and
# PowerShell remembers the table of types of the last 128, 400 KB each, in the code that it compiled for them.

# What waits for the next run: {Runspace, Context, Scripts}.
$script:IdleWorkers = [System.Collections.Generic.Stack[hashtable]]::new()

# So many of them at the most.
$script:IdleWorkerLimit = 16

# Of so many scripts each keeps what it knows, at the most.
$script:KnownScriptLimit = 2000

function Get-WorkerRunspace {
    # A runspace that nothing runs in, with its $OrchestrationContext: a warm one, or a new one.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [hashtable] $Shared)

    while ($script:IdleWorkers.Count) {
        $idle = $script:IdleWorkers.Pop()
        if ($idle.Runspace.RunspaceAvailability -eq 'Available') {
            return $idle
        }
        Remove-WorkerRunspace -Runspace $idle.Runspace
    }
    if (-not $Shared.State) {
        $Shared.State = New-WorkerSessionState
    }
    $runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($Shared.State)
    $runspace.Name = 'AitherZero.Orchestration'
    $runspace.Open()
    # In the global scope, so that the functions of modules see it too.
    $context = $Shared.Variable::new()
    $runspace.SessionStateProxy.PSVariable.Set($context)
    @{
        Runspace = $runspace
        Context  = $context
        # What its loops know of scripts, by path: see WorkerDescribe.
        Scripts  = [System.Collections.Generic.Dictionary[string, object]]::new()
    }
}

function Save-WorkerRunspace {
    # Keeps the runspace of a worker whose loop has ended, when its last script left it as it was. False where it
    # has to go.
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [hashtable] $Worker)

    $isClean = $Worker.Shell.InvocationStateInfo.State -eq 'Completed' -and -not $Worker.Slot[1] -and
    -not $Worker.Slot[2]
    # The session of a background run is gone before another could use it.
    if (-not $isClean -or $script:JobLink -or $script:IdleWorkers.Count -ge $script:IdleWorkerLimit) {
        return $false
    }
    # Else the run would be remembered until the next one.
    $Worker.Context.Held = $Worker.Context.Text = $Worker.Context.Make = $Worker.Context.Given = $null
    if ($Worker.Scripts.Count -gt $script:KnownScriptLimit) {
        $Worker.Scripts.Clear()
    }
    $script:IdleWorkers.Push(@{
            Runspace = $Worker.Runspace
            Context  = $Worker.Context
            Scripts  = $Worker.Scripts
        })
    $true
}

function Remove-WorkerRunspace {
    # Closes a runspace that nothing runs in, without waiting for what scripts may have left in it.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Management.Automation.Runspaces.Runspace] $Runspace)

    $null = [System.Threading.Tasks.Task]::Run([System.Action]$Runspace.Dispose)
}
