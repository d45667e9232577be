#Requires -Version 7.4

<#
.SYNOPSIS
AitherZero's launcher on AitherZero.Orchestration: runs scripts and playbooks, lists, searches and checks them.

.DESCRIPTION
-Mode Orchestrate runs a sequence of numbered scripts, or a playbook. List, Search and Validate look at the
project's scripts and playbooks. Every other mode is handed, with all its arguments, to the project's own launcher:
Start-AitherZero.original.ps1 beside this file or in the project's root.

An argument that no one knows is an error. The exit code is that of the run: 0 all good, 1 failed or not started,
10 failed under -ContinueOnError, 124 only timeouts failed it, 130 interrupted.

.PARAMETER Mode
What to do: Interactive, Orchestrate, Validate, Deploy, Test, List (the default), Search or Run.

.PARAMETER Sequence
Orchestrate: the scripts to run, as in Invoke-OrchestrationSequence -Sequence. Numbers of one to three digits are
padded with zeros. Without -Sequence the arguments that stand alone are the sequence.

.PARAMETER ConfigPath
A configuration file, .psd1 or .json, in place of the project's own.

.PARAMETER NonInteractive
Nobody is there to answer. This launcher never asks; the project's own may.

.PARAMETER ProfileName
An execution profile of the configuration (Automation.Profiles): only its scripts run.

.PARAMETER Playbook
Orchestrate: the playbook to run. It wins over -Sequence.

.PARAMETER PlaybookProfile
The profile inside the playbook, for example quick or ci.

.PARAMETER DryRun
Shows the plan and starts nothing. -WhatIf is the same.

.PARAMETER Version
Shows the version and ends.

.PARAMETER Help
Shows this help and ends.

.PARAMETER Target
List, Search, Validate: scripts, playbooks or all. Run: script, playbook or sequence.

.PARAMETER Query
Search: part of a number, name, description or tag; with * or ? a pattern.

.PARAMETER ScriptNumber
Run: the script's number.

.PARAMETER CI
Adds the variable CI with the value $true.

.PARAMETER Variables
Values for the parameters that scripts declare.

.PARAMETER Sequential
Runs scripts one after another.

.PARAMETER Parallel
Runs scripts side by side.

.PARAMETER Matrix
A table of dimensions and lists of values, or such a table as JSON text: every combination runs.

.PARAMETER UseCache
Takes results of unchanged scripts from the cache.

.PARAMETER CacheMode
What is done with the cache: ReadWrite, which is what -UseCache means, ReadOnly, WriteOnly, or Off.

.PARAMETER Force
Runs every script and stores its result anew, where the cache is used.

.PARAMETER GenerateSummary
Writes a Markdown summary of the run.

.PARAMETER MaxConcurrency
How many scripts may run at once.

.PARAMETER ContinueOnError
Goes on after a failure.

.PARAMETER IsRelaunch
For the project's own launcher, which may start itself anew.

.PARAMETER RemainingArguments
Arguments that stand alone: in Orchestrate mode the sequence, where -Sequence and -Playbook are not given.

.EXAMPLE
./Start-AitherZero.ps1 -Mode Orchestrate -Playbook test-matrix-comprehensive -GenerateSummary -UseCache

.EXAMPLE
./Start-AitherZero.ps1 -Mode Orchestrate 0500 0501 -DryRun

.EXAMPLE
./Start-AitherZero.ps1 -Mode List -Target playbooks

.EXAMPLE
./Start-AitherZero.ps1 -Mode Search -Query security

.EXAMPLE
./Start-AitherZero.ps1 -Mode Validate; $LASTEXITCODE
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Interactive', 'Orchestrate', 'Validate', 'Deploy', 'Test', 'List', 'Search', 'Run')]
    [string] $Mode = 'List',

    [string[]] $Sequence,

    [string] $ConfigPath,

    [switch] $NonInteractive,

    [ValidateSet('Minimal', 'Standard', 'Developer', 'Full')]
    [string] $ProfileName,

    [string] $Playbook,

    [string] $PlaybookProfile,

    [Alias('WhatIf')]
    [switch] $DryRun,

    [switch] $Version,

    [switch] $Help,

    [string] $Target,

    [string] $Query,

    [string] $ScriptNumber,

    [switch] $CI,

    [hashtable] $Variables,

    [switch] $Sequential,

    [switch] $Parallel,

    [object] $Matrix,

    [switch] $UseCache,

    [ValidateSet('ReadWrite', 'ReadOnly', 'WriteOnly', 'Off')]
    [string] $CacheMode,

    [switch] $Force,

    [switch] $GenerateSummary,

    [int] $MaxConcurrency,

    [switch] $ContinueOnError,

    [switch] $IsRelaunch,

    [Parameter(ValueFromRemainingArguments)]
    [object[]] $RemainingArguments
)

$given = $PSBoundParameters
$rootBefore = $env:AITHERZERO_ROOT

