using System.Management.Automation;
using System.Text;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Microsoft.PowerShell.Commands;

[Cmdlet("Tee", "Object", DefaultParameterSetName = "File")]
public sealed class TeeObjectCommand : PSCmdlet, IDisposable
{
    private readonly List<PSObject?> _kept = [];
    private CommandWrapper? _writer;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "File")]
    [Alias("Path")]
    public string? FilePath { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LiteralFile")]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    [Parameter(ParameterSetName = "File")]
    [Parameter(ParameterSetName = "Variable")]
    public SwitchParameter Append { get; set; }

    [Parameter]
    [ArgumentToEncodingTransformation]
    [ArgumentEncodingCompletions]
    public Encoding? Encoding { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Variable")]
    public string? Variable { get; set; }

    protected override void BeginProcessing()
    {
        if (Variable is not null)
        {
            if (Append && SessionState.PSVariable.GetValue(Variable) is { } earlier)
            {
                _kept.AddRange((LanguagePrimitives.GetEnumerable(earlier) ?? new[] { earlier }).Cast<object>().Select(PSObject.AsPSObject));
            }

            return;
        }

        _writer = new CommandWrapper();
        _writer.Initialize(Context, "out-file", typeof(OutFileCommand));
        _writer.AddNamedParameter(LiteralPath is null ? "FilePath" : "LiteralPath", LiteralPath ?? FilePath);
        if (Append)
        {
            _writer.AddNamedParameter("Append", true);
        }

        if (Encoding is not null)
        {
            _writer.AddNamedParameter("Encoding", Encoding);
        }
    }

    protected override void ProcessRecord()
    {
        if (Variable is null)
        {
            _writer!.Process(InputObject);
        }
        else
        {
            _kept.Add(InputObject);
        }

        WriteObject(InputObject);
    }

    protected override void EndProcessing()
    {
        if (Variable is not null)
        {
            SessionState.PSVariable.Set(Variable, _kept.Count == 1 ? _kept[0] : _kept.ToArray<object?>());
        }

        _writer?.ShutDown();
    }

    public void Dispose() => _writer?.Dispose();
}
