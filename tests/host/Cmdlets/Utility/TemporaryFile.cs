using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.New, "TemporaryFile", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class NewTemporaryFileCommand : PSCmdlet
{
    protected override void EndProcessing()
    {
        if (ShouldProcess(Path.GetTempPath()))
        {
            WriteObject(new FileInfo(Path.GetTempFileName()));
        }
    }
}

[Cmdlet(VerbsSecurity.Unblock, "File", SupportsShouldProcess = true, DefaultParameterSetName = "ByPath")]
public sealed class UnblockFileCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByPath")]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    protected override void ProcessRecord()
    {
        if (!OperatingSystem.IsWindows())
        {
            return;
        }

        var files = LiteralPath?.Select(path => GetUnresolvedProviderPathFromPSPath(path))
            ?? Path!.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _));
        foreach (var file in files.Where(file => ShouldProcess(file)))
        {
            // The mark of the web is a stream of its own beside the content.
            File.Delete(file + ":Zone.Identifier");
        }
    }
}
