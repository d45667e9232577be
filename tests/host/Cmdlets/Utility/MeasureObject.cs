using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>What every measurement names: the property it was taken of.</summary>
public abstract class MeasureInfo
{
    public string? Property { get; set; }
}

/// <summary>Counts and sums of numbers.</summary>
public sealed class GenericMeasureInfo : MeasureInfo
{
    public int Count { get; set; }

    public double? Average { get; set; }

    public double? Sum { get; set; }

    public double? Maximum { get; set; }

    public double? Minimum { get; set; }

    public double? StandardDeviation { get; set; }
}

/// <summary>Counts and extremes of things that are ordered without being numbers.</summary>
public sealed class GenericObjectMeasureInfo : MeasureInfo
{
    public int Count { get; set; }

    public double? Average { get; set; }

    public double? Sum { get; set; }

    public object? Maximum { get; set; }

    public object? Minimum { get; set; }
}

/// <summary>Lines, words and characters.</summary>
public sealed class TextMeasureInfo : MeasureInfo
{
    public int? Lines { get; set; }

    public int? Words { get; set; }

    public int? Characters { get; set; }
}

[Cmdlet(VerbsDiagnostic.Measure, "Object", DefaultParameterSetName = "GenericMeasure")]
public sealed class MeasureObjectCommand : PSCmdlet
{
    private readonly List<(string Name, List<object> Values)> _measured = [];
    private int _count;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; } = System.Management.Automation.Internal.AutomationNull.Value;

    [Parameter(Position = 0)]
    public PSPropertyExpression[]? Property { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter StandardDeviation { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Sum { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter AllStats { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Average { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Maximum { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Minimum { get; set; }

    [Parameter(ParameterSetName = "TextMeasure")]
    public SwitchParameter Line { get; set; }

    [Parameter(ParameterSetName = "TextMeasure")]
    public SwitchParameter Word { get; set; }

    [Parameter(ParameterSetName = "TextMeasure")]
    public SwitchParameter Character { get; set; }

    [Parameter(ParameterSetName = "TextMeasure")]
    public SwitchParameter IgnoreWhiteSpace { get; set; }

    private bool IsText => ParameterSetName == "TextMeasure";

    private bool NeedsNumbers => Sum || Average || StandardDeviation || AllStats;

    protected override void ProcessRecord()
    {
        if (InputObject is null || InputObject == System.Management.Automation.Internal.AutomationNull.Value)
        {
            return;
        }

        _count++;
        if (Property is null)
        {
            Add("", InputObject.BaseObject);
            return;
        }

        foreach (var expression in Property)
        {
            foreach (var result in expression.GetValues(InputObject).Where(result => result.Exception is null && result.Result is not null))
            {
                Add(result.ResolvedExpression.ToString(), PSObject.Base(result.Result));
            }
        }
    }

    protected override void EndProcessing()
    {
        if (Property is null && _measured.Count == 0)
        {
            _measured.Add(("", []));
        }

        foreach (var missing in (Property ?? []).Where(p => !p.HasWildCardCharacters && p.Script is null && !_measured.Exists(m => m.Name.Equals(p.ToString(), StringComparison.OrdinalIgnoreCase))))
        {
            var problem = new PSArgumentException($"The property \"{missing}\" cannot be found in the input for any objects.");
            WriteError(new ErrorRecord(problem, "GenericMeasurePropertyNotFound", ErrorCategory.InvalidArgument, null));
        }

        foreach (var (name, values) in _measured)
        {
            WriteObject(IsText ? TextMeasure(name, values) : Numbers(name, values));
        }
    }

    private void Add(string name, object value)
    {
        var slot = _measured.FindIndex(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (slot < 0)
        {
            slot = _measured.Count;
            _measured.Add((name, []));
        }

        if (NeedsNumbers && !IsText && !LanguagePrimitives.TryConvertTo<double>(value, out _))
        {
            var problem = new PSArgumentException($"Input object \"{value}\" is not numeric.");
            WriteError(new ErrorRecord(problem, "NonNumericInputObject", ErrorCategory.InvalidType, value));
            return;
        }

        _measured[slot].Values.Add(value);
    }

    private MeasureInfo Numbers(string name, List<object> values)
    {
        var property = name.Length == 0 ? null : name;
        var wantsExtremes = Maximum || Minimum || AllStats;
        var numeric = values.TrueForAll(value => LanguagePrimitives.TryConvertTo<double>(value, out _));
        if (wantsExtremes && !numeric)
        {
            var ordered = values.Order(new ValueComparer(caseSensitive: false)).ToList();
            return new GenericObjectMeasureInfo
            {
                Property = property,
                Count = values.Count,
                Maximum = Maximum || AllStats ? ordered.LastOrDefault() : null,
                Minimum = Minimum || AllStats ? ordered.FirstOrDefault() : null,
            };
        }

        var result = new GenericMeasureInfo { Property = property, Count = Property is null ? _count : values.Count };
        if ((NeedsNumbers || wantsExtremes) && values.Count > 0)
        {
            var numbers = values.Select(value => LanguagePrimitives.ConvertTo<double>(value)).ToList();
            var sum = numbers.Sum();
            var average = sum / numbers.Count;
            result.Sum = Sum || AllStats ? sum : null;
            result.Average = Average || AllStats ? average : null;
            result.Maximum = Maximum || AllStats ? numbers.Max() : null;
            result.Minimum = Minimum || AllStats ? numbers.Min() : null;
            result.StandardDeviation = StandardDeviation || AllStats
                ? Math.Sqrt(numbers.Sum(number => (number - average) * (number - average)) / Math.Max(1, numbers.Count - 1))
                : null;
        }

        return result;
    }

    private TextMeasureInfo TextMeasure(string name, List<object> values)
    {
        var texts = values.Select(value => PSObject.AsPSObject(value).ToString()).ToList();
        return new TextMeasureInfo
        {
            Property = name.Length == 0 ? null : name,
            Lines = Line ? texts.Sum(LineCount) : null,
            Words = Word ? texts.Sum(text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length) : null,
            Characters = Character ? texts.Sum(text => IgnoreWhiteSpace ? text.Count(letter => !char.IsWhiteSpace(letter)) : text.Length) : null,
        };
    }

    private static int LineCount(string text) =>
        text.Length == 0 ? 0 : text.Count(letter => letter == '\n') + (text.EndsWith('\n') ? 0 : 1);
}
