using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Random", DefaultParameterSetName = "RandomNumberParameterSet")]
public sealed class GetRandomCommand : PSCmdlet
{
    private static Random s_seeded = Random.Shared;
    private readonly List<object?> _items = [];

    [Parameter]
    public int? SetSeed { get; set; }

    [Parameter(ParameterSetName = "RandomNumberParameterSet", Position = 0)]
    public object? Maximum { get; set; }

    [Parameter(ParameterSetName = "RandomNumberParameterSet")]
    public object? Minimum { get; set; }

    [Parameter(ParameterSetName = "RandomNumberParameterSet")]
    [Parameter(ParameterSetName = "RandomListItemParameterSet")]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    [Parameter(ParameterSetName = "RandomListItemParameterSet", ValueFromPipeline = true, Position = 0, Mandatory = true)]
    [Parameter(ParameterSetName = "ShuffleParameterSet", ValueFromPipeline = true, Position = 0, Mandatory = true)]
    [AllowNull]
    public object?[] InputObject { get; set; } = [];

    [Parameter(ParameterSetName = "ShuffleParameterSet", Mandatory = true)]
    public SwitchParameter Shuffle { get; set; }

    protected override void BeginProcessing()
    {
        if (SetSeed is { } seed)
        {
            s_seeded = new Random(seed);
        }
    }

    protected override void ProcessRecord()
    {
        if (ParameterSetName != "RandomNumberParameterSet")
        {
            _items.AddRange(InputObject ?? [null]);
        }
    }

    protected override void EndProcessing()
    {
        if (ParameterSetName == "RandomNumberParameterSet")
        {
            for (var i = 0; i < (Count ?? 1); i++)
            {
                WriteObject(Number());
            }

            return;
        }

        var chosen = _items.ToArray();
        s_seeded.Shuffle(chosen);
        WriteObject(chosen.Take(Shuffle ? chosen.Length : Count ?? 1), enumerateCollection: true);
    }

    private object Number()
    {
        var low = PSObject.Base(Minimum) ?? 0;
        var high = PSObject.Base(Maximum);
        if (low is double or float || high is double or float)
        {
            var from = LanguagePrimitives.ConvertTo<double>(low);
            var to = high is null ? double.MaxValue : LanguagePrimitives.ConvertTo<double>(high);
            Check(from < to);
            return from + (s_seeded.NextDouble() * (to - from));
        }

        var least = LanguagePrimitives.ConvertTo<long>(low);
        var most = high is null ? int.MaxValue : LanguagePrimitives.ConvertTo<long>(high);
        Check(least < most);
        var number = s_seeded.NextInt64(least, most);
        return low is long || high is long || number is < int.MinValue or > int.MaxValue ? number : (int)number;
    }

    private void Check(bool inOrder)
    {
        if (!inOrder)
        {
            var problem = new ArgumentException($"The Minimum value ({Minimum ?? 0}) cannot be greater than or equal to the Maximum value ({Maximum}).");
            ThrowTerminatingError(new ErrorRecord(problem, "MinGreaterThanOrEqualMax", ErrorCategory.InvalidArgument, null));
        }
    }
}

[Cmdlet(VerbsCommon.New, "Guid", DefaultParameterSetName = "Default")]
[OutputType(typeof(Guid))]
public sealed class NewGuidCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Empty")]
    public SwitchParameter Empty { get; set; }

    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    public string? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            WriteObject(Empty ? Guid.Empty : Guid.NewGuid());
        }
        else if (Guid.TryParse(InputObject, out var parsed))
        {
            WriteObject(parsed);
        }
        else
        {
            var problem = new FormatException($"Unrecognized Guid format: '{InputObject}'.");
            WriteError(new ErrorRecord(problem, "StringNotRecognizedAsGuid", ErrorCategory.InvalidArgument, InputObject));
        }
    }
}
