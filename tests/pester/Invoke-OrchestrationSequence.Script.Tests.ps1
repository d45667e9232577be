BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    function Invoke-One {
        # Runs one script with variables and gives its job.
        param([string] $Text, [hashtable] $Variables = @{}, [hashtable] $Options = @{})

        $project = New-Project @{ '0101_Probe' = $Text }
        (Invoke-InProject $project { Invoke-OrchestrationSequence 0101 -Variables $Variables @Options 6>$null }).Jobs[0]
    }
}

Describe 'Parameters' {
    It 'passes <Title>' -ForEach @(
        @{ Title = '$false over a default of $true'; Declares = '[bool]$p = $true'; Value = $false; Sees = '[Boolean] False' }
        @{ Title = '0 over a default of 5'; Declares = '[int]$p = 5'; Value = 0; Sees = '[Int32] 0' }
        @{ Title = 'an empty string over a default'; Declares = '$p = "x"'; Value = ''; Sees = '[String] ' }
        @{ Title = 'an empty array over a default'; Declares = '$p = @(1)'; Value = @(); Sees = '[Object[]] ' }
        @{ Title = 'an array of one as array'; Declares = '$p'; Value = @('a'); Sees = '[Object[]] a' }
        @{ Title = '"7.4" as text'; Declares = '$p'; Value = '7.4'; Sees = '[String] 7.4' }
        @{ Title = '7.4 as number'; Declares = '$p'; Value = 7.4; Sees = '[Double] 7.4' }
        @{ Title = '1.0 as number with a point'; Declares = '$p'; Value = 1.0; Sees = '[Double] 1' }
        @{ Title = 'a number in a string to [int]'; Declares = '[int]$p'; Value = '12'; Sees = '[Int32] 12' }
        @{ Title = '"true" to a switch'; Declares = '[switch]$p'; Value = 'true'; Sees = '[SwitchParameter] True' }
        @{ Title = '"No" to a switch'; Declares = '[switch]$p'; Value = 'No'; Sees = '[SwitchParameter] False' }
        @{ Title = '"0" to a bool'; Declares = '[bool]$p = $true'; Value = '0'; Sees = '[Boolean] False' }
        @{ Title = '"YES" to a bool'; Declares = '[bool]$p'; Value = 'YES'; Sees = '[Boolean] True' }
        @{ Title = '1 to a switch'; Declares = '[switch]$p'; Value = 1; Sees = '[SwitchParameter] True' }
        @{ Title = '$null to a string'; Declares = '[string]$p = "x"'; Value = $null; Sees = '[String] ' }
        @{ Title = 'not $null to a number'; Declares = '[int]$p = 5'; Value = $null; Sees = '[Int32] 5' }
        @{ Title = 'not $null to what forbids it'; Declares = '[ValidateNotNull()]$p = "x"'; Value = $null; Sees = '[String] x' }
        @{ Title = 'a hashtable as hashtable'; Declares = '[hashtable]$p'; Value = @{ A = 1 }; Sees = '[Hashtable] 1'; Get = '$p["a"]' }
        @{ Title = 'a date as date'; Declares = '$p'; Value = [datetime]'2025-01-02'; Sees = '[DateTime] 2025'; Get = '$p.Year' }
        @{ Title = 'a version as it is'; Declares = '$p'; Value = [version]'1.2.3'; Sees = '[Version] 1.2.3' }
    ) {
        $text = "param($Declares) `"[`$(`$p.GetType().Name)] `$($($Get ?? '$p'))`""
        $job = Invoke-One $text @{ P = $Value; NotDeclared = 'ignored' }
        $job.Error | Should -BeNullOrEmpty
        $job.Output | Should -BeExactly $Sees
    }

    It 'fails a script whose switch gets a word that is no truth value' {
        $job = Invoke-One 'param([switch]$p) "never"' @{ p = 'maybe' }
        $job.Status | Should -Be 'Failure'
        $job.Error | Should -BeLike 'Parameters of 0101_Probe.ps1: *p*'
    }

    It 'turns on -Verbose of an advanced script by a variable, and only there' {
        $body = 'param() Write-Verbose "detail" 4>&1 | ForEach-Object { "seen: $_" }'
        (Invoke-One "[CmdletBinding()] $body" @{ verbose = $true }).Output | Should -Be 'seen: detail'
        (Invoke-One $body @{ verbose = $true }).Output | Should -BeNullOrEmpty
    }

    It 'passes live objects: a credential, a secure string, a script block' {
        $secret = [securestring]::new()
        $secret.AppendChar('x')
        $variables = @{ user = [pscredential]::new('me', $secret); secret = $secret; action = { 6 * 7 }; nested = @{ s = $secret } }
        $text = 'param([pscredential]$user, [securestring]$secret, [scriptblock]$action, $nested)
            "$($user.UserName) $($secret.Length) $(& $action) $($nested.s.Length)"'
        (Invoke-One $text $variables).Output | Should -Be 'me 1 42 1'
    }

    It 'gives the configuration to a script that declares it, each a copy of its own' {
        $text = 'param([hashtable]$Configuration) "$($Configuration.Automation.Mark)"
            $Configuration.Automation.Mark = "spoilt"; $Configuration.Clear()'
        $project = New-Project @{ '0101_A' = $text; '0102_B' = $text }
        $configuration = @{ Automation = @{ Mark = 'clean'; MaxConcurrency = 1 } }
        $result = Invoke-InProject $project { Invoke-OrchestrationSequence '01*' -Configuration $configuration -Quiet }
        $result.Jobs.Output | Should -Be 'clean', 'clean'
        $configuration.Automation.Mark | Should -Be 'clean'
        @($configuration.Keys) | Should -Be 'Automation'
    }

    It 'reads the configuration of a file, relative to PowerShell''s location' {
        $project = New-Project @{ '0101_A' = 'param($Configuration) "$($Configuration.Core.Name)"' }
        [System.IO.File]::WriteAllText((Join-Path $project 'own.psd1'), "@{ Core = @{ Name = 'from file' } }")
        (Invoke-InProject $project { seq 0101 -Configuration own.psd1 -Quiet }).Jobs.Output | Should -Be 'from file'
    }

    It 'puts matrix values over variables of the same name, in whatever case' {
        $project = New-Project @{ '0101_A' = 'param($Level, $Other) "$Level $Other $($Level.GetType().Name)"' }
        $result = Invoke-InProject $project {
            seq 0101 -Matrix @{ level = 1, 2 } -Variables @{ LEVEL = 'mine'; other = 'x' } -Quiet
        }
        $result.Jobs.Output | Should -Be '1 x Int32', '2 x Int32'
    }

    It 'passes matrix values $false and 0, and tables' {
        $project = New-Project @{ '0101_A' = 'param([bool]$on = $true, [int]$n = 5, [hashtable]$t) "$on $n $($t["KEY"])"' }
        $matrix = [ordered]@{ on = $true, $false; n = @(0); t = @(@{ key = 'v' }) }
        $result = Invoke-InProject $project { seq 0101 -Matrix $matrix -Quiet }
        $result.Jobs.Output | Should -Be 'True 0 v', 'False 0 v'
    }
}

