using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.Compare, "Object")]
public sealed class CompareObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _differences = [];

    [Parameter(Position = 0, Mandatory = true)]
    [AllowEmptyCollection]
    public PSObject[] ReferenceObject { get; set; } = [];

    [Parameter(Position = 1, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    public PSObject[] DifferenceObject { get; set; } = [];

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int SyncWindow { get; set; } = int.MaxValue;

    [Parameter]
    public object[]? Property { get; set; }

    [Parameter]
    public SwitchParameter ExcludeDifferent { get; set; }

    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public string? Culture { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    protected override void ProcessRecord() => _differences.AddRange(DifferenceObject);

    protected override void EndProcessing()
    {
        var specs = PropertySpec.ParseAll(this, Property);
        var comparer = new ValueComparer(CaseSensitive);
        var left = ReferenceObject.Select((item, i) => (Item: item, Position: i)).ToList();
        var right = new List<PSObject>();
        for (var i = 0; i < _differences.Count; i++)
        {
            var item = _differences[i];
            var match = left.FindIndex(other => Math.Abs((long)other.Position - i) <= SyncWindow && Same(specs, comparer, other.Item, item));
            if (match < 0)
            {
                right.Add(item);
                continue;
            }

            if (IncludeEqual || ExcludeDifferent)
            {
                Emit(specs, left[match].Item, "==");
            }

            left.RemoveAt(match);
        }

        if (ExcludeDifferent)
        {
            return;
        }

        right.ForEach(item => Emit(specs, item, "=>"));
        left.ForEach(pair => Emit(specs, pair.Item, "<="));
    }

    private static bool Same(List<PropertySpec> specs, ValueComparer comparer, PSObject left, PSObject right) =>
        specs.Count == 0
            ? comparer.Equals(left, right)
            : specs.TrueForAll(spec => comparer.Equals(spec.ValueIn(left), spec.ValueIn(right)));

    private void Emit(List<PropertySpec> specs, PSObject item, string side)
    {
        var result = item;
        if (!PassThru)
        {
            result = new PSObject();
            if (specs.Count == 0)
            {
                result.Properties.Add(new PSNoteProperty("InputObject", item));
            }

            foreach (var spec in specs)
            {
                result.Properties.Add(new PSNoteProperty(spec.Label ?? spec.Expression.ToString(), spec.ValueIn(item)));
            }
        }

        result.Properties.Remove("SideIndicator");
        result.Properties.Add(new PSNoteProperty("SideIndicator", side));
        WriteObject(result);
    }
}
