# Runs one job in a PowerShell of its own, as a worker runs it in a runspace of the session: the same parts of the
# module describe the script, give it its values and take what it writes. The library starts this and sends the job
# as one line of JSON; lines back that begin with the job's mark are messages (docs/c-abi.md, "Children").

# Stands where a worker has the library's calls, so that the parts work unchanged: writes messages instead.
class AitherJobLine {
    static [System.IO.Stream] $Out = [System.Console]::OpenStandardOutput()
    static [string] $Mark
    # Where the module's parts are, and how the library is asked for what takes long.
    static [string] $Parts
    static [string] $Task

    # A message longer than this would not come in one piece.
    static [int] $Most = 16384

    static [void] Send([string] $message) {
        $bytes = [System.Text.Encoding]::UTF8.GetBytes([AitherJobLine]::Mark + $message + "`n")
        [System.Threading.Monitor]::Enter([AitherJobLine]::Out)
        try {
            [AitherJobLine]::Out.Write($bytes, 0, $bytes.Length)
            [AitherJobLine]::Out.Flush()
        } finally {
            [System.Threading.Monitor]::Exit([AitherJobLine]::Out)
        }
    }

    # ASCII only, in quotes.
    static [string] Quote([string] $text) {
        return '"' + [System.Text.Encodings.Web.JavaScriptEncoder]::Default.Encode($text) + '"'
    }

    # How many characters of a text from a place on make the next piece: whole lines where there are any.
    static [int] Piece([string] $text, [int] $start) {
        $length = $text.Length - $start
        if ($length -le [AitherJobLine]::Most) {
            return $length
        }
        $length = [AitherJobLine]::Most
        $line = $text.LastIndexOf("`n", $start + $length - 1, $length)
        if ($line -ge $start) {
            return $line + 1 - $start
        }
        return [char]::IsHighSurrogate($text[$start + $length - 1]) ? $length - 1 : $length
    }

    static [int] aither_run_log($run, $job, $stream, [byte[]] $bytes, $length, $out) {
        $text = [System.Text.Encoding]::UTF8.GetString($bytes)
        for ($start = 0; $start -lt $text.Length; $start += $piece) {
            $piece = [AitherJobLine]::Piece($text, $start)
            $quoted = [AitherJobLine]::Quote($text.Substring($start, $piece))
            [AitherJobLine]::Send('{"log":{"stream":' + $stream + ',"text":' + $quoted + '}}')
        }
        return 0
    }

    # The library answers nothing here; an output that it refuses fails the job.
    static [int] aither_run_output($run, $job, [byte[]] $name, $nameLength, [byte[]] $json, $jsonLength, $out) {
        $utf8 = [System.Text.Encoding]::UTF8
        $quoted = [AitherJobLine]::Quote($utf8.GetString($name))
        $message = '{"output":{"name":' + $quoted + ',"value":' + $utf8.GetString($json) + '}}'
        if ($message.Length -gt [AitherJobLine]::Most) {
            [AitherJobLine]::SendPieces('part', $message)
            $message = '"whole"'
        }
        [AitherJobLine]::Send($message)
        return 0
    }

    static [void] SendPieces([string] $kind, [string] $text) {
        for ($start = 0; $start -lt $text.Length; $start += $piece) {
            $piece = [AitherJobLine]::Piece($text, $start)
            $quoted = [AitherJobLine]::Quote($text.Substring($start, $piece))
            [AitherJobLine]::Send('{"' + $kind + '":' + $quoted + '}')
        }
    }
}

# For this file only: what does not work here must not be taken for a job that did.
$ErrorActionPreference = 'Stop'

# The parts are texts, as workers get them, and come from a module of their own: the script sees nothing of it.
$private:parts = & (New-Module -Name 'AitherZero.Orchestration.Job' -ArgumentList $PSScriptRoot -ScriptBlock {
        param($folder)

        foreach ($part in 'JsonRead', 'Copy', 'ProcessValue', 'StopSignal', 'WorkerKeep') {
            . ([System.IO.Path]::Combine($folder, '..', 'Private', "$part.ps1"))
        }
        foreach ($part in 'Script', 'Step', 'Collect', 'Context', 'Output') {
            . ([System.IO.Path]::Combine($folder, '..', 'Private', "Worker$part.ps1"))
        }
        foreach ($command in $script:JobCommands) {
            . ([System.IO.Path]::Combine($folder, '..', 'Public', "$command.ps1"))
        }
        Export-ModuleMember
    }) {
    $commands = @{}
    foreach ($command in $script:JobCommands) {
        $found = $ExecutionContext.InvokeCommand.GetCommand($command, 'Function')
        $commands[$command] = $found.ScriptBlock.ToString()
    }
    @{
        Decode    = ${function:ConvertFrom-JsonElement}.ToString()
        Copy      = ${function:Copy-PlainValue}.ToString()
        Commands  = $commands
        Task      = $script:WorkerTask.ToString()
        Describe  = $script:WorkerDescribe.ToString()
        Inline    = $script:WorkerInline.ToString()
        Bind      = $script:WorkerBind.ToString()
        Collect   = $script:WorkerCollect.ToString()
        Failure   = $script:WorkerFailure.ToString()
        Context   = $script:WorkerContext.ToString()
        Register  = {
            param($shared, $runspace, $slot)
            Register-Worker -Shared $shared -Runspace $runspace -Slot $slot
        }
        Break     = { param($runspace) Register-BreakSignal -Runspace $runspace }
    }
}

