BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
}

Describe 'Stages of a playbook' {
    It 'run in the order written, each with its own variables, also a script that two of them name (defect 12)' {
        $trace = New-Trace
        $project = New-Project @{
            '0101_First' = "param(`$word) $($trace.Write)(`"0101 `$word`")"
            '0105_Fifth' = "param(`$word) $($trace.Write)(`"0105 `$word`")"
        }
        $null = Add-Playbook $project 'order' (New-StagedPlaybook @(
                [ordered]@{ name = 'Late'; sequences = @('0105'); variables = @{ word = 'one' } }
                [ordered]@{ name = 'Early'; sequences = @('0101'); variables = @{ word = 'two' } }
                [ordered]@{ name = 'Again'; sequences = @('0105', '0101'); variables = @{ word = 'three' } }
            ))
        $run = Invoke-Playbook $project 'order'

        $run.Error | Should -BeNullOrEmpty
        $trace.Queue.ToArray() | Should -Be '0105 one', '0101 two', '0101 three', '0105 three'
        $run.Result.Jobs.Stage | Should -Be 'Late', 'Early', 'Again', 'Again'
        $run.Result.Jobs.Number | Select-Object -Unique | Should -HaveCount 4
    }

    It 'wait for every script of the stage before, in a stage that is parallel too (defect 12)' {
        $trace = New-Trace
        $name = New-Meeting ([System.Threading.Barrier]::new(2))
        $meet = "if (-not [AppDomain]::CurrentDomain.GetData('$name').SignalAndWait(30000)) { throw 'alone' }"
        $project = New-Project @{
            '0101_One' = "$meet; $($trace.Write)('first')"
            '0102_Two' = "$meet; $($trace.Write)('first')"
            '0103_End' = "$($trace.Write)('second')"
        }
        $null = Add-Playbook $project 'barrier' (New-StagedPlaybook @(
                [ordered]@{ name = 'Together'; sequences = @('0101-0102'); parallel = $true }
                [ordered]@{ name = 'After'; sequences = @('0103') }
            ))
        $run = Invoke-Playbook $project 'barrier' @{ MaxConcurrency = 4 }

        $run.Result.Success | Should -BeTrue
        $trace.Queue.ToArray() | Should -Be 'first', 'first', 'second'
    }

    It 'does not run what its condition excludes, and says why (defect 13)' {
        $project = New-Project @{ '0101_A' = "'a'"; '0102_B' = "'b'" }
        $null = Add-Playbook $project 'conditions' (New-StagedPlaybook @(
                [ordered]@{ name = 'Yes'; sequences = @('0101'); condition = '{{deploy}} == true' }
                [ordered]@{ name = 'No'; sequences = @('0102'); condition = '{{deploy}} == false' }
            ) -Orchestration @{ defaultVariables = @{ deploy = $true } })
        $run = Invoke-Playbook $project 'conditions'

        $run.Result.Jobs.Status | Should -Be 'Success', 'Skipped'
        $run.Result.Jobs[1].Reason | Should -BeLike '*condition*'
        $run.Result.Skipped | Should -Be 1
        $run.ExitCode | Should -Be 0
    }

    It 'looks at the Condition of a header: <Condition> with <Given> is <Status> (defect 13)' -ForEach @(
        @{ Condition = '$Environment -eq ''Production'''; Given = 'Production'; Status = 'Success' }
        @{ Condition = '$Environment -eq ''Production'''; Given = 'Test'; Status = 'Skipped' }
        @{ Condition = 'Environment -ne ''Test'''; Given = 'Test'; Status = 'Skipped' }
        @{ Condition = '$Environment -eq (Get-Date)'; Given = 'Test'; Status = 'Failure' }
        @{ Condition = '$IsWindows -eq $true -and $IsLinux -eq $true'; Given = 'Test'; Status = 'Skipped' }
    ) {
        $project = New-Project @{ '0101_A' = "# Condition: $Condition`n'a'" }
        $given = @{ Environment = $Given }
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -Conditions $given -Quiet }
        $run.Result.Jobs.Status | Should -Be $Status
    }

    It 'fails, and runs nothing, where a condition is code (defect 13)' {
        $trace = New-Trace
        $project = New-Project @{ '0101_A' = "$($trace.Write)('ran')" }
        $null = Add-Playbook $project 'hostile' (New-StagedPlaybook @(
                [ordered]@{ name = 'Evil'; sequences = @('0101'); condition = "`$($($trace.Write)('evil'))" }
            ))
        $run = Invoke-Playbook $project 'hostile'

        $trace.Queue.Count | Should -Be 0
        $run.ExitCode | Should -Be 1
    }

    It 'logs how many stages it has, for one stage too (defect 29)' {
        $project = New-Project @{ '0101_A' = "'a'" }
        $null = Add-Playbook $project 'one' (New-StagedPlaybook -Name 'one' @(@{ name = 'Only'; sequences = @('0101') }))
        $text = (Invoke-Playbook $project 'one').Text -join "`n"

        $text | Should -BeLike '*Loading v2.0 stages-based playbook: one*'
        $text | Should -BeLike '*Loaded 1 stages*'
    }

    It 'logs that a playbook is of the first format' {
        $project = New-Project @{ '0101_A' = "'a'" }
        $null = Add-Playbook $project 'old' @{ name = 'old'; sequence = '0101' }
        (Invoke-Playbook $project 'old').Text -join "`n" | Should -BeLike '*Loading legacy v1 playbook*'
    }

    It 'leaves no variable behind for the next call (defect 22)' {
        $trace = New-Trace
        $project = New-Project @{ '0101_A' = "param(`$word = 'own') $($trace.Write)(`$word)" }
        $null = Add-Playbook $project 'leaky' (New-StagedPlaybook @(
                @{ name = 'Only'; sequences = @('0101'); variables = @{ word = 'stage' } }))
        $mine = @{ other = 1 }
        $null = Invoke-Playbook $project 'leaky' @{ Variables = $mine }
        $null = Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -Variables $mine -Quiet }

        $trace.Queue.ToArray() | Should -Be 'stage', 'own'
        @($mine.Keys) | Should -Be 'other'
    }
}

