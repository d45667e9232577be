using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Content", DefaultParameterSetName = "Path")]
public sealed class GetContentCommand : RequiredPathCommand
{
    private const int Unlimited = -1;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public long ReadCount { get; set; } = 1;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, long.MaxValue)]
    [Alias("First", "Head")]
    public long TotalCount { get; set; } = Unlimited;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, int.MaxValue)]
    [Alias("Last")]
    public int Tail { get; set; } = Unlimited;

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Content.GetContentReaderDynamicParameters(FirstPath, context);

    protected override void ProcessRecord()
    {
        if (Tail != Unlimited && TotalCount != Unlimited)
        {
            var problem = new InvalidOperationException("The parameters TotalCount and Tail cannot be used together. Specify only one of them.");
            ThrowTerminatingError(new ErrorRecord(problem, "TailAndHeadCannotCoexist", ErrorCategory.InvalidOperation, null));
        }

        foreach (var path in Paths)
        {
            ForPath(() => ReadMatches(path));
        }
    }

    private void ReadMatches(string path)
    {
        if (!PathsAreLiteral && WildcardPattern.ContainsWildcardCharacters(path))
        {
            foreach (var match in SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext()))
            {
                ReadOne(match.Path, new ContentNotes(SessionState, match));
            }

            return;
        }

        var notes = SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext());
        foreach (var match in notes)
        {
            ReadOne(match.Path, new ContentNotes(SessionState, match));
        }
    }

    private void ReadOne(string path, ContentNotes notes)
    {
        var context = NewContext();
        context.SuppressWildcardExpansion = true;
        foreach (var reader in InvokeProvider.Content.GetReader(path, context))
        {
            using (reader)
            {
                if (Tail >= 0)
                {
                    WriteLast(reader, notes);
                }
                else
                {
                    WriteFirst(reader, notes);
                }
            }
        }
    }

    private void WriteFirst(IContentReader reader, ContentNotes notes)
    {
        var remaining = TotalCount == Unlimited ? long.MaxValue : TotalCount;
        long read = 0;
        while (remaining > 0 && !Stopping)
        {
            var block = reader.Read(ReadCount <= 0 ? Math.Min(remaining, int.MaxValue) : Math.Min(ReadCount, remaining));
            if (block is null || block.Count == 0)
            {
                return;
            }

            remaining -= block.Count;
            read += block.Count;
            WriteBlock(block, read, notes);
        }
    }

    private void WriteLast(IContentReader reader, ContentNotes notes)
    {
        var last = new Queue<object>();
        for (var block = reader.Read(1); block is { Count: > 0 } && !Stopping; block = reader.Read(1))
        {
            last.Enqueue(block[0]!);
            if (last.Count > Tail)
            {
                last.Dequeue();
            }
        }

        long written = 0;
        foreach (var item in last)
        {
            WriteObject(notes.AddTo(item, ++written));
        }
    }

    private void WriteBlock(IList block, long read, ContentNotes notes)
    {
        if (ReadCount == 1 || block.Count == 1)
        {
            var number = read - block.Count;
            foreach (var item in block)
            {
                WriteObject(notes.AddTo(item!, ++number));
            }

            return;
        }

        WriteObject(notes.AddTo(block.Cast<object>().ToArray(), read));
    }
}

/// <summary>The notes Get-Content leaves on what it reads: where it came from, and how many were read.</summary>
internal sealed class ContentNotes(SessionState session, PathInfo path)
{
    private readonly string _path = path.Path;
    private readonly string _parent = Parent(session, path.Path);
    private readonly string _name = session.Path.ParseChildName(path.Path);

    public PSObject AddTo(object content, long readCount)
    {
        var noted = PSObject.AsPSObject(content);
        noted.Properties.Add(new PSNoteProperty("PSPath", _path), preValidated: true);
        noted.Properties.Add(new PSNoteProperty("PSParentPath", _parent), preValidated: true);
        noted.Properties.Add(new PSNoteProperty("PSChildName", _name), preValidated: true);
        if (path.Drive is { } drive)
        {
            noted.Properties.Add(new PSNoteProperty("PSDrive", drive), preValidated: true);
        }

        noted.Properties.Add(new PSNoteProperty("PSProvider", path.Provider), preValidated: true);
        noted.Properties.Add(new PSNoteProperty("ReadCount", readCount), preValidated: true);
        return noted;
    }

    private static string Parent(SessionState session, string path)
    {
        try
        {
            return session.Path.ParseParent(path, "");
        }
        catch (PSNotSupportedException)
        {
            return "";
        }
    }
}
