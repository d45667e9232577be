# Execution profiles: Automation.Profiles.<name>.Scripts of the configuration, in the sequence language, says which
# scripts a run may hold. A run without a sequence of its own is the profile.

function Get-ExecutionProfileScript {
    # The numbers of a profile's scripts that the project has.
    [CmdletBinding()]
    [OutputType([string[]])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Automation,
        [Parameter(Mandatory)] [string] $Root
    )

    $profiles = $Automation['Profiles']
    $known = $profiles -is [System.Collections.IDictionary] ? @($profiles.Keys | Sort-Object) : @()
    if ($Name -notin $known) {
        $problem = @{
            Code    = 'execution-profile.unknown'
            Message = "The configuration has no execution profile '$Name': Automation.Profiles " +
            ($known ? "has $($known -join ', ')." : 'is missing or empty.')
            Hint    = 'Choose one of those, or add it with the Scripts it may run.'
            Target  = $Name
        }
        throw (New-OrchestrationError @problem)
    }
    $entry = $profiles[$Name]
    $listed = $entry -is [System.Collections.IDictionary] ? @($entry['Scripts']) : @($entry)
    # A profile says `*` for every script, which the sequence language has no word for.
    $elements = [string[]]@(foreach ($element in $listed) {
            if ("$element".Trim() -eq '*') { '0000-9999' } elseif ("$element") { "$element" }
        })
    if (-not $elements) {
        $problem = @{
            Code    = 'execution-profile.nothing'
            Message = "Automation.Profiles.$Name of the configuration lists no Scripts."
            Hint    = "Give it a list such as Scripts = @('0000-0099', '0402')."
            Target  = $Name
        }
        throw (New-OrchestrationError @problem)
    }
    try {
        @(Resolve-NativeSequence -Root $Root -Sequence $elements).ForEach({ $_['number'] })
    } catch {
        $problem = @{
            Code    = 'execution-profile.unusable'
            Message = "Automation.Profiles.$Name.Scripts of the configuration: $($_.Exception.Message)"
            Target  = $Name
        }
        throw (New-OrchestrationError @problem)
    }
}

function Resolve-NativeSequence {
    # The scripts that a sequence stands for, in the order of their numbers.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string[]] $Sequence
    )

    $request = ConvertTo-NativeJson -Value @{ root = $Root; sequence = $Sequence } -Name 'Sequence'
    $answer = ConvertFrom-NativeJson -Json (Invoke-NativeRequest -Call 'aither_sequence_resolve' -Request $request)
    $answer['scripts']
}

function Select-ProfileSequence {
    # What is left of a sequence within a profile, as numbers; the profile itself where there is no sequence.
    [CmdletBinding()]
    [OutputType([string[]])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Automation,
        [Parameter(Mandatory)] [string] $Root,
        [AllowNull()] [AllowEmptyCollection()] [string[]] $Sequence
    )

    $allowed = @(Get-ExecutionProfileScript -Name $Name -Automation $Automation -Root $Root)
    if (-not $Sequence) {
        return $allowed
    }
    $wanted = @(Resolve-NativeSequence -Root $Root -Sequence $Sequence).ForEach({ $_['number'] })
    $left = @($wanted.Where({ $_ -in $allowed }))
    if (-not $left) {
        throw (New-ProfileMismatch -Name $Name -What "the sequence $($Sequence -join ', ')")
    }
    $without = @($wanted.Where({ $_ -notin $allowed }))
    if ($without) {
        $PSCmdlet.WriteVerbose("Execution profile ${Name} leaves out: $($without -join ', ')")
    }
    $left
}

function New-ProfileMismatch {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param([string] $Name, [string] $What)

    $problem = @{
        Code    = 'execution-profile.nothing'
        Message = "No scripts match: nothing of $What is in the execution profile '$Name'."
        Hint    = "Automation.Profiles.$Name.Scripts of the configuration says what is."
        Target  = $Name
    }
    New-OrchestrationError @problem
}

function Select-ProfileJob {
    # A plan without the jobs whose scripts a profile does not list. What waited for such a job waits for what that
    # job itself waited for. Jobs without a number, such as inline steps, stay.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [string[]] $Allowed
    )

    $jobs = @($Plan['jobs'])
    $place = @{}
    foreach ($job in $jobs) {
        if ($job['script'] -notmatch '^\d{4}$' -or $job['script'] -in $Allowed) {
            $place[[int]$job['job']] = $place.Count
        }
    }
    if ($place.Count -eq $jobs.Count -and -not $Plan['request']) {
        return $Plan
    }
    if (-not $place.Count) {
        throw (New-ProfileMismatch -Name $Name -What 'the playbook')
    }
    $left = foreach ($job in $jobs) {
        if ($place.ContainsKey([int]$job['job'])) {
            Update-JobLink -Job $job -Jobs $jobs -Place $place
        }
    }
    $changed = [ordered]@{}
    foreach ($key in $Plan.Keys) {
        $changed[$key] = $Plan[$key]
    }
    if ($Plan['request']) {
        # What is planned while the run goes on is cut down likewise.
        $changed['request'] = [ordered]@{}
        foreach ($key in $Plan['request'].Keys) {
            $changed['request'][$key] = $Plan['request'][$key]
        }
        $changed['request']['only'] = $Allowed
    }
    $changed['jobs'] = @($left)
    $changed['total'] = $changed['jobs'].Count
    $changed['scripts'] = @($changed['jobs'].ForEach({ $_['script'] }) | Select-Object -Unique).Count
    $changed
}

function Update-JobLink {
    # A copy of a job with its own and its links' new places.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Job,
        [Parameter(Mandatory)] [object[]] $Jobs,
        [Parameter(Mandatory)] [hashtable] $Place
    )

    $links = [ordered]@{}
    $seen = [System.Collections.Generic.HashSet[string]]::new()
    $pending = [System.Collections.Generic.Queue[object]]::new()
    foreach ($kind in 'needs', 'after', 'follows') {
        if ($Job.Contains($kind)) {
            $links[$kind] = [System.Collections.Generic.SortedSet[int]]::new()
            foreach ($target in $Job[$kind]) {
                $pending.Enqueue(@($kind, [int]$target))
            }
        }
    }
    while ($pending.Count) {
        $kind, $target = $pending.Dequeue()
        if (-not $seen.Add("$kind $target")) {
            continue
        }
        if ($Place.ContainsKey($target)) {
            $null = $links[$kind].Add($Place[$target])
            continue
        }
        foreach ($next in $links.Keys) {
            # A job that is gone can no longer fail, so only a chain of one kind stays of that kind.
            $becomes = ($next -eq $kind -or -not $links.Contains('after')) ? $next : 'after'
            foreach ($further in $Jobs[$target][$next]) {
                $pending.Enqueue(@($becomes, [int]$further))
            }
        }
    }
    $copy = [ordered]@{}
    foreach ($key in $Job.Keys) {
        $copy[$key] = $links.Contains($key) ? @($links[$key]) : $Job[$key]
    }
    $copy['job'] = $Place[[int]$Job['job']]
    $copy
}
