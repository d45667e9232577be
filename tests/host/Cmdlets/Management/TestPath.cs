using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>What kind of item Test-Path looks for.</summary>
public enum TestPathType
{
    Any,
    Container,
    Leaf,
}

[Cmdlet(VerbsDiagnostic.Test, "Path", DefaultParameterSetName = "Path")]
[OutputType(typeof(bool))]
public sealed class TestPathCommand : ProviderCommand
{
    private string[]? _literal;

    [Parameter(Position = 0, ParameterSetName = "Path", Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[]? Path { get; set; }

    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
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
    public string? Filter { get; set; }

    [Parameter]
    public string[]? Include { get; set; }

    [Parameter]
    public string[]? Exclude { get; set; }

    [Parameter]
    [Alias("Type")]
    public TestPathType PathType { get; set; }

    [Parameter]
    public SwitchParameter IsValid { get; set; }

    internal override string? FilterText => Filter;

    internal override string[]? IncludeTexts => Include;

    internal override string[]? ExcludeTexts => Exclude;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        IsValid || (LiteralPath ?? Path) is not [{ Length: > 0 } first, ..]
            ? null
            : InvokeProvider.Item.ItemExistsDynamicParameters(first, context);

    protected override void ProcessRecord()
    {
        var paths = LiteralPath ?? Path;
        if (paths is null || paths.Length == 0)
        {
            var problem = new ArgumentNullException(PathsAreLiteral ? nameof(LiteralPath) : nameof(Path), "The provided Path argument was null or an empty collection.");
            WriteError(new ErrorRecord(problem, "NullPathNotPermitted", ErrorCategory.InvalidArgument, paths));
            return;
        }

        foreach (var path in paths)
        {
            if (path is null)
            {
                var problem = new ArgumentNullException(PathsAreLiteral ? nameof(LiteralPath) : nameof(Path), "The provided Path argument was null or an empty collection.");
                WriteError(new ErrorRecord(problem, "NullPathNotPermitted", ErrorCategory.InvalidArgument, path));
                continue;
            }

            WriteObject(!string.IsNullOrWhiteSpace(path) && Holds(path));
        }
    }

    private bool Holds(string path)
    {
        try
        {
            if (IsValid)
            {
                return SessionState.Path.IsValid(path, NewContext());
            }

            if (!InvokeProvider.Item.Exists(path, NewContext()))
            {
                return false;
            }

            return PathType switch
            {
                TestPathType.Container => InvokeProvider.Item.IsContainer(path, NewContext()),
                TestPathType.Leaf => !InvokeProvider.Item.IsContainer(path, NewContext()),
                _ => true,
            };
        }
        catch (Exception problem) when (problem is PSNotSupportedException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ItemNotFoundException)
        {
            return false;
        }
    }
}
