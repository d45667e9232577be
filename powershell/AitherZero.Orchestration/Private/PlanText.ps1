# The plan as text for people, in AitherZero's words.

function Show-OrchestrationPlan {
    # The plan of scripts, by stages: the playbook's in its order, else those that the scripts' headers name.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message 'Orchestration Plan:' -Color Cyan
    Write-OrchestrationHost -Log $Log -Message ('=' * 19) -Color Cyan
    foreach ($stage in Get-StageOfPlan -Plan $Plan) {
        Write-OrchestrationHost -Log $Log
        Write-OrchestrationHost -Log $Log -Message "Stage: $($stage['Name'])" -Color Yellow
        if ($stage['Condition']) {
            Write-OrchestrationHost -Log $Log -Message "  Condition: $($stage['Condition'])" -Color DarkGray
        }
        foreach ($job in $stage['Jobs']) {
            Show-PlannedJob -Job $job -Deferred (Get-DeferredPart -Plan $Plan -Job $job) -Log $Log
        }
    }
    Write-OrchestrationHost -Log $Log
    $count = @(Get-JobLeft -Plan $Plan).Count
    Write-OrchestrationHost -Log $Log -Message "Total scripts: $count" -Color Green
}

function Get-StageOfPlan {
    # Tables of Name, Condition and Jobs, in the order to be shown.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Plan)

    if ($Plan['groups']) {
        $stages = @(
            foreach ($group in $Plan['groups']) {
                $jobs = [System.Collections.Generic.List[object]]::new()
                $name = $group['name'] ? $group['name'] : $group['id']
                @{ Name = $name; Condition = $group['condition']; Jobs = $jobs }
            }
        )
        foreach ($job in Get-JobLeft -Plan $Plan) {
            $stages[$job['group']]['Jobs'].Add($job)
        }
        return $stages.Where({ -not $Plan['done'] -or $_['Jobs'].Count })
    }
    $stages = [System.Collections.Generic.SortedDictionary[string, object]]::new(
        [System.StringComparer]::OrdinalIgnoreCase)
    foreach ($job in Get-JobLeft -Plan $Plan) {
        if (-not $stages.ContainsKey($job['stage'])) {
            $jobs = [System.Collections.Generic.List[object]]::new()
            $stages[$job['stage']] = @{ Name = $job['stage']; Condition = $null; Jobs = $jobs }
        }
        $stages[$job['stage']]['Jobs'].Add($job)
    }
    $stages.Values
}

function Show-PlannedJob {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Job,
        [AllowNull()] [System.Collections.IDictionary] $Deferred,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $id = $Job['matrixId'] ? "[$($Job['matrixId'])] " : ''
    $description = $Job['description'] ? " - $($Job['description'])" : ''
    Write-OrchestrationHost -Log $Log -Message "  [$($Job['number'])] $id$($Job['name'])$description"
    $details = @(
        if ($Job['dependencies']) {
            "Dependencies: $($Job['dependencies'] -join ', ')"
        }
        foreach ($condition in $Job['when'], $Job['condition']) {
            if ($condition) {
                "Condition: $condition"
            }
        }
        foreach ($path in $Deferred.Keys) {
            $text = ConvertTo-NativeJson -Value $Deferred[$path] -Name $path
            "Known only in the run: $path = $($Deferred[$path] -is [string] ? $Deferred[$path] : $text)"
        }
        if ($Job['skip']) {
            "Skipped: $($Job['skip'])"
        }
    )
    foreach ($detail in $details) {
        Write-OrchestrationHost -Log $Log -Message "       $detail" -Color DarkGray
    }
}

function Show-MatrixPlan {
    # The plan of a matrix: its dimensions, then every job.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message 'Matrix Orchestration Plan:' -Color Cyan
    Write-OrchestrationHost -Log $Log -Message ('=' * 26) -Color Cyan
    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message 'Matrix Dimensions:' -Color Yellow
    foreach ($dimension in $Plan['dimensions']) {
        $values = foreach ($value in $dimension['values']) {
            $plain = $null -ne $value -and ($value -is [string] -or $value -is [valuetype])
            $plain ? [string]$value : (ConvertTo-NativeJson -Value $value -Name $dimension['name'])
        }
        Write-OrchestrationHost -Log $Log -Message "  $($dimension['name']) : $($values -join ', ')"
    }
    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message "Total Combinations: $($Plan['combinations'])" -Color Green
    Write-OrchestrationHost -Log $Log -Message "Total Jobs: $(@(Get-JobLeft -Plan $Plan).Count)" -Color Green
    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message 'Jobs:' -Color Yellow
    foreach ($job in Get-JobLeft -Plan $Plan) {
        $later = (Get-DeferredPart -Plan $Plan -Job $job) ? ' (known only in the run)' : ''
        $line = "  [$($job['number'])] [$($job['matrixId'])] $($job['name'])$later"
        Write-OrchestrationHost -Log $Log -Message $line
    }
}

function Show-PlannedRun {
    # What would run, for the user to read and as an object.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Plan')]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [hashtable] $Log,
        # As a matrix, which the caller gave.
        [switch] $Matrix
    )

    if ($Matrix) {
        Show-MatrixPlan -Plan $Plan -Log $Log
    } else {
        Show-OrchestrationPlan -Plan $Plan -Log $Log
    }
    ConvertTo-OrchestrationPlan -Plan $Plan -Variables $Variables
}
