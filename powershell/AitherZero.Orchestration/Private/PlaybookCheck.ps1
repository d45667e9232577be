# What is to be said of a playbook's file.

function Read-PlaybookTable {
    # A playbook's file as table, as PowerShell would read it.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory)] [string] $Path)

    if ($Path -match '\.psd1$') {
        return Import-DataFile -LiteralPath $Path
    }
    # The library says where the JSON is broken, and that it is a playbook at all.
    $null = ConvertTo-Playbook -Source (Read-PlaybookFile -Path $Path)
    ConvertTo-HashtableTree -Value (ConvertFrom-NativeJson -Json ([System.IO.File]::ReadAllText($Path)))
}

function Measure-PlaybookScript {
    # How many scripts and texts the steps of some stages name.
    [CmdletBinding()]
    [OutputType([int])]
    param([AllowNull()] [object[]] $Stage)

    $count = 0
    foreach ($one in $Stage) {
        foreach ($step in $one['steps']) {
            $count += switch ($step['work']['kind']) {
                'sequence' { @($step['work']['elements']).Count }
                'nothing' { 0 }
                default { 1 }
            }
        }
        if ($one['jobs']) {
            $count += Measure-PlaybookScript -Stage $one['jobs']
        }
    }
    $count
}

function ConvertTo-PlaybookEntry {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Playbook')]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Model
    )

    [pscustomobject]@{
        PSTypeName  = 'AitherZero.Orchestration.Playbook'
        Name        = $Name
        Description = $Model['description']
        Version     = $Model['version']
        Format      = $Model['format']
        Path        = $Path
        ScriptCount = Measure-PlaybookScript -Stage $Model['stages']
        Stages      = [string[]]@(foreach ($stage in $Model['stages']) { $stage['name'] })
        Profiles    = [string[]]@(foreach ($profile in $Model['profiles']) { $profile['name'] })
    }
}

function New-PlaybookFinding {
    [CmdletBinding()]
    param(
        [AllowNull()] [object] $Line,
        [AllowNull()] [AllowEmptyString()] [string] $Path,
        [Parameter(Mandatory)] [string] $Message
    )

    [pscustomobject]@{
        PSTypeName = 'AitherZero.Orchestration.PlaybookFinding'
        Line       = $Line
        Path       = $Path
        Message    = $Message
    }
}

function ConvertTo-PlaybookFinding {
    # An error as finding: its place is in the record's target, or in its text.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Management.Automation.ErrorRecord] $ErrorRecord)

    $text = $ErrorRecord.Exception.Message
    $place = [string]$ErrorRecord.TargetObject
    $line = $null
    if ($place -match ':(\d+):\d+$' -or $text -match '\bline (\d+)') {
        $line = [int]$Matches[1]
    }
    $isFile = $place -match '\.(json|psd1)(:\d+:\d+)?$'
    New-PlaybookFinding -Line $line -Path ($isFile ? '' : $place) -Message $text
}

function Get-PlaybookCheck {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.PlaybookCheck')]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [string] $Root
    )

    $errors = [System.Collections.Generic.List[object]]::new()
    $warnings = [System.Collections.Generic.List[object]]::new()
    try {
        $source = Read-PlaybookFile -Path $Path
        $answer = ConvertTo-Playbook -Source $source -Check
        foreach ($warning in $answer['warnings']) {
            $place = @{ Line = $warning['line']; Path = $warning['path'] }
            $warnings.Add((New-PlaybookFinding @place -Message $warning['message']))
        }
        foreach ($problem in Get-PlanProblem -Model $answer['playbook'] -Source $source -Root $Root) {
            $errors.Add($problem)
        }
    } catch {
        $errors.Add((ConvertTo-PlaybookFinding -ErrorRecord $_))
    }
    [pscustomobject]@{
        PSTypeName = 'AitherZero.Orchestration.PlaybookCheck'
        Path       = $Path
        Name       = $Name
        IsValid    = $errors.Count -eq 0
        Errors     = $errors.ToArray()
        Warnings   = $warnings.ToArray()
    }
}

function Get-PlanProblem {
    # What planning the playbook says is wrong with it: once as it is, and once with each of its profiles.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Model,
        [Parameter(Mandatory)] [string] $Source,
        [Parameter(Mandatory)] [string] $Root
    )

    $said = [System.Collections.Generic.HashSet[string]]::new()
    foreach ($profile in @($null) + @(foreach ($one in $Model['profiles']) { $one['name'] })) {
        $settings = [ordered]@{ root = $Root; defaultMaxConcurrency = 1 }
        if ($profile) {
            $settings['profile'] = $profile
        }
        try {
            $plan = ConvertFrom-NativeJson -Json (Get-NativePlan -Settings $settings -Playbook $Source)
        } catch {
            $finding = ConvertTo-PlaybookFinding -ErrorRecord $_
            if ($said.Add($finding.Message)) {
                $finding
            }
            continue
        }
        foreach ($job in $plan['jobs']) {
            if ($job['skip']) {
                $stage = Get-JobStage -Plan $plan -Job $job
                if ($said.Add("$stage $($job['skip'])")) {
                    New-PlaybookFinding -Path $stage -Message $job['skip']
                }
            }
        }
    }
}
