using System.Management.Automation;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Microsoft.PowerShell.Commands;

/// <summary>What becomes of a JSON text that looks like a moment in time.</summary>
public enum JsonDateKind
{
    Default,
    Local,
    Utc,
    Offset,
    String,
}

[Cmdlet(VerbsData.ConvertFrom, "Json")]
public sealed class ConvertFromJsonCommand : PSCmdlet
{
    private readonly List<string> _lines = [];

    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string InputObject { get; set; } = "";

    [Parameter]
    public SwitchParameter AsHashtable { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Depth { get; set; } = 1024;

    [Parameter]
    public SwitchParameter NoEnumerate { get; set; }

    [Parameter]
    public JsonDateKind DateKind { get; set; }

    protected override void ProcessRecord() => _lines.Add(InputObject);

    protected override void EndProcessing()
    {
        if (_lines.Count == 0)
        {
            return;
        }

        if (_lines.Count > 1 && IsWholeJson(_lines[0]))
        {
            _lines.ForEach(Convert);
            return;
        }

        Convert(string.Join(Environment.NewLine, _lines));
    }

    private bool IsWholeJson(string line)
    {
        try
        {
            return string.IsNullOrWhiteSpace(line) || Parse(line) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private void Convert(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        var value = Value(Parse(text)!);
        if (value is object?[] list)
        {
            WriteObject(list, enumerateCollection: !NoEnumerate);
        }
        else
        {
            WriteObject(value);
        }
    }

    private JToken? Parse(string text)
    {
        try
        {
            var settings = new JsonSerializerSettings
            {
                TypeNameHandling = TypeNameHandling.None,
                MetadataPropertyHandling = MetadataPropertyHandling.Ignore,
                MaxDepth = Depth,
                DateParseHandling = DateKind switch
                {
                    JsonDateKind.Offset => DateParseHandling.DateTimeOffset,
                    JsonDateKind.String => DateParseHandling.None,
                    _ => DateParseHandling.DateTime,
                },
                DateTimeZoneHandling = DateKind switch
                {
                    JsonDateKind.Local => DateTimeZoneHandling.Local,
                    JsonDateKind.Utc => DateTimeZoneHandling.Utc,
                    _ => DateTimeZoneHandling.RoundtripKind,
                },
            };
            return JsonConvert.DeserializeObject<JToken>(text, settings) ?? JValue.CreateNull();
        }
        catch (JsonException cause)
        {
            throw new ArgumentException($"Conversion from JSON failed with error: {cause.Message}", cause);
        }
    }

    private object? Value(JToken token) => token switch
    {
        JObject members when AsHashtable => Table(members),
        JObject members => Bag(members),
        JArray items => items.Select(Value).ToArray(),
        JValue value => value.Value,
        _ => null,
    };

    private OrderedHashtable Table(JObject members)
    {
        var table = new OrderedHashtable();
        foreach (var (name, value) in members)
        {
            table.Add(name, Value(value!));
        }

        return table;
    }

    private PSObject Bag(JObject members)
    {
        var bag = new PSObject();
        foreach (var (name, value) in members)
        {
            if (name.Length == 0)
            {
                Refuse("The provided JSON includes a property whose name is an empty string, this is only supported using the -AsHashTable switch.",
                    "EmptyKeyInJsonString");
            }

            if (bag.Properties[name] is { } other)
            {
                Refuse($"Cannot convert the JSON string because it contains keys with different casing. Please use the -AsHashTable switch "
                    + $"instead. The key that was attempted to be added to the existing key '{other.Name}' was '{name}'.", "KeysWithDifferentCasingInJsonString");
            }

            bag.Properties.Add(new PSNoteProperty(name, Value(value!)), preValidated: true);
        }

        return bag;
    }

    private void Refuse(string message, string id) =>
        ThrowTerminatingError(new ErrorRecord(new InvalidOperationException(message), id, ErrorCategory.InvalidOperation, null));
}
