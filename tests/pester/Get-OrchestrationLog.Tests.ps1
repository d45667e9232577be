BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Get-OrchestrationLog' {
    BeforeAll {
        $project = New-Project @{
            '0101_Say'    = '"one"; Write-Warning "two"; Write-Error "three"; Write-Host "four"'
            '0102_Silent' = ''
            '0103_Say'    = '"five"'
        }
        $run = Invoke-InProject $project { Invoke-OrchestrationSequence '0101-0103' -Quiet -MaxConcurrency 1 }
    }

    It 'gives the lines of every job with their streams' {
        $lines = Invoke-InProject $project { Get-OrchestrationLog }

        $lines[0].PSObject.TypeNames[0] | Should -Be 'AitherZero.Orchestration.LogLine'
        $lines.Number | Should -Be '0101', '0101', '0101', '0101', '0103'
        $lines.Stream | Should -Be 'Output', 'Warning', 'Error', 'Information', 'Output'
        $lines.Text | Should -Be 'one', 'two', 'three', 'four', 'five'
    }

    It 'gives the lines of one job, of some streams, as texts' {
        Invoke-InProject $project { Get-OrchestrationLog -RunId $run.RunId -Number 101 -Raw -Stream Warning, Output } |
            Should -Be 'one', 'two'
        Invoke-InProject $project { Get-OrchestrationLog -Number 0102 } | Should -BeNullOrEmpty
    }

    It 'says which job is meant' {
        { Invoke-InProject $project { Get-OrchestrationLog -Number 0105 } } |
            Should -Throw -ErrorId 'Run.UnknownNumber*' -ExpectedMessage '*0105*'
    }

    It 'makes no file for a job that wrote nothing' {
        $folder = Join-Path $project '.orchestration-cache' 'runs' $run.RunId
        @(Get-ChildItem -LiteralPath $folder).Name | Should -Be '0101.log', '0103.log'
    }

    It 'follows a job to its end from another PowerShell' {
        $meeting = [System.Threading.ManualResetEventSlim[]]@(
            [System.Threading.ManualResetEventSlim]::new(), [System.Threading.ManualResetEventSlim]::new())
        $name = New-Meeting $meeting
        $other = New-Project @{
            '0101_Wait' = "'before'; `$m = [AppDomain]::CurrentDomain.GetData('$name'); `$m[0].Set(); `$null = `$m[1].Wait(60000); 'after'"
        }
        $reader = [powershell]::Create([initialsessionstate]::CreateDefault2()).AddScript({
                param($module, $project, $meeting)
                Import-Module $module
                Set-Location -LiteralPath $project
                $null = $meeting[0].Wait(60000)
                Get-OrchestrationLog -Follow -Raw | ForEach-Object {
                    # Only what has come while the script waits lets it go on.
                    $meeting[1].Set()
                    $_
                }
            }).AddArgument((Get-Module AitherZero.Orchestration).Path).AddArgument($other).AddArgument($meeting)
        $handle = $reader.BeginInvoke()
        $null = Invoke-InProject $other { Invoke-OrchestrationSequence '0101' -Quiet }
        $lines = $reader.EndInvoke($handle)
        $reader.Dispose()

        $lines | Should -Be 'before', 'after'
    }
}
