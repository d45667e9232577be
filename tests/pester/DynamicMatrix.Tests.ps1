BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    function New-SpreadPlaybook {
        # Job make, then build over a matrix of what make found, then last.
        param([object] $Matrix, [System.Collections.IDictionary] $Strategy = @{})

        $rules = [ordered]@{ matrix = $Matrix }
        foreach ($name in $Strategy.Keys) {
            $rules[$name] = $Strategy[$name]
        }
        New-JobPlaybook ([ordered]@{
                make  = [ordered]@{ steps = @([ordered]@{ id = 'm'; run = '0101' }) }
                build = [ordered]@{
                    name     = 'Build it'
                    needs    = @('make')
                    strategy = $rules
                    steps    = @([ordered]@{ id = 'b'; run = '0102' })
                }
                last  = [ordered]@{
                    needs = @('build')
                    steps = @([ordered]@{ run = '0103'; with = @{ got = '${{ needs.build.outputs.made }}' } })
                }
            })
    }
}

Describe 'A matrix from another job''s outputs' {
    BeforeAll {
        $project = New-Project @{
            '0101_Find'  = 'param($found = @{ os = @("Linux", "Windows"); version = @(7.4) })
                Set-OrchestrationOutput -Name lines -Value $found
                Set-OrchestrationOutput -Name text -Value ($found | ConvertTo-Json -Compress -Depth 9)'
            '0102_Build' = 'param($os, $version)
                Set-OrchestrationOutput -Name made -Value "same"
                "$os $($version.GetType().Name) $($OrchestrationContext.Strategy.JobIndex) of $($OrchestrationContext.Strategy.JobTotal)"'
            '0103_Last'  = 'param($got) "got $got"'
        }
    }

    It 'is expanded when that job has ended (<Matrix>)' -ForEach @(
        @{ Matrix = '${{ fromJSON(needs.make.outputs.text) }}' }
        @{ Matrix = '${{ needs.make.outputs.lines }}' }
        @{ Matrix = @{ os = '${{ needs.make.outputs.lines.os }}'; version = @(7.4) } }
    ) {
        $null = Add-Playbook $project 'spread' (New-SpreadPlaybook $Matrix)
        $run = Invoke-Playbook $project 'spread' @{ MaxConcurrency = 4 }

        $run.Error | Should -BeNullOrEmpty
        $run.Result.Success | Should -BeTrue
        $run.ExitCode | Should -Be 0
        $run.Result.Total | Should -Be 4
        $run.Result.Jobs.Number | Should -Be '0101', '0102-matrix-1', '0102-matrix-3', '0103'
        $run.Result.Jobs[1].Output | Should -Be 'Linux Double 0 of 2'
        $run.Result.Jobs[2].Output | Should -Be 'Windows Double 1 of 2'
        $run.Result.Jobs[3].Output | Should -Be 'got same'
        $run.Result.Jobs[2].Stage | Should -Be 'Build it'
        @($run.Result.Jobs | Where-Object { $_.Matrix.os -eq 'Linux' }) | Should -HaveCount 1
        $run.Text -join "`n" | Should -BeLike '*Expanded: build, 2 combinations, 2 jobs*'
    }

    It 'is shown by a dry run as what it will come from' {
        $null = Add-Playbook $project 'shown' (New-SpreadPlaybook '${{ fromJSON(needs.make.outputs.text) }}')
        $run = Invoke-Playbook $project 'shown' @{ DryRun = $true }
        $run.Result.Jobs.Number | Should -Be '0101', 'build-deferred', '0103'
        $run.Result.Jobs[1].Deferred.matrix | Should -Be '${{ fromJSON(needs.make.outputs.text) }}'
        $run.Result.Jobs[0].Deferred | Should -BeNullOrEmpty
        $run.Text -join "`n" | Should -BeLike '*Known only in the run: matrix = ${{ fromJSON(needs.make.outputs.text) }}*'
    }

    It 'fails its job with the fix when it is no matrix (<Found>)' -ForEach @(
        @{ Found = 'Linux'; Says = '*build*''Linux''*fromJSON*' }
        @{ Found = @{ os = @() }; Says = '*build*''os'' of the matrix has no values*at least one value*' }
        @{ Found = @{ n = 1..257 }; Says = '*build*257 jobs*limit is 256*' }
        @{ Found = @{ os = @('a'); exclude = @(@{ sos = 'a' }) }; Says = '*build*''sos''*Did you mean ''os''*' }
    ) {
        $null = Add-Playbook $project 'bad' (New-SpreadPlaybook '${{ needs.make.outputs.lines }}')
        $run = Invoke-Playbook $project 'bad' @{ Variables = @{ found = $Found } }
        $run.ExitCode | Should -Be 1
        $run.Result.Jobs.Status | Should -Be 'Success', 'Failure', 'Skipped'
        $run.Result.Jobs[1].Number | Should -Be 'build-deferred'
        $run.Result.Jobs[1].Error | Should -BeLike $Says
        @($run.Result.Results.Failed.Keys) | Should -Be 'build-deferred'
    }

    It 'obeys fail-fast and max-parallel, and merges outputs with a warning where they differ' {
        $text = 'param($n) Set-OrchestrationOutput -Name made -Value "of $n"; if ($n -eq 1) { throw "broken" }'
        $other = New-Project @{
            '0101_Find'  = 'Set-OrchestrationOutput -Name lines -Value @{ n = 1..4 }'
            '0102_Build' = $text
            '0103_Last'  = 'param($got) "got $got"'
        }
        $strict = New-SpreadPlaybook '${{ needs.make.outputs.lines }}' @{ 'max-parallel' = 1 }
        $null = Add-Playbook $other 'strict' $strict
        $run = Invoke-Playbook $other 'strict' @{ MaxConcurrency = 4 }
        $run.Result.Jobs.Status | Should -Be 'Success', 'Failure', 'Cancelled', 'Cancelled', 'Cancelled', 'Skipped'
        $run.ExitCode | Should -Be 1

        $strict.orchestration.jobs.build.strategy['fail-fast'] = $false
        $strict.orchestration.jobs.build['continue-on-error'] = '${{ matrix.n == 1 }}'
        $null = Add-Playbook $other 'lenient' $strict
        $run = Invoke-Playbook $other 'lenient' @{ MaxConcurrency = 4 }
        $run.Result.Jobs.Status | Should -Be 'Success', 'Failure', 'Success', 'Success', 'Success', 'Success'
        $run.Result.Jobs[5].Output | Should -Be 'got of 4'
        $run.ExitCode | Should -Be 0
        @($run.Warnings -like '*combinations of build*''made'' is that of n=4*') | Should -HaveCount 1
    }

    It 'is cut down to the execution profile like the rest' {
        $configuration = '@{ Automation = @{ Profiles = @{ Minimal = @{ Scripts = @("0101", "0103") } } } }'
        [System.IO.File]::WriteAllText((Join-Path $project 'config.psd1'), $configuration)
        $null = Add-Playbook $project 'profile' (New-SpreadPlaybook '${{ needs.make.outputs.lines }}')
        $run = Invoke-Playbook $project 'profile' @{ ExecutionProfile = 'Minimal' }
        $run.Error | Should -BeNullOrEmpty
        $run.Result.Jobs[1].Status | Should -Be 'Skipped'
        $run.Result.Jobs[1].Reason | Should -BeLike '*execution profile*'
    }
}

