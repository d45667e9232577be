using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands;

/// <summary>Lines of comma-separated text to objects whose properties are strings.</summary>
internal sealed class CsvObjects(PSCmdlet cmdlet, char delimiter, string[]? header)
{
    public void Write(TextReader text)
    {
        var names = header?.ToList();
        string? type = null;
        foreach (var row in CsvText.Rows(text, delimiter))
        {
            if (names is null || (type is null && row[0] is { } first && first.StartsWith("#TYPE ", StringComparison.Ordinal)))
            {
                if (row[0]!.StartsWith("#TYPE ", StringComparison.Ordinal))
                {
                    type = row[0]![6..];
                }
                else if (!row[0]!.StartsWith('#') || row.Count > 1)
                {
                    names = row.Select((name, i) => string.IsNullOrEmpty(name) ? $"H{i + 1}" : name).ToList();
                }

                continue;
            }

            var item = new PSObject();
            for (var i = 0; i < names.Count; i++)
            {
                item.Properties.Add(new PSNoteProperty(names[i], i < row.Count ? row[i] : null));
            }

            if (type is not null)
            {
                item.TypeNames.Clear();
                item.TypeNames.Add(type);
                item.TypeNames.Add("CSV:" + type);
            }

            cmdlet.WriteObject(item);
        }
    }
}

[Cmdlet(VerbsData.ConvertFrom, "Csv", DefaultParameterSetName = "Delimiter")]
public sealed class ConvertFromCsvCommand : PSCmdlet
{
    private readonly StringBuilder _text = new();

    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public PSObject[]? InputObject { get; set; }

    [Parameter(Position = 1)]
    public char Delimiter { get; set; } = ',';

    [Parameter]
    public string[]? Header { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var line in InputObject ?? [])
        {
            _text.AppendLine(line?.ToString());
        }
    }

    protected override void EndProcessing() => new CsvObjects(this, Delimiter, Header).Write(new StringReader(_text.ToString()));
}

[Cmdlet(VerbsData.Import, "Csv", DefaultParameterSetName = "DelimiterPath")]
public sealed class ImportCsvCommand : PSCmdlet
{
    [Parameter(Position = 1)]
    public char Delimiter { get; set; } = ',';

    [Parameter(Position = 0, ParameterSetName = "DelimiterPath", Mandatory = true, ValueFromPipeline = true)]
    public string[]? Path { get; set; }

    [Parameter(ParameterSetName = "DelimiterLiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    [Parameter]
    public string[]? Header { get; set; }

    [Parameter]
    [ArgumentToEncodingTransformation]
    [ArgumentEncodingCompletions]
    public Encoding Encoding { get; set; } = Encoding.Default;

    protected override void ProcessRecord()
    {
        var files = LiteralPath?.Select(path => GetUnresolvedProviderPathFromPSPath(path))
            ?? Path!.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _));
        foreach (var file in files)
        {
            using var reader = new StreamReader(file, Encoding);
            new CsvObjects(this, Delimiter, Header).Write(reader);
        }
    }
}
