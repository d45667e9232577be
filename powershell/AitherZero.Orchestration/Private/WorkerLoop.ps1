# What runs inside a worker's runspace. The loop and its helpers are blocks without a session (see
# Get-WorkerBlock): they see nothing of the module, and the scripts that they run must see nothing of them. Hence
# `private:` on every variable of the loop.
# Helpers are blocks in variables, not functions, and few: a call costs as much as the rest of a turn.

# One long pipeline a worker: take a job, run its script, report, until the run needs no more workers.
# Arguments: the shared table of the run (see New-WorkerTable), this worker's slot, [long[]] of (job that runs here
# or -1, 1 once that job is to be stopped, 1 once this worker takes no more jobs), slot 1 written under the slot's
# lock, the variable $OrchestrationContext (see WorkerContext.ps1), the place for this worker's thread, and what
# this runspace knows of scripts from before.
$script:WorkerLoop = {
    $private:shared, $private:slot, $private:context, $private:thread, $private:scripts = $args
    $args = @()
    $thread[0] = [System.Threading.Thread]::CurrentThread
    $private:native, $private:run = $shared.Native, $shared.Run
    $private:describe = $shared.Describe
    $private:bind = $shared.Bind
    $private:copy = $shared.Copy
    $private:decode = $shared.Decode
    $context.Make = $shared.Context
    $context.Given = @($null, $shared, $decode)
    $private:notice = $shared.Notice
    $private:utf8 = [System.Text.Encoding]::UTF8
    $private:good = $utf8.GetBytes('{"exitCode":0}')
    $private:stopped = $utf8.GetBytes('{"exitCode":1,"stopped":true}')
    # What is left to say when neither the script's end nor an error of it was seen.
    $private:lost = $utf8.GetBytes(
        '{"exitCode":1,"error":{"message":"The script ended the PowerShell it ran in."}}')
    $private:folder = [System.Management.Automation.WildcardPattern]::Escape($shared.Location)
    $private:paths = $ExecutionContext.SessionState.Path
    $private:crowd = $shared.Crowd
    $private:debugger = [runspace]::DefaultRunspace.Debugger
    $private:buffer = [System.Text.StringBuilder]::new()
    # The stream of the text in the buffer, non-terminating errors, records so far.
    $private:tally = [int[]]::new(3)
    # The job, its objects, and when its text was sent last.
    $private:current = [object[]]@(0, [System.Collections.Generic.List[object]]::new(), 0L)
    $private:collect = & $shared.Collect $native $run $current $buffer $tally
    $private:out = [IntPtr[]]::new(3)

    # What the environment was is read anew unless no script has begun since this worker read it last: then it is
    # as it was, and reading it takes as long as the rest of a turn's checks.
    $private:seen = -1
    $null = $paths.SetLocation($folder)
    $private:here = $global:PWD
    $global:ErrorActionPreference = 'Continue'
    $global:WarningPreference = 'Continue'
    $global:VerbosePreference = 'SilentlyContinue'
    $global:DebugPreference = 'SilentlyContinue'
    $global:InformationPreference = 'SilentlyContinue'
    $global:ProgressPreference = 'SilentlyContinue'
    $global:WhatIfPreference = $false
    $global:LASTEXITCODE = 0
    $private:clean = & $notice $null $false
    $clean.Live = & $shared.Live $clean
    $clean.Seen = $clean.Live ? [System.Linq.Enumerable]::ToArray[object]($clean.Live) : $null
    while (-not $slot[2] -and $native::aither_run_next_job($run, -1, $out) -eq 0) {
        $private:text = [System.Runtime.InteropServices.Marshal]::PtrToStringUTF8($out[0], [int]$out[1])
        $null = $native::aither_text_free($out)
        $context.Held, $context.Text = $null, $text
        $private:document = [System.Text.Json.JsonDocument]::Parse($text)
        $private:job = $document.RootElement
        $private:id = $job.GetProperty('job').GetInt64()
        $current[0] = $id
        $private:outputs = $current[1]
        [System.Array]::Clear($tally)
        $private:report = $lost
        $private:special = $false
        # What belongs to the whole process: how it was, and whether anybody else could change it meanwhile.
        [System.Threading.Monitor]::Enter($crowd)
        $private:stale = $crowd[1] -ne $seen
        $crowd[0]++
        $private:turn = ++$crowd[1]
        $private:alone = $crowd[0] -eq 1 -and -not $shared.Background
        [System.Threading.Monitor]::Exit($crowd)
        if ($stale) {
            $private:environment = [System.Environment]::GetEnvironmentVariables()
            $private:directory = [System.Environment]::CurrentDirectory
        }
        $slot[0] = $id
        try {
            $private:path = $job.GetProperty('path').GetString()
            $private:known = $null
            # Few jobs are more than a script with values, and the loop is short for those that are not.
            $private:special = $text.Contains('"env":') -or $text.Contains('"workingDirectory":') -or
            $text.Contains('"text":')
            if ($special) {
                $private:known = & $shared.Step $job $shared $paths $scripts
            } else {
                # Compared whole, so that what is known of a script is never used for another text of it.
                $private:source = $null
                try { $private:source = [System.IO.File]::ReadAllBytes($path) } catch { $source = $null }
                if ($null -eq $source -or -not $scripts.TryGetValue($path, [ref]$known) -or
                    -not [System.Linq.Enumerable]::SequenceEqual[byte]($known.Source, $source)) {
                    $private:known = & $describe $path
                    if ($null -ne $source) {
                        $known.Source = $source
                        $scripts[$path] = $known
                    }
                }
            }
            $private:splat = $known.Arguments ?? @{}
            if ($known.Declares) {
                & $bind $job $known $shared $splat $copy $decode
            }
            $document.Dispose()
            # A stray `break` in a script ends this inner loop, not the worker's.
            # The text of a step leaves it by the label where it says `exit`.
            :AitherExit do {
                if ($known.Failure) {
                    throw $known.Failure
                }
                & $known.Command @splat *>&1 | & $collect
            } while ($false)
            $private:code = $global:LASTEXITCODE -as [int]
            $private:report = $good
            if (-not $code -and $shared.Caches -and $outputs.Count) {
                $private:report = & $shared.Keep $outputs $tally[1]
            } elseif ($code -or $tally[1]) {
                $private:problem = $code ? '{"message":"Script exited with code: ' + $code + '"}' : 'null'
                $private:report = $utf8.GetBytes(
                    '{"exitCode":' + [int]$code + ',"error":' + $problem + ',"errors":' + $tally[1] + '}')
            }
        } catch {
            $private:title = $context.Value.Name
            $private:report = & $shared.Failure $_ $title $tally[1]
        } finally {
            # Also reached while the pipeline is being stopped, when only a `finally` still runs.
            if ($buffer.Length) {
                $private:bytes = $utf8.GetBytes($buffer.ToString())
                $null = $buffer.Clear()
                $null = $native::aither_run_log($run, $id, $tally[0], $bytes, [UIntPtr]::new($bytes.Length), $null)
            }
            if ($outputs.Count) {
                $shared.Outputs[$id] = $outputs.ToArray()
                $outputs.Clear()
            }
            if ($special) {
                & $shared.Restore $shared $id
            }
            if (-not [object]::ReferenceEquals($global:PWD, $here)) {
                $null = $paths.SetLocation($folder)
                $private:here = $global:PWD
            }
            if (-not $slot[1]) {
                [cultureinfo]::CurrentCulture = $clean.Culture
                [cultureinfo]::CurrentUICulture = $clean.Language
                $private:strict = 0
                try {
                    # Reading what is not there fails under Set-PSDebug -Strict.
                    $null = $global:AitherUndefined
                } catch {
                    $private:strict = 1
                }
                if ($strict -or $null -eq $clean.Live -or
                    -not [System.Linq.Enumerable]::SequenceEqual[object]($clean.Live, $clean.Seen) -or
                    $ExecutionContext.Events.Subscribers.Count -ne $clean.Subscribers -or $debugger.IsActive -or
                    ($alone -and
                    -not [System.Linq.Enumerable]::SequenceEqual[object]($clean.Styles, $clean.Settings))) {
                    $private:clean = & $notice $clean $alone
                    $slot[2] = $strict -bor $clean.Spoiled
                }
            }
            $global:Error.Clear()
            $global:LASTEXITCODE = 0
            $private:seen = $crowd[1]
            $private:now = [System.Environment]::GetEnvironmentVariables()
            # Both tables have one order as long as nothing changed. A text is the same object, or compared.
            $private:changed = $directory -ne [System.Environment]::CurrentDirectory -or
                -not [System.Linq.Enumerable]::SequenceEqual[object](
                    [System.Linq.Enumerable]::Cast[object]($environment.Values),
                    [System.Linq.Enumerable]::Cast[object]($now.Values)) -or
                -not [System.Linq.Enumerable]::SequenceEqual[object](
                    [System.Linq.Enumerable]::Cast[object]($environment.Keys),
                    [System.Linq.Enumerable]::Cast[object]($now.Keys))
            # Whoever comes next waits until it is undone.
            [System.Threading.Monitor]::Enter($crowd)
            if ($changed) {
                $private:alone = $alone -and $crowd[1] -eq $turn
                & $shared.Undo $shared $id $environment $directory $alone
                $private:seen = -1
            }
            $crowd[0]--
            [System.Threading.Monitor]::Exit($crowd)
            [System.Threading.Monitor]::Enter($slot)
            $private:mine = $slot[0] -eq $id
            $slot[0] = -1
            [System.Threading.Monitor]::Exit($slot)
            if ($slot[1]) {
                # An interrupt that came too late to wake the script must not reach the thread's own wait for work.
                try { [System.Threading.Thread]::Sleep(1) } catch [System.Threading.ThreadInterruptedException] { }
            }
            if ($mine) {
                if ($slot[1]) {
                    $private:report = $stopped
                }
                $null = $native::aither_run_finish_job($run, $id, $report, [UIntPtr]::new($report.Length), $null)
            }
        }
        if ($slot[1]) {
            break
        }
    }
}
