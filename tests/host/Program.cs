using System.Text;
using AitherTestHost.Host;

namespace AitherTestHost;

internal static class Program
{
    private const int BadArguments = 64;

    private static int Main(string[] args)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (Console.IsOutputRedirected || !OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = utf8;
        }

        Arguments arguments;
        try
        {
            arguments = Arguments.Parse(args);
        }
        catch (ArgumentException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return BadArguments;
        }

        switch (arguments.Mode)
        {
            case RunMode.Version:
                Console.WriteLine($"PowerShell {ConsoleTestHost.EngineVersion}");
                return 0;
            case RunMode.Help:
                Console.WriteLine("Usage: aither-test-host [-NoProfile] [-NonInteractive] [-NoLogo] [-NoExit] [-WorkingDirectory <folder>]");
                Console.WriteLine("       [-EncodedCommand <base64> | -Command <text|-> | [-File] <script> [arguments]]");
                return 0;
        }

        using var session = new Session(arguments);
        return session.Run();
    }
}
