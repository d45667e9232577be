using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace AitherTestHost;

/// <summary>Turns Ctrl+C and SIGTERM into a stop of the running pipeline; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int Interrupted = 130;
    private const int Terminated = 143;

    /// <summary>A pipeline that has not stopped by then is left behind, so that no shell outlives its tests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private int _exitCode;
    private Timer? _giveUp;

    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, Terminated));
    }

    public Pipeline? Running { get; set; }

    /// <summary>The exit code a signal asked for, or null.</summary>
    public int? ExitCode => _exitCode == 0 ? null : _exitCode;

    public void Forget()
    {
        _giveUp?.Dispose();
        _exitCode = 0;
    }

    public void Dispose()
    {
        _giveUp?.Dispose();
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void Stop(PosixSignalContext context, int exitCode)
    {
        var pipeline = Running;
        if (pipeline is null || Interlocked.Exchange(ref _exitCode, exitCode) != 0)
        {
            Environment.ExitCode = exitCode;
            if (context.Signal == PosixSignal.SIGINT && pipeline is null)
            {
                // At the prompt Ctrl+C gives up the line, not the shell.
                context.Cancel = Console.IsInputRedirected is false;
                return;
            }

            Environment.Exit(exitCode);
        }

        context.Cancel = true;
        _giveUp = new Timer(_ => Environment.Exit(exitCode), null, Patience, Timeout.InfiniteTimeSpan);
        pipeline.StopAsync();
    }
}
