using System.Collections;
using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands;

/// <summary>When a field is put in quotes.</summary>
public enum QuoteKind
{
    Never,
    Always,
    AsNeeded,
}

/// <summary>Objects to lines of comma-separated text.</summary>
public abstract class CsvWritingCommand : PSCmdlet
{
    private List<string>? _names;

    [Parameter(Position = 1)]
    public char Delimiter { get; set; } = ',';

    [Parameter]
    public SwitchParameter UseCulture { get; set; }

    [Parameter]
    [Alias("ITI")]
    public SwitchParameter IncludeTypeInformation { get; set; }

    [Parameter(DontShow = true)]
    [Alias("NTI")]
    public SwitchParameter NoTypeInformation { get; set; }

    [Parameter]
    [Alias("QF")]
    public string[]? QuoteFields { get; set; }

    [Parameter]
    [Alias("UQ")]
    public QuoteKind UseQuotes { get; set; } = QuoteKind.Always;

    [Parameter]
    public SwitchParameter NoHeader { get; set; }

    internal bool HeaderIsWritten { get; set; }

    internal List<string>? Names
    {
        get => _names;
        set => _names = value;
    }

    internal abstract void WriteLine(string line);

    internal void WriteItem(PSObject item)
    {
        if (_names is null)
        {
            _names = NamesOf(item);
            if (IncludeTypeInformation && !HeaderIsWritten)
            {
                WriteLine($"#TYPE {item.InternalTypeNames[0]}");
            }
        }

        if (!HeaderIsWritten && !NoHeader)
        {
            WriteLine(string.Join(Delimiter, _names.Select(name => Field(name, name))));
        }

        HeaderIsWritten = true;
        WriteLine(string.Join(Delimiter, _names.Select(name => ValueIn(item, name) is { } text ? Field(name, text) : "")));
    }

    private static List<string> NamesOf(PSObject item) => item.BaseObject is IDictionary keys
        ? keys.Keys.Cast<object>().Select(key => key.ToString()!).ToList()
        : item.Properties.Select(property => property.Name).ToList();

    private static string? ValueIn(PSObject item, string name)
    {
        if (item.BaseObject is IDictionary keys)
        {
            return keys[name] is { } found ? PSObject.Base(found).ToString() : null;
        }

        try
        {
            return item.Properties[name]?.Value is { } value ? PSObject.Base(value).ToString() : null;
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    private string Field(string name, string text)
    {
        var quote = QuoteFields is not null
            ? QuoteFields.Contains(name, StringComparer.OrdinalIgnoreCase)
            : UseQuotes == QuoteKind.Always
                || (UseQuotes == QuoteKind.AsNeeded && text.AsSpan().IndexOfAny([Delimiter, '"', '\n', '\r']) >= 0);
        return quote ? CsvText.Quote(text) : text;
    }
}

[Cmdlet(VerbsData.ConvertTo, "Csv")]
[OutputType(typeof(string))]
public sealed class ConvertToCsvCommand : CsvWritingCommand
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord() => WriteItem(InputObject!);

    internal override void WriteLine(string line) => WriteObject(line);
}

[Cmdlet(VerbsData.Export, "Csv", SupportsShouldProcess = true)]
public sealed class ExportCsvCommand : CsvWritingCommand, IDisposable
{
    private StreamWriter? _file;
    private bool _open;

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    [Alias("FilePath")]
    public string? Path { get; set; }

    [Parameter]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter]
    [ArgumentToEncodingTransformation]
    [ArgumentEncodingCompletions]
    public Encoding Encoding { get; set; } = Encoding.Default;

    [Parameter]
    public SwitchParameter Append { get; set; }

    protected override void BeginProcessing()
    {
        _open = ShouldProcess(LiteralPath ?? Path);
        if (!_open)
        {
            return;
        }

        var full = GetUnresolvedProviderPathFromPSPath(LiteralPath ?? Path);
        if (Append && File.Exists(full) && new FileInfo(full).Length > 0)
        {
            using var existing = new StreamReader(full);
            Names = CsvText.Rows(existing, Delimiter).FirstOrDefault()?.Select(name => name ?? "").ToList();
            HeaderIsWritten = Names is not null;
        }

        PathUtils.MasterStreamOpen(
            this, LiteralPath ?? Path, Encoding, defaultEncoding: false, Append, Force, NoClobber, out _, out _file, out _,
            isLiteralPath: LiteralPath is not null);
    }

    protected override void ProcessRecord()
    {
        if (_open)
        {
            WriteItem(InputObject!);
        }
    }

    protected override void EndProcessing() => Dispose();

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    internal override void WriteLine(string line) => _file!.WriteLine(line);
}
