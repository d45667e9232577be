# Workers as the pipeline thread sees them: a runspace, the pipeline that loops in it, and a slot through which the
# two agree on who reports a job that is being stopped.

# See Get-WorkerBlock.
$script:WorkerBlocks = $null

# How long a script may take to stop before it is left behind.
$script:StopPatienceMs = 10000

# How long it may go on waiting in .NET code before it is woken, so that what it does last is not cut short.
$script:WakePatienceMs = 500

function Get-WorkerBlock {
    # What runs in workers, as blocks that belong to no session and to no file. Made once, since PowerShell
    # compiles a block that it is given as text anew for every worker, which takes as long as hundreds of jobs.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    if ($null -eq $script:WorkerBlocks) {
        $texts = @{
            Loop     = $script:WorkerLoop
            Notice   = $script:WorkerNotice
            Live     = $script:WorkerLive
            Undo     = $script:WorkerUndo
            Describe = $script:WorkerDescribe
            Inline   = $script:WorkerInline
            Step     = $script:WorkerStep
            Failure  = $script:WorkerFailure
            Keep     = $script:WorkerKeep
            Restore  = ${function:Restore-JobEnvironment}
            Collect  = $script:WorkerCollect
            Bind     = $script:WorkerBind
            Context  = $script:WorkerContext
            Copy     = ${function:Copy-PlainValue}
            Decode   = ${function:ConvertFrom-JsonElement}
        }
        $blocks = @{}
        $tokens, $mistakes = $null
        foreach ($name in $texts.Keys) {
            $ast = [System.Management.Automation.Language.Parser]::ParseInput(
                $texts[$name].ToString(), [ref]$tokens, [ref]$mistakes)
            $blocks[$name] = $ast.GetScriptBlock()
        }
        $script:WorkerBlocks = $blocks
    }
    $script:WorkerBlocks
}

function New-WorkerTable {
    # What all workers of a run share.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [uint64] $Run,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [string] $Location,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Configuration
    )

    # The caller's variables as the library saw them, to know which of them reached a job unchanged.
    $written = @{}
    foreach ($name in $Variables.Keys) {
        $written[[string]$name] = ConvertTo-NativeJson -Value $Variables[$name] -Name $name -AllowLive
    }
    $table = @{
        Native        = $script:Native
        Run           = $Run
        FailFast      = $Plan['failFast']
        Plan          = $Plan
        Root          = $Plan['root'] ? $Plan['root'] : $Location
        Location      = $Location
        Variables     = $Variables
        Written       = $written
        Configuration = $Configuration
        # A job's live output objects, by its position in the plan.
        Outputs       = [System.Collections.Concurrent.ConcurrentDictionary[long, object]]::new()
        # What scripts wrote for the summary: pairs of a job's position and a text.
        Texts         = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        # What environment variables were before a job that is running changed them, by its position.
        Environment   = [System.Collections.Concurrent.ConcurrentDictionary[long, object]]::new()
        # Scripts that run in this process, and how many ever began, for all runs of the process.
        Crowd         = Get-WorkerCrowd
        # Beside a run in the background the user's session goes on, too.
        Background    = $null -ne $script:JobLink
        # What workers have to say to the user, said by the pipeline thread.
        Warnings      = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
        # Made for the first worker that needs it.
        State         = $null
        Variable      = Get-ContextVariableType
    }
    foreach ($block in (Get-WorkerBlock).GetEnumerator()) {
        $table[$block.Key] = $block.Value
    }
    $table
}

function Start-OrchestrationWorker {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [hashtable] $Shared)

    $place = Get-WorkerRunspace -Shared $Shared
    $runspace, $context = $place.Runspace, $place.Context
    $slot = [long[]]@(-1, 0, 0)
    Register-Worker -Shared $Shared -Runspace $runspace -Slot $slot
    $shell = [powershell]::Create()
    $shell.Runspace = $runspace
    $null = $shell.AddScript('& $args[0].Loop @args', $true)
    $thread = [System.Threading.Thread[]]::new(1)
    foreach ($argument in $Shared, $slot, $context, $thread, $place.Scripts) {
        $null = $shell.AddArgument($argument)
    }
    @{
        Shell    = $shell
        Runspace = $runspace
        Context  = $context
        Scripts  = $place.Scripts
        Crowd    = $Shared.Crowd
        Slot     = $slot
        Thread   = $thread
        Handle   = $shell.BeginInvoke()
        WakeAt   = $null
        GiveUpAt = $null
    }
}

