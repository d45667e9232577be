# A playbook's run: what is looked at, said and done before and after its jobs.

function Invoke-PlaybookRun {
    # Pre-conditions, messages, the run itself, post-conditions, messages, post-actions; gives the run's result.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Result')]
    param(
        # As Import-Playbook gives it.
        [Parameter(Mandatory)] [hashtable] $Playbook,
        # What Invoke-OrchestrationRun takes.
        [Parameter(Mandatory)] [hashtable] $Run,
        # The variables that the playbook's conditions see.
        [Parameter(Mandatory)] [hashtable] $Variables,
        [Parameter(Mandatory)] [string] $Root,
        [switch] $Quiet
    )

    $model, $log = $Playbook.Model, $Run.Log
    $messages = $model['notifications']
    $name = $model['name']
    $test = @{ Variables = $Variables; Root = $Root; Log = $log }
    if (-not (Test-ConditionList -Condition $model['preConditions'] -Type 'pre-condition' @test)) {
        $reason = 'Pre-condition validation failed'
        $context = @{ playbook = $name; reason = $reason; error = $reason }
        Send-Notification -Notification $messages['onFailure'] -Context $context -Log $log
        $problem = @{
            Code    = 'playbook.pre-condition-failed'
            Message = 'Pre-condition validation failed. Aborting execution.'
            Target  = $name
        }
        throw (New-OrchestrationError @problem)
    }
    $context = @{ playbook = $name; scriptCount = $Run.Plan['total'] }
    Send-Notification -Notification $messages['onStart'] -Context $context -Log $log
    try {
        $result = Invoke-WithEnvironment -Quiet:$Quiet { Invoke-OrchestrationRun @Run }
    } catch {
        $context = @{ playbook = $name; error = "$_"; reason = "$_" }
        Send-Notification -Notification $messages['onFailure'] -Context $context -Log $log
        throw
    }
    $after = Copy-PlainValue $Variables
    foreach ($fact in 'Success', 'Total', 'Completed', 'Failed', 'Skipped', 'ExitCode') {
        $after[$fact] = $after.ContainsKey($fact) ? $after[$fact] : $result.$fact
    }
    $test['Variables'] = $after
    if (-not (Test-ConditionList -Condition $model['postConditions'] -Type 'post-condition' @test)) {
        $reason = 'Post-condition validation failed'
        Write-OrchestrationLog -Log $log -Message $reason -Level Warning
        $context = @{ playbook = $name; reason = $reason }
        Send-Notification -Notification $messages['onWarning'] -Context $context -Log $log
    }
    Send-EndNotification -Messages $messages -Name $name -Result $result -Log $log
    $actions = @{ Playbook = $Playbook; Result = $result; Run = $Run; Variables = $after; Root = $Root }
    Invoke-PostAction @actions -Quiet:$Quiet
    $result
}

function Send-EndNotification {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Messages,
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [object] $Result,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $seconds = $Result.Duration.TotalSeconds.ToString('0.00', [System.Globalization.CultureInfo]::InvariantCulture)
    $context = @{
        playbook  = $Name
        duration  = $seconds
        completed = $Result.Completed
        failed    = $Result.Failed
        total     = $Result.Total
    }
    if ($Result.Success) {
        Send-Notification -Notification $Messages['onSuccess'] -Context $context -Log $Log
        return
    }
    $failed = foreach ($job in $Result.Jobs) {
        if ($job.Status -in 'Failure', 'TimedOut') {
            "[$($job.Number)] $($job.Error ?? $job.Reason)"
        }
    }
    $context['error'] = $failed ? $failed -join '; ' : 'The run was cancelled.'
    $context['reason'] = $context['error']
    Send-Notification -Notification $Messages['onFailure'] -Context $context -Log $Log
}

function Select-PlaybookJob {
    # The plan within an execution profile: the caller's, else the one that the playbook names.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Model,
        # Name (may be empty), Automation and Root.
        [Parameter(Mandatory)] [hashtable] $Within,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $own = [string]$Model['executionProfile']
    if (-not $Within.Name -and $own) {
        $profiles = $Within.Automation['Profiles']
        if ($profiles -isnot [System.Collections.IDictionary] -or -not $profiles.Contains($own)) {
            $Log.Cmdlet.WriteWarning(
                "The playbook's Profile '$own' is not in Automation.Profiles of the configuration and is ignored.")
            return $Plan
        }
        $Within = $Within.Clone()
        $Within.Name = $own
    }
    if (-not $Within.Name) {
        return $Plan
    }
    $allowed = @(Get-ExecutionProfileScript @Within)
    Select-ProfileJob -Plan $Plan -Name $Within.Name -Allowed $allowed
}
