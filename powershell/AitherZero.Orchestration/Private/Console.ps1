# What a person at a terminal sees while a run goes on: a line for every job that has ended. Where output goes to a
# file or a program, the log's own texts are written instead (RunLog.ps1).

function Get-ConsoleStyle {
    # What the terminal can show and its user wants.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $terminal = -not [System.Console]::IsOutputRedirected -and $env:TERM -ne 'dumb'
    $rendering = $PSStyle ? [string]$PSStyle.OutputRendering : 'Host'
    @{
        Terminal = $terminal
        Color    = $terminal -and -not $env:NO_COLOR -and $rendering -ne 'PlainText'
        Unicode  = [System.Console]::OutputEncoding.CodePage -eq 65001
    }
}

# How a job ended: the mark, the same in ASCII, its colour.
$script:ConsoleMarks = @{
    Success   = @("$([char]0x2713)", 'ok', [System.ConsoleColor]::Green)
    Cached    = @("$([char]0x21BB)", 'cached', [System.ConsoleColor]::Cyan)
    Failure   = @("$([char]0x2717)", 'FAILED', [System.ConsoleColor]::Red)
    TimedOut  = @("$([char]0x2717)", 'FAILED', [System.ConsoleColor]::Red)
    Skipped   = @("$([char]0x2298)", 'skipped', [System.ConsoleColor]::DarkGray)
    Cancelled = @("$([char]0x2298)", 'cancelled', [System.ConsoleColor]::DarkGray)
}

function Format-JobLine {
    # ✓ [0402-matrix-1] 0402_Run-UnitTests.ps1 (profile=quick)  1.23 s
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Fact,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Job,
        [Parameter(Mandatory)] [hashtable] $Style
    )

    $status = $Fact['cached'] ? 'Cached' : $Fact['status']
    $mark, $word, $color = $script:ConsoleMarks[$status]
    $text = "$($Style.Unicode ? $mark : $word) [$($Job['number'])] $($Job['name'])".TrimEnd()
    if ($Job['matrixId']) {
        $text += " ($($Job['matrixId']))"
    }
    if ($status -notin 'Skipped', 'Cancelled') {
        $seconds = [System.Math]::Max(0.0, $Fact['durationMs'] / 1000)
        $text += '  ' + $seconds.ToString('0.00', [System.Globalization.CultureInfo]::InvariantCulture) + ' s'
    }
    if ($status -eq 'Cached') {
        $text += ', cached'
    }
    if ($Fact['errors']) {
        $text += $Fact['errors'] -eq 1 ? ', 1 error shown' : ", $($Fact['errors']) errors shown"
    }
    $reason = $Fact['error'] ? $Fact['error']['message'] : $Fact['reason']
    if ($reason -and $status -notin 'Success', 'Cached') {
        $place = $Fact['error'] -and $Fact['error']['at'] ? " ($($Fact['error']['at']))" : ''
        $text += "  $reason$place"
    }
    @{ Text = $text; Color = $Style.Color ? $color : $null }
}

function Write-JobLine {
    # The line of a job that has ended; of one that failed, the end of its log below it.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Fact,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Job,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $failed = $Fact['status'] -in 'Failure', 'TimedOut'
    if ($Log.Quiet -and -not $failed) {
        return
    }
    $line = Format-JobLine -Fact $Fact -Job $Job -Style $Log.Style
    Write-OrchestrationHost -Log $Log -Message $line.Text -Color $line.Color
    $bar = $Log.Style.Unicode ? "$([char]0x2502)" : '|'
    foreach ($text in $Fact['logTail']) {
        Write-OrchestrationHost -Log $Log -Message "  $bar $text"
    }
}
