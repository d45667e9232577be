BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    function Get-TwelveStage {
        # A stage of twelve jobs with these rules.
        param([System.Collections.IDictionary] $Strategy = @{}, [System.Collections.IDictionary] $More = @{})

        $stage = [ordered]@{
            name      = 'Twelve'
            sequences = @('0101')
            strategy  = [ordered]@{ matrix = @{ n = 0..11 } }
        }
        foreach ($name in $Strategy.Keys) {
            $stage.strategy[$name] = $Strategy[$name]
        }
        foreach ($name in $More.Keys) {
            $stage[$name] = $More[$name]
        }
        $stage
    }
}

Describe 'max-parallel' {
    It 'is never exceeded and always used up while work is left' {
        # Each job needs another one beside it to end: six times two jobs meet.
        $pairs = New-Meeting ([System.Threading.Barrier]::new(2))
        $text = "param(`$n) if (-not [AppDomain]::CurrentDomain.GetData('$pairs').SignalAndWait(20000)) { throw 'alone' }"
        $project = New-Project @{ '0101_Meet' = $text }
        $null = Add-Playbook $project 'two' (New-StagedPlaybook @(Get-TwelveStage @{ 'max-parallel' = 2 }))
        $run = Invoke-Playbook $project 'two' @{ MaxConcurrency = 12; Verbose = $true }

        $run.Result.Completed | Should -Be 12
        $running, $most = 0, 0
        foreach ($line in $run.Text) {
            if ($line -like 'Starting: *') {
                $running++
            } elseif ($line -like '*Completed: *') {
                $running--
            }
            $most = [System.Math]::Max($most, $running)
        }
        $running | Should -Be 0
        $most | Should -Be 2
    }

    It 'counts inside -MaxConcurrency, which counts for the run' {
        $most = New-Meeting ([int[]]@(0, 0))
        $text = "`$c = [AppDomain]::CurrentDomain.GetData('$most')
            [System.Threading.Monitor]::Enter(`$c); `$c[0]++; if (`$c[0] -gt `$c[1]) { `$c[1] = `$c[0] }
            [System.Threading.Monitor]::Exit(`$c)
            [System.Threading.Monitor]::Enter(`$c); `$c[0]--; [System.Threading.Monitor]::Exit(`$c)"
        $project = New-Project @{ '0101_Count' = $text }
        $null = Add-Playbook $project 'one' (New-StagedPlaybook @(Get-TwelveStage @{ maxParallel = 8 }))
        $run = Invoke-Playbook $project 'one' @{ MaxConcurrency = 1 }
        $run.Result.Completed | Should -Be 12
        [AppDomain]::CurrentDomain.GetData($most)[1] | Should -Be 1
    }
}