Describe 'Isolation' {
    It 'runs a script as it is now, however little of it changed since the last run' {
        $project = New-Project @{ '0101_Probe' = "param([int] `$a = 1)`n`$a" }
        $path = Join-Path $project 'automation-scripts' '0101_Probe.ps1'
        $run = { (Invoke-InProject $project { Invoke-OrchestrationSequence 0101 -Quiet -Variables @{ b = 7 } }).Jobs[0] }
        $written = [System.IO.File]::GetLastWriteTimeUtc($path)
        (& $run).Output | Should -Be 1
        (& $run).Output | Should -Be 1
        [System.IO.File]::WriteAllText($path, "param([int] `$b = 2)`n`$b")
        # As long as before, and as old.
        [System.IO.File]::SetLastWriteTimeUtc($path, $written)
        (& $run).Output | Should -Be 7
        [System.IO.File]::WriteAllText($path, '{')
        (& $run).Error | Should -BeLike 'Syntax error in 0101_Probe.ps1*'
        [System.IO.File]::WriteAllText($path, '"whole"')
        (& $run).Output | Should -Be 'whole'
    }

    It 'does not take an empty script for one that was gone when it was to run' {
        $gone = '[System.IO.File]::Delete((Join-Path $PSScriptRoot "0102_Empty.ps1"))'
        $project = New-Project ([ordered]@{ '0101_Take' = $gone; '0102_Empty' = '' })
        $first = Invoke-InProject $project {
            Invoke-OrchestrationSequence '*' -Quiet -Parallel $false -ContinueOnError
        }
        $first.Jobs[1].Error | Should -BeLike 'Cannot read 0102_Empty.ps1*is gone'
        [System.IO.File]::WriteAllText((Join-Path $project 'automation-scripts' '0102_Empty.ps1'), '')
        (Invoke-InProject $project { Invoke-OrchestrationSequence 0102 -Quiet }).Jobs.Status | Should -Be 'Success'
    }

    It 'never changes the caller''s tables' {
        $list = @('a', 'b')
        $variables = @{ table = @{ inner = @{ x = 1 } }; list = $list }
        $matrix = [ordered]@{ cell = @(@{ y = 1 }) }
        $text = 'param([hashtable]$table, $list, $cell)
            $table.inner.x = 99; $table.new = 1; $list[0] = "changed"; $cell.y = 99'
        $project = New-Project @{ '0101_A' = $text }
        $result = Invoke-InProject $project { seq 0101 -Variables $variables -Matrix $matrix -Quiet }
        $result.Jobs[0].Error | Should -BeNullOrEmpty
        $variables.table.inner.x | Should -Be 1
        $variables.table.ContainsKey('new') | Should -BeFalse
        $list | Should -Be 'a', 'b'
        $matrix.cell[0].y | Should -Be 1
        $variables.Count | Should -Be 2
    }

    It 'gives each job its own copy of a table' {
        $text = 'param($shared) $shared.count++; $shared.count'
        $project = New-Project @{ '0101_A' = $text; '0102_B' = $text; '0103_C' = $text }
        $result = Invoke-InProject $project { seq '01*' -Variables @{ shared = @{ count = 0 } } -MaxConcurrency 1 -Quiet }
        $result.Jobs.Output | Should -Be 1, 1, 1
    }

    It 'shows a script nothing of the worker, and starts each at the caller''s location with fresh preferences' {
        $leak = 'Set-Location /; $global:ErrorActionPreference = "Stop"; $global:VerbosePreference = "Continue"; Write-Error x -ErrorAction Continue'
        $look = '"$(Get-Location)|$ErrorActionPreference|$VerbosePreference|$($Error.Count)|" +
            (@(foreach ($name in "native", "run", "slot", "shared", "job", "splat", "outputs", "known", "buffer", "id", "path") {
                if ($null -ne $ExecutionContext.SessionState.PSVariable.GetValue($name)) { $name } }) -join ",")'
        $project = New-Project @{ '0101_Leak' = $leak; '0102_Look' = $look }
        $result = Invoke-InProject $project { seq '01*' -Parallel $false -Quiet }
        $result.Jobs[1].Output | Should -Be "$project|Continue|SilentlyContinue|0|"
    }

    It 'sets AITHERZERO_NONINTERACTIVE while a run goes on, and puts it back' {
        $before = $env:AITHERZERO_NONINTERACTIVE
        try {
            $env:AITHERZERO_NONINTERACTIVE = 'mine'
            (Invoke-One '$env:AITHERZERO_NONINTERACTIVE').Output | Should -Be 'true'
            $env:AITHERZERO_NONINTERACTIVE | Should -Be 'mine'
            $env:AITHERZERO_NONINTERACTIVE = $null
            $null = Invoke-One '1'
            $env:AITHERZERO_NONINTERACTIVE | Should -BeNullOrEmpty
        } finally {
            $env:AITHERZERO_NONINTERACTIVE = $before
        }
    }
}

