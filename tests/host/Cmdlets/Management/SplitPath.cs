using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Split, "Path", DefaultParameterSetName = "ParentSet")]
[OutputType(typeof(string), typeof(bool))]
public sealed class SplitPathCommand : ProviderCommand
{
    private string[]? _literal;

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "ParentSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "LeafSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "LeafBaseSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "ExtensionSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "QualifierSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "NoQualifierSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "IsAbsoluteSet", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPathSet", ValueFromPipelineByPropertyName = true)]
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

    [Parameter(ParameterSetName = "ParentSet")]
    public SwitchParameter Parent { get; set; }

    [Parameter(ParameterSetName = "LeafSet", Mandatory = true)]
    public SwitchParameter Leaf { get; set; }

    [Parameter(ParameterSetName = "LeafBaseSet", Mandatory = true)]
    public SwitchParameter LeafBase { get; set; }

    [Parameter(ParameterSetName = "ExtensionSet", Mandatory = true)]
    public SwitchParameter Extension { get; set; }

    [Parameter(ParameterSetName = "QualifierSet", Mandatory = true)]
    public SwitchParameter Qualifier { get; set; }

    [Parameter(ParameterSetName = "NoQualifierSet", Mandatory = true)]
    public SwitchParameter NoQualifier { get; set; }

    [Parameter(ParameterSetName = "IsAbsoluteSet", Mandatory = true)]
    public SwitchParameter IsAbsolute { get; set; }

    [Parameter]
    public SwitchParameter Resolve { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in LiteralPath ?? Path ?? [])
        {
            ForPath(() =>
            {
                var found = Resolve
                    ? SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext()).Select(info => info.Path)
                    : [path];
                foreach (var one in found)
                {
                    Split(one);
                }
            });
        }
    }

    private void Split(string path)
    {
        if (Leaf || LeafBase || Extension)
        {
            var leaf = SessionState.Path.ParseChildName(path, NewContext(), true);
            WriteObject(
                LeafBase ? System.IO.Path.GetFileNameWithoutExtension(leaf)
                : Extension ? System.IO.Path.GetExtension(leaf)
                : leaf);
        }
        else if (IsAbsolute)
        {
            WriteObject(SessionState.Path.IsPSAbsolute(path, out _));
        }
        else if (Qualifier || NoQualifier)
        {
            var end = QualifierEnd(path);
            if (Qualifier && end == 0)
            {
                var problem = new FormatException($"Cannot parse path because path '{path}' does not have a qualifier specified.");
                WriteError(new ErrorRecord(problem, "ParsePathFormatError", ErrorCategory.InvalidArgument, path));
                return;
            }

            WriteObject(Qualifier ? path[..end] : path[end..]);
        }
        else
        {
            WriteObject(SessionState.Path.ParseParent(path, string.Empty, NewContext(), true));
        }
    }

    private static int QualifierEnd(string path)
    {
        var provider = path.IndexOf("::", StringComparison.Ordinal);
        if (provider > 0)
        {
            return provider + 2;
        }

        var drive = path.IndexOf(':');
        return drive > 0 ? drive + 1 : 0;
    }
}
