using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using AitherTestHost.Host;
using Microsoft.PowerShell;

namespace AitherTestHost;

/// <summary>One runspace with its host, and the ways of running something in it.</summary>
internal sealed class Session : IDisposable
{
    private readonly Arguments _arguments;
    private readonly ConsoleTestHost _host;
    private readonly Runspace _runspace;
    private readonly StopSignals _signals = new();
    private bool _failed;

    public Session(Arguments arguments)
    {
        _arguments = arguments;
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            // Other systems have no execution policy, and the engine throws when one is set there.
            state.ExecutionPolicy = ExecutionPolicy.Bypass;
        }

        _host = new ConsoleTestHost(interactive: !arguments.NonInteractive);
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
        _host.Attach(_runspace);
    }

    public int Run()
    {
        if (_arguments.WorkingDirectory is { } folder)
        {
            var command = new Command("Set-Location");
            command.Parameters.Add("LiteralPath", folder);
            Execute(Pipeline(command));
        }

        switch (_arguments.Mode)
        {
            case RunMode.File:
                RunFile();
                break;
            case RunMode.Command:
                Execute(_runspace.CreatePipeline(_arguments.Text, addToHistory: true), Parser.ParseInput(_arguments.Text, out _, out _));
                break;
            case RunMode.StandardInput:
                new ReadLoop(this, _host, Console.In).RunQuietly();
                break;
            default:
                _host.Interactive = !_arguments.NonInteractive;
                new ReadLoop(this, _host, Console.In).RunWithPrompt();
                return _host.ExitCode ?? 0;
        }

        if (_arguments.NoExit && _host.ExitCode is null && _signals.ExitCode is null)
        {
            new ReadLoop(this, _host, Console.In).RunWithPrompt();
            return _host.ExitCode ?? 0;
        }

        return _signals.ExitCode ?? _host.ExitCode ?? (Succeeded() ? 0 : 1);
    }

    /// <summary>Runs text as typed at the prompt; errors are shown, never thrown.</summary>
    public void ExecuteText(string text)
    {
        _failed = false;
        Execute(_runspace.CreatePipeline(text, addToHistory: true));
        _signals.Forget();
    }

    /// <summary>Runs text and gives its first object as a string; null where it fails.</summary>
    public string? Evaluate(string text)
    {
        using var shell = PowerShell.Create(_runspace);
        try
        {
            return shell.AddScript(text).Invoke().FirstOrDefault()?.ToString();
        }
        catch (RuntimeException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        // A finalizer or an event subscriber of the script's must not keep the process from its exit code.
        var close = Task.Run(_runspace.Dispose);
        close.Wait(TimeSpan.FromSeconds(5));
        _signals.Dispose();
        Console.Out.Flush();
    }

    private void RunFile()
    {
        var isScript = _arguments.Text.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase);
        var command = isScript
            ? new Command(_arguments.Text, isScript: false, useLocalScope: false)
            : new Command(File.ReadAllText(_arguments.Text), isScript: true, useLocalScope: false);
        foreach (var parameter in _arguments.ScriptArguments)
        {
            command.Parameters.Add(parameter);
        }

        if (!_arguments.NoExit)
        {
            // Without this the engine keeps a script's `exit 7` to itself, in $LASTEXITCODE.
            var context = typeof(Runspace).GetProperty("ExecutionContext", Everything)!.GetValue(_runspace)!;
            context.GetType().GetProperty("ScriptCommandProcessorShouldRethrowExit", Everything)!.SetValue(context, true);
        }

        Execute(Pipeline(command), Parser.ParseFile(_arguments.Text, out _, out _));
    }

    private const BindingFlags Everything = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private Pipeline Pipeline(Command command)
    {
        var pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return pipeline;
    }

    private void Execute(Pipeline pipeline, Ast? readsInput = null)
    {
        using (pipeline)
        {
            // Errors go down the same pipe so that they keep their place among the output, as pwsh does it.
            pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
            pipeline.Commands.Add("Out-Default");
            using var done = new ManualResetEventSlim();
            pipeline.StateChanged += (_, change) =>
            {
                if (change.PipelineStateInfo.State is PipelineState.Completed or PipelineState.Failed or PipelineState.Stopped)
                {
                    done.Set();
                }
            };
            _signals.Running = pipeline;
            try
            {
                pipeline.InvokeAsync();
                FeedInput(pipeline, readsInput);
                done.Wait();
            }
            finally
            {
                _signals.Running = null;
            }

            _host.Screen.FinishProgress();
            if (pipeline.PipelineStateInfo is { State: PipelineState.Failed, Reason: { } reason })
            {
                _failed = true;
                Report(reason);
            }
        }
    }

    private static void FeedInput(Pipeline pipeline, Ast? script)
    {
        var wanted = script?.Find(node => node is VariableExpressionAst v && v.VariablePath.UserPath.Equals("input", StringComparison.OrdinalIgnoreCase), true);
        if (wanted is not null && Console.IsInputRedirected)
        {
            while (Console.In.ReadLine() is { } line)
            {
                pipeline.Input.Write(line);
            }
        }

        pipeline.Input.Close();
    }

    private void Report(Exception reason)
    {
        var record = reason is IContainsErrorRecord { ErrorRecord: { } found }
            ? new ErrorRecord(found, reason)
            : new ErrorRecord(reason, "UncaughtException", ErrorCategory.NotSpecified, null);
        var shown = PSObject.AsPSObject(record);
        shown.Properties.Add(new PSNoteProperty("writeErrorStream", true));
        using var pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add("Out-Default");
        try
        {
            pipeline.Invoke(new[] { shown });
        }
        catch (RuntimeException)
        {
            Console.Error.WriteLine(reason.Message);
        }
    }

    private bool Succeeded() => !_failed && _runspace.SessionStateProxy.GetVariable("?") is not false;
}
