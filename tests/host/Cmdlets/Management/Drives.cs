using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "PSDrive", DefaultParameterSetName = "Name")]
[OutputType(typeof(PSDriveInfo))]
public sealed class GetPSDriveCommand : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
    public string[]? Name { get; set; }

    [Parameter(Position = 0, ParameterSetName = "LiteralName", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[]? LiteralName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Scope { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string[]? PSProvider { get; set; }

    protected override void ProcessRecord()
    {
        var drives = Scope is null ? SessionState.Drive.GetAll() : SessionState.Drive.GetAllAtScope(Scope);
        foreach (var wanted in LiteralName ?? Name ?? ["*"])
        {
            var literal = LiteralName is not null || !WildcardPattern.ContainsWildcardCharacters(wanted);
            var pattern = WildcardPattern.Get(literal ? WildcardPattern.Escape(wanted) : wanted, WildcardOptions.IgnoreCase);
            var found = drives.Where(drive => pattern.IsMatch(drive.Name) && ProviderMatches(drive)).OrderBy(drive => drive.Name).ToList();
            WriteObject(found, enumerateCollection: true);
            if (found.Count == 0 && literal)
            {
                var problem = new System.Management.Automation.DriveNotFoundException(
                    wanted, "DriveNotFound", "Cannot find drive. A drive with the name '{0}' does not exist.");
                WriteError(new ErrorRecord(problem, "GetLocationNoMatchingDrive", ErrorCategory.ObjectNotFound, wanted));
            }
        }
    }

    private bool ProviderMatches(PSDriveInfo drive) =>
        PSProvider is null || PSProvider.Any(name => drive.Provider.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            || drive.Provider.FullName.Equals(name, StringComparison.OrdinalIgnoreCase));
}

[Cmdlet(VerbsCommon.New, "PSDrive", SupportsShouldProcess = true)]
[OutputType(typeof(PSDriveInfo))]
public sealed class NewPSDriveCommand : ProviderCommand
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string PSProvider { get; set; } = "";

    [Parameter(Position = 2, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string Root { get; set; } = "";

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Description { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Scope { get; set; }

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        PSProvider.Length == 0 ? null : SessionState.Drive.NewDriveDynamicParameters(PSProvider, context);

    protected override void ProcessRecord()
    {
        ForPath(() =>
        {
            var provider = SessionState.Provider.GetOne(PSProvider);
            if (ShouldProcess($"Name: {Name} Provider: {provider.FullName} Root: {Root}", "New drive"))
            {
                var drive = new PSDriveInfo(Name, provider, Root, Description ?? "", credential: null);
                SessionState.Drive.New(drive, Scope, NewContext());
            }
        });
    }
}

[Cmdlet(VerbsCommon.Remove, "PSDrive", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
public sealed class RemovePSDriveCommand : ProviderCommand
{
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
    public string[]? Name { get; set; }

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "LiteralName", ValueFromPipelineByPropertyName = true)]
    public string[]? LiteralName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Scope { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    protected override void ProcessRecord()
    {
        foreach (var wanted in LiteralName ?? Name ?? [])
        {
            var pattern = WildcardPattern.Get(LiteralName is null ? wanted : WildcardPattern.Escape(wanted), WildcardOptions.IgnoreCase);
            var names = SessionState.Drive.GetAll().Select(drive => drive.Name).Where(pattern.IsMatch).ToList();
            if (names.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(wanted))
            {
                names.Add(wanted);
            }

            foreach (var name in names.Where(name => ShouldProcess($"Name: {name}", "Remove Drive")))
            {
                ForPath(() => SessionState.Drive.Remove(name, Force, Scope, NewContext()));
            }
        }
    }
}

[Cmdlet(VerbsCommon.Get, "PSProvider")]
[OutputType(typeof(ProviderInfo))]
public sealed class GetPSProviderCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    public string[]? PSProvider { get; set; }

    protected override void ProcessRecord()
    {
        if (PSProvider is null)
        {
            WriteObject(SessionState.Provider.GetAll(), enumerateCollection: true);
            return;
        }

        foreach (var name in PSProvider)
        {
            try
            {
                WriteObject(SessionState.Provider.Get(name), enumerateCollection: true);
            }
            catch (ProviderNotFoundException problem)
            {
                WriteError(new ErrorRecord(problem.ErrorRecord, problem));
            }
        }
    }
}
