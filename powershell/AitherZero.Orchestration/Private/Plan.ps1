# The plan, from the library's answer to the object that a caller gets.

function Get-NativePlan {
    # Asks the library for a plan; the answer stays JSON, since a run is started with exactly that text.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Settings,
        # A playbook, as Read-PlaybookFile gives it; without one the settings have a sequence.
        [AllowEmptyString()] [string] $Playbook
    )

    $fields = @(
        foreach ($name in $Settings.Keys) {
            $title = $name.Substring(0, 1).ToUpperInvariant() + $name.Substring(1)
            $live = $name -in 'variables', 'conditions'
            '"{0}":{1}' -f $name, (ConvertTo-NativeJson -Value $Settings[$name] -Name $title -AllowLive:$live)
        }
        '"environment":' + (Get-EnvironmentJson)
        if ($Playbook) {
            '"playbook":' + $Playbook
        }
    )
    # A used playbook that is a data file has to be read by PowerShell: the library names it and is asked again.
    $documents = [ordered]@{}
    while ($true) {
        $all = $fields
        if ($documents.Count) {
            $all += '"documents":{' + (@($documents.Values) -join ',') + '}'
        }
        try {
            return Invoke-NativeRequest -Call 'aither_plan' -Request "{$($all -join ',')}"
        } catch {
            $path = "$($_.TargetObject)"
            if ($_.FullyQualifiedErrorId -notlike 'Playbook.Unread*' -or $documents.Contains($path)) {
                throw
            }
            $table = ConvertTo-NativeJson -Value (Import-DataFile -LiteralPath $path) -Name 'The playbook'
            $documents[$path] = (ConvertTo-JsonScalar -Value $path) + ':' + $table
        }
    }
}

function ConvertTo-OrchestrationPlan {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Plan')]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        # The caller's own values, shown instead of what JSON made of them.
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables
    )

    $jobs = foreach ($job in Get-JobLeft -Plan $Plan) {
        $parameters = [ordered]@{}
        foreach ($name in $job['parameters'].Keys) {
            $value = $job['parameters'][$name]
            $own = $Variables.Contains($name) -and -not ($job['matrix'] -and $job['matrix'].Contains($name))
            # A playbook may pass a value of its own to another that it uses.
            $own = $own -and ($null -eq $value -or $value -is [System.Collections.ICollection] -or
                "$value" -ceq "$($Variables[$name])")
            $parameters[$name] = $own ? $Variables[$name] : $value
        }
        $condition = $job['when'] ?? $job['condition']
        [pscustomobject]@{
            PSTypeName      = 'AitherZero.Orchestration.PlannedJob'
            Number          = $job['number']
            Script          = $job['script']
            Name            = $job['name']
            Path            = $job['path']
            Stage           = Get-JobStage -Plan $Plan -Job $job
            Description     = $job['description']
            Dependencies    = [string[]]@($job['dependencies'])
            Needs           = [string[]]@(foreach ($need in $job['needs']) { $Plan['jobs'][$need]['number'] })
            Condition       = $condition -match '\p{Cc}' ? (ConvertTo-PrintableText -Text $condition) : $condition
            Tags            = [string[]]@($job['tags'])
            Matrix          = $job['matrix']
            MatrixId        = $job['matrixId']
            Parameters      = $parameters
            SkipReason      = $job['skip']
            Deferred        = Get-DeferredPart -Plan $Plan -Job $job
            Isolation       = $job['isolation'] -eq 'process' ? 'Process' : 'Runspace'
            ContinueOnError = $job['continueOnError']
            Timeout         = $job['timeout']
            Retries         = $job['retries']
        }
    }
    [pscustomobject]@{
        PSTypeName     = 'AitherZero.Orchestration.Plan'
        Total          = @($jobs).Count
        Scripts        = $Plan['scripts']
        Combinations   = $Plan['combinations']
        Dimensions     = $Plan['dimensions']
        MaxConcurrency = $Plan['maxConcurrency']
        FailFast       = $Plan['failFast']
        DryRun         = $true
        Stages         = @(Get-PlanStage -Plan $Plan)
        Jobs           = @($jobs)
    }
}

function Get-JobLeft {
    # The jobs that would run: all but those that a resumed run has done.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Plan)

    foreach ($job in $Plan['jobs']) {
        if (-not $Plan['done'] -or -not $Plan['done'].Contains($job['job'])) {
            $job
        }
    }
}

function Get-JobStage {
    # The playbook's stage that a job belongs to, else the one that its script's header names.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Job
    )

    if ($null -eq $Job['group']) {
        return $Job['stage']
    }
    $group = $Plan['groups'][$Job['group']]
    $group['name'] ? $group['name'] : $group['id']
}

function Get-PlanStage {
    # The stages of a playbook, in its order; none of a sequence.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Plan)

    foreach ($group in $Plan['groups']) {
        $condition = $group['condition']
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.PlannedStage'
            Id         = $group['id']
            Name       = $group['name']
            Needs      = [string[]]@(foreach ($need in $group['needs']) { $Plan['groups'][$need]['id'] })
            Condition  = $null -eq $condition ? $null : (ConvertTo-PrintableText -Text $condition)
        }
    }
}

function Write-PlanMessage {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $said = [System.Collections.Generic.HashSet[string]]::new()
    foreach ($message in $Plan['messages']) {
        if (-not $said.Add($message['text'])) {
            continue
        }
        if ($message['level'] -eq 'warning') {
            $Log.Cmdlet.WriteWarning($message['text'])
        } else {
            $Log.Cmdlet.WriteVerbose($message['text'])
        }
    }
}
