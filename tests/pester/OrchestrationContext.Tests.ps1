BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
}

Describe '$OrchestrationContext' {
    It 'tells a matrix job its combination, typed, and its place in the matrix' {
        $project = New-Project @{ '0101_Show' = '$OrchestrationContext' }
        $matrix = [ordered]@{ os = 'Linux', 'Windows'; version = 7.4, '7.4'; node = @(@{ flags = @('a', 'b') }) }
        $result = Invoke-InProject $project { seq 0101 -Matrix $matrix -Quiet }

        $seen = $result.Jobs[1].Output[0]
        $seen.PSTypeNames[0] | Should -Be 'AitherZero.Orchestration.Context'
        @($seen.Matrix.Keys) | Should -Be 'os', 'version', 'node'
        $seen.Matrix | Should -BeOfType [System.Collections.Specialized.OrderedDictionary]
        $seen.Matrix.version | Should -BeOfType [string]
        $result.Jobs[0].Output[0].Matrix.version | Should -BeOfType [double]
        $seen.Matrix.node.flags | Should -Be 'a', 'b'
        $seen.MatrixId | Should -Be $result.Jobs[1].MatrixId
        $seen.Number | Should -Be '0101-matrix-1'
        $seen.Name | Should -Be '0101_Show.ps1'
        $seen.Attempt | Should -Be 1
        $seen.RunId | Should -Be $result.RunId
        $seen.Root | Should -Be $project
        $result.Jobs.Output.Strategy.JobIndex | Should -Be 0, 1, 2, 3
        $result.Jobs.Output.Strategy.JobTotal | Should -Be 4, 4, 4, 4
        $seen.Strategy.FailFast | Should -BeTrue
        $seen.Strategy.MaxParallel | Should -Be 4
    }

    It 'tells a step of a playbook its job, step, attempt and the rules of the matrix' {
        $meeting = New-Meeting ([System.Collections.Concurrent.ConcurrentQueue[object]]::new())
        $project = New-Project @{
            '0101_Retry' = "[AppDomain]::CurrentDomain.GetData('$meeting').Enqueue(`$OrchestrationContext)
                if (`$OrchestrationContext.Attempt -lt 2) { throw 'again' }"
        }
        $null = Add-Playbook $project 'place' (New-JobPlaybook ([ordered]@{
                    build = @{
                        name     = 'Build it'
                        strategy = @{ matrix = @{ n = @(1, 2, 3) }; 'fail-fast' = $false; 'max-parallel' = 2 }
                        steps    = @(@{ id = 'make'; run = '0101'; retries = 1 })
                    }
                }))
        $run = Invoke-Playbook $project 'place'

        $run.Result.Success | Should -BeTrue
        $seen = [AppDomain]::CurrentDomain.GetData($meeting).ToArray()
        $seen | Should -HaveCount 6
        @($seen.Attempt | Sort-Object) | Should -Be 1, 1, 1, 2, 2, 2
        $seen[0].Job | Should -Be 'build'
        $seen[0].Stage | Should -Be 'Build it'
        $seen[0].Step | Should -Be 'make'
        $seen[0].Strategy.FailFast | Should -BeFalse
        $seen[0].Strategy.MaxParallel | Should -Be 2
        @($seen.Strategy.JobIndex | Sort-Object -Unique) | Should -Be 0, 1, 2
    }

    It 'is there without a matrix: job 0 of 1, no values' {
        $project = New-Project @{ '0101_Show' = '$OrchestrationContext' }
        $seen = (Invoke-InProject $project { seq 0101 -Variables @{ depth = 3 } -Quiet }).Jobs[0].Output[0]
        $seen.Matrix.Count | Should -Be 0
        $seen.MatrixId | Should -BeNullOrEmpty
        $seen.Strategy.JobIndex | Should -Be 0
        $seen.Strategy.JobTotal | Should -Be 1
        $seen.Job | Should -BeNullOrEmpty
        $seen.Parameters.depth | Should -Be 3
    }

    It 'cannot be written, not even in a function, and is each job''s own' {
        $text = 'function Set-It { try { $OrchestrationContext = 1; "written" } catch { "refused" } }
            try { $OrchestrationContext = 1; "written" } catch { "refused" }
            Set-It; $OrchestrationContext.Matrix.n; $OrchestrationContext.Matrix.n = 99'
        $project = New-Project @{ '0101_A' = $text }
        $matrix = @{ n = 1, 2, 3 }
        $result = Invoke-InProject $project { seq 0101 -Matrix $matrix -MaxConcurrency 1 -Quiet }
        $result.Jobs.Output | Should -Be 'refused', 'refused', 1, 'refused', 'refused', 2, 'refused', 'refused', 3
        $result.Jobs.Matrix.n | Should -Be 1, 2, 3
    }

    It 'is seen by functions of modules' {
        $project = New-Project @{
            '0101_A' = '$m = New-Module { function Get-Mine { $OrchestrationContext.Number } }; & $m { Get-Mine }'
        }
        (Invoke-InProject $project { seq 0101 -Quiet }).Jobs.Output | Should -Be '0101'
    }
}

Describe 'Values of a matrix as parameters' {
    It 'convert to the types that a script declares' {
        $text = 'param([version]$version, [datetime]$when, [DayOfWeek]$day, [switch]$on, [switch]$off, $flag, $number,
                $text, [int[]]$list, $nested)
            "$version|$($when.ToString("yyyy-MM-dd"))|$($day.GetType().Name) $day|$on $off"
            "$($flag.GetType().Name) $($number.GetType().Name) $($text.GetType().Name)"
            "$($list -join "+") $($nested.a.b[1].c)"'
        $project = New-Project @{ '0101_A' = $text }
        $matrix = [ordered]@{
            version = , [version]'7.4.1'
            when    = , [datetime]'2026-01-02'
            day     = , [System.DayOfWeek]::Friday
            on      = , 'true'
            off     = , 'false'
            flag    = , $true
            number  = , 7.4
            text    = , '7.4'
            list    = , @(1, 2)
            nested  = , @{ a = @{ b = @(0, @{ c = 'deep' }) } }
        }
        $result = Invoke-InProject $project { seq 0101 -Matrix $matrix -Quiet }
        $result.Jobs[0].Error | Should -BeNullOrEmpty
        $result.Jobs[0].Output | Should -Be @(
            '7.4.1|2026-01-02|DayOfWeek Friday|True False', 'Boolean Double String', '1+2 deep')
    }
}