Describe 'Other values from another job''s outputs' {
    It 'are passed to used playbooks, environment and inline text' {
        $project = New-Project @{
            '0101_Find' = 'Set-OrchestrationOutput -Name version -Value "1.2"'
            '0102_Use'  = 'param($version) "uses $version"'
            '0103_Env'  = '"env $env:AITHER_TEST_VERSION"'
        }
        $deploy = New-JobPlaybook @{
            inner = @{ steps = @(@{ run = '0102'; with = @{ version = '${{ inputs.version }}' } }) }
        } -Name 'deploy'
        $deploy['inputs'] = @{ version = @{ type = 'string'; required = $true } }
        $null = Add-Playbook $project 'deploy' $deploy
        $version = '${{ needs.find.outputs.version }}'
        $null = Add-Playbook $project 'main' (New-JobPlaybook ([ordered]@{
                    find   = @{ steps = @(@{ run = '0101' }) }
                    deploy = @{ needs = @('find'); uses = 'deploy'; with = @{ version = $version } }
                    own    = @{
                        needs = @('find')
                        steps = @(
                            @{ run = '0103'; env = @{ AITHER_TEST_VERSION = "v$version" } }
                            @{ name = 'inline'; shell = 'pwsh'; script = "'text $version'" }
                        )
                    }
                }))
        $run = Invoke-Playbook $project 'main'
        $run.Error | Should -BeNullOrEmpty
        $run.Result.Success | Should -BeTrue
        $run.Result.Jobs.Output | Should -Be 'uses 1.2', 'env v1.2', 'text 1.2'
    }
}

