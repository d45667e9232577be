BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    # Tests may run in a runspace whose host says nothing of the program.
    $before = $env:AITHER_ORCHESTRATION_PWSH
    $env:AITHER_ORCHESTRATION_PWSH = Get-ShellPath
}

AfterAll {
    $env:AITHER_ORCHESTRATION_PWSH = $before
}

Describe 'A script as a process of its own' {
    BeforeAll {
        # One run for all that a script shows of itself: a PowerShell takes its time to start.
        $project = New-Project -Configuration "@{ Automation = @{ MaxConcurrency = 2 }; Own = 'configured' }" @{
            '0101_Show'  = @'
param([int] $number, [switch] $deep, [datetime] $when, [hashtable] $table, [string[]] $list, $Configuration)
'line ä'
[pscustomobject]@{
    Process = $PID
    Number  = $number
    Deep    = [bool]$deep
    When    = $when
    Table   = "$($table.GetType().Name) $($table['inner']['b'])"
    List    = $list -join '|'
    Own     = $Configuration.Own
    Place   = (Get-Location).ProviderPath
    Job     = $env:AITHER_JOB_NUMBER
    Quiet   = $env:AITHERZERO_NONINTERACTIVE
    Context = "$($OrchestrationContext.Number) $($OrchestrationContext.Attempt)"
}
42
Write-Warning 'careful'
Write-Error 'minor'
Set-OrchestrationOutput -Name word -Value 'wörd'
Set-OrchestrationOutput -Name long -Value ('x' * 100000)
"github=yes" >> $env:GITHUB_OUTPUT
'# Done' >> $env:GITHUB_STEP_SUMMARY
'@
            '0102_Exit'  = "`$global:changed = 1`nexit 7"
            '0103_Throw' = "'before'`nthrow 'broken'"
            '0104_Bad'   = "'one'`nif ("
            '0105_Ends'  = '[System.Environment]::Exit(0)'
            '0106_Bind'  = "param([int] `$number) `$number"
        }
        $run = Invoke-Capturing $project {
            $options = @{ Isolation = 'Process'; ContinueOnError = $true; Verbose = $true; MaxConcurrency = 2 }
            $values = @{
                number = 5
                deep   = 'yes'
                when   = [datetime]'2024-02-03T04:05:06'
                table  = [ordered]@{ inner = @{ b = 'c' } }
                list   = 'a', 'b c'
            }
            Invoke-OrchestrationSequence -Sequence '0101-0105' -Variables $values @options
        }
        $jobs = $run.Result.Jobs
    }

    It 'gets its parameters with their types, as in the session' {
        $shown = $jobs[0].Output[1]
        $shown.Number | Should -Be 5
        $shown.Deep | Should -BeTrue
        $shown.When | Should -Be ([datetime]'2024-02-03T04:05:06')
        $shown.Table | Should -Be 'Hashtable c'
        $shown.List | Should -Be 'a|b c'
        $shown.Own | Should -Be 'configured'
    }

    It 'runs elsewhere, in the caller''s folder, and knows its job' {
        $shown = $jobs[0].Output[1]
        $shown.Process | Should -Not -Be $PID
        $shown.Place | Should -Be $project
        $shown.Job | Should -Be '0101'
        $shown.Quiet | Should -Be 'true'
        $shown.Context | Should -Be '0101 1'
    }

    It 'gives back its output as objects, in their order' {
        $jobs[0].Status | Should -Be 'Success'
        $jobs[0].Output.Count | Should -Be 3
        $jobs[0].Output[0] | Should -Be 'line ä'
        $jobs[0].Output[2] | Should -BeOfType ([int])
    }

    It 'writes its streams into the log while it counts its errors' {
        $jobs[0].ErrorCount | Should -Be 1
        $run.Text -join "`n" | Should -BeLike '*careful*minor*'
    }

    It 'sets outputs by the command and by the file' {
        $outputs = $run.Result.Outputs['0101']
        $outputs['word'] | Should -Be 'wörd'
        $outputs['long'].Length | Should -Be 100000
        $outputs['github'] | Should -Be 'yes'
    }

    It 'fails by an exit code, an exception and a syntax error as in the session' {
        $jobs[1].ExitCode | Should -Be 7
        $jobs[1].Error | Should -Be 'Script exited with code: 7'
        $jobs[2].Error | Should -Be 'broken'
        $jobs[2].ErrorAt | Should -Be '0103_Throw.ps1:2'
        $jobs[2].Output | Should -Be 'before'
        $jobs[3].Error | Should -BeLike 'Syntax error in 0104_Bad.ps1, line 2:*'
    }

    It 'that ends its PowerShell has not done its work' {
        $jobs[4].Status | Should -Be 'Failure'
        $jobs[4].Error | Should -Be 'The script ended the PowerShell it ran in.'
    }

    It 'leaves the session as it was' {
        Get-Variable -Name changed -Scope Global -ErrorAction Ignore | Should -BeNullOrEmpty
        $run.ExitCode | Should -Be 10
    }

    It 'is refused a parameter that cannot be converted, with the script''s name' {
        $bad = Invoke-Capturing $project {
            Invoke-OrchestrationSequence -Sequence '0106' -Variables @{ number = 'many' } -Isolation Process
        }
        $bad.Result.Jobs.Error | Should -BeLike 'Parameters of 0106_Bind.ps1: *number*'
    }
}

