function Invoke-OrchestrationSequence {
    <#
    .SYNOPSIS
    Runs numbered automation scripts, or a playbook of them, in parallel and once or for every cell of a matrix.

    .DESCRIPTION
    Resolves the sequence, or the stages of a playbook, to scripts of the project's automation-scripts folder (or
    library/automation-scripts), plans them with the dependencies that their headers name, and runs them in warm
    PowerShell workers. The stages of a playbook follow each other in the order they are written in.

    A script fails by an exception, a terminating error or a non-zero exit code; errors that do not end it are
    counted and shown. The first failure cancels the rest, unless -ContinueOnError is given. Scripts that depend on
    a failed one are skipped.

    After the run $LASTEXITCODE is 0 when all went well, 1 when something failed, 10 when something failed under
    -ContinueOnError, 124 when only timeouts failed it, 130 when it was interrupted.

    .PARAMETER Sequence
    What to run; several elements add up, and the scripts run in the order of their numbers.

    0402          one script; 1-3 digits are padded with zeros
    0400-0499     a range
    04*           all that begin so
    stage:Testing scripts whose header says "# Stage: Testing"
    tag:ci        scripts whose header has the tag
    !0407         not this one

    .PARAMETER LoadPlaybook
    The playbook to run: the name of a file below orchestration/playbooks or library/playbooks, with folders or
    without, or the path of a .json or .psd1 file. A psd1 is read as data; nothing in it is executed.

    .PARAMETER PlaybookProfile
    The profile inside the playbook. Its values are above the playbook's and below those of -Variables.

    .PARAMETER Resume
    The id of an earlier run, or Last. What it asked for is asked for again; its jobs that succeeded and are
    unchanged, and follow only such jobs, are taken as done. Secret variables must be given again.

    .PARAMETER SavePlaybook
    The name to save the sequence and its variables under, as playbook, before the run. Not with -DryRun.

    .PARAMETER Configuration
    A table, or the path of a .psd1 or .json file, which is read as data. Without it config.psd1 at the project's
    root is used, with config.local.psd1 over it, key by key. Automation.MaxConcurrency and
    Automation.DefaultMode are the defaults of -MaxConcurrency and -Parallel. A script that declares a
    Configuration parameter gets a copy of the table.

    .PARAMETER Variables
    Values for the parameters that scripts declare. Names that a script does not declare are not passed to it.

    .PARAMETER DryRun
    Shows the plan and returns it as an object. Starts nothing and writes nothing. -WhatIf does the same.

    .PARAMETER ContinueOnError
    Goes on after a failure.

    .PARAMETER Interactive
    Asks before the run, where PowerShell's $ConfirmPreference calls for it.

    .PARAMETER UseCache
    Takes the result of a job from the cache where nothing that it depends on has changed, and puts new results
    there. See docs/cache.md; -Verbose says why a job was not found or is not stored.

    .PARAMETER CacheMode
    What is done with the cache: ReadWrite, which is what -UseCache means, ReadOnly, WriteOnly, or Off.

    .PARAMETER Force
    Runs every job and stores its result anew, where the cache is used.

    .PARAMETER GenerateSummary
    Writes a Markdown summary to reports/orchestration/summary-<date>-<time>.md of the project; SummaryPath of the
    result names it. -GenerateSummary:$false overrules a playbook that asks for one.

    .PARAMETER Parallel
    Whether scripts may run side by side. The default comes from the configuration's Automation.DefaultMode.

    .PARAMETER MaxConcurrency
    How many scripts may run at once. The default comes from the configuration's Automation.MaxConcurrency, else 4.

    .PARAMETER Isolation
    Where scripts run: in warm runspaces of this session (Runspace) or each as a process of its own (Process).
    Steps that declare env, a shell or a folder are processes. The default is the configuration's
    Automation.Isolation.

    .PARAMETER ExecutionProfile
    A profile of the configuration, Automation.Profiles.<name>: of the sequence or playbook only scripts that its
    Scripts list has are run. Without either, all that it lists are run; * stands for every script.

    .PARAMETER Conditions
    Values that conditions of script headers and playbooks see, beside the variables. Scripts do not get them.

    .PARAMETER Strict
    What a playbook requires (PowerShell version, modules, programs, platform) and this machine lacks is an error
    before anything starts, and not just a warning.

    .PARAMETER Matrix
    A table of dimension names and lists of values. Every combination runs all scripts, with its values as
    parameters. Use [ordered] to fix the order of dimensions; a plain hashtable is taken by name.

    .PARAMETER ConfigFile
    A configuration file, .psd1 or .json, whose keys are put over the project's own.

    .PARAMETER OutputFormat
    A report of the result beside the object: JSON, XML, JUnit (a test case a job), or GitHubActions, which writes
    annotations and log groups and adds to the files that GITHUB_STEP_SUMMARY and GITHUB_OUTPUT name.

    .PARAMETER OutputPath
    The report's file. Without it the report goes to the host.

    .PARAMETER ThrowOnError
    Throws when the run failed, after all reports are written. TargetObject of the error is the result, and
    $LASTEXITCODE is the run's exit code.

    .PARAMETER Quiet
    Shows warnings and errors only.

    .PARAMETER PassThru
    Accepted for compatibility: the result is always returned.

    .PARAMETER CaptureOutputs
    Gives every stage and job an entry in Outputs of the result, also those that set none. Outputs that scripts set
    with Set-OrchestrationOutput are always there.

    .PARAMETER AsJob
    Starts the run in the background and returns its job at once. Its RunId is the run's id once that has begun,
    its Progress how many percent of the jobs have ended.

    .EXAMPLE
    Invoke-OrchestrationSequence -Sequence '0402'

    Runs one script.

    .EXAMPLE
    $job = Invoke-OrchestrationSequence -Sequence 'stage:Testing' -AsJob
    $result = Receive-Job -Job $job -Wait

    Runs scripts in the background and takes the result when they are done.

    .EXAMPLE
    seq 401, 405 -ContinueOnError -Isolation Process

    Runs two scripts, each in a PowerShell of its own; the second also when the first fails.

    .EXAMPLE
    $matrix = [ordered]@{ profile = 'quick', 'comprehensive'; platform = 'Windows', 'Linux' }
    Invoke-OrchestrationSequence -Sequence '0402' -Matrix $matrix -MaxConcurrency 8

    Runs script 0402 four times, once for each combination of profile and platform.

    .EXAMPLE
    Invoke-OrchestrationSequence -Sequence '04*,!0407' -DryRun

    Shows what would run.

    .EXAMPLE
    Invoke-OrchestrationSequence -LoadPlaybook 'test-quick' -PlaybookProfile 'ci' -Variables @{ verbose = $true }

    Runs a playbook with one of its profiles.

    .EXAMPLE
    Invoke-OrchestrationSequence -Resume Last

    .EXAMPLE
    Invoke-OrchestrationSequence '0402', '0404' -Variables @{ profile = 'quick' } -SavePlaybook 'my/quick'

    Runs two scripts and saves what was run as the playbook my/quick.

    .EXAMPLE
    Invoke-OrchestrationSequence -Sequence '04*' -UseCache

    Runs only what has changed since it last succeeded, and replays the rest.

    .EXAMPLE
    $result = Invoke-OrchestrationSequence -Sequence 'stage:Testing' -Variables @{ coverage = $true } -Quiet
    $result.Jobs | Where-Object Status -eq 'Failure'

    .EXAMPLE
    $result = Invoke-OrchestrationSequence -Sequence '0500' -CaptureOutputs
    $result.Outputs['Testing']

    Runs a script and looks at what the jobs of its stage have set.

    .EXAMPLE
    Invoke-OrchestrationSequence -Sequence '0402' -OutputFormat JUnit -OutputPath './junit.xml' -ThrowOnError

    Runs a script for a CI system: a JUnit file, and an error when something failed.

    .OUTPUTS
    AitherZero.Orchestration.Result, AitherZero.Orchestration.Plan with -DryRun or -WhatIf, a job with -AsJob.
    #>
    [Alias('seq')]
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Sequence')]
    [OutputType('AitherZero.Orchestration.Result', 'AitherZero.Orchestration.Plan')]
    [OutputType([System.Management.Automation.Job])]
    param(
        [Parameter(Position = 0, ParameterSetName = 'Profile')]
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Sequence')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string[]] $Sequence,

        [Parameter(Mandatory, ParameterSetName = 'Playbook')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $LoadPlaybook,

        [Parameter(ParameterSetName = 'Playbook')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $PlaybookProfile,

        [Parameter(Mandatory, ParameterSetName = 'Resume')]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string] $Resume,

        [Parameter(ParameterSetName = 'Sequence')]
        [Parameter(ParameterSetName = 'Profile')]
        [string] $SavePlaybook,

        [object] $Configuration,

        [hashtable] $Variables = @{},

        [switch] $DryRun,

        [switch] $ContinueOnError,

        [switch] $Interactive,

        [switch] $UseCache,

        [ValidateSet('ReadWrite', 'ReadOnly', 'WriteOnly', 'Off')]
        [string] $CacheMode,

        [switch] $Force,

        [switch] $GenerateSummary,

        [bool] $Parallel,

        [int] $MaxConcurrency,

        [ValidateSet('Runspace', 'Process')]
        [string] $Isolation,

        [Parameter(Mandatory, ParameterSetName = 'Profile')]
        [Parameter(ParameterSetName = 'Playbook')]
        [ValidateSet('Minimal', 'Standard', 'Developer', 'Full', 'Custom')]
        [string] $ExecutionProfile,

        [hashtable] $Conditions = @{},

        [System.Collections.IDictionary] $Matrix,

        [string] $ConfigFile,

        [ValidateSet('JSON', 'XML', 'JUnit', 'GitHubActions', 'None')]
        [string] $OutputFormat = 'None',

        [string] $OutputPath,

        [switch] $ThrowOnError,

        [switch] $Quiet,

        [switch] $PassThru,

        [switch] $CaptureOutputs,

        [switch] $Strict,

        [switch] $AsJob
    )

    $exitCode = 1
    $left = @{}
    $isWatched = $false
    try {
        Initialize-Module
        if ($AsJob) {
            $exitCode = 0
            return Start-BackgroundRun -Bound $PSBoundParameters
        }
        $log = New-OrchestrationLog -Cmdlet $PSCmdlet -Quiet:$Quiet
        $location = Get-ProjectLocation -Cmdlet $PSCmdlet
        $root = Find-ProjectRoot -Location $location
        $bound = $Resume ? (Get-ResumedParameter -Bound $PSBoundParameters -Root $root) : $PSBoundParameters
        foreach ($name in $Resume ? $bound.Keys : @()) {
            $ExecutionContext.SessionState.PSVariable.Set($name, $bound[$name])
        }
        $from = @{ Configuration = $Configuration; ConfigFile = $ConfigFile; Root = $root; Location = $location }
        $table = Get-OrchestrationConfiguration @from
        $own = Copy-PlainValue ($Variables ?? @{})
        $settings = New-PlanSetting -Bound $bound -Automation $table['Automation']
        $settings['root'] = $root
        $settings['variables'] = $own
        $playbook = @{ Source = '' }
        if ($LoadPlaybook) {
            $playbook = Import-Playbook -Name $LoadPlaybook -Root $root -Location $location
            Write-PlaybookLoaded -Model $playbook.Model -Log $log
        } else {
            $settings['sequence'] = $Sequence
        }
        $within = @{ Name = $ExecutionProfile; Automation = $table['Automation']; Root = $root }
        if ($ExecutionProfile -and -not $LoadPlaybook) {
            $settings['sequence'] = @(Select-ProfileSequence @within -Sequence $Sequence)
        }
        $json = Get-NativePlan -Settings $settings -Playbook $playbook.Source
        $plan = ConvertFrom-NativeJson -Json $json
        if ($LoadPlaybook) {
            $selected = Select-PlaybookJob -Plan $plan -Model $playbook.Model -Within $within -Log $log
            $json = [object]::ReferenceEquals($selected, $plan) ? $json :
            (ConvertTo-NativeJson -Value $selected -Name 'Plan')
            $plan = $selected
        }
        Write-PlanMessage -Plan $plan -Log $log
        if ($LoadPlaybook) {
            Assert-PlaybookRequirement -Model $playbook.Model -Log $log -Strict:$Strict
        }

        if ($DryRun -or $WhatIfPreference) {
            if ($Resume) {
                $secrets = Get-RunSecret -Variables $own -Configuration $table
                $resumed = Get-ResumedJob -PlanJson $json -Id $bound['Resume'] -Secrets $secrets
                $plan['done'] = $resumed.Done
                Write-RunResumed -Started $resumed -Total $plan['total'] -Log $log
            }
            $exitCode = 0
            return Show-PlannedRun -Plan $plan -Variables $own -Matrix:$bound.ContainsKey('Matrix') -Log $log
        }
        $asks = $Interactive -or $bound.ContainsKey('Confirm')
        if ($asks -and -not $PSCmdlet.ShouldProcess("$($plan['total']) scripts", 'Run')) {
            $exitCode = 0
            return
        }
        if ($bound.ContainsKey('SavePlaybook')) {
            $named = $Sequence ? $Sequence : $settings['sequence']
            $saved = @{ Name = $SavePlaybook; Sequence = $named; Variables = $own; Root = $root; Log = $log }
            Save-SequenceAsPlaybook @saved
        }
        Write-ResolvedScript -Plan $plan -Log $log
        $exitCode = 130
        Enter-StopSignal
        $isWatched = $true
        $detailed = $bound['Verbose'] -or $VerbosePreference -eq 'Continue'
        $cache = @{ Variables = $own; Configuration = $table; Location = $location; Explain = $detailed }
        $run = @{
            PlanJson      = $json
            Plan          = $plan
            Variables     = $own
            Configuration = $table
            Location      = $location
            Log           = $log
            Journal       = New-RunJournal -Bound $bound -Name (Get-RunTitle -Bound $bound) -Location $location
            Secrets       = Get-RunSecret -Variables $own -Configuration $table
            Cache         = New-CacheSetting -Bound $bound @cache
            Detailed      = $detailed
            Left          = $left
        }
        $values = $own
        $result = if ($LoadPlaybook) {
            $seen = @{ Variables = $own; Conditions = $Conditions ?? @{}; ProfileName = $PlaybookProfile }
            $values = Get-PlaybookVariable -Model $playbook.Model @seen
            Invoke-PlaybookRun -Playbook $playbook -Run $run -Variables $values -Root $root -Quiet:$Quiet
        } else {
            Invoke-WithEnvironment -Quiet:$Quiet { Invoke-OrchestrationRun @run }
        }
        $exitCode = $result.ExitCode
        # It has ended by itself; what follows is not to be done twice.
        $left.Clear()
        Complete-Result -Result $result -Playbook $playbook -Variables $values -All:$CaptureOutputs
        Write-RunFinished -Result $result -Log $log
        Write-DifferingOutput -Result $result -Log $log
        $told = @{ Bound = $bound; Playbook = $playbook; Location = $location; Log = $log }
        Write-RunReport -Result $result @told
        if ($ThrowOnError -and -not $result.Success) {
            throw (New-RunFailure -Result $result)
        }
        $result
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'Run.Failed*') {
            $exitCode = 1
        }
        $PSCmdlet.ThrowTerminatingError($_)
    } finally {
        $global:LASTEXITCODE = $exitCode
        try {
            if ($left['Result']) {
                $told = @{ Bound = $bound; Playbook = $playbook; Location = $location; Log = New-MuteLog }
                Complete-Result -Result $left['Result'] -Playbook $playbook -Variables $values -All:$CaptureOutputs
                Write-RunReport -Result $left['Result'] @told
            }
        } finally {
            if ($isWatched) {
                Exit-StopSignal
            }
        }
    }
}
