using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>-InputObject, -Property, -CaseSensitive and -Culture of the cmdlets that put objects in order.</summary>
public abstract class OrderingCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; } = System.Management.Automation.Internal.AutomationNull.Value;

    [Parameter(Position = 0)]
    public object[]? Property { get; set; }

    [Parameter]
    public string? Culture { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    internal List<PSObject> Items { get; } = [];

    internal List<PropertySpec> Specs { get; private set; } = [];

    internal ValueComparer Comparer { get; private set; } = new(caseSensitive: false);

    protected override void BeginProcessing()
    {
        Specs = PropertySpec.ParseAll(this, Property);
        Comparer = new ValueComparer(CaseSensitive);
    }

    protected override void ProcessRecord()
    {
        if (InputObject is not null && InputObject != System.Management.Automation.Internal.AutomationNull.Value)
        {
            Items.Add(InputObject);
        }
    }

    /// <summary>What an object is ordered by: its listed properties, or itself.</summary>
    internal List<object?> KeysOf(PSObject item) => Specs.Count == 0 ? [item] : Specs.SelectMany(spec => KeysOf(item, spec)).ToList();

    private static IEnumerable<object?> KeysOf(PSObject item, PropertySpec spec)
    {
        if (!spec.Expression.HasWildCardCharacters)
        {
            return [spec.ValueIn(item)];
        }

        return spec.Expression.ResolveNames(item).Select(name => name.GetValues(item) is [{ } result, ..] ? result.Result : null);
    }

    internal int CompareKeys(List<object?> left, List<object?> right, bool descendingByDefault)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            var order = Comparer.Compare(left[i], right[i]);
            if (order != 0)
            {
                var descending = i < Specs.Count && Specs[i].Descending is { } given ? given : descendingByDefault;
                return descending ? -order : order;
            }
        }

        return left.Count - right.Count;
    }
}

[Cmdlet("Sort", "Object", DefaultParameterSetName = "Default")]
public sealed class SortObjectCommand : OrderingCommand
{
    [Parameter]
    public SwitchParameter Descending { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter(ParameterSetName = "Default")]
    public SwitchParameter Stable { get; set; }

    [Parameter(ParameterSetName = "Top", Mandatory = true)]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; }

    [Parameter(ParameterSetName = "Bottom", Mandatory = true)]
    [ValidateRange(1, int.MaxValue)]
    public int Bottom { get; set; }

    protected override void EndProcessing()
    {
        var keyed = Items.Select(item => (Item: item, Keys: KeysOf(item))).ToList();
        var comparer = Comparer<List<object?>>.Create((left, right) => CompareKeys(left, right, Descending));
        var sorted = keyed.OrderBy(pair => pair.Keys, comparer).ToList();
        if (Unique)
        {
            sorted = sorted.Where((pair, i) => i == 0 || comparer.Compare(sorted[i - 1].Keys, pair.Keys) != 0).ToList();
        }

        var chosen = Top > 0 ? sorted.Take(Top) : Bottom > 0 ? sorted.TakeLast(Bottom) : sorted;
        foreach (var (item, _) in chosen)
        {
            WriteObject(item);
        }
    }
}
