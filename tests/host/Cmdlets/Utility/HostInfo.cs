using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Host")]
[OutputType(typeof(PSHost))]
public sealed class GetHostCommand : PSCmdlet
{
    protected override void BeginProcessing() => WriteObject(Host);
}

[Cmdlet(VerbsCommunications.Read, "Host", DefaultParameterSetName = "AsString")]
public sealed class ReadHostCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromRemainingArguments = true)]
    [AllowNull]
    public object? Prompt { get; set; }

    [Parameter(ParameterSetName = "AsSecureString")]
    public SwitchParameter AsSecureString { get; set; }

    [Parameter(ParameterSetName = "AsString")]
    public SwitchParameter MaskInput { get; set; }

    protected override void BeginProcessing()
    {
        if (Prompt is not null)
        {
            var text = LanguagePrimitives.GetEnumerable(Prompt) is { } parts
                ? string.Join(' ', parts.Cast<object>().Select(part => part.ToString()))
                : Prompt.ToString();
            Host.UI.Write($"{text}: ");
        }

        if (!AsSecureString && !MaskInput)
        {
            WriteObject(Host.UI.ReadLine());
            return;
        }

        var secret = Host.UI.ReadLineAsSecureString();
        WriteObject(AsSecureString ? secret : new System.Net.NetworkCredential("", secret).Password);
    }
}

[Cmdlet(VerbsCommon.Get, "Culture")]
[OutputType(typeof(CultureInfo))]
public sealed class GetCultureCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public string[]? Name { get; set; }

    protected override void ProcessRecord()
    {
        if (Name is null)
        {
            WriteObject(Host.CurrentCulture);
            return;
        }

        foreach (var name in Name)
        {
            try
            {
                WriteObject(CultureInfo.GetCultureInfo(name));
            }
            catch (CultureNotFoundException problem)
            {
                WriteError(new ErrorRecord(problem, "ItemNotFoundException", ErrorCategory.ObjectNotFound, name));
            }
        }
    }
}

[Cmdlet(VerbsCommon.Get, "UICulture")]
[OutputType(typeof(CultureInfo))]
public sealed class GetUICultureCommand : PSCmdlet
{
    protected override void BeginProcessing() => WriteObject(Host.CurrentUICulture);
}

[Cmdlet(VerbsCommon.Get, "Runspace", DefaultParameterSetName = "NameParameterSet")]
[OutputType(typeof(Runspace))]
public sealed class GetRunspaceCommand : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "NameParameterSet")]
    public string[]? Name { get; set; }

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "IdParameterSet")]
    public int[]? Id { get; set; }

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "InstanceIdParameterSet")]
    public Guid[]? InstanceId { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var runspace in Runspace.RunspaceList)
        {
            if ((Name is null || Name.Any(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase).IsMatch(runspace.Name)))
                && (Id?.Contains(runspace.Id) ?? true) && (InstanceId?.Contains(runspace.InstanceId) ?? true))
            {
                WriteObject(runspace);
            }
        }
    }
}

[Cmdlet(VerbsCommon.Get, "Verb")]
[OutputType(typeof(VerbInfo))]
public sealed class GetVerbCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public string[] Verb { get; set; } = ["*"];

    [Parameter(Position = 1)]
    [ValidateSet("Common", "Communications", "Data", "Diagnostic", "Lifecycle", "Other", "Security")]
    public string[]? Group { get; set; }

    protected override void ProcessRecord()
    {
        var patterns = Verb.Select(verb => WildcardPattern.Get(verb, WildcardOptions.IgnoreCase)).ToList();
        Type[] groups =
        [
            typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic),
            typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity),
        ];
        foreach (var group in groups)
        {
            var name = group.Name["Verbs".Length..];
            if (Group is not null && !Group.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var verb in group.GetFields().Where(field => field.IsLiteral && patterns.Exists(pattern => pattern.IsMatch(field.Name))))
            {
                WriteObject(new VerbInfo
                {
                    Verb = verb.Name,
                    AliasPrefix = VerbAliasPrefixes.GetVerbAliasPrefix(verb.Name),
                    Group = name,
                    Description = VerbDescriptions.GetVerbDescription(verb.Name),
                });
            }
        }
    }
}
