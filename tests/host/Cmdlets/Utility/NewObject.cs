using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.New, "Object", DefaultParameterSetName = "Net")]
public sealed class NewObjectCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Net", Mandatory = true, Position = 0)]
    public string TypeName { get; set; } = "";

    [Parameter(ParameterSetName = "Net", Position = 1)]
    [Alias("Args")]
    public object[] ArgumentList { get; set; } = [];

    [Parameter]
    public IDictionary? Property { get; set; }

    protected override void BeginProcessing()
    {
        if (!LanguagePrimitives.TryConvertTo<Type>(TypeName, out var type))
        {
            var problem = new PSArgumentException($"Cannot find type [{TypeName}]: verify that the assembly containing this type is loaded.");
            ThrowTerminatingError(new ErrorRecord(problem, "TypeNotFound", ErrorCategory.InvalidType, null));
        }

        object? made = null;
        try
        {
            var constructors = type.GetConstructors();
            made = ArgumentList.Length == 0 && (type.IsValueType || constructors.Length == 0)
                ? Activator.CreateInstance(type)
                : DotNetAdapter.ConstructorInvokeDotNet(type, constructors, ArgumentList);
        }
        catch (Exception problem) when (problem is MethodException or MissingMethodException or TargetInvocationException)
        {
            ThrowTerminatingError(new ErrorRecord(problem, "ConstructorInvokedThrowException", ErrorCategory.InvalidOperation, null));
        }

        WriteObject(Property is null ? made : WithProperties(PSObject.AsPSObject(made!), Property));
    }

    private PSObject WithProperties(PSObject target, IDictionary properties)
    {
        foreach (DictionaryEntry entry in properties)
        {
            var name = LanguagePrimitives.ConvertTo<string>(entry.Key);
            try
            {
                if (target.Properties[name] is { } known)
                {
                    known.Value = entry.Value;
                }
                else if (target.BaseObject is PSCustomObject)
                {
                    target.Properties.Add(new PSNoteProperty(name, entry.Value));
                }
                else
                {
                    var problem = new InvalidOperationException($"The member \"{name}\" was not found for the specified .NET object.");
                    WriteError(new ErrorRecord(problem, "InvalidOperationException", ErrorCategory.InvalidOperation, null));
                }
            }
            catch (SetValueException problem)
            {
                WriteError(new ErrorRecord(problem, "SetValueException", ErrorCategory.InvalidData, null));
            }
        }

        return target;
    }
}
