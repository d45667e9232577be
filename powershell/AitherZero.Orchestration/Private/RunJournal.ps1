# What a run's journal says of what was asked for, and asking for the same once more.

# Parameters that are about one call and not about the run.
$script:UnrecordedParameters = @(
    'Resume', 'DryRun', 'WhatIf', 'Confirm', 'Interactive', 'SavePlaybook', 'Quiet', 'PassThru', 'ThrowOnError'
    'AsJob'
) + [System.Management.Automation.PSCmdlet]::CommonParameters

function New-RunJournal {
    # The library's journal request, as JSON.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound,
        # What to call the run.
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Location
    )

    $asked = [ordered]@{}
    foreach ($parameter in $Bound.Keys) {
        $value = $Bound[$parameter]
        if ($parameter -in $script:UnrecordedParameters -or $null -eq $value) {
            continue
        }
        if ($parameter -eq 'Configuration' -and $value -isnot [string] -and $value -isnot [System.IO.FileInfo]) {
            $value = @{ '$aither.live' = 'Configuration' }
        } elseif ($parameter -in 'Configuration', 'ConfigFile' -or
            ($parameter -eq 'LoadPlaybook' -and $value -match '\.(json|psd1)$')) {
            $path = Resolve-ProjectPath -Path "$value" -Location $Location
            $value = [System.IO.File]::Exists($path) ? $path : "$value"
        } elseif ($value -is [switch]) {
            $value = [bool]$value
        }
        $asked[$parameter] = $value
    }
    $json = '{"name":' + (ConvertTo-JsonScalar -Value $Name) + ',"asked":' +
    (ConvertTo-NativeJson -Value $asked -Name 'Parameters' -AllowLive)
    if ($Bound['Resume']) {
        $json += ',"resume":' + (ConvertTo-JsonScalar -Value ([string]$Bound['Resume']))
    }
    "$json}"
}

function Get-RunTitle {
    # What people call a run: its playbook, sequence or profile.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Bound)

    if ($Bound['LoadPlaybook']) {
        return [string]$Bound['LoadPlaybook']
    }
    $Bound['Sequence'] ? ($Bound['Sequence'] -join ',') : [string]$Bound['ExecutionProfile']
}

function Test-RecordedValue {
    # Whether a value of a journal is what it was: no secret, and nothing that JSON cannot carry.
    [CmdletBinding()]
    [OutputType([bool])]
    param([AllowNull()] [object] $Value)

    $pending = [System.Collections.Generic.Stack[object]]::new()
    $pending.Push($Value)
    while ($pending.Count) {
        $one = $pending.Pop()
        if ($one -is [System.Collections.IDictionary]) {
            if ($one.Contains('$aither.live') -or $one.Contains('$aither.secret')) {
                return $false
            }
            foreach ($inner in $one.Values) {
                $pending.Push($inner)
            }
        } elseif ($one -is [array]) {
            foreach ($inner in $one) {
                $pending.Push($inner)
            }
        }
    }
    $true
}

function Get-ResumedParameter {
    # The parameters of a recorded run, with those of this call over them. What the journal does not have must be
    # given again.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound,
        [Parameter(Mandatory)] [string] $Root
    )

    $run = Get-RecordedRun -Root $Root -Id $Bound['Resume']
    $id = $run['id']
    if (-not $run['asked'].Count) {
        $problem = @{
            Code    = 'run.nothing-asked'
            Message = "The run $id was interrupted before it had said what it was asked for."
            Hint    = 'Nothing of it was done; start it again as you did.'
            Target  = $id
        }
        throw (New-OrchestrationError @problem)
    }
    $parameters = @{}
    foreach ($name in $Bound.Keys) {
        $parameters[$name] = $Bound[$name]
    }
    $parameters['Resume'] = $id
    $missing = [System.Collections.Generic.List[string]]::new()
    $unknown = [System.Collections.Generic.List[string]]::new()
    foreach ($name in $run['asked'].Keys) {
        $value = $run['asked'][$name]
        if ($name -eq 'Variables') {
            $variables = @{}
            $given = $Bound['Variables'] ?? @{}
            foreach ($variable in $value.Keys) {
                if ($given.Contains($variable)) {
                    continue
                }
                if (Test-RecordedValue -Value $value[$variable]) {
                    $variables[$variable] = $value[$variable]
                } else {
                    $unknown.Add("$variable = …")
                }
            }
            foreach ($variable in $given.Keys) {
                $variables[$variable] = $given[$variable]
            }
            $parameters['Variables'] = $variables
        } elseif (-not $Bound.ContainsKey($name)) {
            if (Test-RecordedValue -Value $value) {
                $parameters[$name] = $value
            } else {
                $missing.Add("-$name")
            }
        }
    }
    if ($unknown.Count) {
        $missing.Add("-Variables @{ $($unknown -join '; ') }")
    }
    if ($missing.Count) {
        $problem = @{
            Code    = 'run.missing-value'
            Message = "The run $id had values that are not written down, since they are secrets or live " +
            "objects: $($missing -join ', ')."
            Hint    = 'Give them again beside -Resume.'
            Target  = $id
        }
        throw (New-OrchestrationError @problem)
    }
    $parameters
}

function Get-ResumedJob {
    # What a resumed run has done of a plan, as Start-NativeRun says it, with Done, the jobs' positions.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [string] $PlanJson,
        [Parameter(Mandatory)] [string] $Id,
        # As Get-RunSecret gives it.
        [Parameter(Mandatory)] [string] $Secrets
    )

    $request = '{"plan":' + $PlanJson + ',"environment":' + (Get-EnvironmentJson) + ',"secrets":' + $Secrets +
    ',"journal":{"name":"","resume":' + (ConvertTo-JsonScalar -Value $Id) + '}}'
    $answer = ConvertFrom-NativeJson -Json (Invoke-NativeRequest -Call aither_runs_resume -Request $request)
    $done = [System.Collections.Generic.HashSet[long]]::new([long[]]@($answer['done']))
    @{ ResumedFrom = $answer['resumedFrom']; Kept = $done.Count; Done = $done }
}

function Write-RunResumed {
    # How much of a run that is resumed has been done.
    [CmdletBinding()]
    param(
        # As Start-NativeRun or Get-ResumedJob gives it.
        [Parameter(Mandatory)] [hashtable] $Started,
        [Parameter(Mandatory)] [int] $Total,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $id, $kept = $Started.ResumedFrom, $Started.Kept
    if (-not $id) {
        return
    }
    $text = if ($kept -eq $Total) {
        "Nothing is left to do of run $id`: all $Total jobs have succeeded and are unchanged."
    } else {
        "Resuming run $id`: $kept of $Total jobs are done, $($Total - $kept) are left."
    }
    Write-OrchestrationLog -Log $Log -Message $text
}
