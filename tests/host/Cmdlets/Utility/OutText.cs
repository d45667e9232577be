using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Text;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.Out, "String", DefaultParameterSetName = "NoNewLineFormatting")]
[OutputType(typeof(string))]
public sealed class OutStringCommand : FrontEndCommandBase
{
    private const int DefaultWidth = 120;

    private readonly StringBuilder _text = new();

    public OutStringCommand() => implementation = new OutputManagerInner();

    [Parameter(ParameterSetName = "StreamFormatting")]
    public SwitchParameter Stream { get; set; }

    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int? Width { get; set; }

    [Parameter(ParameterSetName = "NoNewLineFormatting")]
    public SwitchParameter NoNewline { get; set; }

    protected override void BeginProcessing()
    {
        var writer = new StreamingTextWriter(AddLine, Host.CurrentCulture);
        var width = Width ?? Math.Max(2, HostWidth());
        ((OutputManagerInner)implementation).LineOutput = new TextWriterLineOutput(writer, width);
        base.BeginProcessing();
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (!Stream)
        {
            WriteObject(_text.ToString());
        }
    }

    private int HostWidth()
    {
        try
        {
            return Host.UI?.RawUI?.BufferSize.Width ?? DefaultWidth;
        }
        catch (Exception problem) when (problem is System.Management.Automation.Host.HostException or NotImplementedException)
        {
            return DefaultWidth;
        }
    }

    private void AddLine(string line)
    {
        if (Stream)
        {
            WriteObject(line);
        }
        else if (NoNewline)
        {
            _text.Append(line);
        }
        else
        {
            _text.AppendLine(line);
        }
    }
}

[Cmdlet(VerbsData.Out, "File", SupportsShouldProcess = true, DefaultParameterSetName = "ByPath")]
public sealed class OutFileCommand : FrontEndCommandBase
{
    private StreamWriter? _file;
    private FileInfo? _readOnly;
    private bool _open;

    public OutFileCommand() => implementation = new OutputManagerInner();

    [Alias("Path")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByPath")]
    public string? FilePath { get; set; }

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "ByLiteralPath")]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    [Parameter(Position = 1)]
    [ArgumentToEncodingTransformation]
    [ArgumentEncodingCompletions]
    [ValidateNotNullOrEmpty]
    public Encoding Encoding { get; set; } = Encoding.Default;

    [Parameter]
    public SwitchParameter Append { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int Width { get; set; }

    [Parameter]
    public SwitchParameter NoNewline { get; set; }

    protected override void BeginProcessing()
    {
        _open = ShouldProcess(LiteralPath ?? FilePath, "Output to File");
        if (_open)
        {
            PathUtils.MasterStreamOpen(
                this, LiteralPath ?? FilePath, Encoding, defaultEncoding: false, Append, Force, NoClobber,
                out _, out _file, out _readOnly, isLiteralPath: LiteralPath is not null);
            // A file has no right edge: nothing is cut or wrapped unless -Width asks for it.
            var width = Width > 0 ? Width : int.MaxValue - 1;
            ((OutputManagerInner)implementation).LineOutput = new TextWriterLineOutput(_file, width, NoNewline);
            base.BeginProcessing();
        }
    }

    protected override void ProcessRecord()
    {
        if (_open)
        {
            base.ProcessRecord();
            _file?.Flush();
        }
    }

    protected override void EndProcessing()
    {
        if (_open)
        {
            base.EndProcessing();
            Close();
        }
    }

    protected override void InternalDispose()
    {
        base.InternalDispose();
        Close();
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
        if (_readOnly is not null)
        {
            _readOnly.Attributes |= FileAttributes.ReadOnly;
            _readOnly = null;
        }
    }
}
