using System.Management.Automation.Language;
using AitherTestHost.Host;

namespace AitherTestHost;

/// <summary>Reads statements from a terminal or a pipe and runs each one when it is complete.</summary>
internal sealed class ReadLoop(Session session, ConsoleTestHost host, TextReader input)
{
    public void RunWithPrompt()
    {
        Console.WriteLine("PowerShell engine test host. 'exit' leaves.");
        while (host.ExitCode is null)
        {
            Console.Write(session.Evaluate("prompt") ?? "PS> ");
            if (ReadStatement(() => Console.Write(">> ")) is not { } text)
            {
                return;
            }

            session.ExecuteText(text);
        }
    }

    public void RunQuietly()
    {
        while (host.ExitCode is null && ReadStatement(() => { }) is { } text)
        {
            session.ExecuteText(text);
        }
    }

    private string? ReadStatement(Action askForMore)
    {
        var text = input.ReadLine();
        while (text is not null && IsIncomplete(text))
        {
            askForMore();
            if (input.ReadLine() is not { } more)
            {
                break;
            }

            text += "\n" + more;
        }

        return text;
    }

    private static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out var errors);
        return errors.Any(error => error.IncompleteInput);
    }
}
