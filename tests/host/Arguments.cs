using System.Management.Automation.Runspaces;
using System.Text;

namespace AitherTestHost;

/// <summary>What the command line asks for.</summary>
internal enum RunMode { Interactive, StandardInput, Command, File, Version, Help }

/// <summary>pwsh's command line: case-insensitive, any unambiguous prefix, the first bare word is a script file.</summary>
internal sealed class Arguments
{
    // pwsh's own shortest spellings; a longer prefix of the full name is accepted too.
    private static readonly (string Shortest, string Full)[] Names =
    [
        ("nop", "noprofile"), ("noni", "noninteractive"), ("nol", "nologo"), ("noe", "noexit"),
        ("ex", "executionpolicy"), ("ep", "ep"), ("wo", "workingdirectory"), ("wd", "wd"),
        ("o", "outputformat"), ("of", "of"), ("i", "inputformat"), ("if", "if"), ("v", "version"),
        ("c", "command"), ("f", "file"), ("e", "encodedcommand"), ("ec", "ec"), ("enc", "encodedcommand"),
        ("l", "login"), ("mta", "mta"), ("sta", "sta"), ("interactive", "interactive"), ("h", "help"), ("?", "help"),
        ("noprofileloadtime", "noprofileloadtime"),
    ];

    public RunMode Mode { get; private set; } = RunMode.Interactive;
    public bool NonInteractive { get; private set; }
    public bool NoExit { get; private set; }
    public bool NoLogo { get; private set; }
    public string? WorkingDirectory { get; private set; }
    public string Text { get; private set; } = "";
    public List<CommandParameter> ScriptArguments { get; } = [];

    /// <summary>Parses pwsh's arguments; an <see cref="ArgumentException"/> carries the message for the user.</summary>
    public static Arguments Parse(string[] args)
    {
        var result = new Arguments();
        var modeGiven = false;
        for (var i = 0; i < args.Length && !modeGiven; i++)
        {
            var name = OptionName(args[i]);
            switch (name)
            {
                case null:
                    result.TakeFile(args, i);
                    modeGiven = true;
                    break;
                case "noprofile" or "login" or "mta" or "sta" or "noprofileloadtime":
                    break;
                case "noninteractive":
                    result.NonInteractive = true;
                    break;
                case "interactive":
                    result.NonInteractive = false;
                    break;
                case "nologo":
                    result.NoLogo = true;
                    break;
                case "noexit":
                    result.NoExit = true;
                    break;
                case "executionpolicy" or "ep" or "outputformat" or "of" or "inputformat" or "if":
                    _ = Value(args, ref i);
                    break;
                case "workingdirectory" or "wd":
                    result.WorkingDirectory = Value(args, ref i);
                    break;
                case "version":
                    result.Mode = RunMode.Version;
                    modeGiven = true;
                    break;
                case "help":
                    result.Mode = RunMode.Help;
                    modeGiven = true;
                    break;
                case "encodedcommand" or "ec":
                    result.TakeCommand(Decode(Value(args, ref i)));
                    modeGiven = true;
                    break;
                case "command":
                    _ = Value(args, ref i);
                    result.TakeCommand(string.Join(' ', args[i..]));
                    modeGiven = true;
                    break;
                case "file":
                    _ = Value(args, ref i);
                    result.TakeFile(args, i);
                    modeGiven = true;
                    break;
                default:
                    throw new ArgumentException(
                        $"The argument '{args[i]}' is not recognized as the name of a script file. Check the spelling of the name, or "
                        + "if a path was included, verify that the path is correct and try again.");
            }
        }

        if (!modeGiven && Console.IsInputRedirected)
        {
            result.Mode = RunMode.StandardInput;
        }

        return result;
    }

    private static string? OptionName(string argument)
    {
        if (argument.Length < 2 || (argument[0] != '-' && !(OperatingSystem.IsWindows() && argument[0] == '/')))
        {
            return null;
        }

        var word = argument.TrimStart('-', '/').ToLowerInvariant();
        foreach (var (shortest, full) in Names)
        {
            if (word == shortest || (full.StartsWith(word, StringComparison.Ordinal) && word.StartsWith(shortest, StringComparison.Ordinal)))
            {
                return full;
            }
        }

        return "";
    }

    private static string Value(string[] args, ref int index) =>
        ++index < args.Length
            ? args[index]
            : throw new ArgumentException($"Cannot process the command because of a missing parameter after '{args[index - 1]}'.");

    private static string Decode(string base64)
    {
        try
        {
            return Encoding.Unicode.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw new ArgumentException("Cannot process the command because the value specified with -EncodedCommand is not properly encoded.");
        }
    }

    private void TakeCommand(string text)
    {
        Mode = text == "-" ? RunMode.StandardInput : RunMode.Command;
        Text = text;
    }

    private void TakeFile(string[] args, int index)
    {
        if (args[index] == "-")
        {
            Mode = RunMode.StandardInput;
            return;
        }

        var path = Path.GetFullPath(args[index]);
        if (!File.Exists(path))
        {
            throw new ArgumentException(
                $"The argument '{args[index]}' is not recognized as the name of a script file. Check the spelling of the name, or if a "
                + "path was included, verify that the path is correct and try again.");
        }

        Mode = RunMode.File;
        Text = path;
        foreach (var argument in args[(index + 1)..])
        {
            ScriptArguments.Add(ScriptArgument(argument));
        }
    }

    /// <summary>A word after -File: <c>-Name</c> and <c>-Name:value</c> are parameters, everything else is a string.</summary>
    private static CommandParameter ScriptArgument(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-' || !(char.IsLetter(argument[1]) || argument[1] is '_' or '?'))
        {
            return new CommandParameter(null, argument);
        }

        var colon = argument.IndexOf(':');
        if (colon < 0 || colon == argument.Length - 1)
        {
            return new CommandParameter(argument, null);
        }

        var text = argument[(colon + 1)..];
        object value = text.ToLowerInvariant() switch
        {
            "$true" => true,
            "$false" => false,
            _ => text,
        };
        return new CommandParameter(argument[1..colon], value);
    }
}
