using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Item", DefaultParameterSetName = "Path")]
public sealed class GetItemCommand : RequiredPathCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.GetItemDynamicParameters(FirstPath, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() => InvokeProvider.Item.Get(path, NewContext()));
        }
    }
}

[Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = "Items")]
public sealed class GetChildItemCommand : OptionalPathCommand
{
    private uint _depth = uint.MaxValue;

    [Parameter(Position = 1)]
    public override string? Filter { get; set; }

    [Parameter]
    [Alias("s", "r")]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public uint Depth
    {
        get => _depth;
        set
        {
            _depth = value;
            Recurse = true;
        }
    }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter Name { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) => Name
        ? InvokeProvider.ChildItem.GetChildNamesDynamicParameters(FirstPath, context)
        : InvokeProvider.ChildItem.GetChildItemsDynamicParameters(FirstPath, Recurse, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() =>
            {
                if (Name)
                {
                    InvokeProvider.ChildItem.GetNames(path, ReturnContainers.ReturnMatchingContainers, Recurse, Depth, NewContext());
                }
                else
                {
                    InvokeProvider.ChildItem.Get(path, Recurse, Depth, NewContext());
                }
            });
        }
    }
}

[Cmdlet(VerbsLifecycle.Invoke, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class InvokeItemCommand : RequiredPathCommand
{
    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.InvokeItemDynamicParameters(FirstPath, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() => InvokeProvider.Item.Invoke(path, NewContext()));
        }
    }
}
