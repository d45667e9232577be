# What jobs hand on, as the result has it: by stage or job name, and by job number.

function ConvertTo-OutputTable {
    # The outputs of one owner: in the order they were set, by names without case.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param([AllowNull()] [System.Collections.IDictionary] $Values)

    $table = [ordered]@{}
    foreach ($name in $Values.Keys) {
        $table[[string]$name] = $Values[$name]
    }
    $table
}

function Get-ResultStage {
    # The stages or jobs of a playbook, as they ended; for a sequence the stages that its scripts' headers name.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Result,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [object[]] $Jobs
    )

    if (-not $Plan['groups']) {
        Get-HeaderStage -Jobs $Jobs
        return
    }
    $ended = @{}
    foreach ($group in $Result['groups']) {
        $ended[[int]$group['group']] = $group
    }
    $at = -1
    foreach ($planned in $Plan['groups']) {
        $at++
        $group = $ended[$at]
        $before = [System.Collections.Generic.List[string]]::new()
        foreach ($other in @($planned['needs']) + @($planned['after'])) {
            if ($null -ne $other -and -not $before.Contains($Plan['groups'][$other]['id'])) {
                $before.Add($Plan['groups'][$other]['id'])
            }
        }
        $word = $group ? $group['result'] : ''
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.Stage'
            Id         = $planned['id']
            Name       = $planned['name'] ? $planned['name'] : $planned['id']
            Status     = $word ? $word.Substring(0, 1).ToUpperInvariant() + $word.Substring(1) : $null
            Outputs    = ConvertTo-OutputTable -Values ($group ? $group['outputs'] : $null)
            # The engine itself warns of those.
            Differing  = [string[]]@()
            Needs      = $before.ToArray()
        }
    }
}

function Get-HeaderStage {
    # The stages of a sequence. Of two jobs that set one output the last to finish decides.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [object[]] $Jobs)

    $stages = [ordered]@{}
    foreach ($job in $Jobs) {
        if (-not $stages.Contains($job.Stage)) {
            $stages[$job.Stage] = [System.Collections.Generic.List[object]]::new()
        }
        $stages[$job.Stage].Add($job)
    }
    foreach ($name in $stages.Keys) {
        $members = $stages[$name].ToArray()
        $ends = foreach ($job in $members) { $job.Started ? ($job.Started + $job.Duration).Ticks : 0L }
        [System.Array]::Sort([long[]]$ends, $members)
        $merged = [ordered]@{}
        $differing = [System.Collections.Generic.List[string]]::new()
        foreach ($job in $members) {
            foreach ($output in $job.Outputs.Keys) {
                $value = $job.Outputs[$output]
                if ($merged.Contains($output) -and -not $differing.Contains($output)) {
                    $former = ConvertTo-NativeJson -Value $merged[$output] -Name $output
                    if ($former -cne (ConvertTo-NativeJson -Value $value -Name $output)) {
                        $differing.Add($output)
                    }
                }
                $merged[$output] = $value
            }
        }
        $failed, $cut, $ran = $false, $false, $false
        foreach ($job in $members) {
            switch ($job.Status) {
                'Failure' { $failed = $true }
                'TimedOut' { $failed = $true }
                'Cancelled' { $cut = $true }
            }
            $ran = $ran -or $job.Status -ne 'Skipped'
        }
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.Stage'
            Id         = $name
            Name       = $name
            Status     = $failed ? 'Failure' : $cut ? 'Cancelled' : $ran ? 'Success' : 'Skipped'
            Outputs    = $merged
            Differing  = $differing.ToArray()
            Needs      = [string[]]@()
        }
    }
}

function Merge-ResultOutput {
    # One table of all outputs: a stage's under its name and its id, a job's under its number. What set none is not
    # in it, unless the caller wants every stage and job to be.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [AllowEmptyCollection()] [object[]] $Stages,
        [Parameter(Mandatory)] [object[]] $Jobs,
        [switch] $All
    )

    $table = [ordered]@{}
    foreach ($stage in $Stages) {
        foreach ($name in $stage.Name, $stage.Id) {
            if (($All -or $stage.Outputs.Count) -and -not $table.Contains($name)) {
                $table[$name] = $stage.Outputs
            }
        }
    }
    foreach ($job in $Jobs) {
        if (($All -or $job.Outputs.Count) -and -not $table.Contains($job.Number)) {
            $table[$job.Number] = $job.Outputs
        }
    }
    $table
}

function Get-SummaryText {
    # By a job's position, the Markdown that its script wrote for the summary.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Result,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [object[]] $Texts
    )

    $written = @{}
    foreach ($job in $Result['jobs']) {
        # From the file that GITHUB_STEP_SUMMARY names.
        if ($job['summary']) {
            $written[[int]$job['job']] = @($job['summary'])
        }
    }
    foreach ($text in $Texts) {
        $written[[int]$text.Job] = @($written[[int]$text.Job]) + $text.Text -ne $null
    }
    $written
}

function Write-DifferingOutput {
    # Says where jobs of one stage have set an output to different values.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [object] $Result,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    foreach ($stage in $Result.Stages) {
        foreach ($name in $stage.Differing) {
            $Log.Cmdlet.WriteWarning(
                "The jobs of '$($stage.Name)' have set the output '$name' to different values; that of the last " +
                "to finish is in Outputs['$($stage.Name)'], each job's own under its number.")
        }
    }
}