Describe 'How a playbook run ends' {
    It 'is exit code 1 when nothing is left to run: <Case> (defect 18)' -ForEach @(
        @{ Case = 'no such scripts'; Stages = @(@{ name = 'A'; sequences = @('0999') }) }
        @{ Case = 'no stages'; Stages = @() }
    ) {
        $project = New-Project @{ '0101_A' = "'a'" }
        $null = Add-Playbook $project 'empty' (New-StagedPlaybook $Stages)
        $run = Invoke-Playbook $project 'empty'

        $run.Error.Exception.Message | Should -BeLike '*nothing to run*'
        $run.ExitCode | Should -Be 1
    }

    It 'reports a script that is gone as skipped, with a warning' {
        $project = New-Project @{ '0101_A' = "'a'" }
        $null = Add-Playbook $project 'gone' (New-StagedPlaybook @(@{ name = 'A'; sequences = @('0101', '0410') }))
        $run = Invoke-Playbook $project 'gone'

        $run.Result.Jobs.Where({ $_.Number -eq '0410' }).Status | Should -Be 'Skipped'
        $run.Result.Jobs.Where({ $_.Number -eq '0101' }).Status | Should -Be 'Success'
        $run.Warnings -join ' ' | Should -BeLike '*0410*'
        $run.ExitCode | Should -Be 0
    }

    It 'runs a script again until it succeeds, as often as the stage says (defect 19)' {
        $project = New-Project @{ '0101_Flaky' = @'
$file = Join-Path $PSScriptRoot 'count'
$count = [int](Get-Content $file -ErrorAction Ignore) + 1
Set-Content $file $count
Set-OrchestrationOutput count $count
"attempt $count"
if ($count -lt 3) { throw "not yet: $count" }
'@
        }
        $null = Add-Playbook $project 'retry' (New-StagedPlaybook @(
                @{ name = 'A'; sequences = @('0101'); retries = 3; retryDelay = 0 }))
        $run = Invoke-Playbook $project 'retry'

        $run.Result.Success | Should -BeTrue
        $run.Result.Jobs.Attempts | Should -Be 3
        $run.Result.Jobs.Output | Should -Be 'attempt 3'
        $run.Result.Outputs['0101']['count'] | Should -Be 3
        @($run.Text -like '*Retrying: ?0101? 0101_Flaky.ps1 (attempt *) - not yet: *') | Should -HaveCount 2
    }

    It 'gives up after the last retry (defect 19)' {
        $project = New-Project @{ '0101_Broken' = "throw 'always'" }
        $null = Add-Playbook $project 'retry' (New-StagedPlaybook @(
                @{ name = 'A'; sequences = @('0101'); retries = 1; retryDelay = 0 }))
        $run = Invoke-Playbook $project 'retry'

        $run.Result.Jobs.Status | Should -Be 'Failure'
        $run.Result.Jobs.Attempts | Should -Be 2
        $run.ExitCode | Should -Be 1
    }

    It 'stops a script that takes longer than its stage allows, with exit code 124 (defect 19)' {
        $name = New-Meeting ([System.Threading.ManualResetEventSlim]::new($false))
        $project = New-Project @{
            '0101_Waits' = "while (-not [AppDomain]::CurrentDomain.GetData('$name').Wait(20)) { }"
        }
        $null = Add-Playbook $project 'slow' (New-StagedPlaybook @(@{ name = 'A'; sequences = @('0101'); timeout = 1 }))
        $run = Invoke-Playbook $project 'slow'

        $run.Result.Jobs.Status | Should -Be 'TimedOut'
        $run.ExitCode | Should -Be 124
    }
}

