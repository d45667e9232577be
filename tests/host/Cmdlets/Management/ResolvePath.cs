using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsDiagnostic.Resolve, "Path", DefaultParameterSetName = "Path")]
[OutputType(typeof(PathInfo), typeof(string))]
public sealed class ResolvePathCommand : ProviderCommand
{
    private string[]? _literal;

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath
    {
        get => _literal;
        set
        {
            _literal = value;
            PathsAreLiteral = true;
        }
    }

    [Parameter]
    public SwitchParameter Relative { get; set; }

    [Parameter]
    public string? RelativeBasePath { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    protected override void ProcessRecord()
    {
        foreach (var path in LiteralPath ?? Path ?? [])
        {
            ForPath(() =>
            {
                foreach (var found in SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext()))
                {
                    WriteObject(Relative ? RelativeForm(found) : found);
                }
            });
        }
    }

    private string RelativeForm(PathInfo found)
    {
        var start = RelativeBasePath is { } given
            ? SessionState.Path.GetUnresolvedProviderPathFromPSPath(given)
            : SessionState.Path.CurrentLocation.ProviderPath;
        var relative = System.IO.Path.GetRelativePath(start, found.ProviderPath);
        return relative == "." || relative.StartsWith("..", StringComparison.Ordinal) || System.IO.Path.IsPathRooted(relative)
            ? relative
            : System.IO.Path.Combine(".", relative);
    }
}

[Cmdlet(VerbsData.Convert, "Path", DefaultParameterSetName = "Path")]
[OutputType(typeof(string))]
public sealed class ConvertPathCommand : ProviderCommand
{
    private string[]? _literal;

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath
    {
        get => _literal;
        set
        {
            _literal = value;
            PathsAreLiteral = true;
        }
    }

    protected override void ProcessRecord()
    {
        foreach (var path in LiteralPath ?? Path ?? [])
        {
            ForPath(() => WriteObject(SessionState.Path.GetResolvedProviderPathFromPSPath(path, NewContext(), out _), enumerateCollection: true));
        }
    }
}
