# Scripts and programs that do not want to stop.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
}

Describe 'Jobs that are out of time and resist' {
    BeforeAll {
        # What the two of them wait for that nothing but the test can wake.
        $meeting = @{
            Pipe    = [System.IO.Pipes.AnonymousPipeServerStream]::new('In')
            Release = [System.Threading.ManualResetEventSlim]::new($false)
            Left    = [System.Threading.CountdownEvent]::new(2)
        }
        $writer = [System.IO.Pipes.AnonymousPipeClientStream]::new('Out', $meeting.Pipe.ClientSafePipeHandle)
        $name = New-Meeting $meeting
        $find = "`$m = [AppDomain]::CurrentDomain.GetData('$name')`n"
        # .NET cannot stop a thread for its garbage collector under Wine while it calls nothing.
        $turn = $env:WINEPREFIX ? '$null = Get-Command Get-Module' : ''
        $project = New-Project @{
            '0101_Loop'    = "while (`$true) { $turn }"
            '0102_Sleep'   = 'try { Start-Sleep -Seconds 3600 } catch { "caught" }'
            '0103_Wait'    = '[System.Threading.Thread]::Sleep(-1)'
            '0104_Native'  = $find + 'try { $null = $m.Pipe.ReadByte() } finally { $null = $m.Left.Signal() }'
            '0105_Finally' = $find + "try { while (`$true) { $turn } }" + ' finally {
                    $free = $false
                    while (-not $free) { try { $free = $m.Release.Wait(20) } catch { $free = $false } }
                    $null = $m.Left.Signal()
                }'
            '0106_Next'    = '"alive"'
        }
        $jobs = [ordered]@{}
        foreach ($number in '0101', '0102', '0103', '0104', '0105') {
            $jobs["job$number"] = @{ steps = @(, @{ run = $number; timeout = 1 }) }
        }
        $programs = $IsWindows ? @() : @(
            'trap "" INT TERM; echo $$; while :; do :; done'
            'trap "" INT TERM; (trap "" INT TERM; exec sleep 3600) & echo $!; wait'
        )
        foreach ($text in $programs) {
            $jobs["program$($jobs.Count)"] = @{ steps = @(, @{ script = $text; shell = 'sh'; timeout = 1 }) }
        }
        $jobs['next'] = @{ needs = @($jobs.Keys); if = 'always()'; steps = @(, @{ run = '0106' }) }
        $null = Add-Playbook $project 'resist' @{
            metadata      = @{ name = 'resist'; version = '3.0.0' }
            orchestration = @{ failFast = $false; jobs = $jobs }
        }
        InModuleScope AitherZero.Orchestration {
            $script:StopPatienceMs = 2000
            $script:ChildLadder['interrupt'] = $script:ChildLadder['terminate'] = 0.3
        }
        try {
            $run = Invoke-Playbook $project 'resist' @{ MaxConcurrency = 8; Parallel = $true }
        } finally {
            InModuleScope AitherZero.Orchestration {
                $script:StopPatienceMs = 10000
                $script:ChildLadder['interrupt'], $script:ChildLadder['terminate'] = 7.5, 2.5
            }
        }
        $resisting, $next = $run.Result.Jobs[0..($jobs.Count - 2)], $run.Result.Jobs[-1]
    }

    AfterAll {
        $writer.Dispose()
        $meeting.Release.Set()
        # The scripts that were left behind end here, and not in the middle of another test.
        $null = $meeting.Left.Wait(30000)
    }

    It 'are all reported as out of time, and the run ends' {
        $resisting.Count | Should -BeGreaterOrEqual 5
        @($resisting.Status | Sort-Object -Unique) | Should -Be 'TimedOut'
        @($resisting.ExitCode | Sort-Object -Unique) | Should -Be 124
        $resisting[0].Error | Should -BeLike '*ran out of time after 1 s*'
        $run.ExitCode | Should -Be 10
    }

    It 'are left behind only where neither a stop nor an interrupt reaches them, which a warning says' {
        $run.Warnings | Should -HaveCount 2
        @($run.Warnings -like '*0104_Native.ps1*left behind*') | Should -HaveCount 1
        @($run.Warnings -like '*0105_Finally.ps1*left behind*') | Should -HaveCount 1
    }

    It 'cannot go on behind the stop' {
        $resisting[1].Output | Should -BeNullOrEmpty
    }

    It 'leave the next script a worker' {
        $next.Status | Should -Be 'Success'
        $next.Output | Should -Be 'alive'
    }

    It 'are gone with their children, where they are programs' -Skip:$IsWindows {
        foreach ($job in $resisting[5, 6]) {
            $process = Get-Process -Id $job.Output[0] -ErrorAction Ignore
            if ($process) {
                $process.WaitForExit(10000) | Should -BeTrue
            }
        }
    }
}
