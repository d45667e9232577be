using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>The exception inside an error that Write-Error made from a message.</summary>
public sealed class WriteErrorException : SystemException
{
    public WriteErrorException()
        : base("The Write-Error cmdlet reported an error.")
    {
    }

    public WriteErrorException(string message)
        : base(message)
    {
    }

    public WriteErrorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

[Cmdlet(VerbsCommunications.Write, "Error", DefaultParameterSetName = "NoException")]
public sealed class WriteErrorCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "WithException", Mandatory = true)]
    public Exception? Exception { get; set; }

    [Parameter(Position = 0, ParameterSetName = "NoException", Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = "WithException")]
    [AllowNull]
    [AllowEmptyString]
    [Alias("Msg")]
    public string? Message { get; set; }

    [Parameter(Position = 0, ParameterSetName = "ErrorRecord", Mandatory = true)]
    public ErrorRecord? ErrorRecord { get; set; }

    [Parameter(ParameterSetName = "NoException")]
    [Parameter(ParameterSetName = "WithException")]
    public ErrorCategory Category { get; set; } = ErrorCategory.NotSpecified;

    [Parameter(ParameterSetName = "NoException")]
    [Parameter(ParameterSetName = "WithException")]
    public string? ErrorId { get; set; }

    [Parameter(ParameterSetName = "NoException")]
    [Parameter(ParameterSetName = "WithException")]
    public object? TargetObject { get; set; }

    [Parameter]
    public string? RecommendedAction { get; set; }

    [Parameter]
    [Alias("Activity")]
    public string? CategoryActivity { get; set; }

    [Parameter]
    [Alias("Reason")]
    public string? CategoryReason { get; set; }

    [Parameter]
    [Alias("TargetName")]
    public string? CategoryTargetName { get; set; }

    [Parameter]
    [Alias("TargetType")]
    public string? CategoryTargetType { get; set; }

    protected override void ProcessRecord()
    {
        var record = ErrorRecord is null ? NewRecord() : new ErrorRecord(ErrorRecord, null);
        if (RecommendedAction is { Length: > 0 })
        {
            record.ErrorDetails ??= new ErrorDetails(record.Exception.Message);
            record.ErrorDetails.RecommendedAction = RecommendedAction;
        }

        record.CategoryInfo.Activity = CategoryActivity ?? record.CategoryInfo.Activity;
        record.CategoryInfo.Reason = CategoryReason ?? record.CategoryInfo.Reason;
        record.CategoryInfo.TargetName = CategoryTargetName ?? record.CategoryInfo.TargetName;
        record.CategoryInfo.TargetType = CategoryTargetType ?? record.CategoryInfo.TargetType;

        // The reader wants the line of the function that reports, not of this call within it.
        if (GetVariableValue("MyInvocation") is InvocationInfo caller)
        {
            record.SetInvocationInfo(caller);
            record.PreserveInvocationInfoOnce = true;
            if (CategoryActivity is null)
            {
                record.CategoryInfo.Activity = "Write-Error";
            }
        }

        WriteError(record);
    }

    private ErrorRecord NewRecord()
    {
        var exception = Exception ?? new WriteErrorException(Message ?? "");
        var record = new ErrorRecord(exception, ErrorId is { Length: > 0 } ? ErrorId : exception.GetType().FullName!, Category, TargetObject);
        if (Exception is not null && Message is { Length: > 0 })
        {
            record.ErrorDetails = new ErrorDetails(Message);
        }

        return record;
    }
}
