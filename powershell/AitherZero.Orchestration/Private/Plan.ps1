# The plan as PowerShell object and as text for people.

function Get-NativePlan {
    # Asks the library for a plan; the answer stays JSON, since a run is started with exactly that text.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Settings)

    $fields = foreach ($name in $Settings.Keys) {
        $value = $Settings[$name]
        $title = $name.Substring(0, 1).ToUpperInvariant() + $name.Substring(1)
        '"{0}":{1}' -f $name, (ConvertTo-NativeJson -Value $value -Name $title -AllowLive:($name -eq 'variables'))
    }
    Invoke-NativeRequest -Call 'aither_plan' -Request "{$($fields -join ',')}"
}

function ConvertTo-OrchestrationPlan {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Plan')]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        # The caller's own values, shown instead of what JSON made of them.
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables
    )

    $jobs = foreach ($job in $Plan['jobs']) {
        $parameters = [ordered]@{}
        foreach ($name in $job['parameters'].Keys) {
            $own = $Variables.Contains($name) -and -not ($job['matrix'] -and $job['matrix'].Contains($name))
            $parameters[$name] = $own ? $Variables[$name] : $job['parameters'][$name]
        }
        [pscustomobject]@{
            PSTypeName   = 'AitherZero.Orchestration.PlannedJob'
            Number       = $job['number']
            Script       = $job['script']
            Name         = $job['name']
            Path         = $job['path']
            Stage        = $job['stage']
            Description  = $job['description']
            Dependencies = [string[]]@($job['dependencies'])
            Needs        = [string[]]@(foreach ($need in $job['needs']) { $Plan['jobs'][$need]['number'] })
            Condition    = $job['condition']
            Tags         = [string[]]@($job['tags'])
            Matrix       = $job['matrix']
            MatrixId     = $job['matrixId']
            Parameters   = $parameters
        }
    }
    [pscustomobject]@{
        PSTypeName     = 'AitherZero.Orchestration.Plan'
        Total          = $Plan['total']
        Scripts        = $Plan['scripts']
        Combinations   = $Plan['combinations']
        Dimensions     = $Plan['dimensions']
        MaxConcurrency = $Plan['maxConcurrency']
        FailFast       = $Plan['failFast']
        DryRun         = $true
        Jobs           = @($jobs)
    }
}

function Write-PlanMessage {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    foreach ($message in $Plan['messages']) {
        if ($message['level'] -eq 'warning') {
            $Log.Cmdlet.WriteWarning($message['text'])
        } else {
            $Log.Cmdlet.WriteVerbose($message['text'])
        }
    }
}

function Show-OrchestrationPlan {
    # The plan of scripts, by the stages that their headers name.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message 'Orchestration Plan:' -Color Cyan
    Write-OrchestrationHost -Log $Log -Message ('=' * 19) -Color Cyan
    $stages = [System.Collections.Generic.SortedDictionary[string, object]]::new(
        [System.StringComparer]::OrdinalIgnoreCase)
    foreach ($job in $Plan['jobs']) {
        if (-not $stages.ContainsKey($job['stage'])) {
            $stages[$job['stage']] = [System.Collections.Generic.List[object]]::new()
        }
        $stages[$job['stage']].Add($job)
    }
    foreach ($stage in $stages.GetEnumerator()) {
        Write-OrchestrationHost -Log $Log
        Write-OrchestrationHost -Log $Log -Message "Stage: $($stage.Key)" -Color Yellow
        foreach ($job in $stage.Value) {
            $description = $job['description'] ? " - $($job['description'])" : ''
            Write-OrchestrationHost -Log $Log -Message "  [$($job['number'])] $($job['name'])$description"
            if ($job['dependencies']) {
                $text = "       Dependencies: $($job['dependencies'] -join ', ')"
                Write-OrchestrationHost -Log $Log -Message $text -Color DarkGray
            }
            if ($job['condition']) {
                Write-OrchestrationHost -Log $Log -Message "       Condition: $($job['condition'])" -Color DarkGray
            }
        }
    }
    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message "Total scripts: $($Plan['total'])" -Color Green
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
    Write-OrchestrationHost -Log $Log -Message "Total Jobs: $($Plan['total'])" -Color Green
    Write-OrchestrationHost -Log $Log
    Write-OrchestrationHost -Log $Log -Message 'Jobs:' -Color Yellow
    foreach ($job in $Plan['jobs']) {
        Write-OrchestrationHost -Log $Log -Message "  [$($job['number'])] [$($job['matrixId'])] $($job['name'])"
    }
}
