# What a script writes. See Get-WorkerBlock.

# Makes the block that takes a script's records as they come: text to the run's log, objects to the job's output.
# A block with parameters would cost a script that writes nothing as much again as its call; this one finds what it
# needs in a scope of its own: the library, the run, a list of (job, its objects, when its text was sent last), the
# text that waits, and the numbers that WorkerLoop.ps1 explains.
$script:WorkerCollect = {
    param($native, $run, $job, $buffer, $tally)

    {
        process {
            $record = $_
            $stream = 1
            $newLine = "`n"
            if ($record -is [string]) {
                $job[1].Add($record)
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
                $job[1].Add($record)
                try {
                    $text = "$record"
                } catch {
                    $text = $record.GetType().FullName
                }
            }
            if ($stream -ne $tally[0] -and $buffer.Length) {
                $bytes = [System.Text.Encoding]::UTF8.GetBytes($buffer.ToString())
                $null = $buffer.Clear()
                $length = [UIntPtr]::new($bytes.Length)
                $null = $native::aither_run_log($run, $job[0], $tally[0], $bytes, $length, $null)
            }
            $tally[0] = $stream
            $null = $buffer.Append($text).Append($newLine)
            # The first lines go at once; a script that writes very many is sent a hundredth of a second at a time.
            $tally[2]++
            if ($newLine -and ($tally[2] -lt 100 -or [System.Environment]::TickCount64 - $job[2] -gt 10)) {
                $job[2] = [System.Environment]::TickCount64
                $bytes = [System.Text.Encoding]::UTF8.GetBytes($buffer.ToString())
                $null = $buffer.Clear()
                $length = [UIntPtr]::new($bytes.Length)
                $null = $native::aither_run_log($run, $job[0], $stream, $bytes, $length, $null)
            }
        }
    }.GetNewClosure()
}