function Test-WorkerLeaving {
    # Whether a worker takes no more jobs, though its pipeline may not have ended yet.
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [hashtable] $Worker)

    $Worker.Slot[2] -ne 0 -and $Worker.Slot[0] -eq -1
}

function Test-WorkerEnded {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [hashtable] $Worker)

    $Worker.Handle.IsCompleted
}

function Request-WorkerStop {
    # Asks the pipeline to stop if it still runs this job. Never waits.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [hashtable] $Worker,
        [Parameter(Mandatory)] [long] $Job
    )

    [System.Threading.Monitor]::Enter($Worker.Slot)
    $runs = $Worker.Slot[0] -eq $Job
    if ($runs) {
        $Worker.Slot[1] = 1
    }
    [System.Threading.Monitor]::Exit($Worker.Slot)
    if ($runs) {
        $now = [System.Environment]::TickCount64
        $Worker.WakeAt, $Worker.GiveUpAt = ($now + $script:WakePatienceMs), ($now + $script:StopPatienceMs)
        $null = $Worker.Shell.BeginStop($null, $null)
    }
    $runs
}

function Resume-WorkerThread {
    # Wakes a script that should stop and waits in .NET code, asleep or at a lock: a pipeline's stop does not reach
    # it there. Only while it runs its job, so that the interrupt meets nothing else of the thread.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [hashtable] $Worker)

    if ($null -eq $Worker.WakeAt -or [System.Environment]::TickCount64 -lt $Worker.WakeAt) {
        return
    }
    [System.Threading.Monitor]::Enter($Worker.Slot)
    $thread = $Worker.Thread[0]
    if ($Worker.Slot[0] -ge 0 -and $thread -and $thread.ThreadState.HasFlag(
            [System.Threading.ThreadState]::WaitSleepJoin)) {
        $thread.Interrupt()
        $Worker.WakeAt = [System.Environment]::TickCount64 + $script:WakePatienceMs
    }
    [System.Threading.Monitor]::Exit($Worker.Slot)
}

function Get-WorkerJob {
    # Takes over the duty to report the job of a worker that cannot do it any more; -1 when there is none.
    [CmdletBinding()]
    [OutputType([long])]
    param([Parameter(Mandatory)] [hashtable] $Worker)

    [System.Threading.Monitor]::Enter($Worker.Slot)
    $job = $Worker.Slot[0]
    $Worker.Slot[0] = -1
    [System.Threading.Monitor]::Exit($Worker.Slot)
    if ($job -ge 0 -and (Test-WorkerEnded -Worker $Worker)) {
        # It ended without the end of its turn, so it never said that its script runs no more.
        [System.Threading.Monitor]::Enter($Worker.Crowd)
        $Worker.Crowd[0]--
        [System.Threading.Monitor]::Exit($Worker.Crowd)
    }
    $job
}

function Close-OrchestrationWorker {
    # Gives a worker's runspace back. A pipeline that has not ended is only asked to.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [hashtable] $Worker)

    Unregister-Worker -Runspace $Worker.Runspace
    if (Test-WorkerEnded -Worker $Worker) {
        $isKept = Save-WorkerRunspace -Worker $Worker
        $Worker.Shell.Dispose()
        if (-not $isKept) {
            Remove-WorkerRunspace -Runspace $Worker.Runspace
        }
        return
    }
    $null = $Worker.Shell.BeginStop($null, $null)
    if ($Worker.Runspace.RunspaceStateInfo.State -eq 'Opened') {
        $Worker.Runspace.CloseAsync()
    }
}

function Wait-OrchestrationWorker {
    # Waits until all pipelines have ended, in short steps and not for ever.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [AllowEmptyCollection()] [object[]] $Worker,
        [Parameter(Mandatory)] [int] $PatienceMs
    )

    $giveUpAt = [System.Environment]::TickCount64 + $PatienceMs
    foreach ($one in $Worker) {
        while (-not $one.Handle.IsCompleted -and [System.Environment]::TickCount64 -lt $giveUpAt) {
            Resume-WorkerThread -Worker $one
            $null = $one.Handle.AsyncWaitHandle.WaitOne(50)
        }
    }
}
