# One thousand runs in one session: what they cost, and that they leave nothing behind.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    # Runs in a PowerShell of its own, so that only the runs are counted. One line of figures at each mark.
    $session = @'
param($Module, $Playbook, $Marks)
Import-Module $Module
function Write-Figure {
    param([int] $Count)
    # What .NET closes late comes and goes, so the least of some counts is what stays.
    $handles = [int]::MaxValue
    foreach ($round in 1..5) {
        [System.GC]::Collect()
        [System.GC]::WaitForPendingFinalizers()
        $process = [System.Diagnostics.Process]::GetCurrentProcess()
        $open = $IsLinux ? [System.IO.Directory]::GetFileSystemEntries('/proc/self/fd').Count : $process.HandleCount
        $handles = [System.Math]::Min($handles, $open)
    }
    $managed = [long]([System.GC]::GetTotalMemory($true) / 1KB)
    "figures $Count $($process.Threads.Count) $handles $managed $([long]($process.WorkingSet64 / 1KB))"
}
$run = 0
foreach ($mark in $Marks -split ',') {
    while ($run -lt $mark) {
        $run++
        # Every twentieth also runs a program, or fails.
        $result = if ($run % 20 -eq 0 -and $Playbook) {
            Invoke-OrchestrationSequence -LoadPlaybook $Playbook -Quiet
        } elseif ($run % 20 -eq 10) {
            Invoke-OrchestrationSequence 0102 -Quiet
        } else {
            Invoke-OrchestrationSequence 0101 -Quiet
        }
        if ($result.Total -ne 1 -or $result.Success -eq ($run % 20 -eq 10)) {
            "bad $run $($result.ExitCode)"
        }
    }
    Write-Figure $mark
}
'@
}

Describe 'One thousand runs in one session' {
    BeforeAll {
        $project = New-Project @{ '0101_Nothing' = ''; '0102_Fail' = 'exit 3' }
        $playbook = $IsWindows ? '' : 'program'
        if ($playbook) {
            $null = Add-Playbook $project $playbook @{
                metadata      = @{ name = $playbook; version = '3.0.0' }
                orchestration = @{ jobs = @{ one = @{ steps = @(, @{ script = ':'; shell = 'sh' }) } } }
            }
        }
        $path = Join-Path $project 'session.ps1'
        [System.IO.File]::WriteAllText($path, $session)
        $module = (Get-Module AitherZero.Orchestration).Path
        $lines = Invoke-InProject $project {
            & (Get-ShellPath) -NoProfile -NonInteractive -File $path $module $playbook '200,1000' 6>&1 2>&1 3>&1
        }
        $figures = foreach ($line in @($lines) -like 'figures *') {
            $count, $threads, $handles, $managed, $set = [long[]]$line.Substring(8).Split(' ')
            [pscustomobject]@{ Runs = $count; Threads = $threads; Handles = $handles; Managed = $managed; Set = $set }
            Write-Host ("  after {0} runs: {1} threads, {2} handles, {3} KB managed, {4} KB working set" -f
                $count, $threads, $handles, $managed, $set)
        }
        $early, $late = $figures
    }

    It 'all end as they should' {
        @($lines) -like 'bad *' | Should -BeNullOrEmpty
        $late.Runs | Should -Be 1000
    }

    It 'leave no thread and no handle behind' {
        $late.Threads | Should -BeLessOrEqual ($early.Threads + 8)
        # Wine tells how many handles there is room for.
        if (-not $env:WINEPREFIX) {
            $late.Handles | Should -BeLessOrEqual ($early.Handles + 8)
        }
    }

    It 'leave no memory behind: less than 4 KB a run, managed, and the working set levels off' {
        ($late.Managed - $early.Managed) / 800 | Should -BeLessThan 4
        $late.Set | Should -BeLessThan ($early.Set * 1.25)
    }
}
