# A plan that grows while it runs: jobs that come from another job's outputs.

function Add-PlannedJob {
    # Puts what a JobsAdded event brings into the plan: the first of its jobs takes the place of the one that stood
    # for them.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Fact,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan
    )

    $jobs = [System.Collections.Generic.List[object]]::new([object[]]$Plan['jobs'])
    foreach ($job in $Fact['jobs']) {
        if ($job['job'] -lt $jobs.Count) {
            $jobs[$job['job']] = $job
        } else {
            $jobs.Add($job)
        }
    }
    $groups = [System.Collections.Generic.List[object]]::new([object[]]$Plan['groups'])
    $groups[$Fact['group']] = $Fact['own']
    $groups.AddRange([object[]]$Fact['groups'])
    # New lists, since workers may be reading the old ones.
    $Plan['jobs'] = $jobs.ToArray()
    $Plan['groups'] = $groups.ToArray()
    $Plan['dimensions'] = @($Plan['dimensions']) + @($Fact['dimensions'])
    $Plan['combinations'] = $Fact['combinations']
    $Plan['total'] = $Fact['total']
}

function Write-JobsAdded {
    # What a group has become, in one line, and what there is to warn of.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Fact,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $combinations = [System.Collections.Generic.HashSet[string]]::new()
    foreach ($job in $Fact['jobs']) {
        $null = $combinations.Add("$($job['matrixId'])")
    }
    $text = "Expanded: $($Fact['own']['id']), $($combinations.Count) combinations, $(@($Fact['jobs']).Count) jobs"
    Write-OrchestrationLog -Log $Log -Message $text
    foreach ($message in $Fact['messages']) {
        $Log.Cmdlet.WriteWarning($message['text'])
    }
}

function Get-DeferredPart {
    # What a planned job waits for before it becomes jobs, as {path, template}; nothing of any other job.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Job
    )

    if ($null -ne $Job['group']) {
        $Plan['groups'][$Job['group']]['deferred']
    }
}
