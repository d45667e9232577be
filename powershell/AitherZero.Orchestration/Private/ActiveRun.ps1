# Runs that go on in this process, and runs in the background.

# Set in the session of a background run only: what its job shows, {RunId, Done, Total}, and whether a run has
# taken the id.
$script:JobLink = $null

function Get-ActiveRunTable {
    # The process's runs: run id to {Key}.
    [CmdletBinding()]
    [OutputType([System.Collections.Concurrent.ConcurrentDictionary[string, object]])]
    param()

    Get-ProcessValue -Name 'Runs' -Make {
        , [System.Collections.Concurrent.ConcurrentDictionary[string, object]]::new()
    }
}

function Register-ActiveRun {
    # Makes a run known to Stop-OrchestrationRun, and to its job where it has one.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Id,
        [Parameter(Mandatory)] [uint64] $Run
    )

    (Get-ActiveRunTable)[$Id] = @{ Key = $Run }
}

function New-RunId {
    # In the library's form: sortable to the millisecond, unique by twenty random bits.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $now = [datetime]::UtcNow
    $rest = $now.Millisecond * 0x100000 + [System.Random]::Shared.Next(0x100000)
    $now.ToString('yyyyMMdd-HHmmss', [cultureinfo]::InvariantCulture) + '-' + $rest.ToString('x8')
}

function Get-GivenRunId {
    # The id that the next run of this session has to have; of a background run the first has its job's.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    if ($script:JobLink -and -not $script:JobLink.Taken) {
        $script:JobLink.Taken = $true
        $script:JobLink.RunId
    }
}

function Unregister-ActiveRun {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [uint64] $Run)

    $table = Get-ActiveRunTable
    foreach ($id in @($table.Keys)) {
        if ($table[$id].Key -eq $Run) {
            $entry = $null
            $null = $table.TryRemove($id, [ref]$entry)
        }
    }
}

function Start-BackgroundRun {
    # Runs Invoke-OrchestrationSequence with these parameters in a session of its own, as a job of this one.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.Job])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Bound)

    $call = @{}
    foreach ($name in $Bound.Keys) {
        if ($name -ne 'AsJob') {
            $call[$name] = Copy-PlainValue $Bound[$name]
        }
    }
    $link = [hashtable]::Synchronized(@{ RunId = New-RunId; Taken = $false; Done = 0; Total = 0 })
    $given = @{ Call = $call; Link = $link; Module = $ExecutionContext.SessionState.Module.Path }
    # The one kind of job that every PowerShell 7 has and that needs no further module.
    $job = $given | ForEach-Object -AsJob -ThrottleLimit 1 -Parallel {
        $given = $_
        $call = $given.Call
        Import-Module -Name $given.Module
        & (Get-Module -Name AitherZero.Orchestration) {
            param($link)

            Initialize-Module
            $script:JobLink = $link
        } $given.Link
        Invoke-OrchestrationSequence @call
    }
    $job.Name = $job.Name -replace '^Job', 'Orchestration'
    $progress = { $link.Total ? [int][System.Math]::Floor(100 * $link.Done / $link.Total) : 0 }.GetNewClosure()
    $job.PSObject.Properties.Add([psnoteproperty]::new('RunId', $link.RunId))
    $job.PSObject.Properties.Add([psscriptproperty]::new('Progress', $progress))
    $job
}

function Get-BackgroundRun {
    # The job of a run in the background; nothing where there is none.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.Job])]
    param([Parameter(Mandatory)] [string] $Id)

    foreach ($job in Get-Job) {
        if ($job.PSObject.Properties['RunId'] -and $job.RunId -eq $Id) {
            return $job
        }
    }
}

function Find-BackgroundRun {
    # The job of a run in the background; an error where there is none.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.Job])]
    param([Parameter(Mandatory)] [string] $Id)

    $job = Get-BackgroundRun -Id $Id
    if ($job) {
        return $job
    }
    $problem = @{
        Code    = 'run.unknown-background'
        Message = "No run with the id '$Id' was started with -AsJob in this session."
        Hint    = 'Get-Job lists the jobs of this session; those of runs have a RunId.'
        Target  = $Id
    }
    throw (New-OrchestrationError @problem)
}
