using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Join, "Path")]
[OutputType(typeof(string))]
public sealed class JoinPathCommand : ProviderCommand
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    public string[] Path { get; set; } = [];

    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? ChildPath { get; set; }

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true, ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[] AdditionalChildPath { get; set; } = [];

    [Parameter]
    public SwitchParameter Resolve { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path)
        {
            ForPath(() =>
            {
                var joined = path;
                foreach (var child in (ChildPath ?? [""]).Concat(AdditionalChildPath))
                {
                    joined = SessionState.Path.Combine(joined, child ?? "", NewContext());
                }

                if (!Resolve)
                {
                    WriteObject(joined);
                    return;
                }

                foreach (var found in SessionState.Path.GetResolvedPSPathFromPSPath(joined, NewContext()))
                {
                    WriteObject(found.Path.Contains("::", StringComparison.Ordinal) ? found.ProviderPath : found.Path);
                }
            });
        }
    }
}
