using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace AitherTestHost.Host;

/// <summary>The console as PowerShell's engine sees it.</summary>
internal sealed class ConsoleTestHost : PSHost
{
    private readonly ConsoleUI _ui;
    private Runspace? _runspace;

    public ConsoleTestHost(bool interactive)
    {
        Screen = new ConsoleScreen();
        _ui = new ConsoleUI(Screen, () => Interactive);
        Interactive = interactive;
        if (Screen.PlainOnly)
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }
    }

    /// <summary>The engine's full version; its assembly version leaves the patch number out.</summary>
    public static Version EngineVersion { get; } = new(
        typeof(PSObject).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split(' ', '-', '+')[0]);

    public ConsoleScreen Screen { get; }

    /// <summary>False makes every prompt an error, as -NonInteractive does.</summary>
    public bool Interactive { get; set; }

    /// <summary>What `exit` asked for, or null.</summary>
    public int? ExitCode { get; private set; }

    // Scripts tell a console from an editor or a service by this name, and this is a console.
    public override string Name => "ConsoleHost";

    public override Version Version => EngineVersion;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _ui;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public void Attach(Runspace runspace) => _runspace = runspace;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This host has no nested prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This host has no nested prompt.");

    public override void NotifyBeginApplication() => Screen.FinishProgress();

    public override void NotifyEndApplication()
    {
    }
}
