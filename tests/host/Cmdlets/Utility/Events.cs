using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Event", DefaultParameterSetName = "BySource")]
[OutputType(typeof(PSEventArgs))]
public sealed class GetEventCommand : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "BySource", ValueFromPipelineByPropertyName = true)]
    public string? SourceIdentifier { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ById", ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    public int EventIdentifier { get; set; } = -1;

    protected override void EndProcessing()
    {
        var pattern = SourceIdentifier is null ? null : WildcardPattern.Get(SourceIdentifier, WildcardOptions.IgnoreCase);
        List<PSEventArgs> received;
        lock (Events.ReceivedEvents.SyncRoot)
        {
            received = [.. Events.ReceivedEvents];
        }

        var found = received.Where(arrived => (pattern is null || pattern.IsMatch(arrived.SourceIdentifier))
            && (EventIdentifier < 0 || arrived.EventIdentifier == EventIdentifier)).ToList();
        WriteObject(found, enumerateCollection: true);
        if (found.Count == 0 && SourceIdentifier is not null && !WildcardPattern.ContainsWildcardCharacters(SourceIdentifier))
        {
            var problem = new ArgumentException($"Event with source identifier '{SourceIdentifier}' does not exist.");
            WriteError(new ErrorRecord(problem, "INVALID_SOURCE_IDENTIFIER", ErrorCategory.InvalidArgument, null));
        }
    }
}

[Cmdlet(VerbsCommon.New, "Event")]
[OutputType(typeof(PSEventArgs))]
public sealed class NewEventCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true)]
    public string SourceIdentifier { get; set; } = "";

    [Parameter(Position = 1)]
    public PSObject? Sender { get; set; }

    [Parameter(Position = 2)]
    public PSObject[] EventArguments { get; set; } = [];

    [Parameter(Position = 3)]
    public PSObject? MessageData { get; set; }

    protected override void EndProcessing() =>
        WriteObject(Events.GenerateEvent(
            SourceIdentifier, PSObject.Base(Sender), EventArguments.Select(PSObject.Base).ToArray(), MessageData,
            processInCurrentThread: true, waitForCompletionInCurrentThread: false));
}

[Cmdlet(VerbsCommon.Remove, "Event", SupportsShouldProcess = true, DefaultParameterSetName = "BySource")]
public sealed class RemoveEventCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "BySource", ValueFromPipelineByPropertyName = true)]
    public string? SourceIdentifier { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByIdentifier", ValueFromPipelineByPropertyName = true)]
    public int EventIdentifier { get; set; } = -1;

    protected override void ProcessRecord()
    {
        var pattern = SourceIdentifier is null ? null : WildcardPattern.Get(SourceIdentifier, WildcardOptions.IgnoreCase);
        lock (Events.ReceivedEvents.SyncRoot)
        {
            for (var i = Events.ReceivedEvents.Count - 1; i >= 0; i--)
            {
                var arrived = Events.ReceivedEvents[i];
                if ((pattern is null || pattern.IsMatch(arrived.SourceIdentifier))
                    && (EventIdentifier < 0 || arrived.EventIdentifier == EventIdentifier)
                    && ShouldProcess($"Event '{arrived.SourceIdentifier}'", "Remove"))
                {
                    Events.ReceivedEvents.RemoveAt(i);
                }
            }
        }
    }
}

[Cmdlet(VerbsLifecycle.Wait, "Event")]
[OutputType(typeof(PSEventArgs))]
public sealed class WaitEventCommand : PSCmdlet
{
    private readonly AutoResetEvent _arrived = new(false);
    private WildcardPattern? _pattern;
    private volatile bool _stopped;

    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    public string? SourceIdentifier { get; set; }

    [Parameter]
    [Alias("TimeoutSec")]
    public int Timeout { get; set; } = -1;

    protected override void ProcessRecord()
    {
        _pattern = SourceIdentifier is null ? null : WildcardPattern.Get(SourceIdentifier, WildcardOptions.IgnoreCase);
        var deadline = Timeout < 0 ? DateTime.MaxValue : DateTime.UtcNow.AddSeconds(Timeout);
        Events.ReceivedEvents.PSEventReceived += OnEvent;
        try
        {
            while (!_stopped)
            {
                if (Waiting() is { } found)
                {
                    WriteObject(found);
                    return;
                }

                if (DateTime.UtcNow >= deadline)
                {
                    return;
                }

                // Events with an action run on this very thread, so the wait is short and in between they get their turn.
                Context.Events.ProcessPendingActions();
                _arrived.WaitOne(200);
            }
        }
        finally
        {
            Events.ReceivedEvents.PSEventReceived -= OnEvent;
        }
    }

    protected override void StopProcessing()
    {
        _stopped = true;
        _arrived.Set();
    }

    private PSEventArgs? Waiting()
    {
        lock (Events.ReceivedEvents.SyncRoot)
        {
            return Events.ReceivedEvents.FirstOrDefault(arrived => _pattern?.IsMatch(arrived.SourceIdentifier) ?? true);
        }
    }

    private void OnEvent(object? sender, PSEventArgs arguments) => _arrived.Set();
}
