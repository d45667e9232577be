using System.Collections;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Select, "Object", DefaultParameterSetName = "DefaultParameter")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _seen = [];
    private readonly Queue<PSObject> _tail = new();
    private List<PropertySpec> _properties = [];
    private PSPropertyExpression[] _excluded = [];
    private int _position = -1;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; } = System.Management.Automation.Internal.AutomationNull.Value;

    [Parameter(Position = 0, ParameterSetName = "DefaultParameter")]
    [Parameter(Position = 0, ParameterSetName = "SkipLastParameter")]
    public object[]? Property { get; set; }

    [Parameter(ParameterSetName = "DefaultParameter")]
    [Parameter(ParameterSetName = "SkipLastParameter")]
    public string[]? ExcludeProperty { get; set; }

    [Parameter(ParameterSetName = "DefaultParameter")]
    [Parameter(ParameterSetName = "SkipLastParameter")]
    public string? ExpandProperty { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter]
    public SwitchParameter CaseInsensitive { get; set; }

    [Parameter(ParameterSetName = "DefaultParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int Last { get; set; } = -1;

    [Parameter(ParameterSetName = "DefaultParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int First { get; set; } = -1;

    [Parameter(ParameterSetName = "DefaultParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    [Parameter(ParameterSetName = "SkipLastParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int SkipLast { get; set; }

    [Parameter(ParameterSetName = "DefaultParameter")]
    [Parameter(ParameterSetName = "IndexParameter")]
    public SwitchParameter Wait { get; set; }

    [Parameter(ParameterSetName = "IndexParameter")]
    public int[]? Index { get; set; }

    [Parameter(ParameterSetName = "SkipIndexParameter")]
    public int[]? SkipIndex { get; set; }

    protected override void BeginProcessing()
    {
        _properties = PropertySpec.ParseAll(this, Property ?? (ExcludeProperty is null ? null : ["*"]));
        _excluded = (ExcludeProperty ?? []).Select(name => new PSPropertyExpression(name)).ToArray();
        if (First == 0 && Last < 0 && !Wait)
        {
            throw new StopUpstreamCommandsException(this);
        }
    }

    protected override void ProcessRecord()
    {
        if (InputObject == System.Management.Automation.Internal.AutomationNull.Value)
        {
            return;
        }

        _position++;
        var item = InputObject!;
        if (Index is not null)
        {
            if (Index.Contains(_position))
            {
                Emit(item);
            }

            StopWhen(!Wait && Index.Length > 0 && _position >= Index.Max());
        }
        else if (SkipIndex is not null)
        {
            if (!SkipIndex.Contains(_position))
            {
                Emit(item);
            }
        }
        else if (SkipLast > 0)
        {
            _tail.Enqueue(item);
            if (_tail.Count > SkipLast)
            {
                Emit(_tail.Dequeue());
            }
        }
        else
        {
            FromTheEnds(item);
        }
    }

    protected override void EndProcessing()
    {
        if (Last < 0)
        {
            return;
        }

        // With -Last alone, -Skip counts from the end.
        var keep = First < 0 ? _tail.Count - Skip : _tail.Count;
        while (keep-- > 0)
        {
            Emit(_tail.Dequeue());
        }
    }

    private void FromTheEnds(PSObject item)
    {
        if (First < 0 && Last >= 0)
        {
            _tail.Enqueue(item);
            if (_tail.Count > Last + Skip)
            {
                _tail.Dequeue();
            }

            return;
        }

        if (_position < Skip)
        {
            return;
        }

        if (First < 0 || _position < Skip + First)
        {
            Emit(item);
        }
        else if (Last >= 0)
        {
            _tail.Enqueue(item);
            if (_tail.Count > Last)
            {
                _tail.Dequeue();
            }
        }

        StopWhen(First >= 0 && Last < 0 && !Wait && _position >= Skip + First - 1);
    }

    private void StopWhen(bool enough)
    {
        if (enough && !Unique)
        {
            throw new StopUpstreamCommandsException(this);
        }
    }

    private void Emit(PSObject item)
    {
        if (_properties.Count == 0 && ExpandProperty is null)
        {
            WriteOnce(item);
            return;
        }

        var shaped = new PSObject();
        foreach (var property in _properties)
        {
            AddProperty(shaped, item, property);
        }

        if (ExpandProperty is not null)
        {
            Expand(item, shaped);
            return;
        }

        var typeName = item is null ? "" : item.InternalTypeNames.Count > 0 ? item.InternalTypeNames[0] : "";
        shaped.TypeNames.Insert(0, typeName.StartsWith("Selected.", StringComparison.Ordinal) ? typeName : "Selected." + typeName);
        WriteOnce(shaped);
    }

    private void AddProperty(PSObject target, PSObject item, PropertySpec property)
    {
        var names = property.Expression.ResolveNames(item ?? new PSObject());
        if (names.Count == 0)
        {
            if (!property.Expression.HasWildCardCharacters)
            {
                AddNote(target, property.Label ?? property.Expression.ToString(), null);
            }

            return;
        }

        foreach (var name in names)
        {
            if (_excluded.Any(excluded => WildcardPattern.Get(excluded.ToString(), WildcardOptions.IgnoreCase).IsMatch(name.ToString())))
            {
                continue;
            }

            var results = name.GetValues(item ?? new PSObject());
            var result = results.Count > 0 ? results[0] : null;
            if (result?.Exception is not null && property.Expression.Script is null)
            {
                continue;
            }

            AddNote(target, property.Label ?? (result?.ResolvedExpression ?? name).ToString(), result?.Exception is null ? result?.Result : null);
        }
    }

    private void AddNote(PSObject target, string name, object? value)
    {
        if (target.Properties[name] is not null)
        {
            var problem = new PSInvalidOperationException($"The property cannot be processed because the property \"{name}\" already exists.");
            WriteError(new ErrorRecord(problem, "AlreadyExistingUserSpecifiedPropertyNoExpand", ErrorCategory.InvalidOperation, target));
            return;
        }

        target.Properties.Add(new PSNoteProperty(name, value));
    }

    private void Expand(PSObject item, PSObject extra)
    {
        var results = new PSPropertyExpression(ExpandProperty!).GetValues(item);
        if (results.Count == 0)
        {
            var problem = new PSArgumentException($"Property \"{ExpandProperty}\" cannot be found.", "ExpandProperty");
            WriteError(new ErrorRecord(problem, "ExpandPropertyNotFound", ErrorCategory.InvalidArgument, item));
            return;
        }

        foreach (var result in results)
        {
            if (result.Exception is not null)
            {
                WriteError(new ErrorRecord(result.Exception, "PropertyEvaluationExpand", ErrorCategory.InvalidResult, item));
                continue;
            }

            foreach (var value in LanguagePrimitives.GetEnumerable(result.Result) ?? new[] { result.Result })
            {
                var expanded = value is null ? null : PSObject.AsPSObject(value);
                if (expanded is not null)
                {
                    foreach (var note in extra.Properties)
                    {
                        expanded.Properties.Add(new PSNoteProperty(note.Name, note.Value));
                    }
                }

                WriteOnce(expanded);
            }
        }
    }

    private void WriteOnce(PSObject? item)
    {
        if (Unique)
        {
            if (_seen.Any(earlier => Same(earlier, item)))
            {
                return;
            }

            _seen.Add(item!);
        }

        WriteObject(item);
    }

    private bool Same(PSObject? left, PSObject? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null;
        }

        var comparer = new ValueComparer(caseSensitive: !CaseInsensitive);
        if (_properties.Count == 0 || ExpandProperty is not null)
        {
            return comparer.Equals(left, right);
        }

        return left.Properties.Select(p => p.Name).SequenceEqual(right.Properties.Select(p => p.Name))
            && left.Properties.All(p => comparer.Equals(p.Value, right.Properties[p.Name].Value));
    }
}
