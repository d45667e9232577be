# SIGTERM and SIGHUP (a closed terminal) while runs go on: .NET would end the process at once. Instead the runs are
# cancelled, and the process ends as the signal wants it when the last of them has written what it leaves behind.
# A second signal ends it at once. Ctrl+C is the host's: it stops the pipeline.

# Windows ends the process when the handler of a closed console returns; this is what it grants.
$script:ClosedConsoleMs = 4500

function Get-StopSignal {
    # For all sessions that run something: {Heard: [int[]] of the signal's number or 0; Runs; Done: an event;
    # Handler; Registrations}.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    Get-ProcessValue -Name 'StopSignals' -Make {
        $state = @{
            Heard         = [int[]]::new(1)
            Runs          = 0
            Done          = [System.Threading.ManualResetEvent]::new($false)
            Handler       = $null
            Registrations = @()
        }
        $state.Handler = New-SignalHandler -Heard $state.Heard -Done $state.Done
        $state
    }
}

function New-SignalHandler {
    # A handler without PowerShell, since a thread of the system's calls it: the first signal is noted and held
    # back, the next ones take their course.
    [CmdletBinding()]
    [OutputType([System.Action[System.Runtime.InteropServices.PosixSignalContext]])]
    param(
        [Parameter(Mandatory)] [int[]] $Heard,
        [Parameter(Mandatory)] [System.Threading.ManualResetEvent] $Done
    )

    $make = [System.Linq.Expressions.Expression]
    $type = [System.Runtime.InteropServices.PosixSignalContext]
    $signal = $make::Parameter($type, 'signal')
    $first = [System.Linq.Expressions.Expression[]]@($make::Constant(0))
    $place = $make::ArrayAccess($make::Constant($Heard), $first)
    $steps = [System.Collections.Generic.List[System.Linq.Expressions.Expression]]::new()
    $isFirst = $make::Equal($place, $make::Constant(0))
    $steps.Add($make::Assign($make::Property($signal, 'Cancel'), $isFirst))
    $steps.Add($make::Assign($place, $make::Convert($make::Property($signal, 'Signal'), [int])))
    if ($IsWindows) {
        $wait = [System.Threading.WaitHandle].GetMethod('WaitOne', [type[]]@([int]))
        $steps.Add($make::Call($make::Constant($Done), $wait, $make::Constant($script:ClosedConsoleMs)))
    }
    $make::Lambda(
        [System.Action[System.Runtime.InteropServices.PosixSignalContext]],
        $make::Block([void], $steps),
        [System.Linq.Expressions.ParameterExpression[]]@($signal)).Compile()
}

function Enter-StopSignal {
    # A run begins: from now on signals are held back.
    [CmdletBinding()]
    param()

    $state = Get-StopSignal
    [System.Threading.Monitor]::Enter($state.Heard)
    try {
        $state.Runs++
        if ($state.Runs -eq 1) {
            $null = $state.Done.Reset()
            $state.Registrations = foreach ($signal in 'SIGTERM', 'SIGHUP') {
                [System.Runtime.InteropServices.PosixSignalRegistration]::Create($signal, $state.Handler)
            }
        }
    } finally {
        [System.Threading.Monitor]::Exit($state.Heard)
    }
}

function Exit-StopSignal {
    # A run has ended. The last one does what a signal wanted: it ends the process, with the code that shells show
    # for that signal.
    [CmdletBinding()]
    param()

    $state = Get-StopSignal
    $number = 0
    [System.Threading.Monitor]::Enter($state.Heard)
    try {
        $state.Runs--
        if ($state.Runs -eq 0) {
            foreach ($registration in $state.Registrations) {
                $registration.Dispose()
            }
            $null = $state.Done.Set()
            $number = switch ($state.Heard[0]) {
                ([int][System.Runtime.InteropServices.PosixSignal]::SIGHUP) { 1 }
                ([int][System.Runtime.InteropServices.PosixSignal]::SIGTERM) { 15 }
                default { 0 }
            }
        }
    } finally {
        [System.Threading.Monitor]::Exit($state.Heard)
    }
    if ($number) {
        [System.Environment]::Exit(128 + $number)
    }
}

function Register-BreakSignal {
    # Windows: Ctrl+Break, which asks a process to end, stops what a runspace runs, as Ctrl+C stops what stands at
    # a prompt. PowerShell itself would start its debugger. Gives what keeps the handler; nothing where the engine
    # is another, so that the process is ended in the end.
    [CmdletBinding()]
    [OutputType([System.Runtime.InteropServices.PosixSignalRegistration])]
    param([Parameter(Mandatory)] [System.Management.Automation.Runspaces.Runspace] $Runspace)

    $find = $Runspace.GetType().GetMethod(
        'GetCurrentlyRunningPipeline', [System.Reflection.BindingFlags]'Instance, NonPublic')
    if (-not $find) {
        return
    }
    # Without PowerShell, since a thread of the system's calls it.
    $make = [System.Linq.Expressions.Expression]
    $pipeline = [System.Management.Automation.Runspaces.Pipeline]
    $signal = $make::Parameter([System.Runtime.InteropServices.PosixSignalContext], 'signal')
    $running = $make::Variable($pipeline, 'running')
    $stop = $make::Call($running, $pipeline.GetMethod('StopAsync', [type[]]@()))
    $steps = [System.Linq.Expressions.Expression[]]@(
        $make::Assign($make::Property($signal, 'Cancel'), $make::Constant($true))
        $make::Assign($running, $make::Call($make::Constant($Runspace), $find))
        $make::IfThen($make::NotEqual($running, $make::Constant($null, $pipeline)), $stop)
    )
    $body = $make::Block([void], [System.Linq.Expressions.ParameterExpression[]]@($running), $steps)
    $action = $make::Lambda(
        [System.Action[System.Runtime.InteropServices.PosixSignalContext]], $body,
        [System.Linq.Expressions.ParameterExpression[]]@($signal)).Compile()
    [System.Runtime.InteropServices.PosixSignalRegistration]::Create('SIGQUIT', $action)
}
