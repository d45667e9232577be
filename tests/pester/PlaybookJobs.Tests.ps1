BeforeDiscovery {
    $shells = foreach ($shell in 'bash', 'sh', 'cmd', 'python') {
        $program = $shell -eq 'python' ? ('python', 'python3') : $shell
        if (Get-Command $program -CommandType Application -ErrorAction Ignore) {
            @{ Shell = $shell }
        }
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
}

Describe 'Jobs of a v3 playbook (defect 23)' {
    BeforeAll {
        $trace = New-Trace
        $project = New-Project @{
            '0101_Build' = "param(`$word) $($trace.Write)(`"build `$word`")"
            '0102_Test'  = "param(`$word) $($trace.Write)(`"test `$word`")"
            '0103_Fail'  = "throw 'broken'"
            '0104_Make'  = 'Set-OrchestrationOutput -Name version -Value "1.2.0"'
        }
    }

    BeforeEach {
        $trace.Queue.Clear()
    }

    It 'run in the order that needs asks for, not in that of keys or numbers' {
        $null = Add-Playbook $project 'needs' (New-JobPlaybook ([ordered]@{
                    last  = @{ needs = @('first'); steps = @(@{ run = '0101' }) }
                    first = @{ steps = @(@{ run = '0102' }) }
                }))
        $run = Invoke-Playbook $project 'needs'

        $run.Result.Success | Should -BeTrue
        $trace.Queue.ToArray() | Should -Be 'test ', 'build '
        $run.Text -join "`n" | Should -BeLike '*Loading v3.0 jobs-based playbook: jobs*'
    }

    It 'are skipped when a job they need failed, but for those that say if: failure()' {
        $null = Add-Playbook $project 'failing' (New-JobPlaybook ([ordered]@{
                    a       = @{ steps = @(@{ run = '0103' }); continueOnError = $false }
                    b       = @{ needs = @('a'); steps = @(@{ run = '0101' }) }
                    cleanup = @{ needs = @('a'); if = 'failure()'; steps = @(@{ run = '0102' }) }
                }))
        $run = Invoke-Playbook $project 'failing' @{ ContinueOnError = $true }

        $run.Result.Jobs.Status | Should -Be 'Failure', 'Skipped', 'Success'
        $trace.Queue.ToArray() | Should -Be 'test '
        $run.ExitCode | Should -Be 10
    }

    It 'leave out steps whose if does not hold' {
        $null = Add-Playbook $project 'if' (New-JobPlaybook ([ordered]@{
                    a = @{ steps = @(@{ run = '0101'; if = "`${{ mode == 'full' }}" }, @{ run = '0102' }) }
                } ) -Orchestration @{ defaultVariables = @{ mode = 'quick' } })
        $run = Invoke-Playbook $project 'if'
        $run.Result.Jobs.Status | Should -Be 'Skipped', 'Success'
    }

    It 'pass what `with` says to their scripts' {
        $null = Add-Playbook $project 'with' (New-JobPlaybook ([ordered]@{
                    a = @{ steps = @(@{ run = '0101'; with = @{ word = 'given' } }) }
                }))
        $null = Invoke-Playbook $project 'with'
        $trace.Queue.ToArray() | Should -Be 'build given'
    }

    It 'hand outputs on, from step to step and from job to job' {
        $null = Add-Playbook $project 'outputs' (New-JobPlaybook ([ordered]@{
                    make = @{
                        steps   = @(
                            @{ id = 'make'; run = '0104' }
                            @{ run = '0101'; with = @{ word = '${{ steps.make.outputs.version }}' } }
                        )
                        outputs = @{ final = '${{ steps.make.outputs.version }}-final' }
                    }
                    use  = @{
                        needs = @('make')
                        steps = @(@{ run = '0102'; with = @{ word = '${{ needs.make.outputs.final }}' } })
                    }
                }))
        $run = Invoke-Playbook $project 'outputs'

        $run.Result.Success | Should -BeTrue
        $trace.Queue.ToArray() | Should -Be 'build 1.2.0', 'test 1.2.0-final'
        $run.Result.Outputs['0104']['version'] | Should -Be '1.2.0'
    }
}

Describe 'Text of a step (defect 23)' {
    BeforeAll {
        $trace = New-Trace
        $project = New-Project @{ '0101_A' = "'a'" }
        function Invoke-Step {
            param([System.Collections.IDictionary] $Step, [System.Collections.IDictionary] $Options = @{})

            $Step['name'] = $Step['name'] ?? 'My step'
            $null = Add-Playbook $project 'step' (New-JobPlaybook ([ordered]@{ a = @{ steps = @($Step) } }))
            Invoke-Playbook $project 'step' $Options
        }
    }

    BeforeEach {
        $trace.Queue.Clear()
    }

    It 'runs as PowerShell, with its output and its parameters' {
        $run = Invoke-Step @{ script = 'param([switch] $deep, $word) "$deep $word"'; with = @{ deep = 'true'; word = 'w' } }
        $run.Result.Jobs.Output | Should -Be 'True w'
        $run.Result.Jobs.Name | Should -Be 'My step'
    }

    It 'runs a script with an environment as the script is now, in a worker that knew it before' {
        $own = New-Project @{ '0101_Now' = '"first $env:AITHER_TEST_OWN"' }
        $path = Join-Path $own 'automation-scripts' '0101_Now.ps1'
        $step = @{ run = '0101'; env = @{ AITHER_TEST_OWN = '1' }; isolation = 'Runspace' }
        $null = Add-Playbook $own 'now' (New-JobPlaybook ([ordered]@{ a = @{ steps = @($step) } }))
        $plain = { (Invoke-Capturing $own { Invoke-OrchestrationSequence 0101 -Quiet }).Result.Jobs.Output }
        (Invoke-Playbook $own 'now').Result.Jobs.Output | Should -Be 'first 1'
        & $plain | Should -Be 'first '
        [System.IO.File]::WriteAllText($path, '"later $env:AITHER_TEST_OWN"')
        (Invoke-Playbook $own 'now').Result.Jobs.Output | Should -Be 'later 1'
        & $plain | Should -Be 'later '
    }

    It 'may end with exit: <Text> is exit code <Code>' -ForEach @(
        @{ Text = 'exit'; Code = 0 }
        @{ Text = 'exit 0; throw "too far"'; Code = 0 }
        @{ Text = 'function stop { exit 7 }; try { stop } catch { 1 } finally { 2 }; throw "too far"'; Code = 7 }
        @{ Text = '1, 2 | ForEach-Object { if ($_ -eq 2) { exit $_ + 1 } }; throw "too far"'; Code = 3 }
    ) {
        $run = Invoke-Step @{ script = $Text }
        $run.Result.Jobs.ExitCode | Should -Be $Code
        $run.Result.Jobs.Success | Should -Be ($Code -eq 0)
        $run.Result.Jobs.Error | Should -Be ($Code ? "Script exited with code: $Code" : $null)
    }

    It 'that throws names the step and the line' {
        $run = Invoke-Step @{ script = "'one'`nthrow 'two'" }
        $run.Result.Jobs.Error | Should -Be 'two'
        $run.Result.Jobs.ErrorAt | Should -Be 'My step:2'
    }

    It 'with a syntax error is a failure that names the step and the line' {
        $run = Invoke-Step @{ script = "'one'`nif (" }
        $run.Result.Jobs.Status | Should -Be 'Failure'
        $run.Result.Jobs.Error | Should -BeLike 'Syntax error in the text of My step, line 2:*'
    }

    It 'runs in <Shell>, which sees the job''s environment' -ForEach $shells {
        $text = switch ($Shell) {
            'cmd' { 'echo got %AITHER_WORD%' }
            'python' { "import os`nprint('got ' + os.environ['AITHER_WORD'])" }
            default { 'echo "got $AITHER_WORD"' }
        }
        $run = Invoke-Step @{ script = $text; shell = $Shell; env = @{ AITHER_WORD = 'it' } }
        $run.Result.Jobs.Output | Should -Be 'got it'
        $run.Result.Success | Should -BeTrue
    }

    It 'fails with the exit code of <Shell>' -ForEach $shells {
        $text = $Shell -eq 'python' ? "raise SystemExit(3)" : 'exit 3'
        $run = Invoke-Step @{ script = $text; shell = $Shell }
        $run.Result.Jobs.ExitCode | Should -Be 3
        $run.Result.Jobs.Status | Should -Be 'Failure'
    }

    It 'in a shell that is not there fails with its name' {
        $before = $env:PATH
        $env:PATH = [string]$TestDrive
        try {
            $run = Invoke-Step @{ script = '1'; shell = 'python' }
        } finally {
            $env:PATH = $before
        }
        $run.Result.Jobs.Error | Should -Be "My step needs the program 'python', which is not on PATH."
    }

    It 'in an unknown shell fails with the known ones' {
        $run = Invoke-Step @{ script = '1'; shell = 'fish' }
        $problem = $run.Result ? $run.Result.Jobs.Error : $run.Error.Exception.Message
        $problem | Should -BeLike "*fish*pwsh, powershell, bash, sh, cmd*python*"
    }

    It 'runs in its working directory, relative to the project, and the next one does not' {
        $null = [System.IO.Directory]::CreateDirectory((Join-Path $project 'sub [1]'))
        $where = "$($trace.Write)((Get-Location).ProviderPath)"
        $null = Add-Playbook $project 'where' (New-JobPlaybook ([ordered]@{
                    a = @{
                        isolation = 'runspace'
                        steps     = @(@{ script = $where; workingDirectory = 'sub [1]' }, @{ script = "$where; 1" })
                    }
                }))
        $run = Invoke-Playbook $project 'where'
        $run.Result.Success | Should -BeTrue
        $trace.Queue.ToArray() | Should -Be (Join-Path $project 'sub [1]'), $project
    }

    It 'fails where the working directory does not exist' {
        $run = Invoke-Step @{ script = '1'; workingDirectory = 'nowhere' }
        $run.Result.Jobs.Error | Should -BeLike 'The working directory *nowhere does not exist.'
    }
}

Describe 'Environment variables of a job in the session' {
    It 'are put back exactly after success, failure and timeout' {
        $names = 1..3 | ForEach-Object { "AITHER_TEST_$([guid]::NewGuid().ToString('n'))" }
        [System.Environment]::SetEnvironmentVariable($names[0], 'before')
        $meeting = New-Meeting ([System.Threading.ManualResetEventSlim]::new($false))
        $project = New-Project @{
            '0101_Good'  = "`$env:$($names[0])"
            '0102_Bad'   = "throw `$env:$($names[1])"
            '0103_Waits' = "while (-not [AppDomain]::CurrentDomain.GetData('$meeting').Wait(20)) { }"
        }
        $steps = foreach ($index in 0..2) {
            $step = @{ run = "010$($index + 1)"; env = @{ $names[$index] = "own $index" }; isolation = 'Runspace' }
            $step + @{ timeout = 1; continueOnError = $true }
        }
        $null = Add-Playbook $project 'env' (New-JobPlaybook ([ordered]@{ a = @{ steps = @($steps) } }))
        $run = Invoke-Playbook $project 'env'

        $run.Result.Jobs.Status | Should -Be 'Success', 'Failure', 'TimedOut'
        $run.Result.Jobs[0].Output | Should -Be 'own 0'
        $run.Result.Jobs[1].Error | Should -Be 'own 1'
        [System.Environment]::GetEnvironmentVariable($names[0]) | Should -Be 'before'
        [System.Environment]::GetEnvironmentVariables().Contains($names[1]) | Should -BeFalse
        [System.Environment]::GetEnvironmentVariables().Contains($names[2]) | Should -BeFalse
        [System.Environment]::SetEnvironmentVariable($names[0], [NullString]::Value)
    }
}
