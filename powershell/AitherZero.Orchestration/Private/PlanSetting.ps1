function New-PlanSetting {
    # How to run, as the fields of a plan request: what the caller said, else what the configuration says.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Automation
    )

    $named = $Bound.ContainsKey('MaxConcurrency')
    $concurrency = $named ? $Bound['MaxConcurrency'] : ($Automation['MaxConcurrency'] ?? 4)
    $number = $concurrency -as [int]
    if ($null -eq $number -or $number -lt 1) {
        $place = $named ? '-MaxConcurrency' : 'Automation.MaxConcurrency of the configuration'
        $problem = @{
            Code    = 'concurrency.out-of-range'
            Message = "$place is '$concurrency'; at least one script must be able to run."
            Hint    = 'Give 1 or more.'
            Target  = $concurrency
        }
        throw (New-OrchestrationError @problem)
    }
    $settings = [ordered]@{
        maxConcurrency  = $number
        parallel        = $Bound['Parallel'] ?? (($Automation['DefaultMode'] ?? 'Parallel') -eq 'Parallel')
        continueOnError = [bool]$Bound['ContinueOnError']
    }
    if ($Bound.ContainsKey('Matrix')) {
        Assert-Matrix -Matrix $Bound['Matrix']
        $settings['matrix'] = $Bound['Matrix']
    }
    $settings
}
