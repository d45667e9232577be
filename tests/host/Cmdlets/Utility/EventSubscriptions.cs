using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsLifecycle.Register, "ObjectEvent")]
[OutputType(typeof(PSEventJob))]
public sealed class RegisterObjectEventCommand : ObjectEventRegistrationBase
{
    [Parameter(Mandatory = true, Position = 0)]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true, Position = 1)]
    public string EventName { get; set; } = "";

    protected override object GetSourceObject() => InputObject!;

    protected override string GetSourceObjectEventName() => EventName;
}

[Cmdlet(VerbsLifecycle.Register, "EngineEvent")]
[OutputType(typeof(PSEventJob))]
public sealed class RegisterEngineEventCommand : ObjectEventRegistrationBase
{
    [Parameter(Mandatory = true, Position = 100)]
    public new string SourceIdentifier
    {
        get => base.SourceIdentifier;
        set => base.SourceIdentifier = value;
    }

    protected override object? GetSourceObject()
    {
        if (Action is null && !Forward)
        {
            var problem = new ArgumentException("The action must be specified for non-forwarded events.");
            ThrowTerminatingError(new ErrorRecord(problem, "ACTION_MANDATORY_FOR_LOCAL", ErrorCategory.InvalidArgument, null));
        }

        return null;
    }

    protected override string? GetSourceObjectEventName() => null;
}

[Cmdlet(VerbsCommon.Get, "EventSubscriber", DefaultParameterSetName = "BySource")]
[OutputType(typeof(PSEventSubscriber))]
public sealed class GetEventSubscriberCommand : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "BySource", ValueFromPipelineByPropertyName = true)]
    public string? SourceIdentifier { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ById", ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    public int SubscriptionId { get; set; } = -1;

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        var pattern = SourceIdentifier is null ? null : WildcardPattern.Get(SourceIdentifier, WildcardOptions.IgnoreCase);
        foreach (var subscriber in Events.Subscribers.ToList())
        {
            var named = pattern is null || (subscriber.SourceIdentifier is { } id && pattern.IsMatch(id));
            if (named && (SubscriptionId < 0 || subscriber.SubscriptionId == SubscriptionId) && (Force || !subscriber.SupportEvent))
            {
                WriteObject(subscriber);
            }
        }
    }
}

[Cmdlet(VerbsLifecycle.Unregister, "Event", SupportsShouldProcess = true, DefaultParameterSetName = "BySource")]
public sealed class UnregisterEventCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "BySource", ValueFromPipelineByPropertyName = true)]
    public string? SourceIdentifier { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ById", ValueFromPipelineByPropertyName = true)]
    public int SubscriptionId { get; set; } = -1;

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        var pattern = SourceIdentifier is null ? null : WildcardPattern.Get(SourceIdentifier, WildcardOptions.IgnoreCase);
        var found = Events.Subscribers.Where(subscriber =>
            (pattern is null || (subscriber.SourceIdentifier is { } id && pattern.IsMatch(id)))
            && (SubscriptionId < 0 || subscriber.SubscriptionId == SubscriptionId)
            && (Force || !subscriber.SupportEvent)).ToList();
        if (found.Count == 0 && (SourceIdentifier is null || !WildcardPattern.ContainsWildcardCharacters(SourceIdentifier)))
        {
            var problem = new ArgumentException($"Event subscription '{(object?)SourceIdentifier ?? SubscriptionId}' does not exist.");
            WriteError(new ErrorRecord(problem, "INVALID_SOURCE_IDENTIFIER", ErrorCategory.InvalidArgument, null));
        }

        foreach (var subscriber in found.Where(subscriber => ShouldProcess($"Event subscription '{subscriber.SourceIdentifier}'", "Unsubscribe")))
        {
            Events.UnsubscribeEvent(subscriber);
        }
    }
}
