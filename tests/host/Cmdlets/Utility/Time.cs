using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Date", DefaultParameterSetName = "DateAndFormat")]
[OutputType(typeof(DateTime), typeof(string))]
public sealed class GetDateCommand : PSCmdlet
{
    private DateTime? _date;

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("LastWriteTime")]
    public DateTime Date
    {
        get => _date ?? DateTime.Now;
        set => _date = value;
    }

    [Parameter]
    [Alias("UnixTime")]
    public long? UnixTimeSeconds { get; set; }

    [Parameter]
    [ValidateRange(1, 9999)]
    public int? Year { get; set; }

    [Parameter]
    [ValidateRange(1, 12)]
    public int? Month { get; set; }

    [Parameter]
    [ValidateRange(1, 31)]
    public int? Day { get; set; }

    [Parameter]
    [ValidateRange(0, 23)]
    public int? Hour { get; set; }

    [Parameter]
    [ValidateRange(0, 59)]
    public int? Minute { get; set; }

    [Parameter]
    [ValidateRange(0, 59)]
    public int? Second { get; set; }

    [Parameter]
    [ValidateRange(0, 999)]
    public int? Millisecond { get; set; }

    [Parameter]
    public DisplayHintType DisplayHint { get; set; } = DisplayHintType.DateTime;

    [Parameter]
    public string? UFormat { get; set; }

    [Parameter]
    public string? Format { get; set; }

    [Parameter]
    public SwitchParameter AsUTC { get; set; }

    protected override void ProcessRecord()
    {
        var date = UnixTimeSeconds is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds).LocalDateTime : Date;
        if ((Year ?? Month ?? Day ?? Hour ?? Minute ?? Second ?? Millisecond) is not null)
        {
            date = new DateTime(
                Year ?? date.Year, Month ?? date.Month, Day ?? date.Day, Hour ?? date.Hour, Minute ?? date.Minute, Second ?? date.Second,
                Millisecond ?? date.Millisecond, date.Kind);
        }

        date = AsUTC ? date.ToUniversalTime() : date;
        if (Format is not null)
        {
            WriteObject(date.ToString(Named(Format, ref date), CultureInfo.CurrentCulture));
        }
        else if (UFormat is not null)
        {
            WriteObject(UnixFormat.Of(date, UFormat));
        }
        else
        {
            var result = new PSObject(date);
            result.Properties.Add(new PSNoteProperty("DisplayHint", DisplayHint));
            WriteObject(result);
        }
    }

    private static string Named(string format, ref DateTime date)
    {
        switch (format.ToLowerInvariant())
        {
            case "filedate":
                return "yyyyMMdd";
            case "filedateuniversal":
                date = date.ToUniversalTime();
                return "yyyyMMddZ";
            case "filedatetime":
                return "yyyyMMddTHHmmssffff";
            case "filedatetimeuniversal":
                date = date.ToUniversalTime();
                return "yyyyMMddTHHmmssffffZ";
            default:
                return format;
        }
    }
}

/// <summary>Which half of a moment is shown.</summary>
public enum DisplayHintType
{
    Date,
    Time,
    DateTime,
}

/// <summary>The letters of Unix's date command.</summary>
internal static class UnixFormat
{
    public static string Of(DateTime date, string format)
    {
        var text = new StringBuilder();
        for (var i = format.StartsWith('+') ? 1 : 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            text.Append(Letter(date, format[++i]));
        }

        return text.ToString();
    }

    private static string Letter(DateTime date, char letter)
    {
        var culture = CultureInfo.InvariantCulture;
        string Net(string format) => date.ToString(format, culture);
        return letter switch
        {
            'Y' => Net("yyyy"),
            'y' or 'g' => Net("yy"),
            'C' => (date.Year / 100).ToString("00", culture),
            'm' => Net("MM"),
            'd' => Net("dd"),
            'e' => date.Day.ToString(culture).PadLeft(2),
            'H' => Net("HH"),
            'I' => Net("hh"),
            'k' => date.Hour.ToString(culture).PadLeft(2),
            'l' => Net("%h").PadLeft(2),
            'M' => Net("mm"),
            'S' => Net("ss"),
            'p' => Net("tt"),
            'A' => Net("dddd"),
            'a' => Net("ddd"),
            'B' => Net("MMMM"),
            'b' or 'h' => Net("MMM"),
            'j' => date.DayOfYear.ToString("000", culture),
            'u' => (date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek).ToString(culture),
            'w' => ((int)date.DayOfWeek).ToString(culture),
            'V' => ISOWeek.GetWeekOfYear(date).ToString("00", culture),
            'G' => ISOWeek.GetYear(date).ToString(culture),
            'F' => Net("yyyy-MM-dd"),
            'D' or 'x' => Net("MM/dd/yy"),
            'T' or 'X' => Net("HH:mm:ss"),
            'R' => Net("HH:mm"),
            'r' => Net("hh:mm:ss tt"),
            'c' => Net("ddd dd MMM yyyy HH:mm:ss"),
            's' => new DateTimeOffset(date).ToUnixTimeSeconds().ToString(culture),
            'Z' => Net("%K") is { Length: > 0 } zone ? zone[..Math.Min(3, zone.Length)] : "",
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => "%" + letter,
        };
    }
}

[Cmdlet(VerbsCommon.New, "TimeSpan", DefaultParameterSetName = "Date")]
[OutputType(typeof(TimeSpan))]
public sealed class NewTimeSpanCommand : PSCmdlet
{
    private DateTime? _start;
    private DateTime? _end;

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Date")]
    [Alias("LastWriteTime")]
    public DateTime Start
    {
        get => _start ?? DateTime.Now;
        set => _start = value;
    }

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = "Date")]
    public DateTime End
    {
        get => _end ?? DateTime.Now;
        set => _end = value;
    }

    [Parameter(ParameterSetName = "Time")]
    public int Days { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Hours { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Minutes { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Seconds { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Milliseconds { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Time")
        {
            WriteObject(new TimeSpan(Days, Hours, Minutes, Seconds, Milliseconds));
            return;
        }

        var now = DateTime.Now;
        WriteObject((_end ?? now) - (_start ?? now));
    }
}

[Cmdlet(VerbsLifecycle.Start, "Sleep", DefaultParameterSetName = "Seconds")]
public sealed class StartSleepCommand : PSCmdlet, IDisposable
{
    private readonly ManualResetEventSlim _stop = new();

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Seconds", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0.0, int.MaxValue / 1000)]
    public double Seconds { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Milliseconds", ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, int.MaxValue)]
    [Alias("ms")]
    public int Milliseconds { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "FromTimeSpan", ValueFromPipelineByPropertyName = true)]
    [Alias("ts")]
    public TimeSpan Duration { get; set; }

    protected override void ProcessRecord() => _stop.Wait(ParameterSetName switch
    {
        "Seconds" => TimeSpan.FromSeconds(Seconds),
        "Milliseconds" => TimeSpan.FromMilliseconds(Milliseconds),
        _ => Duration,
    });

    protected override void StopProcessing() => _stop.Set();

    // Stopping may still be setting the event, so it is left to the collector.
    public void Dispose() => GC.SuppressFinalize(this);
}
