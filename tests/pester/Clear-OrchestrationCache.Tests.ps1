BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Cache.ps1')
}

Describe 'Clear-OrchestrationCache' {
    BeforeEach {
        $project = New-CachedProject
        $null = Invoke-Cached $project
    }

    It 'removes everything, and the next run runs' {
        $done = Invoke-InProject $project.Root { Clear-OrchestrationCache }
        $done.Removed.Count, $done.Kept | Should -Be 4, 0
        $done.Bytes | Should -BeGreaterThan 0
        Invoke-InProject $project.Root { Get-OrchestrationCache } | Should -BeNullOrEmpty
        Invoke-Cached $project | Should -Be '0100 0200 0300 0400'
    }

    It 'removes nothing with -WhatIf' {
        Invoke-InProject $project.Root { Clear-OrchestrationCache -WhatIf } | Should -BeNullOrEmpty
        Invoke-Cached $project | Should -Be ''
    }

    It 'removes the entries that are named, or piped' {
        $entries = Invoke-InProject $project.Root { Get-OrchestrationCache }
        $one = $entries | Where-Object Scripts -Contains '0300_Read-B.ps1'
        (Invoke-InProject $project.Root { $one | Clear-OrchestrationCache }).Removed | Should -Be $one.Key
        Invoke-Cached $project | Should -Be '0300'
        (Invoke-InProject $project.Root { Clear-OrchestrationCache -Key 'no-such-key' }).Removed.Count | Should -Be 0
        Invoke-Cached $project | Should -Be ''
    }

    It 'removes by age and by size' {
        (Invoke-InProject $project.Root { Clear-OrchestrationCache -OlderThan '1.00:00' }).Removed.Count | Should -Be 0
        (Invoke-InProject $project.Root { Clear-OrchestrationCache -MaxSize 1GB }).Removed.Count | Should -Be 0
        (Invoke-InProject $project.Root { Clear-OrchestrationCache -OlderThan '0' }).Removed.Count | Should -Be 4
        $null = Invoke-Cached $project
        (Invoke-InProject $project.Root { Clear-OrchestrationCache -MaxSize 0 }).Kept | Should -Be 0
    }

    It 'has nothing to do where there is no cache' {
        $root = New-Project @{ '0100_A' = '' }
        (Invoke-InProject $root { Clear-OrchestrationCache }).Removed.Count | Should -Be 0
    }
}
