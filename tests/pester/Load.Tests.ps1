# Much at once and much one after another, from PowerShell: bounded memory, and nobody gets what is another's.
# AITHER_LOAD_JOBS and AITHER_LOAD_CROWD change how much; `cargo xtask load` says ten thousand and a hundred.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    function Get-Amount {
        param([string] $Name, [int] $Usual)

        [System.Environment]::GetEnvironmentVariable($Name) ?? $Usual
    }
}

Describe 'Jobs that put out a megabyte each' {
    BeforeAll {
        $jobs = [int](Get-Amount 'AITHER_LOAD_JOBS' 200)
        # At most 250 combinations a script, so that no limit of the matrix is met.
        $scripts = [int][System.Math]::Ceiling($jobs / 250)
        $texts = @{}
        foreach ($number in 1..$scripts) {
            $texts["0$(100 + $number)_Much"] = 'param($n)
                for ($line = 0; $line -lt 64; $line++) { "$n $line".PadLeft(16383) }'
        }
        $project = New-Project $texts
        $session = Join-Path $project 'session.ps1'
        [System.IO.File]::WriteAllText($session, @'
param($Module, $Combinations)
Import-Module $Module
$null = Invoke-OrchestrationSequence 0101 -Matrix @{ n = 1, 2 } -MaxConcurrency 4 -Quiet
$before = [System.Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64
$result = Invoke-OrchestrationSequence '01*' -Matrix @{ n = 1..$Combinations } -MaxConcurrency 4 -Quiet -WarningVariable said 3>$null
$peak = [System.Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64 - $before
$kept = @($result.Jobs | Where-Object { $_.Output.Count -eq 64 })
$none = @($result.Jobs | Where-Object { $_.Output.Count -eq 0 })
$of = @($none)[-1] ?? $result.Jobs[-1]
$log = @(Get-OrchestrationLog -RunId $result.RunId -Number $of.Number -Raw)
$whole = $log.Count -eq 64 -and $log[63].Trim() -eq "$($of.Matrix['n']) 63"
"figures $($result.Completed) $($kept.Count) $($none.Count) $($said.Count) $([int]$whole) $([long]($peak / 1MB))"
'@)
        $module = (Get-Module AitherZero.Orchestration).Path
        $lines = Invoke-InProject $project {
            & (Get-ShellPath) -NoProfile -NonInteractive -File $session $module ([int]($jobs / $scripts)) 2>&1
        }
        $total = [int]($jobs / $scripts) * $scripts
        $line = @(@($lines) -like 'figures *')[0]
        $completed, $kept, $none, $said, $whole, $peak = [long[]]"$line".Substring(8).Split(' ')
        Write-Host "  $total jobs of 1 MiB: $peak MB more at the most, the output of $kept is kept"
    }

    It 'all succeed' {
        $completed | Should -Be $total
    }

    It 'keep what has room in the result, say so, and have the rest in their logs' {
        $kept + $none | Should -Be $total
        $kept | Should -Be ([System.Math]::Min($total, 128))
        $said | Should -Be ([int]($none -gt 0))
        $whole | Should -Be 1
    }

    It 'take no more memory the more there are' {
        # 128 MiB of text are twice as many in .NET, which collects late, beside 20 KB for each job's own objects.
        $peak | Should -BeLessThan (1200 + $total * 20 / 1024)
    }
}

Describe 'Runs at once in one session' {
    BeforeAll {
        $count = [int](Get-Amount 'AITHER_LOAD_CROWD' 10)
        $project = New-Project @{
            '0101_Own'  = 'param($who) Set-OrchestrationOutput -Name who -Value $who; "I am $who"'
            '0102_Need' = "# Dependencies: 0101`nparam(`$who) `$who"
        }
        $background = Invoke-InProject $project {
            foreach ($number in 1..$count) {
                Invoke-OrchestrationSequence '0101,0102' -Variables @{ who = "run $number" } -AsJob
            }
        }
        $results = foreach ($job in $background) {
            $records = @(Receive-OrchestrationRun -Id $job.RunId -Wait 6>$null)
            @($records | Where-Object { $_.PSTypeNames -contains 'AitherZero.Orchestration.Result' })
            Remove-Job -Job $job
        }
    }

    It 'all end as they should, each with an id of its own' {
        @($results).Count | Should -Be $count
        @($results | Where-Object { $_.Success -and $_.Completed -eq 2 }).Count | Should -Be $count
        @($results.RunId | Sort-Object -Unique).Count | Should -Be $count
        @(Invoke-InProject $project { Get-OrchestrationRun }).Count | Should -Be ([System.Math]::Min(200, $count))
    }

    It 'have results of their own' {
        $number = 0
        foreach ($result in $results) {
            $number++
            $result.Jobs[0].Output, $result.Jobs[1].Output | Should -Be "I am run $number", "run $number"
            $result.Jobs[0].Outputs['who'] | Should -Be "run $number"
        }
    }
}