# Parameters that mean something in a mode, beside those that mean something in all.
$always = 'Mode', 'NonInteractive', 'CI', 'IsRelaunch', 'RemainingArguments', 'Verbose', 'Debug', 'ErrorAction',
'WarningAction', 'InformationAction', 'ProgressAction', 'ErrorVariable', 'WarningVariable', 'InformationVariable',
'OutVariable', 'OutBuffer', 'PipelineVariable'
$meaning = @{
    Orchestrate = 'Sequence', 'ConfigPath', 'ProfileName', 'Playbook', 'PlaybookProfile', 'DryRun', 'Variables',
    'Sequential', 'Parallel', 'Matrix', 'UseCache', 'CacheMode', 'Force', 'GenerateSummary', 'MaxConcurrency',
    'ContinueOnError'
    List        = @('Target')
    Search      = 'Target', 'Query'
    Validate    = @('Target')
}

function Exit-Launcher([string] $Message) {
    # A mistake in the command line: one message, nothing started.
    $env:AITHERZERO_ROOT = $rootBefore
    $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new(
            [System.ArgumentException]::new($Message), 'Launcher.Unusable', 'InvalidArgument', $null))
    exit 1
}

function Import-Orchestration {
    # The module beside this file, where the drop-in has it, or where PowerShell looks for modules.
    $places = foreach ($folder in '.', '..', 'domains/automation', 'aithercore/automation', 'aithercore') {
        $place = Join-Path $PSScriptRoot $folder 'AitherZero.Orchestration'
        if (Test-Path -LiteralPath (Join-Path $place 'AitherZero.Orchestration.psd1')) { $place }
    }
    $name = @($places) + 'AitherZero.Orchestration' | Select-Object -First 1
    try {
        Import-Module -Name $name -PassThru -ErrorAction Stop
    } catch {
        # A module that is there and cannot be loaded says itself why.
        if ($_.FullyQualifiedErrorId -notlike 'Modules_ModuleNotFound,*') { throw }
    }
}

function Get-Leftover {
    # Arguments that stand alone, one by one. One that begins with a dash was meant as a parameter.
    $words = @(foreach ($argument in $RemainingArguments) { foreach ($word in $argument) { "$word" } })
    foreach ($word in $words) {
        if ($word -like '-?*') {
            Exit-Launcher (Get-UnknownMessage $word)
        }
    }
    $words
}

function Get-UnknownMessage([string] $Word) {
    $known = @((Get-Command -Name $PSCommandPath).Parameters.Keys) -ne 'RemainingArguments'
    $name = $Word.Trim('-', ':')
    $nearest = & $module { Get-NearestName -Name $args[0] -Known $args[1] } $name $known
    $hint = $nearest ? "Did you mean -$($nearest)?" : '-Help lists the parameters.'
    "Unknown argument '$Word'. $hint"
}

function Get-RunArgument([string[]] $Leftover) {
    # The parameters of Invoke-OrchestrationSequence that the command line asks for.
    $run = @{ DryRun = $DryRun; Variables = @{} }
    foreach ($key in $Variables.Keys) { $run['Variables'][$key] = $Variables[$key] }
    if ($CI) { $run['Variables']['CI'] = $true }
    if ($Playbook) {
        if ($Sequence) { Write-Warning '-Sequence has no effect: -Playbook wins.' }
        $run['LoadPlaybook'] = $Playbook
        if ($PlaybookProfile) { $run['PlaybookProfile'] = $PlaybookProfile }
    } else {
        if ($PlaybookProfile) { Write-Warning '-PlaybookProfile has no effect without -Playbook.' }
        $parts = ($Sequence ? $Sequence : $Leftover) -split ',' | ForEach-Object Trim | Where-Object { $_ }
        $run['Sequence'] = @($parts | ForEach-Object { $_ -match '^\d{1,3}$' ? $_.PadLeft(4, '0') : $_ })
    }
    if ($ConfigPath) { $run['Configuration'] = $ConfigPath }
    if ($ProfileName) { $run['ExecutionProfile'] = $ProfileName }
    if ($Sequential -or $Parallel) { $run['Parallel'] = [bool] $Parallel }
    if ($null -ne $Matrix) {
        $isText = $Matrix -is [string]
        $run['Matrix'] = $isText ? (& $module { ConvertFrom-NativeJson -Json $args[0] } $Matrix) : $Matrix
    }
    foreach ($name in 'UseCache', 'CacheMode', 'Force', 'GenerateSummary', 'MaxConcurrency', 'ContinueOnError',
        'Verbose') {
        if ($given.ContainsKey($name)) { $run[$name] = $given[$name] }
    }
    $run
}

