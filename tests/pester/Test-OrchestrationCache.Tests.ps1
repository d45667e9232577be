BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Cache.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
}

Describe 'Test-OrchestrationCache' {
    BeforeAll {
        $project = New-CachedProject
        $quick = @{ profile = 'quick' }
    }

    It 'says that nothing is there yet, and runs nothing' {
        $tests = Invoke-InProject $project.Root { Test-OrchestrationCache 0100-0400 -Variables $quick }
        $tests.Status | Should -Be 'Miss', 'Miss', 'Miss', 'Miss'
        $tests.Number | Should -Be '0100', '0200', '0300', '0400'
        $tests[0].Key | Should -MatchExactly '^[0-9a-f]{64}$'
        Get-RunCount $project | Should -Be ''
    }

    It 'tells hits, and what changed where there is none' {
        Invoke-Cached $project | Should -Be '0100 0200 0300 0400'
        (Invoke-InProject $project.Root { Test-OrchestrationCache 0100-0400 -Variables $quick }).Status |
            Should -Be 'Hit', 'Hit', 'Hit', 'Hit'

        [System.IO.File]::WriteAllText((Join-Path $project.Root 'src/a.txt'), 'edited')
        $tests = Invoke-InProject $project.Root { Test-OrchestrationCache 0100-0400 -Variables $quick }
        $tests.Status | Should -Be 'Miss', 'Miss', 'Hit', 'Miss'
        $tests[0].Changes | Should -Be 'input src/a.txt changed'
        $tests[1].Changes | Should -Be 'dependency 0100 changed'
        [System.IO.File]::WriteAllText((Join-Path $project.Root 'src/a.txt'), 'alpha')

        $changed = Invoke-InProject $project.Root { Test-OrchestrationCache 0300 -Variables @{ profile = 'full' } }
        $changed.Changes | Should -Be 'variable profile: quick → full'
        $typed = Invoke-InProject $project.Root { Test-OrchestrationCache 0300 -Variables @{ profile = 1 } }
        $typed.Changes | Should -Be 'variable profile: "quick" → 1'

        $script = Join-Path $project.Root 'automation-scripts/0300_Read-B.ps1'
        [System.IO.File]::AppendAllText($script, "`n# edited")
        (Invoke-InProject $project.Root { Test-OrchestrationCache 0300 -Variables $quick }).Changes | Should -Be 'script edited'
    }

    It 'says why a job cannot be cached' {
        $root = New-Project @{ '0100_Take' = "# Inputs: ../outside`nparam(`$file)" }
        (Invoke-InProject $root { Test-OrchestrationCache 0100 }).Reason | Should -BeLike '*leaves the project*'
        $live = Invoke-InProject $root { Test-OrchestrationCache 0100 -Variables @{ file = [System.IO.FileInfo]::new('x') } }
        $live.Status | Should -Be 'NotCached'
        $live.Reason | Should -Be "it is given 'file', whose value is no plain data"
    }

    It 'says of a matrix from another job''s outputs that it is known only when it runs' {
        $root = New-Project @{
            '0101_Find'  = "# Inputs: nothing`nSet-OrchestrationOutput -Name os -Value @('Linux', 'Windows')"
            '0102_Build' = "# Inputs: nothing`nparam(`$os)"
            '0103_Last'  = '# Inputs: nothing'
        }
        $strategy = @{ matrix = @{ os = '${{ needs.find.outputs.os }}' } }
        $null = Add-Playbook $root 'spread' (New-JobPlaybook ([ordered]@{
                    find  = [ordered]@{ steps = @([ordered]@{ run = '0101' }) }
                    build = [ordered]@{ needs = @('find'); strategy = $strategy; steps = @([ordered]@{ run = '0102' }) }
                    last  = [ordered]@{ needs = @('build'); steps = @([ordered]@{ run = '0103' }) }
                }))
        $null = Invoke-InProject $root { Invoke-OrchestrationSequence -LoadPlaybook spread -UseCache -Quiet }
        $again = Invoke-InProject $root { Invoke-OrchestrationSequence -LoadPlaybook spread -UseCache -Quiet }
        $again.Cached | Should -Be 4 -Because 'the run itself knows them by then'
        $tests = Invoke-InProject $root { Test-OrchestrationCache -LoadPlaybook spread }
        $tests.Status | Should -Be 'Hit', 'NotCached', 'NotCached'
        $tests[1].Reason | Should -BeLike 'its matrix comes from other jobs*known only when it runs'
        $tests[2].Reason | Should -BeLike 'it needs build-deferred, *not known*'
    }

    It 'refuses what Invoke-OrchestrationSequence refuses' {
        { Invoke-InProject $project.Root { Test-OrchestrationCache 9998 } } | Should -Throw '*9998*'
    }
}
