using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsLifecycle.Start, "Process", SupportsShouldProcess = true)]
[OutputType(typeof(Process))]
public sealed class StartProcessCommand : PSCmdlet
{
    private readonly CancellationTokenSource _stop = new();

    [Parameter(Mandatory = true, Position = 0)]
    [Alias("PSPath", "Path")]
    public string FilePath { get; set; } = "";

    [Parameter(Position = 1)]
    [Alias("Args")]
    public string[]? ArgumentList { get; set; }

    [Parameter]
    public string? WorkingDirectory { get; set; }

    [Parameter]
    [Alias("nnw")]
    public SwitchParameter NoNewWindow { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter Wait { get; set; }

    [Parameter]
    [Alias("RSI")]
    public string? RedirectStandardInput { get; set; }

    [Parameter]
    [Alias("RSO")]
    public string? RedirectStandardOutput { get; set; }

    [Parameter]
    [Alias("RSE")]
    public string? RedirectStandardError { get; set; }

    [Parameter]
    public ProcessWindowStyle WindowStyle { get; set; }

    [Parameter]
    public Hashtable? Environment { get; set; }

    protected override void EndProcessing()
    {
        var start = StartInfo();
        if (!ShouldProcess($"{start.FileName} {start.Arguments}".TrimEnd()))
        {
            return;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception cause) when (cause is Win32Exception or InvalidOperationException)
        {
            var problem = new InvalidOperationException($"This command cannot be run due to the error: {cause.Message}.", cause);
            ThrowTerminatingError(new ErrorRecord(problem, "InvalidOperationException", ErrorCategory.InvalidOperation, null));
            return;
        }

        var copies = StartCopies(process);
        if (PassThru)
        {
            // Asking for the handle now is what keeps ExitCode readable after the process has gone.
            _ = process.SafeHandle;
            WriteObject(process);
        }

        if (!Wait)
        {
            return;
        }

        try
        {
            process.WaitForExitAsync(_stop.Token).Wait();
            Task.WaitAll(copies);
        }
        catch (AggregateException) when (_stop.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    protected override void StopProcessing() => _stop.Cancel();

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(Executable())
        {
            UseShellExecute = false,
            Arguments = string.Join(' ', ArgumentList ?? []),
            WorkingDirectory = WorkingDirectory is null
                ? SessionState.Path.CurrentFileSystemLocation.ProviderPath
                : GetUnresolvedProviderPathFromPSPath(WorkingDirectory),
            WindowStyle = WindowStyle,
            CreateNoWindow = NoNewWindow,
            RedirectStandardInput = RedirectStandardInput is not null,
            RedirectStandardOutput = RedirectStandardOutput is not null,
            RedirectStandardError = RedirectStandardError is not null,
        };
        foreach (DictionaryEntry variable in Environment ?? [])
        {
            start.Environment[variable.Key.ToString()!] = variable.Value?.ToString();
        }

        return start;
    }

    private string Executable()
    {
        var found = SessionState.InvokeCommand.GetCommand(FilePath, CommandTypes.Application);
        if (found is ApplicationInfo application)
        {
            return application.Path;
        }

        var path = GetUnresolvedProviderPathFromPSPath(FilePath);
        return File.Exists(path) ? path : FilePath;
    }

    private Task[] StartCopies(Process process)
    {
        var copies = new List<Task>();
        if (RedirectStandardOutput is { } output)
        {
            copies.Add(Copy(process.StandardOutput.BaseStream, output));
        }

        if (RedirectStandardError is { } error)
        {
            copies.Add(Copy(process.StandardError.BaseStream, error));
        }

        if (RedirectStandardInput is { } input)
        {
            using var source = File.OpenRead(GetUnresolvedProviderPathFromPSPath(input));
            source.CopyTo(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }

        return [.. copies];
    }

    private Task Copy(Stream from, string path)
    {
        var target = GetUnresolvedProviderPathFromPSPath(path);
        return Task.Run(async () =>
        {
            await using var file = File.Create(target);
            await from.CopyToAsync(file);
        });
    }
}
