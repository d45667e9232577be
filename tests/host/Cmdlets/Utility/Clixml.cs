using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.Export, "Clixml", SupportsShouldProcess = true, DefaultParameterSetName = "ByPath")]
public sealed class ExportClixmlCommand : PSCmdlet
{
    private readonly List<object> _items = [];

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Depth { get; set; } = 2;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByPath")]
    public string? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath")]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    [Parameter(ValueFromPipeline = true, Mandatory = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter]
    [ArgumentToEncodingTransformation]
    [ArgumentEncodingCompletions]
    public Encoding Encoding { get; set; } = Encoding.Default;

    protected override void ProcessRecord() => _items.Add(InputObject!);

    protected override void EndProcessing()
    {
        if (!ShouldProcess(LiteralPath ?? Path))
        {
            return;
        }

        PathUtils.MasterStreamOpen(
            this, LiteralPath ?? Path, Encoding, defaultEncoding: false, Append: false, Force, NoClobber, out _, out var file, out _,
            isLiteralPath: LiteralPath is not null);
        using (file)
        {
            file.Write(PSSerializer.Serialize(_items, Depth, enumerate: true));
        }
    }
}

[Cmdlet(VerbsData.Import, "Clixml", DefaultParameterSetName = "ByPath")]
public sealed class ImportClixmlCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "ByPath")]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    protected override void ProcessRecord()
    {
        var files = LiteralPath?.Select(path => GetUnresolvedProviderPathFromPSPath(path))
            ?? Path!.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _));
        foreach (var file in files)
        {
            foreach (var item in PSSerializer.DeserializeAsList(File.ReadAllText(file)))
            {
                WriteObject(item);
            }
        }
    }
}
