BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    $trace = New-Trace
    $project = New-Project @{
        '0101_A'    = "# Description: The first`n$($trace.Write)('0101')"
        '0102_B'    = "# Condition: `$ready`n# Dependencies: 0101`n$($trace.Write)('0102')"
        '0103_Fail' = "throw 'broken'"
        '0104_Post' = "param(`$word, `$format) $($trace.Write)(`"post `$word `$format`")`n'said'"
    }
    function Get-HostText {
        param($Run)

        @($Run.Text | Where-Object { $_ -notlike '*`[ORCH`]*' })
    }
}

Describe 'A playbook that is only looked at (defect 21)' {
    BeforeAll {
        $null = Add-Playbook $project 'plan' (New-StagedPlaybook @(
                [ordered]@{ name = 'Zulu'; sequences = @('0101'); condition = '{{go}} == true' }
                [ordered]@{ name = 'Alpha'; sequences = @('0102', '0410') }
            ) -Orchestration @{ defaultVariables = @{ go = $true } } -Document @{
                notifications = @{ onStart = @{ message = 'begins'; channels = @('console') } }
                postActions   = @(@{ type = 'display'; message = 'over' })
            })
    }

    It 'under <Switch> starts nothing and sends nothing' -ForEach @(@{ Switch = 'WhatIf' }, @{ Switch = 'DryRun' }) {
        $trace.Queue.Clear()
        $options = @{ $Switch = $true }
        $run = Invoke-Playbook $project 'plan' $options

        $run.Result[0].PSTypeNames[0] | Should -Be 'AitherZero.Orchestration.Plan'
        $run.Result.Jobs.Stage | Select-Object -Unique | Should -Be 'Zulu', 'Alpha'
        $run.Result.Stages.Name | Should -Be 'Zulu', 'Alpha'
        $trace.Queue.Count | Should -Be 0
        $run.Text -join "`n" | Should -Not -BeLike '*begins*'
        $run.Text -join "`n" | Should -Not -BeLike '*over*'
        $run.ExitCode | Should -Be 0
    }

    It 'is shown by its stages, in its order, with their conditions' {
        $text = Get-HostText (Invoke-Playbook $project 'plan' @{ DryRun = $true })
        $text = @($text | Where-Object { $_ -notlike '*0410*' })
        $text | Should -Be @(
            '', 'Orchestration Plan:', '==================='
            '', 'Stage: Zulu', '  Condition: {{go}} == true', '  [0101] 0101_A.ps1 - The first'
            '', 'Stage: Alpha', '  [0102] 0102_B.ps1', '       Dependencies: 0101', '       Condition: $ready'
            '', 'Total scripts: 3')
    }

    It 'asks first under -Confirm, and does not run when told no' {
        $trace.Queue.Clear()
        $run = Invoke-Capturing $project {
            $ConfirmPreference = 'None'
            Invoke-OrchestrationSequence -LoadPlaybook plan -Interactive -WhatIf
        }
        $trace.Queue.Count | Should -Be 0
        $run.ExitCode | Should -Be 0
    }
}

