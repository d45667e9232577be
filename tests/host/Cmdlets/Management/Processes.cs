using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Processes by name pattern, by number or as objects.</summary>
public abstract class ProcessCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Id", Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PID")]
    public int[]? Id { get; set; }

    [Parameter(ParameterSetName = "InputObject", Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public Process[]? InputObject { get; set; }

    internal abstract string[]? Names { get; }

    internal IEnumerable<Process> Matching()
    {
        if (InputObject is not null)
        {
            return InputObject;
        }

        return Id is not null ? ById(Id) : ByName(Names ?? ["*"]);
    }

    private List<Process> ById(int[] ids)
    {
        var found = new List<Process>();
        foreach (var id in ids)
        {
            try
            {
                found.Add(Process.GetProcessById(id));
            }
            catch (ArgumentException)
            {
                var problem = new ProcessCommandException($"Cannot find a process with the process identifier {id}.");
                WriteError(new ErrorRecord(problem, "NoProcessFoundForGivenId", ErrorCategory.ObjectNotFound, id));
            }
        }

        return found;
    }

    private List<Process> ByName(string[] names)
    {
        var all = Process.GetProcesses();
        var found = new List<Process>();
        foreach (var name in names)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var matching = all.Where(process => pattern.IsMatch(process.ProcessName)).ToList();
            found.AddRange(matching);
            if (matching.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                var problem = new ProcessCommandException(
                    $"Cannot find a process with the name \"{name}\". Verify the process name and call the cmdlet again.");
                WriteError(new ErrorRecord(problem, "NoProcessFoundForGivenName", ErrorCategory.ObjectNotFound, name));
            }
        }

        return found.DistinctBy(process => process.Id)
            .OrderBy(process => process.ProcessName, StringComparer.OrdinalIgnoreCase).ThenBy(process => process.Id).ToList();
    }
}

/// <summary>A process that is not there, or did not do as asked.</summary>
public sealed class ProcessCommandException(string message) : SystemException(message);

[Cmdlet(VerbsCommon.Get, "Process", DefaultParameterSetName = "Name")]
[OutputType(typeof(Process))]
public sealed class GetProcessCommand : ProcessCommand
{
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessName")]
    public string[]? Name { get; set; }

    internal override string[]? Names => Name;

    protected override void ProcessRecord() => WriteObject(Matching(), enumerateCollection: true);
}

[Cmdlet(VerbsLifecycle.Stop, "Process", DefaultParameterSetName = "Id", SupportsShouldProcess = true)]
public sealed class StopProcessCommand : ProcessCommand
{
    [Parameter(ParameterSetName = "Name", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessName")]
    public string[]? Name { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override string[]? Names => Name;

    protected override void ProcessRecord()
    {
        foreach (var process in Matching())
        {
            var target = $"{process.ProcessName} ({process.Id})";
            if (!ShouldProcess(target))
            {
                continue;
            }

            try
            {
                if (!process.HasExited)
                {
                    process.Kill();
                }

                if (PassThru)
                {
                    WriteObject(process);
                }
            }
            catch (Exception cause) when (cause is Win32Exception or InvalidOperationException)
            {
                var problem = new ProcessCommandException($"Cannot stop process \"{target}\" because of the following error: {cause.Message}");
                WriteError(new ErrorRecord(problem, "CouldNotStopProcess", ErrorCategory.CloseError, process));
            }
        }
    }
}

[Cmdlet(VerbsLifecycle.Wait, "Process", DefaultParameterSetName = "Name")]
public sealed class WaitProcessCommand : ProcessCommand
{
    private readonly ManualResetEventSlim _stop = new();
    private readonly List<Process> _processes = [];

    [Parameter(ParameterSetName = "Name", Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessName")]
    public string[]? Name { get; set; }

    [Parameter(Position = 1)]
    [Alias("TimeoutSec")]
    [ValidateRange(0, 32767)]
    public int Timeout { get; set; } = -1;

    [Parameter]
    public SwitchParameter Any { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override string[]? Names => Name;

    protected override void ProcessRecord() => _processes.AddRange(Matching());

    protected override void EndProcessing()
    {
        using var stop = new CancellationTokenSource();
        using var registration = ThreadPool.RegisterWaitForSingleObject(_stop.WaitHandle, (_, _) => stop.Cancel(), null, -1, true) is { } wait
            ? new Unregistration(wait)
            : null;
        var exits = _processes.Select(process => process.WaitForExitAsync(stop.Token)).ToArray();
        var all = Any ? Task.WhenAny(exits) : Task.WhenAll(exits);
        try
        {
            if (exits.Length > 0 && !all.Wait(Timeout < 0 ? -1 : Timeout * 1000))
            {
                foreach (var late in _processes.Where(process => !process.HasExited))
                {
                    var problem = new TimeoutException(
                        $"Process \"{late.ProcessName} ({late.Id})\" did not stop within the specified timeout.");
                    WriteError(new ErrorRecord(problem, "ProcessNotTerminated", ErrorCategory.CloseError, late));
                }
            }
        }
        catch (AggregateException) when (stop.IsCancellationRequested)
        {
            return;
        }

        if (PassThru)
        {
            WriteObject(_processes, enumerateCollection: true);
        }
    }

    protected override void StopProcessing() => _stop.Set();

    private sealed class Unregistration(RegisteredWaitHandle wait) : IDisposable
    {
        public void Dispose() => wait.Unregister(null);
    }
}
