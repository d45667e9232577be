using System.Management.Automation;
using System.Management.Automation.Internal;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.New, "Variable", SupportsShouldProcess = true)]
public sealed class NewVariableCommand : VariableCommand
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    [Parameter]
    public string? Description { get; set; }

    [Parameter]
    public ScopedItemOptions Option { get; set; }

    [Parameter]
    public SessionStateEntryVisibility Visibility { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        if (!Force && Session.GetVariableAtScope(Name, Scope ?? "local") is not null)
        {
            var problem = new SessionStateException(
                Name, SessionStateCategory.Variable, "VariableAlreadyExists", "A variable with name '{0}' already exists.", ErrorCategory.ResourceExists);
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
            return;
        }

        if (!ShouldProcess($"Name: {Name} Value: {Value}", "New variable"))
        {
            return;
        }

        var variable = new PSVariable(Name, Value, Option) { Visibility = Visibility };
        if (Description is not null)
        {
            variable.Description = Description;
        }

        try
        {
            var made = Session.NewVariableAtScope(variable, Scope ?? "local", Force);
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

[Cmdlet(VerbsCommon.Set, "Variable", SupportsShouldProcess = true)]
public sealed class SetVariableCommand : VariableCommand
{
    private readonly List<object?> _values = [];
    private bool _valueIsPiped;
    private bool _appended;

    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; } = AutomationNull.Value;

    [Parameter]
    public string[]? Include { get; set; }

    [Parameter]
    public string[]? Exclude { get; set; }

    [Parameter]
    public string? Description { get; set; }

    [Parameter]
    public ScopedItemOptions Option { get; set; }

    [Parameter]
    public SessionStateEntryVisibility Visibility { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter Append { get; set; }

    protected override void BeginProcessing() => _valueIsPiped = !MyInvocation.BoundParameters.ContainsKey(nameof(Value));

    protected override void ProcessRecord()
    {
        if (_valueIsPiped && MyInvocation.ExpectingInput)
        {
            if (Value != AutomationNull.Value)
            {
                _values.Add(Value);
            }

            return;
        }

        SetAll(Value);
    }

    protected override void EndProcessing()
    {
        if (_valueIsPiped && MyInvocation.ExpectingInput && !_appended)
        {
            SetAll(_values.Count switch
            {
                0 => AutomationNull.Value,
                1 => _values[0],
                _ => _values.ToArray(),
            });
        }
    }

    private void SetAll(object? value)
    {
        _appended = true;
        foreach (var name in Name)
        {
            var targets = WildcardPattern.ContainsWildcardCharacters(name)
                ? Matching(name, Include, Exclude).Select(variable => variable.Name).ToList()
                : [name];
            foreach (var target in targets)
            {
                Set(target, value);
            }
        }
    }

    private void Set(string name, object? value)
    {
        if (!ShouldProcess($"Name: {name} Value: {value}", "Set variable"))
        {
            return;
        }

        var existing = Scope is null ? Session.GetVariable(name, CommandOrigin) : Session.GetVariableAtScope(name, Scope);
        if (Scope is null && existing is not null && Session.GetVariableAtScope(name, "local") is null)
        {
            // Without -Scope a parent's variable is left alone and a local one is made.
            existing = null;
        }

        try
        {
            object? set;
            if (existing is not null)
            {
                if (Append)
                {
                    value = (LanguagePrimitives.GetEnumerable(existing.Value) ?? new[] { existing.Value }).Cast<object?>().Append(value).ToArray();
                }

                if (value != AutomationNull.Value)
                {
                    existing.Value = value;
                }

                set = Apply(existing);
            }
            else
            {
                var variable = new PSVariable(name, value == AutomationNull.Value ? null : value, Option) { Visibility = Visibility };
                if (Description is not null)
                {
                    variable.Description = Description;
                }

                set = Session.SetVariableAtScope(variable, Scope ?? "local", Force, CommandOrigin);
            }

            if (PassThru)
            {
                WriteObject(set);
            }
        }
        catch (SessionStateException problem)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }

    private PSVariable Apply(PSVariable variable)
    {
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Option)))
        {
            variable.SetOptions(Option, Force);
        }

        if (Description is not null)
        {
            variable.Description = Description;
        }

        return variable;
    }
}

[Cmdlet(VerbsCommon.Remove, "Variable", SupportsShouldProcess = true)]
public sealed class RemoveVariableCommand : VariableCommand
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter]
    public string[]? Include { get; set; }

    [Parameter]
    public string[]? Exclude { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            var found = Matching(name, Include, Exclude);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                NotFound(name);
            }

            foreach (var variable in found.Where(variable => ShouldProcess($"Name: {variable.Name}", "Remove variable")))
            {
                try
                {
                    if (Scope is null)
                    {
                        Session.RemoveVariable(variable, Force);
                    }
                    else
                    {
                        Session.RemoveVariableAtScope(variable, Scope, Force);
                    }
                }
                catch (SessionStateException problem)
                {
                    WriteError(new ErrorRecord(problem.ErrorRecord, problem));
                }
            }
        }
    }
}

[Cmdlet(VerbsCommon.Clear, "Variable", SupportsShouldProcess = true)]
public sealed class ClearVariableCommand : VariableCommand
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter]
    public string[]? Include { get; set; }

    [Parameter]
    public string[]? Exclude { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            var found = Matching(name, Include, Exclude);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                NotFound(name);
            }

            foreach (var variable in found.Where(variable => ShouldProcess($"Name: {variable.Name}", "Clear variable")))
            {
                try
                {
                    variable.Value = null;
                    if (PassThru)
                    {
                        WriteObject(variable);
                    }
                }
                catch (SessionStateException problem)
                {
                    WriteError(new ErrorRecord(problem.ErrorRecord, problem));
                }
            }
        }
    }
}