Describe 'Variables of a playbook' {
    BeforeAll {
        $trace = New-Trace
        $project = New-Project @{ '0101_Show' = "param(`$word = 'script') $($trace.Write)(`"`$word`")" }
        $levels = [ordered]@{
            default  = { param($book) $book.orchestration.defaultVariables = @{ word = 'default' } }
            profile  = { param($book) $book.orchestration.profiles.p.variables = @{ word = 'profile' } }
            override = { param($book) $book.orchestration.profiles.p.overrides = @{ word = 'override' } }
            stage    = { param($book) $book.orchestration.stages[0].variables = @{ word = 'stage' } }
            caller   = { param($book, $options) $options.Variables = @{ word = 'caller' } }
            matrix   = { param($book, $options) $options.Matrix = @{ word = @('matrix') } }
        }
    }

    It 'of the level <Upper> hide those of <Lower>' -ForEach @(
        $names = 'default', 'profile', 'override', 'stage', 'caller', 'matrix'
        foreach ($lower in 0..4) {
            foreach ($upper in ($lower + 1)..5) {
                @{ Lower = $names[$lower]; Upper = $names[$upper] }
            }
        }
    ) {
        $book = New-StagedPlaybook @([ordered]@{ name = 'A'; sequences = @('0101') }) -Orchestration @{
            profiles = @{ p = [ordered]@{ description = 'p' } }
        }
        $options = @{ PlaybookProfile = 'p' }
        foreach ($level in $Lower, $Upper) {
            $null = & $levels[$level] $book $options
        }
        $null = Add-Playbook $project 'levels' $book
        $trace.Queue.Clear()
        $run = Invoke-Playbook $project 'levels' $options

        $run.Error | Should -BeNullOrEmpty
        $trace.Queue.ToArray() | Should -Be $Upper
    }

    It 'reach the script also when they are false, 0 or empty' {
        $trace.Queue.Clear()
        $own = New-Project @{
            '0101_Show' = "param(`$a = 1, `$b = 1, `$c = 1) $($trace.Write)(`"`$a|`$b|`$c`")"
        }
        $null = Add-Playbook $own 'false' (New-StagedPlaybook @(
                @{ name = 'A'; sequences = @('0101'); variables = @{ a = $false; b = 0; c = '' } }))
        $null = Invoke-Playbook $own 'false'
        $trace.Queue.ToArray() | Should -Be 'False|0|'
    }

    It 'of an empty stage table leave the others through (defect 14)' {
        $trace.Queue.Clear()
        $null = Add-Playbook $project 'empty' (New-StagedPlaybook @(
                @{ name = 'A'; sequences = @('0101'); variables = @{} }
            ) -Orchestration @{ defaultVariables = @{ word = 'default' } })
        $null = Invoke-Playbook $project 'empty'
        $trace.Queue.ToArray() | Should -Be 'default'
    }

    It 'with templates keep the type of what they name' {
        $trace.Queue.Clear()
        $own = New-Project @{ '0101_Show' = "param(`$list, `$text) $($trace.Write)(`"`$(`$list.Count) `$text`")" }
        $null = Add-Playbook $own 'templates' (New-StagedPlaybook @(
                @{ name = 'A'; sequences = @('0101'); variables = @{ list = '{{names}}'; text = 'v{{n:=7}}' } }
            ) -Orchestration @{ defaultVariables = @{ names = @('a', 'b') } })
        $null = Invoke-Playbook $own 'templates'
        $trace.Queue.ToArray() | Should -Be '2 v7'
    }

    It 'of env are environment variables of the job, and gone after it (defect 14)' {
        $trace.Queue.Clear()
        $variable = "AITHER_TEST_$([guid]::NewGuid().ToString('n'))"
        $own = New-Project @{ '0101_Show' = "$($trace.Write)(`"<`$env:$variable>`")" }
        $null = Add-Playbook $own 'env' (New-JobPlaybook ([ordered]@{
                    a = @{
                        isolation = 'runspace'
                        steps     = @(@{ run = '0101'; env = @{ $variable = 'step' } }, @{ run = '0101' })
                    }
                }))
        [System.Environment]::SetEnvironmentVariable($variable, 'before')
        try {
            $run = Invoke-Playbook $own 'env'
            $run.Error | Should -BeNullOrEmpty
            $trace.Queue.ToArray() | Should -Be '<step>', '<before>'
            [System.Environment]::GetEnvironmentVariable($variable) | Should -Be 'before'
        } finally {
            [System.Environment]::SetEnvironmentVariable($variable, [NullString]::Value)
        }
    }
}