Describe 'Bad scripts' {
    BeforeAll {
        $project = New-Project @{
            '0101_Syntax'     = "'fine'`nfunction {"
            '0102_Exit7'      = '"before"; exit 7'
            '0103_Throw'      = "'one'`n'two'`nthrow 'broken on purpose'"
            '0104_ErrorsOnly' = "Write-Error 'first'`nWrite-Error 'second'`n'still here'"
            '0105_Mandatory'  = 'param([Parameter(Mandatory)][string]$Name) "never"'
            '0106_Requires'   = "#Requires -Modules No.Such.Module.Here`n'never'"
            '0107_Break'      = '"before"; break; "after"'
            '0108_Good'       = '"good"'
        }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence '01*' -ContinueOnError -MaxConcurrency 2 }
        $log = $run.Text -join "`n"
    }

    It 'reports <Number> as <Status>, exit code <Code>, with one clear message' -ForEach @(
        @{ Number = '0101'; Status = 'Failure'; Code = 1; Says = 'Syntax error in 0101_Syntax.ps1, line 2: *' }
        @{ Number = '0102'; Status = 'Failure'; Code = 7; Says = 'Script exited with code: 7' }
        @{ Number = '0103'; Status = 'Failure'; Code = 1; Says = 'broken on purpose' }
        @{ Number = '0105'; Status = 'Failure'; Code = 1; Says = 'Parameters of 0105_Mandatory.ps1: *Name*' }
        @{ Number = '0106'; Status = 'Failure'; Code = 1; Says = '*0106_Requires.ps1*No.Such.Module.Here*' }
    ) {
        $job = $run.Result.Jobs | Where-Object Number -EQ $Number
        $job.Status | Should -Be $Status
        $job.ExitCode | Should -Be $Code
        $job.Error | Should -BeLike $Says
        $log | Should -BeLike "*Failed: ``[$Number``] $($job.Name) - $Says*"
    }

    It 'leaves the other jobs'' results intact' {
        $run.Result.Jobs[7].Output | Should -Be 'good'
        $run.Result.Jobs[1].Output | Should -Be 'before'
        $run.Result.Jobs[2].Output | Should -Be 'one', 'two'
        $run.Result.Completed | Should -Be 3
        $run.Result.Failed | Should -Be 5
        $run.ExitCode | Should -Be 10
    }

    It 'counts and shows errors that do not end a script, without failing it' {
        $job = $run.Result.Jobs[3]
        $job.Status | Should -Be 'Success'
        $job.ErrorCount | Should -Be 2
        $job.Output | Should -Be 'still here'
        $log | Should -BeLike '*Completed: `[0104`] 0104_ErrorsOnly.ps1 (Duration: *2 errors shown)*'
    }

    It 'takes a stray break as the script''s end, not as the worker''s' {
        $run.Result.Jobs[6].Status | Should -Be 'Success'
        $run.Result.Jobs[6].Output | Should -Be 'before'
    }

    It 'names file and line of an error, and shows the last lines before it' {
        $run.Result.Jobs[2].ErrorAt | Should -Be '0103_Throw.ps1:3'
        $log | Should -BeLike "*broken on purpose (0103_Throw.ps1:3)`n    one`n    two*"
    }

    It 'gives every entry of Results the same shape, whatever happened' {
        $shape = 'Attempts', 'Cached', 'Duration', 'Error', 'ExitCode', 'Output', 'Status', 'Success'
        foreach ($table in $run.Result.Results.Completed, $run.Result.Results.Failed) {
            foreach ($entry in $table.Values) {
                $entry.Keys | Sort-Object | Should -Be $shape
                $entry.Duration | Should -BeOfType [timespan]
            }
        }
    }
}