Describe 'Conditions of a playbook as a whole' {
    BeforeAll {
        $notifications = @{
            onStart   = @{ message = 'begins {{playbook}} {{scriptCount}}'; channels = @('console') }
            onSuccess = @{ message = 'good {{completed}} {{unknown}}'; level = 'Success'; channels = @('console') }
            onWarning = @{ message = 'hm: {{reason}}'; level = 'Warning'; channels = @('console') }
            onFailure = @{ message = 'bad: {{error}}'; level = 'Error'; channels = @('console') }
        }
        function Invoke-Conditional {
            param($Validation, [string] $Script = '0101', [hashtable] $Options = @{})

            $null = Add-Playbook $project 'conditional' (New-StagedPlaybook -Name 'conditional' @(
                    @{ name = 'A'; sequences = @($Script) }
                ) -Orchestration @{ defaultVariables = @{ ready = $true } } -Document @{
                    validation = $Validation; notifications = $notifications
                })
            $trace.Queue.Clear()
            Invoke-Playbook $project 'conditional' $Options
        }
    }

    It 'let it run when they hold' {
        $run = Invoke-Conditional @{
            preConditions  = @(@{ name = 'ready'; condition = '$ready -eq $true'; message = 'not ready' })
            postConditions = @(@{ name = 'all'; condition = '$Completed -eq 1'; message = 'not all' })
        }
        $run.Result.Success | Should -BeTrue
        Get-HostText $run | Should -Be 'begins conditional 1', 'good 1 {{unknown}}'
    }

    It 'stop it before the start when one does not: all are looked at, each is an error in the log' {
        $run = Invoke-Conditional @{
            preConditions = @(
                @{ name = 'one'; condition = '{{ready}} == false'; message = 'first message' }
                @{ name = 'two'; condition = 'Remove-Item x'; message = 'second message' }
            )
        }
        $run.Error.Exception.Message | Should -Be 'Pre-condition validation failed. Aborting execution.'
        $trace.Queue.Count | Should -Be 0
        $text = $run.Text -join "`n"
        $text | Should -BeLike '*first message*'
        $text | Should -BeLike '*second message*'
        Get-HostText $run | Should -Be 'bad: Pre-condition validation failed'
        $run.ExitCode | Should -Be 1
    }

    It 'see what the caller and -Conditions say' {
        $options = @{ Variables = @{ ready = $false }; Conditions = @{ Environment = 'CI' } }
        $run = Invoke-Conditional @{
            preConditions = @(@{ name = 'x'; condition = '$ready -eq $false -and $Environment -eq ''CI'''; message = 'm' })
        } -Options $options
        $run.Result.Success | Should -BeTrue
    }

    It 'warn afterwards when a post-condition does not hold; the run still succeeds' {
        $run = Invoke-Conditional @{
            postConditions = @(@{ name = 'x'; condition = '$Completed -gt 5'; message = 'too few' })
        }
        $run.Result.Success | Should -BeTrue
        $run.Text -join "`n" | Should -BeLike '*too few*'
        Get-HostText $run | Should -Be @(
            'begins conditional 1', 'hm: Post-condition validation failed', 'good 1 {{unknown}}')
    }

    It 'send onFailure, and not onSuccess, when a script fails' {
        $run = Invoke-Conditional @{} -Script '0103'
        $run.ExitCode | Should -Be 1
        Get-HostText $run | Should -Be 'begins conditional 1', 'bad: [0103] broken'
    }
}

Describe 'Notifications of a playbook' {
    It 'of level <Level> over <Channels> do not break the run (defect 27)' -ForEach @(
        @{ Level = 'Success'; Channels = @('console', 'log', 'github') }
        @{ Level = $null; Channels = @('log') }
        @{ Level = 'Success'; Channels = $null }
    ) {
        $message = @{ message = 'well done' }
        if ($Level) {
            $message.level = $Level
        }
        if ($Channels) {
            $message.channels = $Channels
        }
        $null = Add-Playbook $project 'level' (New-StagedPlaybook @(@{ name = 'A'; sequences = @('0101') }) -Document @{
                notifications = @{ onSuccess = $message }
            })
        $run = Invoke-Playbook $project 'level'

        $run.Error | Should -BeNullOrEmpty
        $run.Result.Success | Should -BeTrue
        $run.Text -join "`n" | Should -BeLike '*well done*'
    }
}

