BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    function Format-Line {
        param([System.Collections.IDictionary] $Fact, [hashtable] $Style = @{ Unicode = $true; Color = $true }, [string] $MatrixId)

        $job = @{ number = '0402'; name = '0402_Test.ps1'; matrixId = $MatrixId }
        InModuleScope AitherZero.Orchestration -Parameters @{ Fact = $Fact; Job = $job; Style = $Style } {
            param($Fact, $Job, $Style)
            Format-JobLine -Fact $Fact -Job $Job -Style $Style
        }
    }
}

Describe 'The line of a job that has ended' {
    It 'shows <Status> as <Mark>, in ASCII as <Word>' -ForEach @(
        @{ Status = 'Success'; Cached = $false; Mark = '✓'; Word = 'ok'; Color = 'Green' }
        @{ Status = 'Success'; Cached = $true; Mark = '↻'; Word = 'cached'; Color = 'Cyan' }
        @{ Status = 'Failure'; Cached = $false; Mark = '✗'; Word = 'FAILED'; Color = 'Red' }
        @{ Status = 'TimedOut'; Cached = $false; Mark = '✗'; Word = 'FAILED'; Color = 'Red' }
        @{ Status = 'Skipped'; Cached = $false; Mark = '⊘'; Word = 'skipped'; Color = 'DarkGray' }
        @{ Status = 'Cancelled'; Cached = $false; Mark = '⊘'; Word = 'cancelled'; Color = 'DarkGray' }
    ) {
        $fact = @{ status = $Status; cached = $Cached; durationMs = 1234.5 }
        $line = Format-Line $fact
        $line.Text | Should -BeLike "$Mark ``[0402``] 0402_Test.ps1*"
        $line.Color | Should -Be $Color
        $plain = Format-Line $fact @{ Unicode = $false; Color = $false }
        $plain.Text | Should -BeLike "$Word ``[0402``] 0402_Test.ps1*"
        $plain.Text | Should -Not -Match '[^\x20-\x7e]'
        $plain.Color | Should -BeNullOrEmpty
    }

    It 'has the combination, the duration, and why it failed and where' {
        $fact = @{ status = 'Failure'; durationMs = 1234.5; error = @{ message = 'no luck'; at = 'x.ps1:7' } }
        (Format-Line $fact -MatrixId 'os=a').Text | Should -Be '✗ [0402] 0402_Test.ps1 (os=a)  1.23 s  no luck (x.ps1:7)'
    }

    It 'calls a job with a secret in its name or combination as the library does' {
        InModuleScope AitherZero.Orchestration {
            function Write-Told {
                [CmdletBinding()]
                param([hashtable] $Fact)

                $plan = @{ jobs = @(@{ number = '0402'; name = 'push as abc123'; matrixId = 'token=abc123' }) }
                $style = @{ Terminal = $true; Unicode = $true; Color = $false }
                $log = @{ Cmdlet = $PSCmdlet; Style = $style; Quiet = $false; Custom = $null; ShowOutput = $false }
                Write-RunEvent -Fact $Fact -Plan $plan -Log $log
            }
            $fact = @{ kind = 'JobFinished'; job = 0; status = 'Success'; durationMs = 1000; errors = 0 }
            $null = Write-Told $fact -InformationVariable own 6>&1
            "$own" | Should -Match 'abc123.*abc123'
            $fact['shownAs'] = @{ name = 'push as ***'; matrixId = 'token=***' }
            $null = Write-Told $fact -InformationVariable masked 6>&1
            "$masked" | Should -Match '✓ \[0402\] push as \*\*\* \(token=\*\*\*\)  1.00 s'
            $fact = @{ kind = 'JobStarted'; job = 0; attempt = 1; shownAs = $fact['shownAs'] }
            "$(Write-Told $fact -Verbose 4>&1)" | Should -Be 'Starting: [0402] push as ***'
        }
    }
}

Describe 'Progress' {
    BeforeAll {
        function New-Progress {
            # A run of four jobs, two at once; what happened so far.
            param([object[]] $Facts, [hashtable] $Known = @{}, [long] $Now = 0)

            InModuleScope AitherZero.Orchestration -Parameters @{ Facts = $Facts; Known = $Known; Now = $Now } {
                param($Facts, $Known, $Now)
                $plan = @{ maxConcurrency = 2; jobs = @(0..3 | ForEach-Object { @{ number = "040$_"; matrixId = $_ ? $null : 'os=a' } }) }
                $log = @{ Style = @{ Terminal = $true }; Quiet = $false }
                $progress = New-RunProgress -Plan $plan -Log $log -Known $Known
                # Nothing is drawn before it is due, so the facts can be taken in without a host.
                $progress.Due = [long]::MaxValue
                Update-RunProgress -Progress $progress -Facts $Facts -Log $log
                foreach ($position in @($progress.Running.Keys)) {
                    $progress.Running[$position] = 0
                }
                New-ProgressRecord -Progress $progress -Now $Now
            }
        }
    }

    It 'tells what is done, what failed and what runs' {
        $record = New-Progress @(
            @{ kind = 'JobStarted'; job = 0 }
            @{ kind = 'JobStarted'; job = 1 }
            @{ kind = 'JobFinished'; job = 1; status = 'Failure'; durationMs = 2000 }
            @{ kind = 'JobStarted'; job = 2 }
        )
        $record.StatusDescription | Should -Be '1 of 4 done, 1 failed: 0400 os=a, 0402'
        $record.PercentComplete | Should -Be 25
    }

    It 'shows no secret of a combination' {
        $started = @{ kind = 'JobStarted'; job = 0; shownAs = @{ name = '0400'; matrixId = 'os=***' } }
        (New-Progress @($started)).StatusDescription | Should -Be '0 of 4 done: 0400 os=***'
    }

    It 'estimates by earlier durations, as many side by side as may be' {
        $known = @{ '0400|os=a' = 10000; '0401|' = 4000; '0402|' = 4000; '0403|' = 4000 }
        (New-Progress @() $known).SecondsRemaining | Should -Be 11
        (New-Progress @(@{ kind = 'JobStarted'; job = 0 }) $known 9000).SecondsRemaining | Should -Be 7
    }

    It 'estimates by this run''s own durations where there are no earlier ones, and not out of nothing' {
        (New-Progress @()).SecondsRemaining | Should -Be -1
        (New-Progress @(@{ kind = 'JobFinished'; job = 0; status = 'Success'; durationMs = 3000 })).SecondsRemaining | Should -Be 5
    }
}
