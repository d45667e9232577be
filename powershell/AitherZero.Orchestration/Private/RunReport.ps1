# What a run leaves behind for people: the summary, the report that was asked for, and those of its playbook.

function Write-RunReport {
    # Everything that was asked for, by the caller or by the playbook. A report that cannot be written is a
    # warning: the run has happened, and its result must reach the caller.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [object] $Result,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound,
        # The playbook, as Import-Playbook gives it; without a model for a sequence.
        [Parameter(Mandatory)] [hashtable] $Playbook,
        [Parameter(Mandatory)] [string] $Location,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $options = $Playbook.Model ? $Playbook.Model['options'] : @{}
    $reporting = $Playbook.Model ? $Playbook.Model['reporting'] : @{}
    $format = [string]$Bound['OutputFormat']
    $wantsSummary = $Bound['GenerateSummary'] ?? $options['generateSummary']
    $wantsFormat = $format -and $format -ne 'None'
    if (-not $wantsSummary -and -not $wantsFormat -and -not $reporting['enabled']) {
        return
    }
    $document = ConvertTo-ReportDocument -Result $Result
    if ($wantsSummary) {
        Invoke-Reporting -What 'The summary' -Log $Log -Block {
            $Result.SummaryPath = Write-RunSummary -Document $document -Options $options -Root $Result.Root
            Write-OrchestrationLog -Log $Log -Message "Execution summary saved to: $($Result.SummaryPath)"
        }
    }
    if ($reporting['enabled']) {
        Invoke-Reporting -What "The playbook's report" -Log $Log -Block {
            Write-PlaybookReport -Document $document -Reporting $reporting -Root $Result.Root -Log $Log
        }
    }
    if ($wantsFormat) {
        Invoke-Reporting -What "The $format report" -Log $Log -Block {
            $path = [string]$Bound['OutputPath']
            $path = $path ? (Resolve-ProjectPath -Path $path -Location $Location) : ''
            Write-ResultReport -Document $document -Format $format -Path $path -Log $Log
        }
    }
}

function Invoke-Reporting {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $What,
        [Parameter(Mandatory)] [hashtable] $Log,
        [Parameter(Mandatory)] [scriptblock] $Block
    )

    try {
        & $Block
    } catch {
        $Log.Cmdlet.WriteWarning("$What was not written: $($_.Exception.GetBaseException().Message)")
    }
}

function Write-RunSummary {
    # The summary: in AitherZero's place, or where the playbook's options want it.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.IDictionary] $Options,
        [Parameter(Mandatory)] [string] $Root
    )

    $path = [string]$Options['summaryPath']
    $kind = $script:ReportFormats[$Options['summaryFormat'] ? $Options['summaryFormat'] : 'Markdown']
    if (-not $kind) {
        $kind = $script:ReportFormats['Markdown']
    }
    if ($path -and [System.IO.Path]::HasExtension($path)) {
        $target = [ordered]@{ path = Resolve-ProjectPath -Path $path -Location $Root }
    } else {
        $folder = $path ? $path : 'reports/orchestration'
        $target = New-ReportTarget -Folder $folder -Stem 'summary' -Extension $kind.Extension -Root $Root
    }
    Write-NativeReport -Format $kind.Name -Document $Document -Target $target
}

function New-ReportTarget {
    # A file of this second, under a name that no other has.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [string] $Folder,
        [Parameter(Mandatory)] [string] $Stem,
        [Parameter(Mandatory)] [string] $Extension,
        [Parameter(Mandatory)] [string] $Root
    )

    $now = [datetime]::Now.ToString('yyyy-MM-dd-HHmmss', [System.Globalization.CultureInfo]::InvariantCulture)
    [ordered]@{
        folder    = Resolve-ProjectPath -Path $Folder -Location $Root
        stem      = "$Stem-$now"
        extension = $Extension
    }
}

function Write-PlaybookReport {
    # A playbook's reporting section: its formats, at its place.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Reporting,
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $formats = @(foreach ($format in @($Reporting['formats']) + $Reporting['format']) { if ($format) { $format } })
    $place = [string]($Reporting['outputPath'] ?? $Reporting['reportPath'])
    $place = $place ? $place : 'reports/orchestration'
    # A path with an extension names the file of the one format.
    $isFile = [System.IO.Path]::HasExtension($place)
    $folder = $isFile ? [System.IO.Path]::GetDirectoryName($place) : $place
    foreach ($format in $formats ? $formats : @('Markdown')) {
        $kind = $script:ReportFormats[$format]
        if (-not $kind) {
            $Log.Cmdlet.WriteVerbose("The playbook asks for a report as $format; there is none of that format.")
            continue
        }
        $own = @{ Folder = $folder ? $folder : '.'; Stem = 'report'; Extension = $kind.Extension; Root = $Root }
        $target = New-ReportTarget @own
        if ($isFile -and $formats.Count -le 1) {
            $target = [ordered]@{ path = Resolve-ProjectPath -Path $place -Location $Root }
        }
        $written = Write-NativeReport -Format $kind.Name -Document $Document -Target $target
        Write-OrchestrationLog -Log $Log -Message "Report saved to: $written"
    }
}

function New-RunFailure {
    # The error of -ThrowOnError: what failed, with the whole result as its target.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param([Parameter(Mandatory)] [object] $Result)

    $failed = foreach ($job in $Result.Jobs) {
        if ($job.Status -in 'Failure', 'TimedOut') {
            "[$($job.Number)] $($job.Error ?? $job.Reason)"
        }
    }
    $failed = @($failed)
    $shown = $failed[0..2].Where({ $_ }) -join '; '
    $more = $failed.Count -gt 3 ? " and $($failed.Count - 3) more" : ''
    $problem = @{
        Code    = 'run.failed'
        Message = "$($Result.Failed) of $($Result.Total) jobs failed (exit code $($Result.ExitCode))" +
        ($shown ? ": $shown$more" : '')
        Hint    = 'The whole result is the TargetObject of this error.'
        Target  = $Result
    }
    New-OrchestrationError @problem
}
