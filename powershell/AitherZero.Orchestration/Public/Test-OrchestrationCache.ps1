function Test-OrchestrationCache {
    <#
    .SYNOPSIS
    Tells job by job what a run with -UseCache would find in the cache, and for a miss what changed.

    .DESCRIPTION
    Plans the sequence or playbook as Invoke-OrchestrationSequence would and looks every job up. Nothing is run,
    and nothing is written but the list of known file contents. For a miss, Changes compares with the entry that is
    most like the job: "input src/a.ps1 changed", "variable profile: quick → full", "script edited".

    .PARAMETER Sequence
    What would run, as for Invoke-OrchestrationSequence.

    .PARAMETER LoadPlaybook
    The playbook that would run.

    .PARAMETER PlaybookProfile
    The profile inside the playbook.

    .PARAMETER Variables
    The variables it would run with.

    .PARAMETER Matrix
    The matrix it would run with.

    .PARAMETER Configuration
    The configuration it would run with: a table, or the path of a file.

    .PARAMETER ConfigFile
    A configuration file whose keys are put over the project's own.

    .EXAMPLE
    Test-OrchestrationCache -Sequence '0400-0499' | Where-Object Status -ne 'Hit'

    .EXAMPLE
    (Test-OrchestrationCache '0402' -Variables @{ profile = 'full' }).Changes

    .OUTPUTS
    AitherZero.Orchestration.CacheTest with Number, Name, Status (Hit, Miss, NotCached, Skipped), Changes, Reason,
    MatrixId, Key and Document (what the key is made of).
    #>
    [CmdletBinding(DefaultParameterSetName = 'Sequence')]
    [OutputType('AitherZero.Orchestration.CacheTest')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Sequence')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string[]] $Sequence,

        [Parameter(Mandatory, ParameterSetName = 'Playbook')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $LoadPlaybook,

        [Parameter(ParameterSetName = 'Playbook')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $PlaybookProfile,

        [hashtable] $Variables = @{},

        [System.Collections.IDictionary] $Matrix,

        [object] $Configuration,

        [string] $ConfigFile
    )

    try {
        Initialize-Module
        $location = Get-ProjectLocation -Cmdlet $PSCmdlet
        $root = Find-ProjectRoot -Location $location
        $from = @{ Configuration = $Configuration; ConfigFile = $ConfigFile; Root = $root; Location = $location }
        $table = Get-OrchestrationConfiguration @from
        $own = Copy-PlainValue ($Variables ?? @{})
        $settings = New-PlanSetting -Bound $PSBoundParameters -Automation $table['Automation']
        $settings['root'] = $root
        $settings['variables'] = $own
        $playbook = @{ Source = ''; Model = @{} }
        if ($LoadPlaybook) {
            $playbook = Import-Playbook -Name $LoadPlaybook -Root $root -Location $location
        } else {
            $settings['sequence'] = $Sequence
        }
        $planJson = Get-NativePlan -Settings $settings -Playbook $playbook.Source
        $plan = ConvertFrom-NativeJson -Json $planJson
        $cache = @{
            Bound         = @{ CacheMode = 'ReadOnly' }
            Variables     = $own
            Configuration = $table
            Location      = $location
        }
        $body = '{"plan":' + $planJson + ',"cache":' + (New-CacheSetting @cache) + ',"environment":' +
        (Get-EnvironmentJson) + '}'
        $jobs = (Invoke-NativeTask -Name 'cacheTest' -Body $body)['jobs']
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
    foreach ($job in $jobs) {
        $planned = $plan['jobs'][$job['job']]
        [pscustomobject]@{
            PSTypeName = 'AitherZero.Orchestration.CacheTest'
            Number     = $job['number']
            Name       = $planned['name']
            Status     = $job['status']
            Changes    = [string[]]@($job['changes'])
            Reason     = $job['reason']
            MatrixId   = $planned['matrixId']
            Key        = $job['key']
            Document   = $job['document']
        }
    }
}
