using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Internal;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "Expression")]
public sealed class InvokeExpressionCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    public string Command { get; set; } = "";

    protected override void ProcessRecord() =>
        InvokeCommand.NewScriptBlock(Command).InvokeUsingCmdlet(
            contextCmdlet: this,
            useLocalScope: false,
            errorHandlingBehavior: ScriptBlock.ErrorHandlingBehavior.WriteToCurrentErrorPipe,
            dollarUnder: AutomationNull.Value,
            input: Array.Empty<object>(),
            scriptThis: AutomationNull.Value,
            args: []);
}

[Cmdlet(VerbsDiagnostic.Measure, "Command")]
[OutputType(typeof(TimeSpan))]
public sealed class MeasureCommandCommand : PSCmdlet
{
    private readonly Stopwatch _watch = new();

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0, Mandatory = true)]
    public ScriptBlock Expression { get; set; } = ScriptBlock.Create("");

    protected override void ProcessRecord()
    {
        _watch.Start();
        Expression.InvokeWithPipe(
            useLocalScope: false,
            errorHandlingBehavior: ScriptBlock.ErrorHandlingBehavior.WriteToCurrentErrorPipe,
            dollarUnder: InputObject,
            input: Array.Empty<object>(),
            scriptThis: AutomationNull.Value,
            outputPipe: new Pipe { NullPipe = true },
            invocationInfo: null);
        _watch.Stop();
    }

    protected override void EndProcessing() => WriteObject(_watch.Elapsed);
}

[Cmdlet(VerbsCommon.Get, "PSCallStack")]
[OutputType(typeof(CallStackFrame))]
public sealed class GetPSCallStackCommand : PSCmdlet
{
    protected override void ProcessRecord()
    {
        foreach (var frame in Context.Debugger.GetCallStack())
        {
            WriteObject(frame);
        }
    }
}

[Cmdlet(VerbsCommon.Get, "Error", DefaultParameterSetName = "Newest")]
public sealed class GetErrorCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Error")]
    public PSObject? InputObject { get; set; }

    [Parameter(ParameterSetName = "Newest")]
    [Alias("Last")]
    [ValidateRange(1, int.MaxValue)]
    public int Newest { get; set; } = 1;

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            WriteObject(Detailed(InputObject));
            return;
        }

        var errors = ((System.Collections.ArrayList)SessionState.PSVariable.GetValue("error")).Cast<object>().Take(Newest);
        foreach (var error in errors)
        {
            WriteObject(Detailed(PSObject.AsPSObject(error)));
        }
    }

    private static PSObject Detailed(PSObject error)
    {
        // A second type name selects the long view; the copy keeps $Error's own entry as it was.
        var copy = error.Copy();
        copy.TypeNames.Insert(0, copy.BaseObject is Exception
            ? "System.Exception#PSExtendedError"
            : "System.Management.Automation.ErrorRecord#PSExtendedError");
        return copy;
    }
}