Describe 'Isolation' {
    It 'is the session where nobody asks for another' {
        $project = New-Project @{ '0101_A' = '$PID' }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence -Sequence '0101' }
        $run.Result.Jobs.Output | Should -Be $PID
    }

    It 'comes from the configuration' {
        $project = New-Project @{ '0101_A' = '$PID' } -Configuration "@{ Automation = @{ Isolation = 'Process' } }"
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence -Sequence '0101' }
        $run.Result.Jobs.Output | Should -Not -Be $PID
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence -Sequence '0101' -Isolation Runspace }
        $run.Result.Jobs.Output | Should -Be $PID
    }

    It 'that the configuration misspells is an error' {
        $project = New-Project @{ '0101_A' = '1' } -Configuration "@{ Automation = @{ Isolation = 'Container' } }"
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence -Sequence '0101' }
        $run.Error.FullyQualifiedErrorId | Should -BeLike 'Isolation.Unknown*'
        $run.Error.Exception.Message | Should -BeLike '*Container*Runspace or Process*'
    }
}

Describe 'Steps as processes' {
    It 'hand outputs, environment variables and PATH to the steps behind them' {
        # pwsh puts its own folder before all others.
        $project = New-Project @{ '0101_Show' = '
            $first = @($env:PATH.Split([System.IO.Path]::PathSeparator)) -ne $PSHOME
            "$env:AITHER_WORD $env:AITHER_OWN $($first[0])"' }
        $null = Add-Playbook $project 'steps' (New-JobPlaybook ([ordered]@{
                    a = @{
                        steps = @(
                            @{
                                id     = 'set'
                                script = "'made=here' >> `$env:GITHUB_OUTPUT
                                'AITHER_WORD=set' >> `$env:GITHUB_ENV
                                '/first' >> `$env:GITHUB_PATH
                                exit 0"
                            }
                            @{ run = '0101'; env = @{ AITHER_OWN = 'own' } }
                            @{ script = 'param($made) "$made $env:AITHER_WORD"'; with = @{ made = '${{ steps.set.outputs.made }}' } }
                        )
                    }
                }))
        $run = Invoke-Playbook $project 'steps'
        $run.Result.Jobs.Status | Should -Be 'Success', 'Success', 'Success'
        $run.Result.Jobs[1].Output | Should -Be 'set own /first'
        $run.Result.Jobs[2].Output | Should -Be 'here set'
        $env:AITHER_WORD | Should -BeNullOrEmpty
    }

    It 'run side by side with others although they have an environment of their own' {
        $project = New-Project @{ '0101_A' = '1' }
        $null = Add-Playbook $project 'beside' (New-JobPlaybook ([ordered]@{
                    a = @{ steps = @(@{ run = '0101'; env = @{ A = 'b' } }) }
                }))
        $plan = (Invoke-Playbook $project 'beside' @{ DryRun = $true }).Result
        $plan.Jobs.Isolation | Should -Be 'Process'
    }

    It 'are stopped when the pipeline is, do what they have in finally, and the session stays usable' {
        $project = New-Project @{ '0101_Waits' = '1' }
        $sign = Join-Path $project 'pid'
        $null = Add-Playbook $project 'waits' (New-JobPlaybook ([ordered]@{
                    a = @{ steps = @(@{ script = "try { 'waiting' > '$sign'; while (`$true) { [System.Threading.Thread]::Sleep(50) } }" +
                                " finally { 'cleaned up' > '$sign.end' }"; isolation = 'process' }) }
                }))
        $module = (Get-Module AitherZero.Orchestration).Path
        $watcher = [System.IO.FileSystemWatcher]::new($project, 'pid')
        $shell = [powershell]::Create([System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
        $null = $shell.AddScript('param($module, $folder) Import-Module $module; Set-Location -LiteralPath $folder
            Invoke-OrchestrationSequence -LoadPlaybook waits').AddArgument($module).AddArgument($project)
        $call = $shell.BeginInvoke()
        # In steps, since the file may be there before the watcher looks.
        while (-not [System.IO.File]::Exists($sign) -and -not $call.IsCompleted) {
            $null = $watcher.WaitForChanged('Created', 200)
        }
        $call.IsCompleted | Should -BeFalse
        $shell.Stop()
        $call.IsCompleted | Should -BeTrue
        # It was asked before it was ended: SIGINT, or Ctrl+Break on Windows, which Wine does not send.
        if (-not $env:WINEPREFIX) {
            Get-Content -LiteralPath "$sign.end" | Should -Be 'cleaned up'
        }
        $shell.Runspace.SessionStateProxy.GetVariable('LASTEXITCODE') | Should -Be 130
        $shell.Dispose()
        $watcher.Dispose()
    }
}
