using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>-Include, -Exclude, -Filter and -Force, shared by the item and content cmdlets.</summary>
public abstract class FilteringCommand : ProviderCommand
{
    [Parameter]
    public virtual string? Filter { get; set; }

    [Parameter]
    public virtual string[]? Include { get; set; }

    [Parameter]
    public virtual string[]? Exclude { get; set; }

    internal override string? FilterText => Filter;

    internal override string[]? IncludeTexts => Include;

    internal override string[]? ExcludeTexts => Exclude;
}

/// <summary>A mandatory -Path or -LiteralPath.</summary>
public abstract class RequiredPathCommand : FilteringCommand
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

    internal string[] Paths => LiteralPath ?? Path ?? [];

    internal string FirstPath => Paths is [{ } first, ..] ? first : ".";
}

/// <summary>A -Path that is the current location when it is left out, or a -LiteralPath.</summary>
public abstract class OptionalPathCommand : FilteringCommand
{
    private string[]? _literal;

    [Parameter(Position = 0, ParameterSetName = "Items", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LiteralItems", ValueFromPipelineByPropertyName = true)]
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

    internal string[] Paths => LiteralPath ?? Path ?? ["."];

    internal string FirstPath => Paths is [{ } first, ..] ? first : ".";
}
