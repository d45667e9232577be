using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Copy, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class CopyItemCommand : RequiredPathCommand
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public string? Destination { get; set; }

    [Parameter]
    public SwitchParameter Container { get; set; } = true;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.CopyItemDynamicParameters(FirstPath, Destination, Recurse, context);

    protected override void ProcessRecord()
    {
        var how = Container ? CopyContainers.CopyTargetContainer : CopyContainers.CopyChildrenOfTargetContainer;
        foreach (var path in Paths)
        {
            var context = NewContext();
            context.PassThru = PassThru;
            ForPath(() => InvokeProvider.Item.Copy(path, Destination ?? "", Recurse, how, context));
        }
    }
}

[Cmdlet(VerbsCommon.Move, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class MoveItemCommand : RequiredPathCommand
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Destination { get; set; } = ".";

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.MoveItemDynamicParameters(FirstPath, Destination, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            var context = NewContext();
            context.PassThru = PassThru;
            ForPath(() => InvokeProvider.Item.Move(path, Destination, context));
        }
    }
}

[Cmdlet(VerbsCommon.Rename, "Item", DefaultParameterSetName = "ByPath", SupportsShouldProcess = true)]
public sealed class RenameItemCommand : ProviderCommand
{
    private string? _literal;

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "ByPath", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath
    {
        get => _literal;
        set
        {
            _literal = value;
            PathsAreLiteral = true;
        }
    }

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string NewName { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.RenameItemDynamicParameters(LiteralPath ?? Path ?? ".", NewName, context);

    protected override void ProcessRecord()
    {
        var context = NewContext();
        context.PassThru = PassThru;
        ForPath(() => InvokeProvider.Item.Rename(LiteralPath ?? Path ?? "", NewName, context));
    }
}

[Cmdlet(VerbsCommon.Set, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class SetItemCommand : RequiredPathCommand
{
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.SetItemDynamicParameters(FirstPath, Value, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            var context = NewContext();
            context.PassThru = PassThru;
            ForPath(() => InvokeProvider.Item.Set(path, Value, context));
        }
    }
}

[Cmdlet(VerbsCommon.Clear, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class ClearItemCommand : RequiredPathCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.ClearItemDynamicParameters(FirstPath, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() => InvokeProvider.Item.Clear(path, NewContext()));
        }
    }
}
