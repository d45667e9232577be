function New-PlanSetting {
    # How to run, as the fields of a plan request: what the caller said, and beside it what the configuration says,
    # since a playbook's own word stands between the two.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Automation
    )

    $settings = [ordered]@{
        defaultMaxConcurrency = Assert-Concurrency -Value ($Automation['MaxConcurrency'] ?? 4) -Place (
            'Automation.MaxConcurrency of the configuration')
        defaultParallel       = ($Automation['DefaultMode'] ?? 'Parallel') -eq 'Parallel'
        continueOnError       = [bool]$Bound['ContinueOnError']
    }
    $isolation = $Bound['Isolation'] ?? $Automation['Isolation']
    if ($isolation) {
        $settings['isolation'] = Assert-Isolation -Value $isolation
    }
    if ($Bound.ContainsKey('MaxConcurrency')) {
        $settings['maxConcurrency'] = Assert-Concurrency -Value $Bound['MaxConcurrency'] -Place '-MaxConcurrency'
    }
    if ($Bound.ContainsKey('Parallel')) {
        $settings['parallel'] = $Bound['Parallel']
    }
    if ($Bound.ContainsKey('Matrix')) {
        Assert-Matrix -Matrix $Bound['Matrix']
        $settings['matrix'] = $Bound['Matrix']
    }
    if ($Bound['Conditions']) {
        $settings['conditions'] = $Bound['Conditions']
    }
    if ($Bound['PlaybookProfile']) {
        $settings['profile'] = $Bound['PlaybookProfile']
    }
    $settings
}

function Assert-Isolation {
    [CmdletBinding()]
    [OutputType([string])]
    param([object] $Value)

    if ($Value -is [string] -and $Value -in 'Runspace', 'Process') {
        return $Value.ToLowerInvariant()
    }
    $problem = @{
        Code    = 'isolation.unknown'
        Message = "Automation.Isolation of the configuration is '$Value'."
        Hint    = 'Write Runspace or Process.'
        Target  = $Value
    }
    throw (New-OrchestrationError @problem)
}

function Assert-Concurrency {
    [CmdletBinding()]
    [OutputType([int])]
    param(
        [AllowNull()] [object] $Value,
        # Who said so, for the message.
        [Parameter(Mandatory)] [string] $Place
    )

    $number = $Value -as [int]
    if ($null -ne $number -and $number -ge 1) {
        return $number
    }
    $problem = @{
        Code    = 'concurrency.out-of-range'
        Message = "$Place is '$Value'; at least one script must be able to run."
        Hint    = 'Give 1 or more.'
        Target  = $Value
    }
    throw (New-OrchestrationError @problem)
}
