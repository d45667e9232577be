using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.Update, "FormatData", SupportsShouldProcess = true, DefaultParameterSetName = "FileSet")]
public sealed class UpdateFormatDataCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    public string[] AppendPath { get; set; } = [];

    [Parameter]
    public string[] PrependPath { get; set; } = [];

    protected override void ProcessRecord()
    {
        var state = Context.InitialSessionState;
        var before = Resolve(PrependPath);
        var after = Resolve(AppendPath);
        if (before.Count > 0)
        {
            var kept = state.Formats.ToList();
            state.Formats.Clear();
            before.ForEach(state.Formats.Add);
            kept.ForEach(state.Formats.Add);
        }

        after.ForEach(state.Formats.Add);
        state.UpdateFormats(Context, update: false);
    }

    private List<SessionStateFormatEntry> Resolve(string[] paths) => paths
        .SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _))
        .Where(file => ShouldProcess($"FileName: {file}", "Update FormatData"))
        .Select(file => new SessionStateFormatEntry(file)).ToList();
}

[Cmdlet(VerbsData.Update, "TypeData", SupportsShouldProcess = true, DefaultParameterSetName = "FileSet")]
public sealed class UpdateTypeDataCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = "FileSet")]
    [Alias("PSPath", "Path")]
    public string[] AppendPath { get; set; } = [];

    [Parameter(ParameterSetName = "FileSet")]
    public string[] PrependPath { get; set; } = [];

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public PSMemberTypes? MemberType { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public string? MemberName { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public object? Value { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public object? SecondValue { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public Type? TypeConverter { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public Type? TypeAdapter { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public int? SerializationDepth { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public string? DefaultDisplayProperty { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public string[]? DefaultDisplayPropertySet { get; set; }

    [Parameter(ParameterSetName = "DynamicTypeSet")]
    public string[]? DefaultKeyPropertySet { get; set; }

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "DynamicTypeSet")]
    public string TypeName { get; set; } = "";

    [Parameter(Mandatory = true, ValueFromPipeline = true, Position = 0, ParameterSetName = "TypeDataSet")]
    public TypeData[]? TypeData { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case "FileSet":
                var files = AppendPath.Concat(PrependPath).SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _));
                foreach (var file in files.Where(file => ShouldProcess($"FileName: {file}", "Update TypeData")))
                {
                    Context.InitialSessionState.Types.Add(new SessionStateTypeEntry(file));
                }

                Context.InitialSessionState.UpdateTypes(Context, updateOnly: false);
                break;
            case "TypeDataSet":
                TypeData!.ToList().ForEach(Update);
                break;
            default:
                Update(FromParameters());
                break;
        }
    }

    private TypeData FromParameters()
    {
        var data = new TypeData(TypeName)
        {
            TypeConverter = TypeConverter,
            TypeAdapter = TypeAdapter,
            DefaultDisplayProperty = DefaultDisplayProperty,
            DefaultDisplayPropertySet = DefaultDisplayPropertySet is null ? null : new PropertySetData(DefaultDisplayPropertySet),
            DefaultKeyPropertySet = DefaultKeyPropertySet is null ? null : new PropertySetData(DefaultKeyPropertySet),
            IsOverride = Force,
        };
        if (SerializationDepth is { } depth)
        {
            data.SerializationDepth = (uint)depth;
        }

        if (MemberType is { } kind)
        {
            data.Members.Add(MemberName!, Member(kind));
        }

        return data;
    }

    private TypeMemberData Member(PSMemberTypes kind) => kind switch
    {
        PSMemberTypes.NoteProperty => new NotePropertyData(MemberName, Value),
        PSMemberTypes.AliasProperty => new AliasPropertyData(MemberName, LanguagePrimitives.ConvertTo<string>(Value)),
        PSMemberTypes.ScriptProperty => new ScriptPropertyData(MemberName, PSObject.Base(Value) as ScriptBlock, PSObject.Base(SecondValue) as ScriptBlock),
        PSMemberTypes.ScriptMethod => new ScriptMethodData(MemberName, PSObject.Base(Value) as ScriptBlock),
        _ => throw new PSNotSupportedException($"Update-TypeData cannot add a {kind} here."),
    };

    private void Update(TypeData data)
    {
        if (!ShouldProcess($"TypeName: {data.TypeName}", "Update TypeData"))
        {
            return;
        }

        var errors = new ConcurrentBag<string>();
        Context.TypeTable.Update(data, errors, isRemove: false);
        // Objects of this type that were looked at before would otherwise keep the members they had then.
        Context.TypeTable.ClearConsolidatedMembers();
        foreach (var error in errors)
        {
            WriteError(new ErrorRecord(new RuntimeException(error), "TypesDynamicUpdateException", ErrorCategory.InvalidOperation, data));
        }

        if (errors.IsEmpty)
        {
            // The list of the session state is what later file updates rebuild the table from.
            Context.InitialSessionState.Types.Add(new SessionStateTypeEntry(data, isRemove: false));
        }
    }
}

[Cmdlet(VerbsCommon.Get, "TypeData")]
[OutputType(typeof(TypeData))]
public sealed class GetTypeDataCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public string[] TypeName { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        var patterns = TypeName.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToList();
        foreach (var data in Context.TypeTable.GetAllTypeData().Values.Where(data => patterns.Exists(pattern => pattern.IsMatch(data.TypeName))))
        {
            WriteObject(data);
        }
    }
}

[Cmdlet(VerbsCommon.Remove, "TypeData", SupportsShouldProcess = true, DefaultParameterSetName = "RemoveTypeSet")]
public sealed class RemoveTypeDataCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string TypeName { get; set; } = "";

    protected override void ProcessRecord()
    {
        if (ShouldProcess($"TypeName: {TypeName}", "Remove TypeData"))
        {
            var errors = new ConcurrentBag<string>();
            Context.TypeTable.Update(new TypeData(TypeName), errors, isRemove: true);
            foreach (var error in errors)
            {
                WriteError(new ErrorRecord(new RuntimeException(error), "TypesDynamicRemoveException", ErrorCategory.InvalidOperation, TypeName));
            }
        }
    }
}