Describe 'fail-fast' {
    BeforeAll {
        # Eleven sleep for half a minute and then say so; the twelfth fails once all of them are there.
        $there = New-Meeting ([System.Threading.CountdownEvent]::new(11))
        $slept = [System.Collections.Concurrent.ConcurrentQueue[int]]::new()
        $said = New-Meeting $slept
        $project = New-Project @{
            '0101_Sleep' = "param(`$n) `$all = [AppDomain]::CurrentDomain.GetData('$there')
                if (`$n -eq 5) { `$null = `$all.Wait(20000); throw 'broken' }
                `$null = `$all.Signal(); Start-Sleep -Seconds 30
                [AppDomain]::CurrentDomain.GetData('$said').Enqueue(`$n)"
            '0102_Fail'  = 'param($n) if ($n -eq 5) { throw "broken" }'
        }
    }

    It 'stops what runs: one failed, eleven cancelled, and nobody has slept to the end' {
        $null = Add-Playbook $project 'strict' (New-StagedPlaybook @(Get-TwelveStage))
        $run = Invoke-Playbook $project 'strict' @{ MaxConcurrency = 12 }
        $run.Result.Failed | Should -Be 1
        $run.Result.Cancelled | Should -Be 11
        $run.Result.Jobs[5].Status | Should -Be 'Failure'
        @($run.Result.Jobs.Status | Sort-Object -Unique) | Should -Be 'Cancelled', 'Failure'
        $run.ExitCode | Should -Be 1
        $slept.Count | Should -Be 0
    }

    It 'lets all of them run when it is off, in both spellings (<Name>)' -ForEach @(
        @{ Name = 'fail-fast' }
        @{ Name = 'failFast' }
    ) {
        $stage = Get-TwelveStage @{ $Name = $false } @{ sequences = @('0102') }
        $null = Add-Playbook $project 'lenient' (New-StagedPlaybook @($stage))
        $run = Invoke-Playbook $project 'lenient' @{ MaxConcurrency = 4 }
        $run.Result.Completed | Should -Be 11
        $run.Result.Failed | Should -Be 1
        $run.ExitCode | Should -Be 1
        $run = Invoke-Playbook $project 'lenient' @{ MaxConcurrency = 4; ContinueOnError = $true }
        $run.ExitCode | Should -Be 10
    }

    It 'is not triggered by a combination that may fail' {
        $stage = Get-TwelveStage @{} @{ sequences = @('0102'); continueOnError = '${{ matrix.n == 5 }}' }
        $null = Add-Playbook $project 'tolerant' (New-StagedPlaybook @($stage))
        $run = Invoke-Playbook $project 'tolerant' @{ MaxConcurrency = 4 }
        $run.Result.Completed | Should -Be 11
        $run.Result.Jobs[5].Status | Should -Be 'Failure'
        $run.Result.Success | Should -BeTrue
        $run.ExitCode | Should -Be 0
    }

    It 'holds for -Matrix, where -ContinueOnError turns it off' {
        $matrix = @{ n = 0..11 }
        $run = Invoke-Capturing $project { seq 0102 -Matrix $matrix -MaxConcurrency 1 }
        $run.Result.Jobs.Status | Should -Be (@('Success') * 5 + 'Failure' + @('Cancelled') * 6)
        $run.ExitCode | Should -Be 1
        $run = Invoke-Capturing $project { seq 0102 -Matrix $matrix -MaxConcurrency 1 -ContinueOnError }
        $run.Result.Completed | Should -Be 11
        $run.ExitCode | Should -Be 10
    }
}

Describe 'A matrix that cannot be' {
    BeforeAll {
        $project = New-Project @{ '0101_A' = "throw 'must not run'" }
    }

    It 'is refused before anything starts, with the fix: <Title>' -ForEach @(
        @{ Title = 'an unknown name in exclude'; Matrix = @{ os = @('a'); exclude = @(@{ so = 'a' }) }
            Id = 'Matrix.UnknownExclude'; Says = "*'so'*Did you mean 'os'*"
        }
        @{ Title = 'an empty include entry'; Matrix = @{ os = @('a'); include = @(@{}) }
            Id = 'Matrix.EmptyEntry'; Says = "*entry 1 of 'include' is empty*at least one name*"
        }
        @{ Title = 'an empty exclude entry'; Matrix = @{ os = @('a'); exclude = @(@{}) }
            Id = 'Matrix.EmptyEntry'; Says = "*'exclude'*"
        }
        @{ Title = 'nothing left'; Matrix = @{ os = @('a'); exclude = @(@{ os = 'a' }) }
            Id = 'Matrix.NoneLeft'; Says = '*no jobs left*Remove an exclude entry*'
        }
        @{ Title = 'a dimension that is $null'; Matrix = @{ os = $null }
            Id = 'Matrix.NullDimension'; Says = "*'os'*null*@{ os = @('a', 'b') }*"
        }
        @{ Title = 'a dimension without values'; Matrix = @{ os = @() }
            Id = 'Matrix.EmptyDimension'; Says = "*'os'*no values*"
        }
        @{ Title = '257 jobs'; Matrix = @{ n = 1..257 }
            Id = 'Matrix.TooMany'; Says = '*257 jobs*limit is 256*fewer values*'
        }
        @{ Title = '10^12 jobs'; Matrix = & { $t = @{}; foreach ($d in 1..12) { $t["d$d"] = 1..10 }; $t }
            Id = 'Matrix.TooMany'; Says = '*1000000000000 jobs*'
        }
        @{ Title = 'names that differ only in case'
            Matrix = & { $t = [System.Collections.Specialized.OrderedDictionary]::new(); $t.os = @(1); $t.OS = @(2); $t }
            Id = 'Matrix.SameName'; Says = "*'os' and 'OS'*rename one*"
        }
    ) {
        foreach ($command in {
                Invoke-OrchestrationSequence 0101 -Matrix $Matrix
            }, {
                Get-MatrixCombinations -Matrix $Matrix
            }, {
                Expand-MatrixBuilds -Scripts @(@{ Number = '0101' }) -Matrix $Matrix
            }) {
            $run = Invoke-Capturing $project $command
            $run.Error.FullyQualifiedErrorId | Should -BeLike "$Id,*"
            "$($run.Error) $($run.Error.ErrorDetails.RecommendedAction)" | Should -BeLike $Says
            $run.Result | Should -BeNullOrEmpty
        }
    }

    It 'is one value with a warning where a dimension is a text' {
        $other = New-Project @{ '0101_A' = 'param($os) $os' }
        $run = Invoke-Capturing $other { seq 0101 -Matrix @{ os = 'Linux' } }
        $run.Result.Jobs.Output | Should -Be 'Linux'
        "$($run.Warnings)" | Should -BeLike "*'os'*os = @('Linux')*"
    }

    It 'names the place in a playbook' {
        $stage = [ordered]@{ name = 'S'; sequences = @('0101'); strategy = @{ matrix = @{ os = @() } } }
        $null = Add-Playbook $project 'bad' (New-StagedPlaybook @($stage))
        $run = Invoke-Playbook $project 'bad'
        $run.Error.FullyQualifiedErrorId | Should -BeLike 'Matrix.EmptyDimension,*'
        "$($run.Error)" | Should -BeLike '*orchestration.stages*0*matrix*''os''*'
    }
}

