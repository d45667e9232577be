using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Variables of the caller's session, found by name pattern and scope.</summary>
public abstract class VariableCommand : PSCmdlet
{
    [Parameter]
    [ArgumentCompletions("Global", "Local", "Script", "0")]
    public string? Scope { get; set; }

    internal SessionStateInternal Session => SessionState.Internal;

    internal List<PSVariable> Matching(string name, string[]? include, string[]? exclude)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
        {
            var found = Scope is null ? Session.GetVariable(name, CommandOrigin) : Session.GetVariableAtScope(name, Scope);
            return found is not null && Passes(found, include, exclude) ? [found] : [];
        }

        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        var table = Scope is null ? Session.GetVariableTable() : Session.GetVariableTableAtScope(Scope);
        return table.Values
            .Where(variable => pattern.IsMatch(variable.Name) && Passes(variable, include, exclude)
                && SessionState.IsVisible(CommandOrigin, variable))
            .OrderBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase).ToList();
    }

    internal void NotFound(string name)
    {
        var problem = new ItemNotFoundException($"Cannot find a variable with the name '{name}'.");
        WriteError(new ErrorRecord(problem, "VariableNotFound", ErrorCategory.ObjectNotFound, name));
    }

    private static bool Passes(PSVariable variable, string[]? include, string[]? exclude) =>
        (include is null || include.Any(pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(variable.Name)))
        && (exclude is null || !exclude.Any(pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(variable.Name)));
}

[Cmdlet(VerbsCommon.Get, "Variable")]
[OutputType(typeof(PSVariable))]
public sealed class GetVariableCommand : VariableCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    public SwitchParameter ValueOnly { get; set; }

    [Parameter]
    public string[]? Include { get; set; }

    [Parameter]
    public string[]? Exclude { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            var found = Matching(name, Include, Exclude);
            foreach (var variable in found)
            {
                WriteObject(ValueOnly ? variable.Value : variable);
            }

            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                NotFound(name);
            }
        }
    }
}
