using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Location", DefaultParameterSetName = "Location")]
[OutputType(typeof(PathInfo))]
public sealed class GetLocationCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Location")]
    public string[]? PSProvider { get; set; }

    [Parameter(ParameterSetName = "Location")]
    public string[]? PSDrive { get; set; }

    [Parameter(ParameterSetName = "Stack")]
    public SwitchParameter Stack { get; set; }

    [Parameter(ParameterSetName = "Stack")]
    public string[]? StackName { get; set; }

    protected override void ProcessRecord()
    {
        if (Stack)
        {
            foreach (var name in StackName ?? [""])
            {
                WriteObject(SessionState.Path.LocationStack(name));
            }

            return;
        }

        if (PSDrive is not null)
        {
            foreach (var name in PSDrive)
            {
                var drive = SessionState.Drive.Get(name);
                WriteObject(new PathInfo(drive, drive.Provider, $"{drive.CurrentLocation}", SessionState));
            }

            return;
        }

        if (PSProvider is not null)
        {
            foreach (var name in PSProvider)
            {
                WriteObject(SessionState.Path.CurrentProviderLocation(name));
            }

            return;
        }

        WriteObject(SessionState.Path.CurrentLocation);
    }
}

[Cmdlet(VerbsCommon.Set, "Location", DefaultParameterSetName = "Path")]
public sealed class SetLocationCommand : ProviderCommand
{
    private string? _literal;

    [Parameter(Position = 0, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath
    {
        get => _literal;
        set
        {
            _literal = value;
            PathsAreLiteral = true;
        }
    }

    [Parameter(ParameterSetName = "Stack", ValueFromPipelineByPropertyName = true)]
    public string? StackName { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        ForPath(() =>
        {
            if (ParameterSetName == "Stack")
            {
                SessionState.Path.SetDefaultLocationStack(StackName);
                return;
            }

            var target = LiteralPath ?? (string.IsNullOrEmpty(Path) ? "~" : Path);
            var location = SessionState.Path.SetLocation(target, NewContext(), PathsAreLiteral);
            if (PassThru)
            {
                WriteObject(location);
            }
        });
    }
}

[Cmdlet(VerbsCommon.Push, "Location", DefaultParameterSetName = "Path")]
public sealed class PushLocationCommand : ProviderCommand
{
    private string? _literal;

    [Parameter(Position = 0, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string? Path { get; set; }

    [Parameter(ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath
    {
        get => _literal;
        set
        {
            _literal = value;
            PathsAreLiteral = true;
        }
    }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? StackName { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        SessionState.Path.PushCurrentLocation(StackName);
        if ((LiteralPath ?? Path) is not { } path)
        {
            return;
        }

        ForPath(() =>
        {
            var location = SessionState.Path.SetLocation(path, NewContext(), PathsAreLiteral);
            if (PassThru)
            {
                WriteObject(location);
            }
        });
    }
}

[Cmdlet(VerbsCommon.Pop, "Location")]
public sealed class PopLocationCommand : ProviderCommand
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? StackName { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        ForPath(() =>
        {
            var location = SessionState.Path.PopLocation(StackName);
            if (PassThru)
            {
                WriteObject(location);
            }
        });
    }
}
