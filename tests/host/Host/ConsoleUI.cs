using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace AitherTestHost.Host;

/// <summary>Writing to the console and asking its user.</summary>
internal sealed class ConsoleUI(ConsoleScreen screen, Func<bool> interactive) : PSHostUserInterface, IHostUISupportsMultipleChoiceSelection
{
    private readonly ConsoleRawUI _rawUI = new();

    public override PSHostRawUserInterface RawUI => _rawUI;

    public override bool SupportsVirtualTerminal => screen.OutputHasColour;

    public override void Write(string value) => screen.Write(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        screen.Write(value, foregroundColor, Known(backgroundColor));

    public override void WriteLine() => screen.Write(Environment.NewLine);

    public override void WriteLine(string value) => screen.Write(value + Environment.NewLine);

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        screen.Write(value + Environment.NewLine, foregroundColor, Known(backgroundColor));

    public override void WriteErrorLine(string value) => screen.WriteError(value, PSStyle.Instance.Formatting.Error);

    public override void WriteWarningLine(string message) => WriteStyled($"WARNING: {message}", PSStyle.Instance.Formatting.Warning);

    public override void WriteVerboseLine(string message) => WriteStyled($"VERBOSE: {message}", PSStyle.Instance.Formatting.Verbose);

    public override void WriteDebugLine(string message) => WriteStyled($"DEBUG: {message}", PSStyle.Instance.Formatting.Debug);

    public override void WriteProgress(long sourceId, ProgressRecord record) => screen.ShowProgress(record);

    public override string ReadLine()
    {
        RequireUser("Read-Host");
        return Console.ReadLine() ?? "";
    }

    public override SecureString ReadLineAsSecureString()
    {
        RequireUser("Read-Host");
        var secret = new SecureString();
        if (Console.IsInputRedirected)
        {
            foreach (var letter in Console.ReadLine() ?? "")
            {
                secret.AppendChar(letter);
            }

            return secret;
        }

        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace && secret.Length > 0)
            {
                secret.RemoveAt(secret.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.AppendChar(key.KeyChar);
            }
        }

        WriteLine();
        return secret;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        RequireUser("Prompt");
        ShowQuestion(caption, message);
        var answers = new Dictionary<string, PSObject>();
        foreach (var field in descriptions)
        {
            Write($"{field.Name}: ");
            object answer = field.ParameterTypeFullName == typeof(SecureString).FullName ? ReadLineAsSecureString() : ReadLine();
            answers[field.Name] = PSObject.AsPSObject(answer);
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RequireUser("PromptForChoice");
        ShowQuestion(caption, message);
        while (true)
        {
            ShowChoices(choices, [defaultChoice]);
            var answer = ReadAnswer();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            if (Choice(choices, answer) is >= 0 and var chosen)
            {
                return chosen;
            }
        }
    }

    public Collection<int> PromptForChoice(string? caption, string? message, Collection<ChoiceDescription> choices, IEnumerable<int>? defaultChoices)
    {
        RequireUser("PromptForChoice");
        ShowQuestion(caption, message);
        var defaults = defaultChoices?.ToList() ?? [];
        ShowChoices(choices, defaults);
        var chosen = new Collection<int>();
        for (var answer = ReadAnswer(); answer.Length > 0; answer = ReadAnswer())
        {
            if (Choice(choices, answer) is >= 0 and var index && !chosen.Contains(index))
            {
                chosen.Add(index);
            }
        }

        return chosen.Count > 0 ? chosen : new Collection<int>(defaults);
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        RequireUser("PromptForCredential");
        ShowQuestion(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Write("User: ");
            userName = ReadLine();
        }

        Write($"Password for user {userName}: ");
        return new PSCredential(userName, ReadLineAsSecureString());
    }

    private void WriteStyled(string line, string style) =>
        screen.Write(screen.OutputHasColour ? $"{style}{line}{PSStyle.Instance.Reset}{Environment.NewLine}" : line + Environment.NewLine);

    // Where no background was asked for, the engine says -1 or black; painting black would show on a light terminal.
    private static ConsoleColor? Known(ConsoleColor colour) => (int)colour <= 0 ? null : colour;

    private void RequireUser(string what)
    {
        if (!interactive())
        {
            throw new PSInvalidOperationException(
                $"PowerShell is in NonInteractive mode. Read and Prompt functionality is not available. ({what})");
        }
    }

    private void ShowQuestion(string? caption, string? message)
    {
        if (!string.IsNullOrEmpty(caption))
        {
            WriteLine();
            WriteLine(caption);
        }

        if (!string.IsNullOrEmpty(message))
        {
            WriteLine(message);
        }
    }

    private void ShowChoices(Collection<ChoiceDescription> choices, List<int> defaults)
    {
        foreach (var choice in choices)
        {
            var (key, label) = KeyAndLabel(choice);
            Write($"[{key}] {label}  ");
        }

        var defaultKeys = string.Join(',', defaults.Where(i => i >= 0).Select(i => KeyAndLabel(choices[i]).Key));
        Write(defaultKeys.Length > 0 ? $"(default is \"{defaultKeys}\"): " : ": ");
    }

    private static string ReadAnswer() =>
        Console.ReadLine()?.Trim() ?? throw new PSInvalidOperationException("The input ended before the question was answered.");

    private static int Choice(Collection<ChoiceDescription> choices, string answer)
    {
        for (var i = 0; i < choices.Count; i++)
        {
            var (key, label) = KeyAndLabel(choices[i]);
            if (answer.Equals(key, StringComparison.OrdinalIgnoreCase) || answer.Equals(label, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static (string Key, string Label) KeyAndLabel(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&');
        var label = choice.Label.Replace("&", "", StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? (char.ToUpperInvariant(choice.Label[mark + 1]).ToString(), label) : (label, label);
    }
}