Describe 'Output' {
    It 'keeps live objects, and mixes nothing into the result' {
        $text = '[pscustomobject]@{ A = 1 }; Write-Host "host"; Write-Warning "careful"; [datetime]"2025-01-01"; $null; 5'
        $project = New-Project @{ '0101_Out' = $text }
        $all = @(Invoke-InProject $project { Invoke-OrchestrationSequence 0101 6>$null })
        $all | Should -HaveCount 1
        $output = $all[0].Jobs[0].Output
        $output[0].A | Should -Be 1
        $output[1] | Should -BeOfType [datetime]
        $output[-1] | Should -Be 5
    }

    It 'shows what jobs write with -Verbose' {
        $project = New-Project @{ '0101_Out' = "'plain'; Write-Host -NoNewline 'half '; Write-Host 'line'; Write-Warning 'careful'" }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -Verbose }
        foreach ($line in 'Starting: [0101] 0101_Out.ps1', '[0101] plain', '[0101] half line', '[0101] careful') {
            $run.Text | Should -Contain $line
        }
    }

    It 'says nothing but warnings and errors with -Quiet' {
        $project = New-Project @{ '0101_Good' = '"x"'; '0102_Bad' = 'throw "y"' }
        (Invoke-Capturing $project { seq 0101 -Quiet }).Text | Should -BeNullOrEmpty
        (Invoke-Capturing $project { seq 0102 -Quiet }).Text -join "`n" | Should -BeLike '*Failed: `[0102`]*'
    }

    It 'writes to AitherZero''s log where that is loaded' {
        $project = New-Project @{ '0101_Good' = '"x"' }
        $global:aitherTestLog = [System.Collections.Generic.List[object]]::new()
        function global:Write-CustomLog {
            param([string] $Message, [string] $Level, [string] $Source)
            $global:aitherTestLog.Add(@($Message, $Level, $Source))
        }
        try {
            $run = Invoke-Capturing $project { seq 0101 }
            $run.Text | Should -BeNullOrEmpty
            $global:aitherTestLog[0] | Should -Be '[Orchestration] Resolved to 1 scripts: 0101', 'Information', 'OrchestrationEngine'
            $global:aitherTestLog[1][0] | Should -BeLike '`[Orchestration`] Completed: `[0101`] 0101_Good.ps1 (Duration: *s)'
        } finally {
            Remove-Item -Path Function:\Write-CustomLog
            Remove-Variable -Name aitherTestLog -Scope Global
        }
    }
}
