using System.Management.Automation.Host;

namespace AitherTestHost.Host;

/// <summary>The console's size, colours and keys; every question has an answer where there is no terminal.</summary>
internal sealed class ConsoleRawUI : PSHostRawUserInterface
{
    private const int WidthWithoutTerminal = 120;
    private const int HeightWithoutTerminal = 50;

    // -1 stands for "the terminal's own"; Write-Host and the formatter pass it on untouched.
    private ConsoleColor _foreground = (ConsoleColor)(-1);
    private ConsoleColor _background = (ConsoleColor)(-1);

    public override ConsoleColor ForegroundColor
    {
        get => _foreground;
        set => _foreground = value;
    }

    public override ConsoleColor BackgroundColor
    {
        get => _background;
        set => _background = value;
    }

    public override Size BufferSize
    {
        get => WindowSize;
        set => throw new NotSupportedException("The size of the console belongs to its user.");
    }

    public override Size WindowSize
    {
        get
        {
            if (Console.IsOutputRedirected)
            {
                return new Size(WidthWithoutTerminal, HeightWithoutTerminal);
            }

            return new Size(
                Console.WindowWidth is > 0 and var width ? width : WidthWithoutTerminal,
                Console.WindowHeight is > 0 and var height ? height : HeightWithoutTerminal);
        }
        set => throw new NotSupportedException("The size of the console belongs to its user.");
    }

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override Coordinates CursorPosition
    {
        get => Console.IsOutputRedirected ? default : new Coordinates(Console.CursorLeft, Console.CursorTop);
        set
        {
            if (!Console.IsOutputRedirected)
            {
                Console.SetCursorPosition(value.X, value.Y);
            }
        }
    }

    public override int CursorSize { get; set; } = 25;

    public override Coordinates WindowPosition { get; set; }

    public override string WindowTitle { get; set; } = "";

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        var key = Console.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
        return new KeyInfo((int)key.Key, key.KeyChar, default, keyDown: true);
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
        {
            Console.ReadKey(intercept: true);
        }
    }

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // Clear-Host asks for exactly this: everything, filled with blanks.
        if (!Console.IsOutputRedirected && rectangle.Left == -1)
        {
            Console.Clear();
        }
    }

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) =>
        throw new NotSupportedException("This console cannot be painted cell by cell.");

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) =>
        throw new NotSupportedException("This console cannot be read back.");

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw new NotSupportedException("This console cannot be scrolled by a script.");
}
