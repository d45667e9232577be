BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    function Get-Output {
        param([string] $Text)

        $project = New-Project @{ '0101_A' = $Text }
        Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -Quiet }
    }
}

Describe 'Set-OrchestrationOutput' {
    It 'sets <Name>' -ForEach @(
        @{ Name = 'text'; Text = "'a `"b`" ü'"; Value = 'a "b" ü' }
        @{ Name = 'number'; Text = '42'; Value = 42 }
        @{ Name = 'fraction'; Text = '1.5'; Value = 1.5 }
        @{ Name = 'false'; Text = '$false'; Value = $false }
        @{ Name = 'null'; Text = '$null'; Value = $null }
        @{ Name = 'list'; Text = '@(1, "b", $true)'; Value = @(1, 'b', $true) }
    ) {
        $run = Get-Output "Set-OrchestrationOutput -Name it -Value ($Text)"
        $run.Result.Success | Should -BeTrue
        $run.Result.Outputs['0101'].Contains('it') | Should -BeTrue
        $run.Result.Outputs['0101']['it'] | Should -Be $Value
    }

    It 'sets tables and objects, to any depth' {
        $run = Get-Output 'Set-OrchestrationOutput it ([ordered]@{ a = @{ b = [pscustomobject]@{ c = @(1, @{ d = 2 }) } } })'
        $run.Result.Outputs['0101']['it']['a']['b']['c'][1]['d'] | Should -Be 2
    }

    It 'takes the last value of a name' {
        $run = Get-Output "Set-OrchestrationOutput it 1`nSet-OrchestrationOutput it 2"
        $run.Result.Outputs['0101']['it'] | Should -Be 2
    }

    It 'works too in a script that imports the module' {
        $module = (Get-Module AitherZero.Orchestration).ModuleBase
        $run = Get-Output "Import-Module '$module'`nSet-OrchestrationOutput it 1"
        $run.Result.Jobs.Error | Should -BeNullOrEmpty
        $run.Result.Outputs['0101']['it'] | Should -Be 1
    }

    It 'refuses a value without an end' {
        $run = Get-Output "`$table = @{}`n`$table.self = `$table`nSet-OrchestrationOutput it `$table"
        $run.Result.Jobs.Error | Should -BeLike "The output 'it' was not set:*"
        $run.Result.Jobs.Status | Should -Be 'Failure'
    }

    It 'is an error outside a job' {
        { Set-OrchestrationOutput -Name it -Value 1 } | Should -Throw -ErrorId 'Output.NoJob,*'
    }

    It 'leaves nothing registered after a run' {
        # A worker that another test had to leave behind stays registered for as long as its script goes on.
        $registered = { @([System.AppDomain]::CurrentDomain.GetData('AitherZero.Orchestration.Workers').Keys).Count }
        $null = Get-Output "Set-OrchestrationOutput it 1"
        $before = & $registered
        $null = Get-Output "Set-OrchestrationOutput it 2"
        & $registered | Should -Be $before
    }
}
