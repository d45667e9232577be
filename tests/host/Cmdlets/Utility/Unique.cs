using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Unique", DefaultParameterSetName = "AsString")]
public sealed class GetUniqueCommand : PSCmdlet
{
    private PSObject? _last;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(ParameterSetName = "AsString")]
    public SwitchParameter AsString { get; set; }

    [Parameter(ParameterSetName = "UniqueByType")]
    public SwitchParameter OnType { get; set; }

    [Parameter]
    public SwitchParameter CaseInsensitive { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        if (_last is null || !Same(_last, InputObject))
        {
            WriteObject(InputObject);
        }

        _last = InputObject;
    }

    private bool Same(PSObject left, PSObject right)
    {
        if (OnType)
        {
            return left.InternalTypeNames[0] == right.InternalTypeNames[0];
        }

        return AsString
            ? string.Equals(left.ToString(), right.ToString(), CaseInsensitive ? StringComparison.CurrentCultureIgnoreCase : StringComparison.CurrentCulture)
            : new ValueComparer(caseSensitive: !CaseInsensitive).Equals(left, right);
    }
}
