BeforeDiscovery {
    # The share of the drive that every Windows has for its administrators.
    $hasShare = $IsWindows -and (Test-Path -LiteralPath '\\localhost\C$')
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'A project on a network share' -Skip:(-not $hasShare) {
    BeforeAll {
        $project = New-Project @{
            '0100_Say'  = 'param($Os)
                Set-OrchestrationOutput -Name said -Value $Os
                [System.IO.File]::WriteAllText((Join-Path $PWD.ProviderPath "said-$Os.txt"), $Os)
                "here: $($PWD.ProviderPath)"'
            '0101_Read' = '# Dependencies: 0100
                param($Os)
                Publish-OrchestrationArtifact -Name "of-$Os" -Path "said-*.txt" | ForEach-Object Files'
        }
        $share = '\\localhost\' + $project.Replace(':', '$')
        $matrix = @{ Os = 'windows', 'linux' }
    }

    It 'runs its scripts there, and keeps what they leave' {
        $run = Invoke-Capturing $share { Invoke-OrchestrationSequence '0100,0101' -Matrix $matrix }
        $run.Result[0].Failed, $run.Result[0].Completed | Should -Be 0, 4
        $log = Invoke-InProject $share { Get-OrchestrationLog -Number 0100-matrix-0 }
        "$log" | Should -BeLike "*here: $share*"
        Invoke-InProject $share { (Get-OrchestrationRun -Last 1).Status } | Should -Be 'Success'
        # By the drive's own name it is the same project.
        Invoke-InProject $project { (Get-OrchestrationRun -Last 1).Id } | Should -Be $run.Result[0].RunId
    }

    It 'takes what has not changed from its cache' {
        $first = Invoke-InProject $share { Invoke-OrchestrationSequence 0100 -Matrix $matrix -UseCache -Quiet }
        $first.Cached, $first.Completed | Should -Be 0, 2
        $second = Invoke-InProject $share { Invoke-OrchestrationSequence 0100 -Matrix $matrix -UseCache -Quiet }
        $second.Cached, $second.Completed | Should -Be 2, 2
        $second.Jobs.Outputs.said | Should -Be 'windows', 'linux'
    }

    It 'gives its artifacts out' {
        $run = Invoke-InProject $share { Invoke-OrchestrationSequence '0100,0101' -Matrix $matrix -Quiet }
        $into = Join-Path $share 'received'
        $artifact = Invoke-InProject $share { Receive-OrchestrationArtifact of-linux -Destination received -RunId $run.RunId }
        $artifact.Files | Should -HaveCount 2
        [System.IO.File]::ReadAllText((Join-Path $into 'said-linux.txt')) | Should -Be 'linux'
    }

    It 'runs scripts in processes of their own' {
        $run = Invoke-InProject $share { Invoke-OrchestrationSequence 0100 -Matrix $matrix -Isolation Process -Quiet }
        $run.Failed, $run.Completed | Should -Be 0, 2
        $run.Jobs.Outputs.said | Should -Be 'windows', 'linux'
    }
}
