using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.Import, "PowerShellDataFile", DefaultParameterSetName = "ByPath")]
[OutputType(typeof(System.Collections.Hashtable))]
public sealed class ImportPowerShellDataFileCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByPath")]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    [Parameter]
    public SwitchParameter SkipLimitCheck { get; set; }

    protected override void ProcessRecord()
    {
        var files = LiteralPath?.Select(path => GetUnresolvedProviderPathFromPSPath(path))
            ?? Path!.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _));
        foreach (var file in files)
        {
            var ast = Parser.ParseFile(file, out _, out var errors);
            if (errors.Length > 0)
            {
                Refuse(file, "CouldNotParseAsPowerShellDataFile", new ParseException(errors));
                continue;
            }

            if (ast.Find(node => node is HashtableAst, searchNestedScriptBlocks: false) is not HashtableAst table)
            {
                Refuse(file, "CouldNotParseAsPowerShellDataFileNoHashtableRoot", null);
                continue;
            }

            try
            {
                WriteObject(table.SafeGetValue(SkipLimitCheck));
            }
            catch (InvalidOperationException cause)
            {
                Refuse(file, "CouldNotParseAsPowerShellDataFile", cause);
            }
        }
    }

    private void Refuse(string file, string id, Exception? cause)
    {
        var problem = new InvalidOperationException(
            $"The file '{file}' could not be parsed as a PowerShell Data File. {cause?.Message}".TrimEnd(), cause);
        WriteError(new ErrorRecord(problem, id, ErrorCategory.InvalidData, file));
    }
}

[Cmdlet(VerbsData.Import, "LocalizedData")]
public sealed class ImportLocalizedDataCommand : PSCmdlet
{
    [Parameter(Position = 0)]
    [Alias("Variable")]
    public string? BindingVariable { get; set; }

    [Parameter(Position = 1)]
    public string? UICulture { get; set; }

    [Parameter]
    public string? BaseDirectory { get; set; }

    [Parameter]
    public string? FileName { get; set; }

    [Parameter]
    public string[] SupportedCommand { get; set; } = [];

    protected override void ProcessRecord()
    {
        var folder = BaseDirectory is null ? MyInvocation.PSScriptRoot : GetUnresolvedProviderPathFromPSPath(BaseDirectory);
        var name = Path.ChangeExtension(FileName ?? Path.GetFileName(MyInvocation.ScriptName), ".psd1");
        if (Locate(folder, name) is not { } file)
        {
            var problem = new PSInvalidOperationException($"Cannot find the Windows PowerShell data file '{name}' in directory '{folder}', or in any parent culture directories.");
            WriteError(new ErrorRecord(problem, "ImportLocalizedData", ErrorCategory.ObjectNotFound, Path.Combine(folder, name)));
            return;
        }

        var script = InvokeCommand.NewScriptBlock(File.ReadAllText(file));
        script.CheckRestrictedLanguage(SupportedCommand, null, false);
        var data = script.InvokeReturnAsIs();
        if (BindingVariable is null)
        {
            WriteObject(data);
        }
        else
        {
            SessionState.PSVariable.Set(BindingVariable, data);
        }
    }

    private string? Locate(string folder, string name)
    {
        for (var culture = UICulture is null ? CultureInfo.CurrentUICulture : new CultureInfo(UICulture);
            culture.Name.Length > 0;
            culture = culture.Parent)
        {
            var localized = Path.Combine(folder, culture.Name, name);
            if (File.Exists(localized))
            {
                return localized;
            }
        }

        // Most systems in a bare container have no culture; English is what a module surely has.
        return new[] { Path.Combine(folder, name), Path.Combine(folder, "en-US", name) }.FirstOrDefault(File.Exists);
    }
}

[Cmdlet(VerbsData.ConvertFrom, "StringData")]
[OutputType(typeof(System.Collections.Hashtable))]
public sealed class ConvertFromStringDataCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string StringData { get; set; } = "";

    [Parameter(Position = 1)]
    public char Delimiter { get; set; } = '=';

    protected override void ProcessRecord()
    {
        var table = new System.Collections.Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (var line in StringData.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var split = line.IndexOf(Delimiter);
            if (split < 0)
            {
                throw new PSInvalidOperationException($"Data line '{line}' is not in 'name=value' format.");
            }

            var key = line[..split].Trim();
            if (table.ContainsKey(key))
            {
                throw new PSInvalidOperationException($"Data item '{key}' in line '{line}' is already defined.");
            }

            table[key] = System.Text.RegularExpressions.Regex.Unescape(line[(split + 1)..].Trim());
        }

        WriteObject(table);
    }
}
