using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace AitherTestHost;

/// <summary>Turns Ctrl+C into a stop of the running pipeline; a second one ends the process at once. Other signals do what .NET does with them, as in pwsh.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int Interrupted = 130;

    /// <summary>A pipeline that has not stopped by then is left behind, so that no shell outlives its tests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PosixSignalRegistration _interrupt;
    private int _exitCode;
    private Timer? _giveUp;

    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
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
    }

    private void Stop(PosixSignalContext context)
    {
        var pipeline = Running;
        if (pipeline is null || Interlocked.Exchange(ref _exitCode, Interrupted) != 0)
        {
            Environment.ExitCode = Interrupted;
            if (pipeline is null)
            {
                // At the prompt Ctrl+C gives up the line, not the shell.
                context.Cancel = Console.IsInputRedirected is false;
                return;
            }

            Environment.Exit(Interrupted);
        }

        context.Cancel = true;
        _giveUp = new Timer(_ => Environment.Exit(Interrupted), null, Patience, Timeout.InfiniteTimeSpan);
        pipeline.StopAsync();
    }
}