Describe 'Matrices of playbooks' {
    BeforeAll {
        $project = New-Project @{ '0101_A' = 'param($os, $n, $word) "$os $n $word".Trim()' }
    }

    It 'are switched off by EnableMatrix false, and then are no variables of the scripts' {
        $stage = @{ name = 'S'; sequences = @('0101'); variables = @{
                EnableMatrix = $false; MatrixDimensions = @{ n = @(1, 2) }; word = 'w'
            }
        }
        $null = Add-Playbook $project 'off' (New-StagedPlaybook @($stage))
        (Invoke-Playbook $project 'off').Result.Jobs.Output | Should -Be 'w'
        $stage.variables.EnableMatrix = $true
        $null = Add-Playbook $project 'on' (New-StagedPlaybook @($stage))
        (Invoke-Playbook $project 'on').Result.Jobs.Output | Should -Be '1 w', '2 w'
    }

    It 'stand in the jobs of a parallel group' {
        $group = [ordered]@{
            name = 'G'
            type = 'parallel-group'
            jobs = @(
                @{ name = 'J'; sequences = @('0101'); variables = @{ MatrixDimensions = @{ n = @(1, 2) } } }
                @{ name = 'K'; sequences = @('0101'); variables = @{ word = 'k' } }
            )
        }
        $null = Add-Playbook $project 'group' (New-StagedPlaybook @($group))
        $run = Invoke-Playbook $project 'group'
        $run.Result.Jobs.Output | Should -Be '1', '2', 'k'
        $run.Result.Jobs.MatrixId | Should -Be 'n=1', 'n=2', $null
    }

    It 'multiply with -Matrix: each combination of the caller is a copy of all of them' {
        $stages = @(
            @{ name = 'S'; sequences = @('0101'); strategy = @{ matrix = @{ n = @(1, 2) } } }
            @{ name = 'T'; sequences = @('0101') }
        )
        $null = Add-Playbook $project 'own' (New-StagedPlaybook $stages)
        $matrix = @{ os = 'a', 'b' }
        $run = Invoke-Playbook $project 'own' @{ Matrix = $matrix; MaxConcurrency = 4 }
        $run.Result.Jobs.MatrixId | Should -Be 'os=a,n=1', 'os=a,n=2', 'os=a', 'os=b,n=1', 'os=b,n=2', 'os=b'
        $run.Result.Jobs.Output | Should -Be 'a 1', 'a 2', 'a', 'b 1', 'b 2', 'b'
        @($run.Result.Jobs | Where-Object { $_.Matrix.os -eq 'a' }) | Should -HaveCount 3
    }
}

