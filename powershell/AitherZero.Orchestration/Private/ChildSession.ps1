# What the library is told about jobs that run as processes: where they run, which PowerShell runs scripts, and
# what of the session's values JSON cannot carry to it.

# A value of the caller's is carried so many levels deep, the configuration as deep as anybody writes one.
$script:ChildValueDepth = 3
$script:ChildConfigurationDepth = 32

# How many seconds a child has after the interrupt, and then after it was asked to end, before the next step.
$script:ChildLadder = [ordered]@{ interrupt = 7.5; terminate = 2.5 }

# How long children may take to stop: the ladder's ten seconds, and some for the reports.
$script:ChildPatienceMs = 11000

function Find-PowerShellProgram {
    # The program that runs scripts as processes: the one that this session runs in, where that is a PowerShell of
    # its own, else the one beside the engine or on PATH. Nothing where there is none.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $named = [System.Environment]::GetEnvironmentVariable('AITHER_ORCHESTRATION_PWSH')
    if ($named) {
        return $named
    }
    $own = [System.Environment]::ProcessPath
    if ($own -and [System.IO.Path]::GetFileNameWithoutExtension($own) -in 'pwsh', 'pwsh-preview') {
        return $own
    }
    $beside = [System.IO.Path]::Combine($PSHOME, $IsWindows ? 'pwsh.exe' : 'pwsh')
    if ([System.IO.File]::Exists($beside)) {
        return $beside
    }
    # PowerShell installed as a .NET tool runs in dotnet; the program that starts it stands beside its store.
    $tool = [regex]::Match($PSHOME, '^(.+)[\\/]\.store[\\/]').Groups[1].Value
    $beside = [System.IO.Path]::Combine($tool, $IsWindows ? 'pwsh.exe' : 'pwsh')
    if ($tool -and [System.IO.File]::Exists($beside)) {
        return $beside
    }
    # A console host is a program that takes the same arguments, unless the program is dotnet itself.
    if ($own -and $Host.Name -eq 'ConsoleHost' -and
        [System.IO.Path]::GetFileNameWithoutExtension($own) -ne 'dotnet') {
        return $own
    }
    $found = $ExecutionContext.InvokeCommand.GetCommand('pwsh', 'Application')
    if ($found) {
        $found.Source
    }
}

function Find-PowerShellChild {
    # The first job of the plan that runs as a process of PowerShell; nothing where there is none.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Plan)

    foreach ($job in $Plan['jobs']) {
        if ($job['isolation'] -eq 'process' -and
            (-not $job['text'] -or "$($job['shell'])".Trim() -in '', 'pwsh', 'powershell')) {
            return $job
        }
    }
}

function ConvertTo-ChildSession {
    # The session's values as CLIXML: only those that are not the same in JSON, since a table loses its order here.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Configuration
    )

    $serializer = [System.Management.Automation.PSSerializer]
    $live, $written = @{}, @{}
    foreach ($name in $Variables.Keys) {
        $value = $Variables[$name]
        $plain = $null -eq $value -or $value -is [string] -or $value -is [bool] -or
        (Test-JsonInteger -Value $value) -or $value -is [double]
        if ($plain) {
            continue
        }
        $json = ConvertTo-NativeJson -Value $value -Name $name -AllowLive
        $isTable = $value -is [System.Collections.ICollection] -or
        $value -is [System.Management.Automation.PSCustomObject]
        if (-not $isTable -or $json.Contains('"$aither.live"')) {
            $live[[string]$name] = $value
            $written[[string]$name] = $json
        }
    }
    $session = @{
        FailFast      = [bool]$Plan['failFast']
        Variables     = $live
        Written       = $written
        # A text within the text: few scripts ask for it.
        Configuration = $serializer::Serialize($Configuration, $script:ChildConfigurationDepth)
    }
    # The table itself and the table of variables are two levels.
    $serializer::Serialize($session, 2 + $script:ChildValueDepth)
}

function Get-ChildSettingJson {
    # The field `children` of the request that starts a run.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Plan,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Configuration,
        [Parameter(Mandatory)] [string] $Location
    )

    $fields = [ordered]@{ location = $Location; patience = $script:ChildLadder }
    $child = Find-PowerShellChild -Plan $Plan
    # What a matrix from outputs adds to the plan is not known yet.
    $grows = $Plan['groups'].Where({ $_['deferred'] }, 'First')
    $program = if ($child -or $grows) {
        Find-PowerShellProgram
    }
    if ($child -and -not $program) {
        $problem = @{
            Code    = 'powershell.not-found'
            Message = "$($child['name']) is to run in a process of its own, but there is no pwsh to run it."
            Hint    = 'Put pwsh on PATH, or set AITHER_ORCHESTRATION_PWSH to its path.'
        }
        throw (New-OrchestrationError @problem)
    }
    if ($program) {
        $fields['powershell'] = [ordered]@{
            program = $program
            script  = [System.IO.Path]::GetFullPath("$PSScriptRoot/../Process/job.ps1")
            session = ConvertTo-ChildSession -Plan $Plan -Variables $Variables -Configuration $Configuration
        }
    }
    ConvertTo-NativeJson -Value $fields -Name 'Children'
}

function Receive-ChildOutput {
    # What a job that ran as a process has put out: objects of a PowerShell script, lines of any other program.
    [CmdletBinding()]
    [OutputType([object[]])]
    param(
        [Parameter(Mandatory)] [uint64] $Run,
        [Parameter(Mandatory)] [long] $Job
    )

    $out = [IntPtr[]]::new(3)
    $status = $script:Native::aither_run_job_output($Run, [uint64]$Job, $out)
    $answer = Receive-NativeText -Text $out
    if ($status -ne $script:StatusOk) {
        throw (New-OrchestrationError -Json $answer)
    }
    if ($answer -eq 'null') {
        return , @()
    }
    $output = ConvertFrom-NativeJson -Json $answer
    if ($output['objects']) {
        return , @([System.Management.Automation.PSSerializer]::Deserialize($output['objects']))
    }
    , @($output['text'] ? $output['text'].TrimEnd("`n").Split("`n") : @())
}

function Wait-OrchestrationChild {
    # Waits until a run that was cancelled has no process left, in short steps and not for ever. What is left then
    # is killed when the run is freed.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [uint64] $Run,
        [Parameter(Mandatory)] [int] $PatienceMs
    )

    $giveUpAt = [System.Environment]::TickCount64 + $PatienceMs
    $out = [IntPtr[]]::new(3)
    while ([System.Environment]::TickCount64 -lt $giveUpAt) {
        $status = $script:Native::aither_run_events($Run, 50, $out)
        if ($status -ne $script:StatusTimeout) {
            $null = $script:Native::aither_text_free($out)
        }
        if ($status -ne $script:StatusOk -and $status -ne $script:StatusTimeout) {
            break
        }
    }
}
