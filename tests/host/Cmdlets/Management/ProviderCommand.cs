using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>A cmdlet that hands its work to the provider behind a path, dynamic parameters included.</summary>
public abstract class ProviderCommand : PSCmdlet, IDynamicParameters
{
    private readonly List<CmdletProviderContext> _contexts = [];
    private object? _dynamicParameters;

    internal virtual string? FilterText => null;

    internal virtual string[]? IncludeTexts => null;

    internal virtual string[]? ExcludeTexts => null;

    internal virtual bool ForceAsked => false;

    internal bool PathsAreLiteral { get; set; }

    public object? GetDynamicParameters()
    {
        try
        {
            return _dynamicParameters = DynamicParametersFor(NewContext());
        }
        catch (Exception problem) when (problem is IContainsErrorRecord)
        {
            // The path is wrong: the cmdlet itself says so when it runs, with a better position.
            return null;
        }
    }

    protected override void StopProcessing()
    {
        lock (_contexts)
        {
            _contexts.ForEach(context => context.StopProcessing());
        }
    }

    internal virtual object? DynamicParametersFor(CmdletProviderContext context) => null;

    internal CmdletProviderContext NewContext()
    {
        var context = new CmdletProviderContext(this)
        {
            Force = ForceAsked,
            SuppressWildcardExpansion = PathsAreLiteral,
            DynamicParameters = _dynamicParameters,
        };
        context.SetFilters(new Collection<string>(IncludeTexts ?? []), new Collection<string>(ExcludeTexts ?? []), FilterText);
        lock (_contexts)
        {
            _contexts.Add(context);
        }

        return context;
    }

    /// <summary>Runs a piece of provider work; what the engine throws about one path becomes a non-terminating error.</summary>
    internal void ForPath(Action work)
    {
        try
        {
            work();
        }
        catch (Exception problem) when (problem is PSNotSupportedException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException
            or ItemNotFoundException or PSArgumentException or PSInvalidOperationException or ProviderInvocationException)
        {
            WriteError(new ErrorRecord(((IContainsErrorRecord)problem).ErrorRecord, problem));
        }
    }
}
