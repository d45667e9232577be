# Timeouts, retries, fail-fast and continue-on-error, at every level that may ask for them.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    function New-LevelBook {
        # A playbook of jobs, each a list of steps, with these settings of the whole.
        param([System.Collections.IDictionary] $Jobs, [System.Collections.IDictionary] $Settings = @{})

        $orchestration = [ordered]@{ jobs = $Jobs }
        foreach ($name in $Settings.Keys) {
            $orchestration[$name] = $Settings[$name]
        }
        @{ metadata = @{ name = 'levels'; version = '3.0.0' }; orchestration = $orchestration }
    }

    function Get-StatusText {
        # 'number status' of every job, in plan order.
        param([object] $Run)

        @($Run.Result.Jobs | ForEach-Object { "$($_.Script) $($_.Status)" }) -join ', '
    }

    $project = New-Project @{
        '0101_Good' = '"good"'
        '0102_Slow' = 'Start-Sleep -Seconds 3600'
        '0103_Fail' = '"tried"; throw "broken"'
    }
}

Describe 'A timeout' {
    It 'of a <Level> ends what is too slow with 124' -ForEach @(
        @{ Level = 'step'; Job = @{}; Step = @{ timeout = 1 }; Settings = @{} }
        @{ Level = 'playbook, for each of its steps,'; Job = @{}; Step = @{}; Settings = @{ defaults = @{ timeout = 1 } } }
        @{ Level = 'run'; Job = @{}; Step = @{}; Settings = @{ timeout = 1 } }
    ) {
        $jobs = [ordered]@{ slow = $Job + @{ steps = @(@{ run = '0101' }, (@{ run = '0102' } + $Step)) } }
        $null = Add-Playbook $project 'levels' (New-LevelBook $jobs $Settings)
        $run = Invoke-Playbook $project 'levels'
        Get-StatusText $run | Should -Be '0101 Success, 0102 TimedOut'
        $run.Result.Jobs[1].ExitCode | Should -Be 124
        $run.ExitCode | Should -Be 124
    }

    It 'of a job is for all of its steps together' {
        $steps = @{ run = '0102'; continueOnError = $true }, @{ run = '0102'; if = 'always()'; retries = 3 }
        $null = Add-Playbook $project 'levels' (New-LevelBook @{ slow = @{ timeout = 1; steps = $steps } })
        $run = Invoke-Playbook $project 'levels'
        $run.Result.Jobs.Status | Should -Be 'TimedOut', 'TimedOut'
        $run.Result.Jobs.Attempts | Should -Be 1, 1
        $run.Result.Jobs.Error | Should -BeLike '*slow had 1 s for all of its steps*'
        $run.ExitCode | Should -Be 124
    }

    It 'counts for each attempt, and another attempt follows' {
        $own = New-Project @{ '0101_Slow' = '$file = "$PSScriptRoot/been"
            if (-not [System.IO.File]::Exists($file)) {
                [System.IO.File]::WriteAllText($file, "")
                Start-Sleep -Seconds 3600
            }
            "second"' }
        $jobs = [ordered]@{ slow = @{ steps = @(, @{ run = '0101'; timeout = 1; retries = 1; retryDelay = 0 }) } }
        $null = Add-Playbook $own 'levels' (New-LevelBook $jobs)
        $run = Invoke-Playbook $own 'levels'
        $run.Result.Jobs.Status | Should -Be 'Success'
        $run.Result.Jobs.Attempts | Should -Be 2
        $run.Result.Jobs.Output | Should -Be 'second'
    }
}

Describe 'Retries' {
    It 'leave every attempt in the log' {
        $jobs = [ordered]@{ flaky = @{ steps = @(, @{ run = '0103'; retries = 2; retryDelay = 0 }) } }
        $null = Add-Playbook $project 'levels' (New-LevelBook $jobs)
        $run = Invoke-Playbook $project 'levels'
        $run.Result.Jobs.Attempts | Should -Be 3
        $log = Invoke-InProject $project { @(Get-OrchestrationLog -RunId $run.Result.RunId -Number 0103 -Raw) }
        @($log) -like '*t*' | Should -Be 'tried', 'attempt 2', 'tried', 'attempt 3', 'tried'
    }
}

Describe 'A failure' {
    It '<Case>' -ForEach @(
        @{
            Case = 'skips what needs it and cancels the rest'
            First = @{}; Step = @{}; Settings = @{}
            Statuses = '0103 Failure, 0101 Skipped, 0101 Cancelled'; Code = 1
        }
        @{
            Case = 'of a step that may fail stops nothing and fails nothing'
            First = @{}; Step = @{ continueOnError = $true }; Settings = @{}
            Statuses = '0103 Failure, 0101 Success, 0101 Success'; Code = 0
        }
        @{
            Case = 'in a job that may fail ends no other job and fails nothing'
            First = @{ continueOnError = $true }; Step = @{}; Settings = @{}
            Statuses = '0103 Failure, 0101 *, 0101 Success'; Code = 0
        }
        @{
            Case = 'in a playbook whose failFast is false ends its own job alone'
            First = @{}; Step = @{}; Settings = @{ failFast = $false }
            Statuses = '0103 Failure, 0101 Skipped, 0101 Success'; Code = 10
        }
    ) {
        $jobs = [ordered]@{
            first  = $First + @{ steps = @((@{ run = '0103' } + $Step), @{ run = '0101' }) }
            second = @{ steps = @(, @{ run = '0101' }) }
        }
        $null = Add-Playbook $project 'levels' (New-LevelBook $jobs $Settings)
        $run = Invoke-Playbook $project 'levels' @{ MaxConcurrency = 1 }
        Get-StatusText $run | Should -BeLike $Statuses
        $run.ExitCode | Should -Be $Code
    }

    It 'in a stage <Case>' -ForEach @(
        @{ Case = 'ends the stages behind it'; Stage = @{}; Statuses = '0103 Failure, 0101 Cancelled'; Code = 1 }
        @{
            Case = 'that may fail lets them run'
            Stage = @{ continueOnError = $true }; Statuses = '0103 Failure, 0101 Success'; Code = 0
        }
    ) {
        $null = Add-Playbook $project 'stages' (New-StagedPlaybook @(
                (@{ name = 'A'; sequences = @('0103') } + $Stage), @{ name = 'B'; sequences = @('0101') }))
        $run = Invoke-Playbook $project 'stages'
        Get-StatusText $run | Should -Be $Statuses
        $run.ExitCode | Should -Be $Code
    }

    It 'in a run with -ContinueOnError ends nothing, and the code is 10' {
        $null = Add-Playbook $project 'stages' (New-StagedPlaybook @(
                @{ name = 'A'; sequences = @('0103') }, @{ name = 'B'; sequences = @('0101') }))
        $run = Invoke-Playbook $project 'stages' @{ ContinueOnError = $true }
        Get-StatusText $run | Should -Be '0103 Failure, 0101 Success'
        $run.ExitCode | Should -Be 10
    }
}