Describe 'Expand-MatrixBuilds and Show-MatrixOrchestrationPlan with all a matrix can say' {
    BeforeAll {
        $scripts = @(@{ Number = '0402'; Name = 'a.ps1' })
        $matrix = [ordered]@{
            node    = @([ordered]@{ version = 18 }, [ordered]@{ version = 20 })
            os      = 'Linux', 'Windows'
            exclude = @(@{ os = 'Windows'; node = @{ version = 18 } })
            include = @(@{ os = 'macOS'; arch = 'arm64' }, @{ beta = $true; node = @{ version = 20 } })
        }
        $ids = 'node={"version":18},os=Linux', 'node={"version":20},os=Linux', 'node={"version":20},os=Windows',
        'os=macOS,arch=arm64'
    }

    It 'makes a job a combination, each with values of its own' {
        $jobs = Expand-MatrixBuilds -Scripts ($scripts + @{ Number = '0404' }) -Matrix $matrix
        $jobs | Should -HaveCount 8
        $jobs[0, 2, 4, 6].MatrixId | Should -Be $ids
        $jobs[2].MatrixConfig.beta | Should -BeTrue
        $jobs[6].MatrixConfig.Contains('node') | Should -BeFalse
        $jobs[6].Number | Should -Be '0402-matrix-6'
        $jobs[0].MatrixConfig.node.version = 99
        $jobs[1].MatrixConfig.node.version | Should -Be 18
        $jobs[0].Variables.node.version | Should -Be 18
        $matrix.node[0].version | Should -Be 18
    }

    It 'shows dimensions in their order, nested values as JSON' {
        $lines = @(Show-MatrixOrchestrationPlan $scripts $matrix 6>&1 | ForEach-Object { "$_" })
        $lines | Should -Contain '  node : {"version":18}, {"version":20}'
        $lines | Should -Contain 'Total Combinations: 4'
        $lines[-4..-1] | Should -Be @(foreach ($k in 0..3) { "  [0402-matrix-$k] [$($ids[$k])] a.ps1" })
        $plain = @{ zeta = 1, 2; Alpha = @('x'); mid = @('m') }
        $lines = @(Show-MatrixOrchestrationPlan $scripts $plain 6>&1 | ForEach-Object { "$_" })
        @($lines -match '^  \w+ : ') | Should -Be '  Alpha : x', '  mid : m', '  zeta : 1, 2'
    }
}

Describe 'The order of a matrix' {
    It 'is the same in every process, for ordered, plain and JSON input' {
        $file = Join-Path $TestDrive 'order.ps1'
        [System.IO.File]::WriteAllText($file, @"
. '$(Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')'
`$plain = @{ zeta = 1, 2; alpha = 'a', 'b'; mid = @(@{ y = 1; x = 2 }); nu = @(`$true); include = @(@{ q = 1; p = 2 }) }
`$ordered = [ordered]@{ zeta = 1, 2; alpha = 'a', 'b' }
`$json = '{"zeta": [1, 2], "alpha": ["a", "b"]}' | ConvertFrom-Json
foreach (`$matrix in `$plain, `$ordered, `$json) {
    (Expand-MatrixBuilds -Scripts 402 -Matrix `$matrix).MatrixId
    foreach (`$one in Get-MatrixCombinations `$matrix) { `$one.Keys -join ' ' }
}
"@)
        $first = & (Get-ShellPath) -NoProfile -NonInteractive -File $file
        $first[0] | Should -Be 'alpha=a,mid={"x":2,"y":1},nu=true,zeta=1'
        $first[4] | Should -Be 'alpha mid nu zeta p q'
        $first[8] | Should -Be 'zeta=1,alpha=a'
        $first[16..23] | Should -Be $first[8..15]
        foreach ($again in 1..3) {
            & (Get-ShellPath) -NoProfile -NonInteractive -File $file | Should -Be $first
        }
    }
}
