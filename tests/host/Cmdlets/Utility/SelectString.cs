using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.PowerShell.Commands;

/// <summary>The lines around a match.</summary>
public sealed class MatchInfoContext
{
    public string[] PreContext { get; set; } = [];

    public string[] PostContext { get; set; } = [];
}

/// <summary>A line that matched, and where it is.</summary>
public sealed class MatchInfo
{
    public bool IgnoreCase { get; set; }

    public int LineNumber { get; set; }

    public string Line { get; set; } = "";

    public string Filename => Path == "InputStream" ? Path : System.IO.Path.GetFileName(Path);

    public string Path { get; set; } = "InputStream";

    public string Pattern { get; set; } = "";

    public MatchInfoContext? Context { get; set; }

    public Match[] Matches { get; set; } = [];

    public string RelativePath(string directory) =>
        Path == "InputStream" ? Path : System.IO.Path.GetRelativePath(directory, Path);

    public override string ToString() => ToString(null);

    public string ToString(string? directory)
    {
        if (Path == "InputStream")
        {
            return Context is null ? Line : Framed(Line, prefix: null);
        }

        var file = directory is null ? Path : RelativePath(directory);
        return Context is null ? $"{file}:{LineNumber}:{Line}" : Framed(Line, file);
    }

    public string ToEmphasizedString(string? directory) => ToString(directory);

    private string Framed(string line, string? prefix)
    {
        var text = new StringBuilder();
        var number = LineNumber - Context!.PreContext.Length;
        foreach (var before in Context.PreContext)
        {
            text.AppendLine(Shown(" ", prefix, number++, before));
        }

        text.Append(Shown(">", prefix, number++, line));
        foreach (var after in Context.PostContext)
        {
            text.AppendLine().Append(Shown(" ", prefix, number++, after));
        }

        return text.ToString();
    }

    private static string Shown(string mark, string? prefix, int number, string line) =>
        prefix is null ? $"{mark} {line}" : $"{mark} {prefix}:{number}:{line}";
}

[Cmdlet(VerbsCommon.Select, "String", DefaultParameterSetName = "File")]
[OutputType(typeof(MatchInfo), typeof(bool), typeof(string))]
public sealed class SelectStringCommand : PSCmdlet
{
    private Regex[] _patterns = [];
    private int _inputLine;
    private bool _done;

    [Parameter(ValueFromPipeline = true, Mandatory = true, ParameterSetName = "Object")]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true, Position = 0)]
    public string[] Pattern { get; set; } = [];

    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "File")]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralFile")]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    [Parameter]
    public SwitchParameter Raw { get; set; }

    [Parameter]
    public SwitchParameter SimpleMatch { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    [Parameter]
    public SwitchParameter List { get; set; }

    [Parameter]
    public SwitchParameter NoEmphasis { get; set; }

    [Parameter]
    public string[]? Include { get; set; }

    [Parameter]
    public string[]? Exclude { get; set; }

    [Parameter]
    public SwitchParameter NotMatch { get; set; }

    [Parameter]
    public SwitchParameter AllMatches { get; set; }

    [Parameter]
    [ArgumentToEncodingTransformation]
    [ArgumentEncodingCompletions]
    public Encoding Encoding { get; set; } = Encoding.Default;

    [Parameter]
    [ValidateCount(1, 2)]
    [ValidateRange(0, int.MaxValue)]
    public new int[]? Context { get; set; }

    protected override void BeginProcessing()
    {
        var options = CaseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase;
        try
        {
            _patterns = Pattern.Select(pattern => new Regex(SimpleMatch ? Regex.Escape(pattern) : pattern, options)).ToArray();
        }
        catch (ArgumentException cause)
        {
            var problem = new ArgumentException($"The string {Pattern[0]} is not a valid regular expression: {cause.Message}", cause);
            ThrowTerminatingError(new ErrorRecord(problem, "InvalidRegex", ErrorCategory.InvalidArgument, Pattern));
        }
    }

    protected override void ProcessRecord()
    {
        if (_done)
        {
            return;
        }

        var files = LiteralPath ?? Path;
        if (files is null && InputObject?.BaseObject is FileInfo given)
        {
            files = [given.FullName];
        }

        if (files is not null)
        {
            foreach (var path in files)
            {
                SearchPath(path);
            }

            return;
        }

        _inputLine++;
        var line = InputObject?.BaseObject is MatchInfo match ? match.Line : InputObject?.ToString() ?? "";
        Emit(Find(line, _inputLine, "InputStream"));
    }

    protected override void EndProcessing()
    {
        if (Quiet && !_done)
        {
            WriteObject(false);
        }
    }

    private void SearchPath(string path)
    {
        IEnumerable<string> found;
        try
        {
            found = LiteralPath is not null || InputObject is not null
                ? [GetUnresolvedProviderPathFromPSPath(path)]
                : GetResolvedProviderPathFromPSPath(path, out _);
        }
        catch (ItemNotFoundException problem)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
            return;
        }

        foreach (var file in found.Where(file => !Directory.Exists(file) && NameIsWanted(file)))
        {
            try
            {
                SearchFile(file);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                WriteError(new ErrorRecord(problem, "ProcessingFile", ErrorCategory.ReadError, file));
            }
        }
    }

    private bool NameIsWanted(string file)
    {
        var name = System.IO.Path.GetFileName(file);
        bool Any(string[] patterns) => patterns.Any(pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(name));
        return (Include is null || Any(Include)) && (Exclude is null || !Any(Exclude));
    }

    private void SearchFile(string file)
    {
        var lines = File.ReadAllLines(file, Encoding);
        for (var i = 0; i < lines.Length && !_done; i++)
        {
            if (Find(lines[i], i + 1, file) is not { } match)
            {
                continue;
            }

            if (Context is [var before, ..])
            {
                var after = Context[^1];
                match.Context = new MatchInfoContext
                {
                    PreContext = lines[Math.Max(0, i - before)..i],
                    PostContext = lines[(i + 1)..Math.Min(lines.Length, i + 1 + after)],
                };
            }

            Emit(match);
            if (List)
            {
                return;
            }
        }
    }

    private MatchInfo? Find(string line, int number, string path)
    {
        foreach (var pattern in _patterns)
        {
            var matches = AllMatches ? pattern.Matches(line).ToArray() : pattern.Match(line) is { Success: true } one ? [one] : [];
            if (matches.Length > 0 != NotMatch)
            {
                return new MatchInfo
                {
                    IgnoreCase = !CaseSensitive,
                    Line = line,
                    LineNumber = number,
                    Path = path,
                    Pattern = Pattern[Array.IndexOf(_patterns, pattern)],
                    Matches = SimpleMatch && !AllMatches ? [] : matches,
                };
            }
        }

        return null;
    }

    private void Emit(MatchInfo? match)
    {
        if (match is null)
        {
            return;
        }

        if (Quiet)
        {
            _done = true;
            WriteObject(true);
        }
        else
        {
            WriteObject(Raw ? match.Line : match);
        }
    }
}
