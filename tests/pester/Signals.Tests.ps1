# Signals that reach a PowerShell while it runs something: a script of its own, and a program with a child.

BeforeDiscovery {
    $withSignals = -not $IsWindows
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    function New-SignalProject {
        # The script tells the numbers of the program and its child once all three are at work, and then sleeps.
        $project = New-Project @{
            '0101_Sleep' = 'param($root)
                $numbers = [System.IO.File]::ReadAllText("$root/numbers").Trim()
                [System.Console]::WriteLine("ready $numbers")
                Start-Sleep -Seconds 3600'
            '0102_After' = '"after"'
        }
        mkfifo (Join-Path $project 'numbers')
        $null = Add-Playbook $project 'signals' @{
            metadata      = @{ name = 'signals'; version = '3.0.0' }
            orchestration = @{
                jobs = [ordered]@{
                    script  = @{ steps = @(, @{ run = '0101'; with = @{ root = $project } }) }
                    program = @{
                        steps = @(, @{
                                shell = 'sh'
                                run   = 'sleep 3600 & echo "$$ $!" > numbers
wait'
                            })
                    }
                }
            }
        }
        $project
    }

    function Start-Session {
        # A PowerShell that reads what to do from its standard input.
        param([string] $Project)

        $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellPath))
        foreach ($argument in '-NoProfile', '-NonInteractive', '-Command', '-') {
            $start.ArgumentList.Add($argument)
        }
        $start.WorkingDirectory = $Project
        # .NET would begin lines with what switches a terminal's keypad.
        $start.Environment['TERM'] = 'dumb'
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [System.Diagnostics.Process]::Start($start)
        $null = $process.StandardError.ReadToEndAsync()
        $process.StandardInput.WriteLine("Import-Module '$((Get-Module AitherZero.Orchestration).Path)'")
        $process.StandardInput.WriteLine(
            'Invoke-OrchestrationSequence -LoadPlaybook signals -Parallel $true -GenerateSummary')
        $process.StandardInput.WriteLine('"left $LASTEXITCODE, $([string]$env:AITHERZERO_NONINTERACTIVE)"')
        $process
    }

    function Read-Line {
        # The first line that is like this.
        param([System.Diagnostics.Process] $Process, [string] $Like)

        while ($null -ne ($line = $Process.StandardOutput.ReadLine())) {
            if ($line -like $Like) {
                return $line
            }
        }
    }

    function Send-Signal {
        param([System.Diagnostics.Process] $Process, [string] $Name)

        # Not the alias of Stop-Process.
        sh -c "kill -s $Name $($Process.Id)"
    }

    function Assert-AllGone {
        # Neither the processes nor any private folder of the run is left, and its record says how it ended.
        param([string] $Project, [string] $Ready)

        foreach ($number in $Ready.Split(' ')[1, 2]) {
            $process = Get-Process -Id $number -ErrorAction Ignore
            if ($process) {
                $process.WaitForExit(10000) | Should -BeTrue
            }
        }
        $run = Invoke-InProject $Project { Get-OrchestrationRun -Id Last }
        $run.Status | Should -Be 'Cancelled'
        $run.Jobs.Status | Should -Be 'Cancelled', 'Cancelled'
        [System.IO.Directory]::GetFiles([System.IO.Path]::GetTempPath()) -match $run.Id | Should -BeNullOrEmpty
        $summaries = @([System.IO.Directory]::GetFiles((Join-Path $Project 'reports' 'orchestration')))
        $summaries | Should -HaveCount 1
        $text = [System.IO.File]::ReadAllText($summaries[0])
        $text | Should -BeLike '*0101*'
        $text | Should -BeLike '*Cancelled*'
    }
}

Describe 'A signal while a script and a program with a child run' -Skip:(-not $withSignals) {
    It 'Ctrl+C ends all of them, and the session goes on' {
        $project = New-SignalProject
        $session = Start-Session $project
        $ready = Read-Line $session 'ready *'
        Send-Signal $session INT
        Read-Line $session 'left *' | Should -Be 'left 130, '
        Assert-AllGone $project $ready
        $session.StandardInput.WriteLine('"second " + (Invoke-OrchestrationSequence 0102 -Quiet).Jobs.Output')
        Read-Line $session 'second *' | Should -Be 'second after'
        $session.StandardInput.Close()
        $session.WaitForExit()
        $session.ExitCode | Should -Be 0
    }

    It '<Name> ends all of them and then the session, as that signal does' -ForEach @(
        @{ Name = 'TERM'; Code = 143 }
        @{ Name = 'HUP'; Code = 129 }
    ) {
        $project = New-SignalProject
        $session = Start-Session $project
        $ready = Read-Line $session 'ready *'
        Send-Signal $session $Name
        Read-Line $session 'left *' | Should -BeNullOrEmpty
        $session.WaitForExit()
        $session.ExitCode | Should -Be $Code
        Assert-AllGone $project $ready
    }

    It 'TERM twice ends the session at once, and its processes with it' {
        $project = New-SignalProject
        $session = Start-Session $project
        $ready = Read-Line $session 'ready *'
        Send-Signal $session TERM
        Send-Signal $session TERM
        $session.WaitForExit()
        $session.ExitCode | Should -Be 143
        foreach ($number in $ready.Split(' ')[1, 2]) {
            $process = Get-Process -Id $number -ErrorAction Ignore
            if ($process) {
                $process.WaitForExit(10000) | Should -BeTrue
            }
        }
    }
}
