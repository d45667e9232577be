using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Objects that share a value.</summary>
public class GroupInfo
{
    internal GroupInfo(List<object?> values)
    {
        Values = new ArrayList(values);
        Name = string.Join(", ", values.Select(value => value is null ? "" : PSObject.AsPSObject(value).ToString()));
    }

    public ArrayList Values { get; }

    public int Count { get; internal set; }

    public Collection<PSObject> Group { get; } = [];

    public string Name { get; }
}

/// <summary>A group of which only the count was wanted.</summary>
public sealed class GroupInfoNoElement : GroupInfo
{
    internal GroupInfoNoElement(List<object?> values)
        : base(values)
    {
    }
}

[Cmdlet(VerbsData.Group, "Object", DefaultParameterSetName = "HashTable")]
[OutputType(typeof(Hashtable), typeof(GroupInfo))]
public sealed class GroupObjectCommand : OrderingCommand
{
    [Parameter]
    public SwitchParameter NoElement { get; set; }

    [Parameter(ParameterSetName = "HashTable")]
    [Alias("AHT")]
    public SwitchParameter AsHashTable { get; set; }

    [Parameter(ParameterSetName = "HashTable")]
    public SwitchParameter AsString { get; set; }

    protected override void EndProcessing()
    {
        if (AsString && !AsHashTable)
        {
            var problem = new ArgumentException("The AsString parameter can be used only together with AsHashTable.");
            ThrowTerminatingError(new ErrorRecord(problem, "CannotUseAsStringWithoutAsHashTable", ErrorCategory.InvalidArgument, AsString));
        }

        var comparer = Comparer<List<object?>>.Create((left, right) => CompareKeys(left, right, descendingByDefault: false));
        var groups = new List<(List<object?> Keys, GroupInfo Group)>();
        foreach (var (item, keys) in Items.Select(item => (item, KeysOf(item))).OrderBy(pair => pair.Item2, comparer))
        {
            if (groups.Count == 0 || comparer.Compare(groups[^1].Keys, keys) != 0)
            {
                groups.Add((keys, NoElement ? new GroupInfoNoElement(keys) : new GroupInfo(keys)));
            }

            var group = groups[^1].Group;
            group.Count++;
            if (!NoElement)
            {
                group.Group.Add(item);
            }
        }

        if (AsHashTable)
        {
            WriteObject(Table(groups.Select(pair => pair.Group)));
        }
        else
        {
            WriteObject(groups.Select(pair => pair.Group), enumerateCollection: true);
        }
    }

    private Hashtable Table(IEnumerable<GroupInfo> groups)
    {
        var table = CaseSensitive ? new Hashtable() : new Hashtable(StringComparer.CurrentCultureIgnoreCase);
        foreach (var group in groups)
        {
            var key = AsString ? group.Name : PSObject.Base(group.Values.Count == 1 ? group.Values[0] : group.Name);
            table[key ?? ""] = group.Group;
        }

        return table;
    }
}
