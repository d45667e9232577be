# The shape in which AitherZero's users know a playbook (keys with capitals, stages as a list), whatever its
# format.

function Get-TableValue {
    # The value of the first of these names that a table has, in whatever case it is written.
    [CmdletBinding()]
    param(
        [AllowNull()] [object] $Table,
        [Parameter(Mandatory)] [string[]] $Name,
        [AllowNull()] [object] $Default
    )

    foreach ($wanted in $Name) {
        if ($Table -is [System.Collections.IDictionary]) {
            foreach ($key in $Table.Keys) {
                if ($key -eq $wanted) {
                    return , $Table[$key]
                }
            }
        }
    }
    , $Default
}

function ConvertTo-HashtableTree {
    # Ordered dictionaries as hashtables that keep the order, since users call ContainsKey on them.
    [CmdletBinding()]
    param([AllowNull()] [object] $Value)

    if ($Value -is [System.Collections.IDictionary]) {
        $table = [System.Management.Automation.OrderedHashtable]::new()
        foreach ($key in $Value.Keys) {
            $table[$key] = ConvertTo-HashtableTree -Value $Value[$key]
        }
        return $table
    }
    if ($Value -is [array]) {
        $list = foreach ($element in $Value) {
            , (ConvertTo-HashtableTree -Value $element)
        }
        return , @($list)
    }
    $Value
}

function ConvertTo-StandardStage {
    # A stage of v1 or v2, or a job of v3.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Stage,
        # The key of a job, for one without a name.
        [string] $Id,
        [switch] $Job
    )

    $sequence = Get-TableValue $Stage 'sequences', 'sequence'
    $matrix = $null
    if ($Job) {
        $steps = Get-TableValue $Stage 'steps'
        $sequence = @(foreach ($step in $steps) {
                Get-TableValue $step 'run'
            }).Where({ $null -ne $_ })
        $matrix = Get-TableValue (Get-TableValue $Stage 'strategy') 'matrix'
    }
    $standard = @{
        Name            = Get-TableValue $Stage 'name' $Id
        Description     = Get-TableValue $Stage 'description' ($Job ? '' : $null)
        Sequence        = $sequence
        Variables       = Get-TableValue $Stage ($Job ? 'env' : 'variables') ($Job ? @{} : $null)
        Condition       = Get-TableValue $Stage 'condition', 'if'
        ContinueOnError = Get-TableValue $Stage 'continueOnError' ($Job ? $false : $null)
        Parallel        = Get-TableValue $Stage 'parallel' ($Job ? $false : $null)
        Timeout         = Get-TableValue $Stage 'timeout' ($Job ? 3600 : $null)
        Retries         = Get-TableValue $Stage 'retries' ($Job ? 0 : $null)
    }
    if ($Job) {
        $standard['Matrix'] = $matrix
    }
    $standard
}

function ConvertFrom-NewerPlaybook {
    # Playbooks with metadata and orchestration: v2 by stages, v3 by jobs.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Playbook)

    $metadata = Get-TableValue $Playbook 'metadata'
    $orchestration = Get-TableValue $Playbook 'orchestration'
    $jobs = Get-TableValue $orchestration 'jobs'
    $standard = @{
        Name              = Get-TableValue $metadata 'name'
        Description       = Get-TableValue $metadata 'description'
        Version           = Get-TableValue $metadata 'version'
        Category          = Get-TableValue $metadata 'category'
        Author            = Get-TableValue $metadata 'author'
        Tags              = Get-TableValue $metadata 'tags'
        EstimatedDuration = Get-TableValue $metadata 'estimatedDuration'
        Requirements      = Get-TableValue $Playbook 'requirements'
        Variables         = Get-TableValue $orchestration 'defaultVariables', 'variables' @{}
        Profiles          = Get-TableValue $orchestration 'profiles'
        Validation        = Get-TableValue $Playbook 'validation'
        Notifications     = Get-TableValue $Playbook 'notifications'
        Reporting         = Get-TableValue $Playbook 'reporting'
    }
    if ($jobs -is [System.Collections.IDictionary]) {
        $standard['Jobs'] = $jobs
        $standard['Stages'] = @(foreach ($id in $jobs.Keys) {
                if ($jobs[$id] -is [System.Collections.IDictionary]) {
                    ConvertTo-StandardStage -Stage $jobs[$id] -Id $id -Job
                }
            })
    } else {
        $stages = Get-TableValue $orchestration 'stages'
        $standard['Stages'] = @(foreach ($stage in $stages) {
                if ($stage -is [System.Collections.IDictionary]) {
                    ConvertTo-StandardStage -Stage $stage
                }
            })
    }
    $standard
}

function ConvertFrom-FlatPlaybook {
    # Playbooks of one level: v1, and both kinds of psd1. Everything they say is kept.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Playbook)

    $sequence = Get-TableValue $Playbook 'sequence'
    $stages = Get-TableValue $Playbook 'stages'
    $scripts = Get-TableValue $Playbook 'scripts'
    if ($null -eq $sequence -and $null -eq $stages -and $null -eq $scripts) {
        $name = Get-TableValue $Playbook 'name' 'without a name'
        $problem = @{
            Code    = 'playbook.no-sequence'
            Message = "The playbook $name has no Sequence, so there is nothing to run."
            Hint    = "Add one: Sequence = @( @{ Script = '0402' } ), or Sequence = '0402', '0404'."
            Target  = $Playbook
        }
        throw (New-OrchestrationError @problem)
    }
    $standard = @{
        Name        = Get-TableValue $Playbook 'name'
        Description = Get-TableValue $Playbook 'description'
        Version     = Get-TableValue $Playbook 'version'
        Sequence    = $sequence
        Variables   = Get-TableValue $Playbook 'variables' @{}
        Stages      = $stages
    }
    foreach ($key in $Playbook.Keys) {
        if (-not $standard.ContainsKey([string]$key)) {
            $standard[[string]$key] = $Playbook[$key]
        }
    }
    $standard
}
