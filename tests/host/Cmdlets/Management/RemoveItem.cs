using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Remove, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class RemoveItemCommand : RequiredPathCommand
{
    private bool _yesToAll;
    private bool _noToAll;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Item.RemoveItemDynamicParameters(FirstPath, Recurse, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() => RemoveMatches(path));
        }
    }

    private void RemoveMatches(string path)
    {
        Collection<PathInfo> found;
        try
        {
            found = SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext());
        }
        catch (ItemNotFoundException)
        {
            // A broken symbolic link does not resolve but can be removed.
            if (!PathsAreLiteral && WildcardPattern.ContainsWildcardCharacters(path))
            {
                throw;
            }

            InvokeProvider.Item.Remove(path, Recurse, NewContext());
            return;
        }

        foreach (var item in found)
        {
            ForPath(() => RemoveOne(item));
        }
    }

    private void RemoveOne(PathInfo item)
    {
        // Names with brackets were resolved above; they must not be taken for patterns again.
        var context = NewContext();
        context.SuppressWildcardExpansion = true;
        if (SessionState.Path.IsCurrentLocationOrAncestor(item.Path, NewContext()))
        {
            var message = $"Cannot remove the item at '{item.Path}' because it is in use.";
            var problem = new PSInvalidOperationException(message);
            WriteError(new ErrorRecord(problem, "InvalidOperation", ErrorCategory.InvalidOperation, item.Path));
            return;
        }

        if (!Recurse && HasChildren(item.Path) && !ShouldContinue(
            $"The item at {item.Path} has children and the Recurse parameter was not specified. If you continue, all children will be "
            + "removed with the item. Are you sure you want to continue?", null, ref _yesToAll, ref _noToAll))
        {
            return;
        }

        var recurse = Recurse || HasChildren(item.Path);
        InvokeProvider.Item.Remove(item.Path, recurse, context);
    }

    private bool HasChildren(string path)
    {
        var context = NewContext();
        context.SuppressWildcardExpansion = true;
        try
        {
            return InvokeProvider.ChildItem.HasChild(path, context);
        }
        catch (PSNotSupportedException)
        {
            return false;
        }
    }
}
