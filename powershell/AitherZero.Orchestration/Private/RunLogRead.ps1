# The logs of recorded runs, line by line, also while they are being written.

# The streams by the numbers that the library has for them; 0 is the engine's own.
$script:StreamNames = 'Engine', 'Output', 'Error', 'Warning', 'Verbose', 'Debug', 'Information'

function New-LogReader {
    # What is known of the logs that are read: how far each is, and which of them have ended.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string] $Id,
        # The numbers of the jobs; all where there are none.
        [AllowEmptyCollection()] [AllowNull()] [string[]] $Number
    )

    $run = Get-RecordedRun -Root $Root -Id $Id
    $known = @(foreach ($job in $run['jobs']) { $job['number'] })
    $wanted = foreach ($one in $Number) {
        # A bare 402 means 0402, as everywhere; the library says what it does not know.
        $one -match '^\d{1,3}$' -and $one -notin $known ? $one.PadLeft(4, '0') : $one
    }
    $places = [ordered]@{}
    foreach ($one in ($Number ? $wanted : $known)) {
        $places[$one] = 0L
    }
    @{ Root = $Root; Id = $run['id']; Places = $places; Single = $places.Count -eq 1 }
}

function Read-LogPart {
    # The lines that have come since the last call, as objects. A log that has ended is forgotten.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.LogLine')]
    param([Parameter(Mandatory)] [hashtable] $Reader)

    foreach ($number in @($Reader.Places.Keys)) {
        while ($true) {
            $fields = @{ id = $Reader.Id; number = $number; from = $Reader.Places[$number] }
            $part = Invoke-RunRequest -Call 'aither_runs_log' -Root $Reader.Root -Fields $fields
            foreach ($line in $part['lines']) {
                [pscustomobject]@{
                    PSTypeName = 'AitherZero.Orchestration.LogLine'
                    Number     = $number
                    Stream     = $script:StreamNames[$line['stream']]
                    Text       = $line['text']
                }
            }
            $Reader.Places[$number] = $part['next']
            if (-not $part['lines']) {
                if ($part['ended']) {
                    $Reader.Places.Remove($number)
                }
                break
            }
        }
    }
}

function New-RunWatcher {
    # Wakes up when something is written to the records of runs.
    [CmdletBinding()]
    [OutputType([System.IO.FileSystemWatcher])]
    param([Parameter(Mandatory)] [string] $Root)

    $folder = [System.IO.Path]::Combine($Root, '.orchestration-cache', 'runs')
    $watcher = [System.IO.FileSystemWatcher]::new($folder)
    $watcher.IncludeSubdirectories = $true
    $watcher.NotifyFilter = [System.IO.NotifyFilters]'FileName, DirectoryName, Size, LastWrite'
    $watcher
}
