using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Microsoft.PowerShell.Commands;

/// <summary>What Set-Content and Add-Content share: open once, write what arrives, close at the end.</summary>
public abstract class ContentWritingCommand : RequiredPathCommand, IDisposable
{
    private List<IContentWriter>? _writers;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object[]? Value { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Content.GetContentWriterDynamicParameters(FirstPath, context);

    protected override void ProcessRecord()
    {
        _writers ??= OpenAll();
        IList content = Value ?? [];
        if (Value is null)
        {
            content = new object?[] { null };
        }

        foreach (var writer in _writers)
        {
            ForPath(() => writer.Write(content));
        }

        if (PassThru)
        {
            WriteObject(content, enumerateCollection: true);
        }
    }

    protected override void EndProcessing() => Dispose();

    public void Dispose()
    {
        _writers?.ForEach(writer => writer.Close());
        _writers = null;
        GC.SuppressFinalize(this);
    }

    internal abstract bool MayWrite(string path);

    internal abstract void Prepare(string path);

    internal abstract void Position(IContentWriter writer);

    private List<IContentWriter> OpenAll()
    {
        var writers = new List<IContentWriter>();
        foreach (var path in Paths)
        {
            ForPath(() =>
            {
                if (!MayWrite(path))
                {
                    return;
                }

                Prepare(path);
                foreach (var writer in InvokeProvider.Content.GetWriter(path, NewContext()))
                {
                    Position(writer);
                    writers.Add(writer);
                }
            });
        }

        return writers;
    }
}

[Cmdlet(VerbsCommon.Set, "Content", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class SetContentCommand : ContentWritingCommand
{
    internal override bool MayWrite(string path) => ShouldProcess($"Path: {path}", "Set Content");

    internal override void Prepare(string path)
    {
        // An inner context keeps "there is no such file" from the user: the file is about to be made.
        var inner = new CmdletProviderContext(NewContext());
        try
        {
            InvokeProvider.Content.Clear(path, inner);
        }
        catch (Exception problem) when (problem is ItemNotFoundException or PSNotSupportedException)
        {
            return;
        }

        foreach (var error in inner.GetAccumulatedErrorObjects() ?? [])
        {
            if (error.Exception is not (ItemNotFoundException or PSNotSupportedException))
            {
                WriteError(error);
            }
        }
    }

    internal override void Position(IContentWriter writer)
    {
    }
}

[Cmdlet(VerbsCommon.Add, "Content", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class AddContentCommand : ContentWritingCommand
{
    internal override bool MayWrite(string path) => ShouldProcess($"Path: {path}", "Add Content");

    internal override void Prepare(string path)
    {
    }

    internal override void Position(IContentWriter writer) => writer.Seek(0, SeekOrigin.End);
}

[Cmdlet(VerbsCommon.Clear, "Content", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class ClearContentCommand : RequiredPathCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    internal override bool ForceAsked => Force;

    internal override object? DynamicParametersFor(CmdletProviderContext context) =>
        InvokeProvider.Content.ClearContentDynamicParameters(FirstPath, context);

    protected override void ProcessRecord()
    {
        foreach (var path in Paths)
        {
            ForPath(() => InvokeProvider.Content.Clear(path, NewContext()));
        }
    }
}
