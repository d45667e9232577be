using System.Management.Automation;
using System.Security.Cryptography;

namespace Microsoft.PowerShell.Commands;

/// <summary>The hash of a file or stream.</summary>
public sealed class FileHashInfo
{
    public string Algorithm { get; set; } = "";

    public string Hash { get; set; } = "";

    public string? Path { get; set; }
}

[Cmdlet(VerbsCommon.Get, "FileHash", DefaultParameterSetName = "Path")]
[OutputType(typeof(FileHashInfo))]
public sealed class GetFileHashCommand : PSCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "Path", Position = 0, ValueFromPipeline = true)]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Stream", Position = 0)]
    public Stream? InputStream { get; set; }

    [Parameter(Position = 1)]
    [ValidateSet("SHA1", "SHA256", "SHA384", "SHA512", "MD5")]
    public string Algorithm { get; set; } = "SHA256";

    protected override void ProcessRecord()
    {
        if (InputStream is not null)
        {
            Write(InputStream, null);
            return;
        }

        foreach (var path in Path ?? LiteralPath ?? [])
        {
            foreach (var file in Files(path))
            {
                try
                {
                    using var stream = File.OpenRead(file);
                    Write(stream, file);
                }
                catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
                {
                    WriteError(new ErrorRecord(problem, "FileReadError", ErrorCategory.ReadError, file));
                }
            }
        }
    }

    private IEnumerable<string> Files(string path)
    {
        try
        {
            return LiteralPath is not null
                ? [GetUnresolvedProviderPathFromPSPath(path)]
                : GetResolvedProviderPathFromPSPath(path, out _).Where(file => !Directory.Exists(file));
        }
        catch (ItemNotFoundException problem)
        {
            WriteError(new ErrorRecord(problem, "FileNotFound", ErrorCategory.ObjectNotFound, path));
            return [];
        }
    }

    private void Write(Stream stream, string? path)
    {
        var name = Algorithm.ToUpperInvariant();
        WriteObject(new FileHashInfo
        {
            Algorithm = name,
            Hash = Convert.ToHexString(CryptographicOperations.HashData(new HashAlgorithmName(name), stream)),
            Path = path,
        });
    }
}
