# How events of a run read in the log. The texts are AitherZero's.

function Write-RunEvent {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Fact,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    switch ($Fact['kind']) {
        'JobsSucceeded' {
            Write-JobsSucceeded -Fact $Fact -Plan $Plan -Log $Log
        }
        'JobsAdded' {
            Write-JobsAdded -Fact $Fact -Log $Log
        }
        'RunWarning' {
            $text = $Fact['message']
            $Log.Cmdlet.WriteWarning($text.Substring(0, 1).ToUpperInvariant() + $text.Substring(1) + '.')
        }
        'TurnAwaited' {
            $stage = $null -eq $Fact['group'] ? '' : " ($($Plan['groups'][$Fact['group']]['id']))"
            $known = "run $($Fact['heldBy']), process $($Fact['process'])"
            $holder = 'held by ' + ($Fact['heldBy'] ? $known : 'another run')
            $text = "Waiting for the concurrency group '$($Fact['concurrency'])'${stage}: $holder"
            Write-OrchestrationLog -Log $Log -Message $text -Level Warning
        }
        'RunFailed' {
            Write-OrchestrationLog -Log $Log -Message "The run failed: $($Fact['message'])" -Level Error
        }
    }
    if ($null -eq $Fact['job']) {
        return
    }
    $job = $Plan['jobs'][$Fact['job']]
    if ($Fact['shownAs']) {
        # A secret is in its name or combination.
        $shown = $Fact['shownAs']
        $job = @{ number = $job['number']; name = $shown['name']; matrixId = $shown['matrixId'] }
    }
    $title = "[$($job['number'])] $($job['name'])".TrimEnd()
    switch ($Fact['kind']) {
        'JobStarted' {
            $Log.Cmdlet.WriteVerbose("Starting: $title")
        }
        'JobLog' {
            foreach ($line in $Fact['text'].TrimEnd("`n").Split("`n")) {
                if ($Log.ShowOutput) {
                    Write-OrchestrationHost -Log $Log -Message $line -AsIs
                } else {
                    $Log.Cmdlet.WriteVerbose("[$($job['number'])] $line")
                }
            }
        }
        'JobRetried' {
            $invariant = [System.Globalization.CultureInfo]::InvariantCulture
            $seconds = ($Fact['delayMs'] / 1000).ToString('0.##', $invariant)
            $problem = $Fact['error'] ? " - $($Fact['error']['message'])" : ''
            $text = "Retrying: $title (attempt $($Fact['attempt']), in $seconds s)$problem"
            Write-OrchestrationLog -Log $Log -Message $text -Level Warning
        }
        'CacheNoted' {
            $Log.Cmdlet.WriteVerbose("Cache: $title - $($Fact['message'])")
        }
        'JobFinished' {
            if ($Log.Style.Terminal -and -not $Log.Custom) {
                Write-JobLine -Fact $Fact -Job $job -Log $Log
            } else {
                Write-JobFinished -Fact $Fact -Title $title -Log $Log
            }
        }
    }
}

function Write-JobsSucceeded {
    # Many at once, each in a line. Nothing is called for a line that another line's call could do.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Fact,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    if ($Log.Quiet) {
        return
    }
    $invariant = [System.Globalization.CultureInfo]::InvariantCulture
    $time = [datetime]::Now.ToString('yyyy-MM-dd HH:mm:ss', $invariant)
    $tags = [string[]]@('PSHOST')
    $index = 0
    foreach ($position in $Fact['jobs']) {
        $job = $Plan['jobs'][$position]
        $took = $Fact['durationMs'][$index++]
        if ($Log.Style.Terminal -and -not $Log.Custom) {
            $one = @{ status = 'Success'; durationMs = $took; errors = 0; cached = $false }
            Write-JobLine -Fact $one -Job $job -Log $Log
            continue
        }
        $seconds = ($took / 1000).ToString('0.00', $invariant)
        $title = "[$($job['number'])] $($job['name'])".TrimEnd()
        $text = "Completed: $title (Duration: ${seconds}s)"
        if ($Log.Custom) {
            Write-OrchestrationLog -Log $Log -Message $text
            continue
        }
        $line = [System.Management.Automation.HostInformationMessage]::new()
        $line.Message = "[$time] [ORCH] $text"
        $Log.Cmdlet.WriteInformation($line, $tags)
    }
}

function Write-JobFinished {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Fact,
        [Parameter(Mandatory)] [string] $Title,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    if ($Fact['status'] -eq 'Success' -and $Fact['reason']) {
        $Log.Cmdlet.WriteVerbose("Completed: $Title - $($Fact['reason'])")
        return
    }
    if ($Fact['status'] -eq 'Success') {
        $invariant = [System.Globalization.CultureInfo]::InvariantCulture
        $seconds = ($Fact['durationMs'] / 1000).ToString('0.00', $invariant)
        $errors = switch ($Fact['errors']) {
            0 { '' }
            1 { ', 1 error shown' }
            default { ", $_ errors shown" }
        }
        $cached = $Fact['cached'] ? ', cached' : ''
        Write-OrchestrationLog -Log $Log -Message "Completed: $Title (Duration: ${seconds}s$errors$cached)"
        return
    }
    if ($Fact['status'] -eq 'Skipped' -or $Fact['status'] -eq 'Cancelled') {
        $reason = $Fact['reason'] ? " - $($Fact['reason'])" : ''
        Write-OrchestrationLog -Log $Log -Message "$($Fact['status']): $Title$reason" -Level Warning
        return
    }
    $problem = $Fact['error'] ? $Fact['error']['message'] : $Fact['reason']
    $place = $Fact['error'] -and $Fact['error']['at'] ? " ($($Fact['error']['at']))" : ''
    $lines = @("Failed: $Title - $problem$place") + @(foreach ($line in $Fact['logTail']) { "    $line" })
    Write-OrchestrationLog -Log $Log -Message ($lines -join "`n") -Level Error
}

function Write-ResolvedScript {
    # What the run consists of, before it starts.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    if ($Log.Quiet) {
        return
    }
    $numbers = [System.Collections.Specialized.OrderedDictionary]::new()
    foreach ($job in $Plan['jobs']) {
        if ($job['script']) {
            $numbers[$job['script']] = $true
        }
    }
    Write-OrchestrationLog -Log $Log -Message "Resolved to $($numbers.Count) scripts: $($numbers.Keys -join ', ')"
    if ($Plan['dimensions']) {
        $text = "Matrix: $($Plan['combinations']) combinations, $($Plan['total']) jobs"
        Write-OrchestrationLog -Log $Log -Message $text
    }
}

function Write-RunFinished {
    # One line that says how the run went.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [object] $Result,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $counts = foreach ($kind in 'Completed', 'Cached', 'Failed', 'Skipped', 'Cancelled') {
        if ($Result.$kind -or $kind -eq 'Completed') {
            "$($Result.$kind) $($kind.ToLowerInvariant())"
        }
    }
    $seconds = $Result.Duration.TotalSeconds.ToString('0.00', [System.Globalization.CultureInfo]::InvariantCulture)
    $text = "Finished: $($counts -join ', ') of $($Result.Total) (Duration: ${seconds}s)"
    Write-OrchestrationLog -Log $Log -Message $text -Level ($Result.Success ? 'Information' : 'Error')
}