Describe 'Requirements of a playbook (defect 26)' {
    BeforeAll {
        $null = Add-Playbook $project 'needy' (New-StagedPlaybook @(@{ name = 'A'; sequences = @('0101') }) -Document @{
                requirements = @{
                    minimumPowerShellVersion = '99.1'
                    requiredModules          = @('NoSuch.Module')
                    requiredTools            = @('no-such-tool')
                    platforms                = @('Plan9')
                }
            })
    }

    It 'that are not met are one warning each, and the run goes on' {
        $run = Invoke-Playbook $project 'needy'
        foreach ($text in '*PowerShell 99.1*', '*module NoSuch.Module*', '*program no-such-tool*', '*for Plan9*') {
            @($run.Warnings -like $text) | Should -HaveCount 1
        }
        $run.Result.Success | Should -BeTrue
    }

    It 'are one error that lists them all under -Strict, and nothing starts' {
        $trace.Queue.Clear()
        $run = Invoke-Playbook $project 'needy' @{ Strict = $true }
        $run.Error.FullyQualifiedErrorId | Should -Be 'Playbook.RequirementsUnmet,Invoke-OrchestrationSequence'
        foreach ($text in '*PowerShell 99.1*', '*NoSuch.Module*', '*no-such-tool*', '*Plan9*') {
            $run.Error.Exception.Message | Should -BeLike $text
        }
        $trace.Queue.Count | Should -Be 0
    }

    It 'that are met say nothing' {
        $here = $IsWindows ? 'Windows' : ($IsMacOS ? 'macOS' : 'Linux')
        $null = Add-Playbook $project 'content' (New-StagedPlaybook @(@{ name = 'A'; sequences = @('0101') }) -Document @{
                requirements = @{
                    minimumPowerShellVersion = '7.0'
                    requiredModules          = @('AitherZero.Orchestration')
                    platforms                = @($here, 'Plan9')
                }
            })
        (Invoke-Playbook $project 'content' @{ Strict = $true }).Warnings | Should -BeNullOrEmpty
    }
}

Describe 'Post-actions of a playbook (defect 26)' {
    BeforeAll {
        function Invoke-Post {
            param([object[]] $Actions, [string] $Script = '0101')

            $null = Add-Playbook $project 'post' @{
                name        = 'post'
                variables   = @{ where = 'reports'; word = 'own' }
                stages      = @(@{ name = 'A'; sequence = @($Script) })
                postActions = $Actions
            }
            $trace.Queue.Clear()
            Invoke-Playbook $project 'post' @{ Verbose = $true }
        }
    }

    It 'display a text' {
        $run = Invoke-Post @(@{ type = 'display'; message = 'see {{where}}/{{file:=index.html}}' })
        $run.Text | Should -Contain 'see reports/index.html'
        $run.Result.Success | Should -BeTrue
    }

    It 'run a script with the playbook''s variables and its own values, and show what it writes' {
        $run = Invoke-Post @(@{ type = 'script'; command = '0104'; parameters = @{ format = 'All' } })
        $trace.Queue.ToArray() | Should -Be '0101', 'post own All'
        $run.Text | Should -Contain 'said'
        $run.Result.Total | Should -Be 1
    }

    It 'run a text' {
        $run = Invoke-Post @(@{ type = 'script'; inline = "'from the text'" })
        $run.Text | Should -Contain 'from the text'
    }

    It 'that fail are a warning and do not change the result' {
        $run = Invoke-Post @(@{ type = 'script'; command = '0103'; description = 'Breaks' })
        $run.Warnings | Should -Contain "Post-action 'Breaks' failed."
        $run.Result.Success | Should -BeTrue
        $run.ExitCode | Should -Be 0
    }

    It 'open no file where nobody is there, or where there is none' {
        $run = Invoke-Post @(@{ type = 'openFile'; path = '{{where}}/none.html' })
        $run.Text -join "`n" | Should -BeLike '*Not opened*none.html*'
    }

    It 'with the condition <Condition> are done: <Done>' -ForEach @(
        @{ Condition = 'success'; Script = '0101'; Done = $true }
        @{ Condition = 'success'; Script = '0103'; Done = $false }
        @{ Condition = 'failure'; Script = '0103'; Done = $true }
        @{ Condition = 'always'; Script = '0103'; Done = $true }
        @{ Condition = '{{word}} == other'; Script = '0101'; Done = $false }
        @{ Condition = '$Completed -eq 1'; Script = '0101'; Done = $true }
    ) {
        $run = Invoke-Post @(@{ type = 'display'; message = 'done it'; condition = $Condition }) -Script $Script
        ($run.Text -contains 'done it') | Should -Be $Done
    }
}