Describe 'A run with a matrix from outputs that is resumed' {
    It 'runs again only the combinations that have not succeeded or have changed, and what needs them' {
        # A file each, since combinations run side by side.
        $write = '[System.IO.File]::WriteAllText((Join-Path $PSScriptRoot "seen-$([guid]::NewGuid())"), "{0}")'
        $project = New-Project @{
            '0101_Find'  = 'param($os = @("Linux", "Windows", "macOS"))
                Set-OrchestrationOutput -Name lines -Value @{ os = $os }' + "`n" + ($write -f 'find')
            '0102_Build' = 'param($os)' + "`n" + ($write -f '$os') + '
                if ($os -eq "Windows" -and -not (Test-Path (Join-Path $PSScriptRoot "ready"))) { throw "not yet" }
                Set-OrchestrationOutput -Name made -Value "same"'
            '0103_Last'  = 'param($got) "got $got"' + "`n" + ($write -f 'last')
        }
        $null = Add-Playbook $project 'spread' (
            New-SpreadPlaybook '${{ needs.make.outputs.lines }}' @{ failFast = $false })
        $scripts = Join-Path $project 'automation-scripts'
        $ran = {
            $seen = foreach ($path in [System.IO.Directory]::GetFiles($scripts, 'seen-*')) {
                [System.IO.File]::ReadAllText($path)
                [System.IO.File]::Delete($path)
            }
            if ($seen) {
                ($seen | Sort-Object) -join ' '
            }
        }
        (Invoke-Playbook $project 'spread').ExitCode | Should -Be 1
        & $ran | Should -Be 'find Linux macOS Windows'
        [System.IO.File]::WriteAllText((Join-Path $scripts 'ready'), '')

        $second = Invoke-Capturing $project { Invoke-OrchestrationSequence -Resume Last }
        $second.ExitCode | Should -Be 0
        & $ran | Should -Be 'last Windows'
        $second.Result.Jobs.Status | Should -Be (@('Success') * 5)
        @($second.Result.Jobs.Reason -like 'done by the run *') | Should -HaveCount 3
        $second.Result.Jobs[-1].Output | Should -Be 'got same'

        (Invoke-Capturing $project { Invoke-OrchestrationSequence -Resume Last }).ExitCode | Should -Be 0
        & $ran | Should -BeNullOrEmpty

        $build = Join-Path $scripts '0102_Build.ps1'
        [System.IO.File]::AppendAllText($build, "`n# changed")
        (Invoke-Capturing $project { Invoke-OrchestrationSequence -Resume Last }).ExitCode | Should -Be 0
        & $ran | Should -Be 'last Linux macOS Windows'
    }
}