$private:reader = [System.IO.StreamReader]::new([System.Console]::OpenStandardInput())
$private:serializer = [System.Management.Automation.PSSerializer]
$private:document = [System.Text.Json.JsonDocument]::Parse($reader.ReadLine())
$private:decode = [scriptblock]::Create($parts.Decode)
$private:copy = [scriptblock]::Create($parts.Copy)
$private:job = $document.RootElement.GetProperty('job')
$private:with = & $decode $document.RootElement.GetProperty('with')
[AitherJobLine]::Mark = $with['mark']
# What JSON cannot carry of the session's values.
$private:session = $with['session'] ? $serializer::Deserialize($with['session']) : @{}
[AitherJobLine]::Parts = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', 'Private'))
[AitherJobLine]::Task = $parts.Task
$private:shared = @{
    Native        = [AitherJobLine]
    Run           = [uint64]0
    RunId         = $job.GetProperty('runId').GetString()
    Summary       = [System.Environment]::GetEnvironmentVariable('GITHUB_STEP_SUMMARY')
    # Messages do for all else: the library is loaded only for a script that asks for an artifact.
    Task          = {
        param($line, $request)

        $library = & (New-Module -Name 'AitherZero.Orchestration.Library' -ArgumentList $line::Parts -ScriptBlock {
                param($folder)

                foreach ($part in 'Error', 'NativeFile', 'NativeLibrary', '../Startup/NativeAbi') {
                    . ([System.IO.Path]::Combine($folder, "$part.ps1"))
                }
                Export-ModuleMember
            }) {
            param($folder)
            Import-NativeLibrary -ModuleRoot ([System.IO.Path]::GetDirectoryName($folder))
        } $line::Parts
        & ([scriptblock]::Create($line::Task)) $library $request
    }.ToString()
    Root          = $with['root']
    FailFast      = [bool]$session['FailFast']
    Variables     = $session['Variables'] ?? @{}
    Written       = $session['Written'] ?? @{}
    Configuration = $null
}
$private:id = $job.GetProperty('job').GetInt64()
$private:runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
& $parts.Register $shared $runspace ([long[]]@($id, 0))
if ($IsWindows) {
    $private:break = & $parts.Break $runspace
}
foreach ($private:command in $parts.Commands.GetEnumerator()) {
    $null = $ExecutionContext.InvokeProvider.Item.Set(
        "Function:\global:$($command.Key)", [scriptblock]::Create($command.Value))
}
$global:OrchestrationContext = & ([scriptblock]::Create($parts.Context)) $job.GetRawText() $shared $decode
$ExecutionContext.SessionState.PSVariable.Get('global:OrchestrationContext').Options = 'ReadOnly'

$private:outputs = [System.Collections.Generic.List[object]]::new()
# A text and no lines of this file, so that no error of the script is said to stand here.
$private:invoke = [scriptblock]::Create('
    $private:known, $private:splat, $private:collect = $args
    $args = @()
    # The text of a step leaves this loop by its label where it says `exit`; a stray `break` ends here too.
    :AitherExit do {
        if ($known.Failure) {
            throw $known.Failure
        }
        & $known.Command @splat *>&1 | & $collect
    } while ($false)
')
$private:buffer = [System.Text.StringBuilder]::new()
# The stream of the text in the buffer, non-terminating errors, records so far.
$private:tally = [int[]]::new(3)
$private:collect = & ([scriptblock]::Create($parts.Collect)) (
    [AitherJobLine]) 0 ([object[]]@($id, $outputs, 0L)) $buffer $tally
$private:report = '{"exitCode":1,"error":{"message":"The script ended the PowerShell it ran in."}}'
try {
    $private:text = [System.Text.Json.JsonElement]::new()
    $private:known = if ($job.TryGetProperty('text', [ref]$text)) {
        & ([scriptblock]::Create($parts.Inline)) $text.GetString() 'pwsh' $with['name']
    } else {
        & ([scriptblock]::Create($parts.Describe)) $job.GetProperty('path').GetString()
    }
    $private:splat = @{}
    if ($known.Declares) {
        if ($session['Configuration']) {
            $shared.Configuration = $serializer::Deserialize($session['Configuration'])
        }
        & ([scriptblock]::Create($parts.Bind)) $job $known $shared $splat $copy $decode
    }
    $document.Dispose()
    $ErrorActionPreference = 'Continue'
    $global:Error.Clear()
    $global:ProgressPreference = 'SilentlyContinue'
    $global:LASTEXITCODE = 0
    & $invoke $known $splat $collect
    $private:code = $global:LASTEXITCODE -as [int]
    $private:problem = $code ? '{"message":"Script exited with code: ' + $code + '"}' : 'null'
    $private:report = '{"exitCode":' + [int]$code + ',"error":' + $problem + ',"errors":' + $tally[1] + '}'
} catch {
    $private:bytes = & ([scriptblock]::Create($parts.Failure)) $_ $with['name'] $tally[1]
    $private:report = [System.Text.Encoding]::UTF8.GetString($bytes)
} finally {
    if ($buffer.Length) {
        $private:bytes = [System.Text.Encoding]::UTF8.GetBytes($buffer.ToString())
        $null = [AitherJobLine]::aither_run_log(0, $id, $tally[0], $bytes, $null, $null)
    }
    if ($outputs.Count) {
        # One level for the list itself, and two as for PowerShell's own jobs.
        [AitherJobLine]::SendPieces('objects', $serializer::Serialize($outputs.ToArray(), 3))
    }
    [AitherJobLine]::Send('{"report":' + $report + '}')
}
