# What a script writes. Sent to the worker's runspace as text, see WorkerLoop.ps1.

# Takes a script's records as they come: text to the run's log, objects to the job's output.
$script:WorkerCollect = {
    param($native, $run, $id, $buffer, $tally, $outputs)

    begin {
        $utf8 = [System.Text.Encoding]::UTF8
        $sent = 0
    }
    process {
        $record = $_
        $stream = 1
        $newLine = "`n"
        if ($record -is [string]) {
            $outputs.Add($record)
            $text = $record
        } elseif ($record -is [System.Management.Automation.InformationRecord]) {
            $stream = 6
            $text = "$record"
            if ($record.MessageData -is [System.Management.Automation.HostInformationMessage] -and
                $record.MessageData.NoNewLine) {
                $newLine = ''
            }
        } elseif ($record -is [System.Management.Automation.ErrorRecord]) {
            $stream = 2
            $text = "$record"
            # What a native program writes to its standard error is text, not an error of the script.
            if ($record.FullyQualifiedErrorId -notlike 'NativeCommandError*') {
                $tally[1]++
                if ($record.InvocationInfo.ScriptName) {
                    $place = [System.IO.Path]::GetFileName($record.InvocationInfo.ScriptName)
                    $text = "$text (${place}:$($record.InvocationInfo.ScriptLineNumber))"
                }
            }
        } elseif ($record -is [System.Management.Automation.WarningRecord]) {
            $stream = 3
            $text = "$record"
        } elseif ($record -is [System.Management.Automation.VerboseRecord]) {
            $stream = 4
            $text = "$record"
        } elseif ($record -is [System.Management.Automation.DebugRecord]) {
            $stream = 5
            $text = "$record"
        } else {
            $outputs.Add($record)
            try {
                $text = "$record"
            } catch {
                $text = $record.GetType().FullName
            }
        }
        if ($stream -ne $tally[0] -and $buffer.Length) {
            $bytes = $utf8.GetBytes($buffer.ToString())
            $null = $buffer.Clear()
            $null = $native::aither_run_log($run, $id, $tally[0], $bytes, [UIntPtr]::new($bytes.Length), $null)
        }
        $tally[0] = $stream
        $null = $buffer.Append($text).Append($newLine)
        # The first lines go at once; a script that writes very many is sent a hundredth of a second at a time.
        $tally[2]++
        if ($newLine -and ($tally[2] -lt 100 -or [System.Environment]::TickCount64 - $sent -gt 10)) {
            $sent = [System.Environment]::TickCount64
            $bytes = $utf8.GetBytes($buffer.ToString())
            $null = $buffer.Clear()
            $null = $native::aither_run_log($run, $id, $stream, $bytes, [UIntPtr]::new($bytes.Length), $null)
        }
    }
}
