using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Alias", DefaultParameterSetName = "Default")]
[OutputType(typeof(AliasInfo))]
public sealed class GetAliasCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Default", Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    public string[]? Exclude { get; set; }

    [Parameter]
    public string? Scope { get; set; }

    [Parameter(ParameterSetName = "Definition")]
    public string[]? Definition { get; set; }

    protected override void ProcessRecord()
    {
        var session = SessionState.Internal;
        var table = Scope is null ? session.GetAliasTable() : session.GetAliasTableAtScope(Scope);
        foreach (var wanted in Definition ?? Name)
        {
            var pattern = WildcardPattern.Get(wanted, WildcardOptions.IgnoreCase);
            var found = table.Values
                .Where(alias => pattern.IsMatch(Definition is null ? alias.Name : alias.Definition) && !Excluded(alias))
                .OrderBy(alias => alias.Name, StringComparer.OrdinalIgnoreCase).ToList();
            WriteObject(found, enumerateCollection: true);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(wanted))
            {
                var problem = new ItemNotFoundException(
                    $"This command cannot find a matching alias because an alias with the {(Definition is null ? "name" : "definition")} '{wanted}' does not exist.");
                WriteError(new ErrorRecord(problem, "ItemNotFoundException", ErrorCategory.ObjectNotFound, wanted));
            }
        }
    }

    private bool Excluded(AliasInfo alias) =>
        Exclude?.Any(pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(alias.Name)) ?? false;
}

/// <summary>What New-Alias and Set-Alias share.</summary>
public abstract class AliasWritingCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Value { get; set; } = "";

    [Parameter]
    public string Description { get; set; } = "";

    [Parameter]
    public ScopedItemOptions Option { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    [ArgumentCompletions("Global", "Local", "Script")]
    public string? Scope { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal abstract bool MayReplace { get; }

    protected override void ProcessRecord()
    {
        var session = SessionState.Internal;
        try
        {
            if (!MayReplace && !Force && session.GetAliasAtScope(Name, Scope ?? "local") is not null)
            {
                throw new SessionStateException(Name, SessionStateCategory.Alias, "AliasAlreadyExists",
                    "The alias is not allowed, because an alias with the name '{0}' already exists.", ErrorCategory.ResourceExists);
            }

            if (!ShouldProcess($"Name: {Name} Value: {Value}", MayReplace ? "Set Alias" : "New Alias"))
            {
                return;
            }

            var alias = new AliasInfo(Name, Value, Context, Option) { Description = Description };
            var made = Scope is null
                ? session.SetAliasItem(alias, Force, CommandOrigin)
                : session.SetAliasItemAtScope(alias, Scope, Force, CommandOrigin);
            if (PassThru)
            {
                WriteObject(made);
            }
        }
        catch (SessionStateException problem)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }
}

[Cmdlet(VerbsCommon.New, "Alias", SupportsShouldProcess = true)]
[OutputType(typeof(AliasInfo))]
public sealed class NewAliasCommand : AliasWritingCommand
{
    internal override bool MayReplace => false;
}

[Cmdlet(VerbsCommon.Set, "Alias", SupportsShouldProcess = true)]
[OutputType(typeof(AliasInfo))]
public sealed class SetAliasCommand : AliasWritingCommand
{
    internal override bool MayReplace => true;
}

[Cmdlet(VerbsCommon.Remove, "Alias")]
public sealed class RemoveAliasCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter]
    public string? Scope { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        var session = SessionState.Internal;
        foreach (var name in Name)
        {
            var alias = Scope is null ? session.GetAlias(name) : session.GetAliasAtScope(name, Scope);
            if (alias is null)
            {
                var problem = new ItemNotFoundException($"This command cannot find a matching alias because an alias with the name '{name}' does not exist.");
                WriteError(new ErrorRecord(problem, "ItemNotFoundException", ErrorCategory.ObjectNotFound, name));
                continue;
            }

            session.RemoveAlias(name, Force);
        }
    }
}
