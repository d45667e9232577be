using System.Management.Automation;
using System.Reflection;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Add, "Type", DefaultParameterSetName = "FromSource")]
[OutputType(typeof(Type))]
public sealed class AddTypeCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "FromSource")]
    public string? TypeDefinition { get; set; }

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "FromMember")]
    public string[]? MemberDefinition { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "FromMember")]
    public string? Name { get; set; }

    [Parameter(ParameterSetName = "FromMember")]
    public string? Namespace { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "FromPath")]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "FromLiteralPath")]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "FromAssemblyName")]
    [Alias("AN")]
    public string[]? AssemblyName { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName is "FromSource" or "FromMember")
        {
            var problem = new PSNotSupportedException(
                "Add-Type cannot compile source here: this shell has no C# compiler. Load a built assembly with -Path or -AssemblyName.");
            ThrowTerminatingError(new ErrorRecord(problem, "AddType.NoCompiler", ErrorCategory.NotImplemented, null));
        }

        var paths = LiteralPath?.Select(path => GetUnresolvedProviderPathFromPSPath(path))
            ?? Path?.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _));
        foreach (var path in paths ?? [])
        {
            if (!path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            {
                var problem = new PSNotSupportedException($"Add-Type cannot compile '{path}' here: this shell has no C# compiler.");
                ThrowTerminatingError(new ErrorRecord(problem, "AddType.NoCompiler", ErrorCategory.NotImplemented, path));
            }

            Load(() => Assembly.LoadFrom(path), path);
        }

        foreach (var name in AssemblyName ?? [])
        {
            Load(() => Assembly.Load(new AssemblyName(name)), name);
        }
    }

    private void Load(Func<Assembly> load, string what)
    {
        try
        {
            var assembly = load();
            Context.AddToAssemblyCache(what, assembly);
            if (PassThru)
            {
                WriteObject(assembly.GetExportedTypes(), enumerateCollection: true);
            }
        }
        catch (Exception problem) when (problem is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            ThrowTerminatingError(new ErrorRecord(problem, "ASSEMBLY_LOAD_FAILED", ErrorCategory.InvalidData, what));
        }
    }
}
