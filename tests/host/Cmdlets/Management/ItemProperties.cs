using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "ItemProperty", DefaultParameterSetName = "Path")]
public class GetItemPropertyCommand : RequiredPathCommand
{
    [Parameter(Position = 1)]
    [Alias("PSProperty")]
    public string[]? Name { get; set; }

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Property.GetPropertyDynamicParameters(FirstPath, new Collection<string>(Name ?? []), context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() => InvokeProvider.Property.Get(path, new Collection<string>(Name ?? []), NewContext()));
        }
    }
}

[Cmdlet(VerbsCommon.Get, "ItemPropertyValue", DefaultParameterSetName = "Path")]
public sealed class GetItemPropertyValueCommand : RequiredPathCommand
{
    [Parameter(Position = 1, Mandatory = true)]
    [Alias("PSProperty")]
    public string[] Name { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() =>
            {
                var names = new Collection<string>(Name);
                foreach (var bag in InvokeProvider.Property.Get([path], names, PathsAreLiteral))
                {
                    foreach (var name in Name)
                    {
                        WriteObject(bag.Properties[name]?.Value);
                    }
                }
            });
        }
    }
}

[Cmdlet(VerbsCommon.Set, "ItemProperty", DefaultParameterSetName = "propertyValuePathSet", SupportsShouldProcess = true)]
public sealed class SetItemPropertyCommand : FilteringCommand
{
    private string[]? _literal;

    [Parameter(Position = 0, ParameterSetName = "propertyValuePathSet", Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, ParameterSetName = "propertyPSObjectPathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[]? Path { get; set; }

    [Parameter(ParameterSetName = "propertyValueLiteralPathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = "propertyPSObjectLiteralPathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
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

    [Parameter(Position = 1, ParameterSetName = "propertyValuePathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 1, ParameterSetName = "propertyValueLiteralPathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSProperty")]
    public string Name { get; set; } = "";

    [Parameter(Position = 2, ParameterSetName = "propertyValuePathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 2, ParameterSetName = "propertyValueLiteralPathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? Value { get; set; }

    [Parameter(ParameterSetName = "propertyPSObjectPathSet", Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = "propertyPSObjectLiteralPathSet", Mandatory = true, ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    protected override void ProcessRecord()
    {
        var bag = InputObject;
        if (bag is null)
        {
            bag = new PSObject();
            bag.Properties.Add(new PSNoteProperty(Name, Value));
        }

        foreach (var path in LiteralPath ?? Path ?? [])
        {
            var context = NewContext();
            context.PassThru = PassThru;
            ForPath(() => InvokeProvider.Property.Set(path, bag, context));
        }
    }
}
