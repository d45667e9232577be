using System.Collections;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Add, "Member", DefaultParameterSetName = "TypeNameSet")]
public sealed class AddMemberCommand : PSCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = new();

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "MemberSet")]
    [Alias("Type")]
    public PSMemberTypes MemberType { get; set; }

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "MemberSet")]
    public string Name { get; set; } = "";

    [Parameter(Position = 2, ParameterSetName = "MemberSet")]
    public object? Value { get; set; }

    [Parameter(Position = 3, ParameterSetName = "MemberSet")]
    public object? SecondValue { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "TypeNameSet")]
    [Parameter(ParameterSetName = "MemberSet")]
    [Parameter(ParameterSetName = "NotePropertyMultiMemberSet")]
    [Parameter(ParameterSetName = "NotePropertySingleMemberSet")]
    public string? TypeName { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "NotePropertySingleMemberSet")]
    public string? NotePropertyName { get; set; }

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "NotePropertySingleMemberSet")]
    [AllowNull]
    public object? NotePropertyValue { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "NotePropertyMultiMemberSet")]
    public IDictionary? NotePropertyMembers { get; set; }

    protected override void ProcessRecord()
    {
        var added = ParameterSetName switch
        {
            "MemberSet" => Add(NewMember()),
            "NotePropertySingleMemberSet" => Add(new PSNoteProperty(NotePropertyName, NotePropertyValue)),
            "NotePropertyMultiMemberSet" => NotePropertyMembers!.Cast<DictionaryEntry>().ToList()
                .TrueForAll(entry => Add(new PSNoteProperty(LanguagePrimitives.ConvertTo<string>(entry.Key), entry.Value))),
            _ => true,
        };
        if (!added)
        {
            return;
        }

        if (TypeName is { Length: > 0 })
        {
            InputObject.TypeNames.Insert(0, LanguagePrimitives.TryConvertTo<Type>(TypeName, out var type) ? type.FullName! : TypeName);
        }

        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    private PSMemberInfo NewMember() => MemberType switch
    {
        PSMemberTypes.NoteProperty => new PSNoteProperty(Name, Value),
        PSMemberTypes.AliasProperty => SecondValue is null
            ? new PSAliasProperty(Name, LanguagePrimitives.ConvertTo<string>(Value))
            : new PSAliasProperty(Name, LanguagePrimitives.ConvertTo<string>(Value), LanguagePrimitives.ConvertTo<Type>(SecondValue)),
        PSMemberTypes.ScriptProperty => new PSScriptProperty(Name, PSObject.Base(Value) as ScriptBlock, PSObject.Base(SecondValue) as ScriptBlock),
        PSMemberTypes.ScriptMethod => new PSScriptMethod(Name, LanguagePrimitives.ConvertTo<ScriptBlock>(Value)),
        PSMemberTypes.PropertySet => new PSPropertySet(Name, LanguagePrimitives.ConvertTo<string[]>(Value)),
        PSMemberTypes.MemberSet => new PSMemberSet(Name),
        _ => throw new PSNotSupportedException($"Cannot add a member with type \"{MemberType}\". Specify a different type for the MemberTypes parameter."),
    };

    private bool Add(PSMemberInfo member)
    {
        var existing = InputObject.Members[member.Name];
        if (existing is not null)
        {
            if (!Force)
            {
                var problem = new InvalidOperationException(
                    $"Cannot add a member with the name \"{member.Name}\" because a member with that name already exists. To overwrite the member anyway, add the Force parameter to your command.");
                WriteError(new ErrorRecord(problem, "MemberAlreadyExists", ErrorCategory.InvalidOperation, InputObject));
                return false;
            }

            if (existing.IsInstance)
            {
                InputObject.Members.Remove(member.Name);
            }
        }

        InputObject.Members.Add(member);
        return true;
    }
}

/// <summary>One member of a type, as Get-Member shows it.</summary>
public sealed class MemberDefinition(string typeName, string name, PSMemberTypes memberType, string definition)
{
    public string TypeName { get; } = typeName;

    public string Name { get; } = name;

    public PSMemberTypes MemberType { get; } = memberType;

    public string Definition { get; } = definition;

    public override string ToString() => Definition;
}

[Cmdlet(VerbsCommon.Get, "Member")]
[OutputType(typeof(MemberDefinition))]
public sealed class GetMemberCommand : PSCmdlet
{
    private readonly HashSet<string> _shown = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    [Alias("Type")]
    public PSMemberTypes MemberType { get; set; } = PSMemberTypes.All;

    [Parameter]
    public PSMemberViewTypes View { get; set; } = PSMemberViewTypes.Adapted | PSMemberViewTypes.Extended;

    [Parameter]
    public SwitchParameter Static { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        var type = InputObject.BaseObject as Type ?? InputObject.BaseObject.GetType();
        var typeName = Static ? type.ToString() : InputObject.InternalTypeNames.Count > 0 ? InputObject.InternalTypeNames[0] : "<null>";
        if (!_shown.Add(typeName))
        {
            return;
        }

        IEnumerable<PSMemberInfo> members = Static
            ? PSObject.DotNetStaticAdapter.BaseGetMembers<PSMemberInfo>(type)
            : new PSMemberInfoIntegratingCollection<PSMemberInfo>(InputObject, PSObject.GetMemberCollection(View));
        var patterns = Name.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToList();
        var found = members
            .Where(member => (member.MemberType & MemberType) != 0 && patterns.Exists(pattern => pattern.IsMatch(member.Name)) && IsShown(member))
            .OrderBy(member => Rank(member.MemberType)).ThenBy(member => member.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var member in found)
        {
            WriteObject(new MemberDefinition(typeName, member.Name, member.MemberType, member.ToString() ?? ""));
        }
    }

    protected override void EndProcessing()
    {
        if (_shown.Count == 0)
        {
            var problem = new InvalidOperationException("You must specify an object for the Get-Member cmdlet.");
            WriteError(new ErrorRecord(problem, "NoObjectInGetMember", ErrorCategory.CloseError, null));
        }
    }

    private bool IsShown(PSMemberInfo member) =>
        Force || (!member.IsHidden && !(member is PSMethod { IsSpecial: true }) && member.MemberType != PSMemberTypes.MemberSet);

    private static int Rank(PSMemberTypes type) => type switch
    {
        PSMemberTypes.AliasProperty => 0,
        PSMemberTypes.CodeProperty => 1,
        PSMemberTypes.Property => 6,
        PSMemberTypes.NoteProperty => 5,
        PSMemberTypes.ScriptProperty => 8,
        PSMemberTypes.PropertySet => 7,
        PSMemberTypes.Event => 4,
        PSMemberTypes.CodeMethod => 2,
        PSMemberTypes.Method => 3,
        PSMemberTypes.ParameterizedProperty => 6,
        _ => 9,
    };
}