Describe 'Profiles of a playbook (defect 20)' {
    BeforeAll {
        $project = New-Project @{ '0101_A' = "'a'"; '0102_B' = "'b'"; '0402_T' = 'param($profile) "$profile"' }
        $null = Add-Playbook $project 'profiles' (New-StagedPlaybook @(
                [ordered]@{ name = 'Unit'; sequences = @('0101') }
                [ordered]@{ name = 'Security Scan'; sequences = @('0102') }
                [ordered]@{
                    name      = 'Matrix'
                    sequences = @('0402')
                    variables = @{ MatrixDimensions = @{ profile = @('quick', 'full') } }
                }
            ) -Orchestration @{
                profiles = [ordered]@{
                    fast  = @{ excludeStages = @('Security Scan'); overrides = @{ profile = @('quick') } }
                    whole = @{ excludeStages = @() }
                }
            })
    }

    It 'leave out the stages they exclude, and replace the values of a matrix dimension' {
        $run = Invoke-Playbook $project 'profiles' @{ PlaybookProfile = 'fast' }
        $run.Result.Jobs.Stage | Should -Be 'Unit', 'Matrix'
        $run.Result.Jobs[1].MatrixId | Should -Be 'profile=quick'
    }

    It 'run all stages where they exclude none' {
        $run = Invoke-Playbook $project 'profiles' @{ PlaybookProfile = 'WHOLE' }
        $run.Result.Jobs.Stage | Should -Be 'Unit', 'Security Scan', 'Matrix', 'Matrix'
    }

    It 'that do not exist are an error that lists the others, and nothing is started' {
        $run = Invoke-Playbook $project 'profiles' @{ PlaybookProfile = 'nightly' }
        $run.Error.Exception.Message | Should -BeLike 'Invalid playbook profile: nightly. Available profiles: fast, whole*'
        $run.Result | Should -BeNullOrEmpty
        $run.ExitCode | Should -Be 1
    }
}