function Get-ForwardedArgument([string] $Path) {
    # What was given, for the project's own launcher: named, and as it came. What that does not know is an error.
    $theirs = (Get-Command -Name $Path).Parameters
    $named = @{ Mode = $Mode }
    $bare = @()
    foreach ($name in $given.Keys) {
        if ($name -eq 'RemainingArguments') { continue }
        if (-not $theirs.ContainsKey($name) -and $name -notin $always) {
            Exit-Launcher "-$name is not known to $Path, which -Mode $Mode is handed to."
        }
        $named[$name] = $given[$name]
    }
    $words = @($RemainingArguments)
    for ($i = 0; $i -lt $words.Count; $i++) {
        if ("$($words[$i])" -notlike '-?*') {
            $bare += , $words[$i]
            continue
        }
        $name = "$($words[$i])".Trim('-', ':')
        if (-not $theirs.ContainsKey($name)) { Exit-Launcher (Get-UnknownMessage $words[$i]) }
        $takesValue = -not $theirs[$name].SwitchParameter -and $i + 1 -lt $words.Count
        $named[$name] = $takesValue ? $words[++$i] : $true
    }
    @{ Named = $named; Bare = $bare }
}

if ($Help) {
    Get-Help -Name $PSCommandPath -Full
    exit 0
}
$code = 0
try {
    $module = Import-Orchestration
    if (-not $module) {
        Exit-Launcher ('Orchestration module not loaded. AitherZero.Orchestration is neither beside ' +
            "$PSCommandPath nor on PSModulePath.")
    }
    & $module { Initialize-Module }
    if ($Version) {
        "AitherZero.Orchestration $($module.Version)"
        exit 0
    }
    # A launcher in a project's root is that project's, wherever it is called from.
    foreach ($folder in 'automation-scripts', 'library/automation-scripts') {
        if (Test-Path -LiteralPath (Join-Path $PSScriptRoot $folder) -PathType Container) {
            $env:AITHERZERO_ROOT = $PSScriptRoot
        }
    }
    $location = $ExecutionContext.SessionState.Path.CurrentProviderLocation('FileSystem').ProviderPath

    if (-not $meaning.ContainsKey($Mode)) {
        $other = & $module { Find-OtherLauncher -Folder $args[0] -Location $args[1] } $PSScriptRoot $location
        if (-not $other) {
            Exit-Launcher ("-Mode $Mode is the work of the project's own launcher, and there is none: " +
                "Start-AitherZero.original.ps1 is neither beside $PSCommandPath nor in the project's root.")
        }
        $forward = Get-ForwardedArgument $other
        $named, $bare = $forward['Named'], $forward['Bare']
        $env:AITHERZERO_ROOT = $rootBefore
        $global:LASTEXITCODE = 0
        & $other @named @bare
        exit $LASTEXITCODE
    }

    foreach ($name in $given.Keys) {
        if ($name -notin $always -and $name -notin $meaning[$Mode]) {
            Write-Warning "-$name has no effect with -Mode $Mode."
        }
    }
    $leftover = @(Get-Leftover)
    $isSequence = $Mode -eq 'Orchestrate' -and -not $Sequence -and -not $Playbook
    if ($leftover -and -not $isSequence) {
        Exit-Launcher "Unknown argument '$($leftover[0])': -Mode $Mode has no use for it here."
    }
    if ($Mode -ne 'Orchestrate') {
        $targets = @{ '' = 'all'; all = 'all' }
        foreach ($kind in 'script', 'playbook') { $targets[$kind] = $targets["${kind}s"] = "${kind}s" }
        $what = $targets[$Target]
        if (-not $what) { Exit-Launcher "Unknown target '$Target'. -Target is scripts, playbooks or all." }
        $root = & $module { Find-ProjectRoot -Location $args[0] } $location
    }
    switch ($Mode) {
        'Orchestrate' {
            if ($isSequence) { $Sequence = $leftover }
            if (-not $Sequence -and -not $Playbook) {
                Exit-Launcher 'Orchestrate mode requires -Sequence or -Playbook parameter'
            }
            if ($Sequential -and $Parallel) { Exit-Launcher '-Sequential and -Parallel contradict each other.' }
            $run = Get-RunArgument
            Invoke-OrchestrationSequence @run
            $code = $LASTEXITCODE
        }
        'List' {
            & $module { Get-ProjectItem -Root $args[0] -Target $args[1] } $root $what
        }
        'Search' {
            if (-not $Query) { Exit-Launcher 'Search query required. Use -Query <term>' }
            $search = @{ Root = $root; Query = $Query; Target = $what }
            $found = @(& $module { $search = $args[0]; Find-ProjectItem @search } $search)
            if (-not $found) { Exit-Launcher "Nothing in $root matches '$Query'." }
            $found
        }
        'Validate' {
            $findings = @(& $module { Test-ProjectItem -Root $args[0] -Target $args[1] } $root $what)
            $findings
            $errors = @($findings | Where-Object Severity -EQ 'Error').Count
            Write-Host "$errors errors, $($findings.Count - $errors) warnings in $root"
            $code = $errors ? 1 : 0
        }
    }
} catch {
    Write-Host "`n[CRITICAL ERROR]" -ForegroundColor Red
    Write-Host "Message: $($_.Exception.Message)" -ForegroundColor Red
    Write-Host "Type: $($_.Exception.GetType().FullName)" -ForegroundColor Red
    Write-Host "Location: $($_.InvocationInfo.PositionMessage)" -ForegroundColor Red
    $code = 1
} finally {
    $env:AITHERZERO_ROOT = $rootBefore
}
exit $code
