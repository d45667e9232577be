using System.Management.Automation;
using System.Management.Automation.Host;

namespace AitherTestHost.Host;

/// <summary>The two output streams: colours where a terminal shows them, plain text elsewhere, one progress line at the bottom.</summary>
internal sealed class ConsoleScreen
{
    private readonly Lock _gate = new();
    private int _progressWidth;

    public ConsoleScreen()
    {
        PlainOnly = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") == "dumb";
        OutputHasColour = !PlainOnly && !Console.IsOutputRedirected;
        ErrorHasColour = !PlainOnly && !Console.IsErrorRedirected;
    }

    /// <summary>NO_COLOR or a dumb terminal: no escape sequence at all.</summary>
    public bool PlainOnly { get; }

    public bool OutputHasColour { get; }

    public bool ErrorHasColour { get; }

    public void Write(string text, ConsoleColor? foreground = null, ConsoleColor? background = null)
    {
        lock (_gate)
        {
            EraseProgress();
            Console.Out.Write(Paint(text, OutputHasColour, foreground, background));
        }
    }

    public void WriteError(string text, string style)
    {
        lock (_gate)
        {
            EraseProgress();
            Console.Out.Flush();
            Console.Error.WriteLine(ErrorHasColour ? style + text + PSStyle.Instance.Reset : Plain(text));
        }
    }

    public void ShowProgress(ProgressRecord record)
    {
        if (Console.IsErrorRedirected || Console.IsOutputRedirected)
        {
            return;
        }

        lock (_gate)
        {
            EraseProgress();
            if (record.RecordType == ProgressRecordType.Completed)
            {
                return;
            }

            var percent = record.PercentComplete >= 0 ? $" {record.PercentComplete}%" : "";
            var line = $"{record.Activity}: {record.StatusDescription}{percent}";
            var width = Math.Max(20, Console.WindowWidth - 1);
            line = line.Length > width ? line[..width] : line;
            Console.Error.Write(line);
            _progressWidth = line.Length;
        }
    }

    public void FinishProgress()
    {
        lock (_gate)
        {
            EraseProgress();
        }
    }

    private void EraseProgress()
    {
        if (_progressWidth > 0)
        {
            Console.Error.Write("\r" + new string(' ', _progressWidth) + "\r");
            _progressWidth = 0;
        }
    }

    private static string Paint(string text, bool colour, ConsoleColor? foreground, ConsoleColor? background)
    {
        if (!colour)
        {
            return Plain(text);
        }

        if (foreground is null && background is null)
        {
            return text;
        }

        var style = PSStyle.Instance;
        var start = (foreground is { } f ? PSStyle.MapForegroundColorToEscapeSequence(f) : "")
            + (background is { } b ? PSStyle.MapBackgroundColorToEscapeSequence(b) : "");
        return start + text + style.Reset;
    }

    private static string Plain(string text) =>
        text.Contains('\u001b') ? PSHostUserInterface.GetOutputString(text, supportsVirtualTerminal: false) : text;
}
