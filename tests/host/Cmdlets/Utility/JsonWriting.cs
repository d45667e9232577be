using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;
using System.Numerics;
using System.Reflection;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.ConvertTo, "Json")]
[OutputType(typeof(string))]
public sealed class ConvertToJsonCommand : PSCmdlet
{
    private readonly List<object?> _items = [];
    private readonly CancellationTokenSource _stop = new();

    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public object? InputObject { get; set; }

    [Parameter]
    [ValidateRange(0, 100)]
    public int Depth { get; set; } = 2;

    [Parameter]
    public SwitchParameter Compress { get; set; }

    [Parameter]
    public SwitchParameter EnumsAsStrings { get; set; }

    [Parameter]
    public SwitchParameter AsArray { get; set; }

    [Parameter]
    public StringEscapeHandling EscapeHandling { get; set; }

    protected override void ProcessRecord() => _items.Add(InputObject);

    protected override void EndProcessing()
    {
        if (_items.Count == 0)
        {
            return;
        }

        object? root = _items.Count > 1 || AsArray ? _items.ToArray() : _items[0];
        var shape = new JsonShape(Depth, EnumsAsStrings, () => WriteWarning(
            $"Resulting JSON is truncated as serialization has exceeded the set depth of {Depth}."), _stop.Token);
        var settings = new JsonSerializerSettings
        {
            TypeNameHandling = TypeNameHandling.None,
            MaxDepth = 1024,
            StringEscapeHandling = EscapeHandling,
            Formatting = Compress ? Formatting.None : Formatting.Indented,
        };
        if (EnumsAsStrings)
        {
            settings.Converters.Add(new StringEnumConverter());
        }

        try
        {
            WriteObject(JsonConvert.SerializeObject(shape.Of(root, 0), settings));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    protected override void StopProcessing() => _stop.Cancel();
}

/// <summary>Turns any object into dictionaries, lists and plain values, by pwsh's rules of what a property is.</summary>
internal sealed class JsonShape(int maxDepth, bool enumsAsStrings, Action warnOnce, CancellationToken stop)
{
    private bool _warned;

    public object? Of(object? value, int depth)
    {
        stop.ThrowIfCancellationRequested();
        if (LanguagePrimitives.IsNull(value))
        {
            return null;
        }

        var wrapper = value as PSObject;
        var plain = wrapper?.BaseObject ?? value!;
        if (plain == DBNull.Value)
        {
            return null;
        }

        if (IsPlainValue(plain, out var ready))
        {
            return WithNotes(wrapper, ready, depth, isBag: false, isObject: false);
        }

        if (depth > maxDepth)
        {
            if (!_warned)
            {
                _warned = true;
                warnOnce();
            }

            return LanguagePrimitives.ConvertTo<string>(wrapper is { ImmediateBaseObjectIsEmpty: true } ? wrapper : plain);
        }

        return plain switch
        {
            JToken token => token,
            PSCustomObject => WithNotes(wrapper, new OrderedDictionary(), depth, isBag: true, isObject: false),
            IDictionary dictionary => WithNotes(wrapper, OfDictionary(dictionary, depth), depth, isBag: false, isObject: false),
            IEnumerable list => WithNotes(wrapper, list.Cast<object?>().Select(item => Of(item, depth + 1)).ToList(), depth, isBag: false, isObject: false),
            _ => WithNotes(wrapper, OfMembers(plain, depth), depth, isBag: false, isObject: true),
        };
    }

    private bool IsPlainValue(object plain, out object ready)
    {
        ready = plain;
        switch (plain)
        {
            case string or char or bool or DateTime or DateTimeOffset or Guid or Uri or double or float or decimal or BigInteger:
                return true;
            case Enum member:
                // A 64-bit enum has values that no JSON reader keeps exactly.
                if (!enumsAsStrings && Enum.GetUnderlyingType(member.GetType()) is var type && (type == typeof(long) || type == typeof(ulong)))
                {
                    ready = member.ToString();
                }

                return true;
            default:
                return plain.GetType().IsPrimitive;
        }
    }

    private OrderedDictionary OfDictionary(IDictionary dictionary, int depth)
    {
        var shaped = new OrderedDictionary();
        foreach (DictionaryEntry entry in dictionary)
        {
            shaped[(object)(entry.Key as string ?? LanguagePrimitives.ConvertTo<string>(entry.Key))] = Of(entry.Value, depth + 1);
        }

        return shaped;
    }

    private OrderedDictionary OfMembers(object plain, int depth)
    {
        var shaped = new OrderedDictionary();
        var type = plain.GetType();
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!field.IsDefined(typeof(JsonIgnoreAttribute), inherit: true))
            {
                shaped[(object)field.Name] = Of(Try(() => field.GetValue(plain)), depth + 1);
            }
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetGetMethod() is not null && property.GetIndexParameters().Length == 0
                && !property.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) && !property.IsDefined(typeof(HiddenAttribute), inherit: true))
            {
                shaped[(object)property.Name] = Of(Try(() => property.GetValue(plain)), depth + 1);
            }
        }

        return shaped;
    }

    private object? WithNotes(PSObject? wrapper, object value, int depth, bool isBag, bool isObject)
    {
        if (wrapper is null || (!isBag && value is DateTime or string))
        {
            return value;
        }

        var receiver = value as OrderedDictionary ?? new OrderedDictionary { { "value", value } };
        var views = isObject ? PSMemberViewTypes.Extended | PSMemberViewTypes.Adapted : PSMemberViewTypes.Extended;
        foreach (var property in new PSMemberInfoIntegratingCollection<PSPropertyInfo>(wrapper, PSObject.GetPropertyCollection(views)))
        {
            if (!receiver.Contains(property.Name))
            {
                receiver[(object)property.Name] = Of(Try(() => property.Value), depth + 1);
            }
        }

        return value is not OrderedDictionary && receiver.Count == 1 ? value : receiver;
    }

    private static object? Try(Func<object?> read)
    {
        try
        {
            return read();
        }
        catch (Exception)
        {
            // A getter that throws is a null in the text, as it is in the formatter.
            return null;
        }
    }
}
