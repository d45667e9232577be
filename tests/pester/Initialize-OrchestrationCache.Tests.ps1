BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Initialize-OrchestrationCache' {
    It 'makes the folders and tells them' {
        $root = New-Project @{ '0100_A' = '' }
        $manager = Invoke-InProject $root { Initialize-OrchestrationCache @{} }
        $manager | Should -BeOfType [hashtable]
        $manager.Enabled | Should -BeTrue
        $manager.CacheDir | Should -Be (Join-Path $root '.orchestration-cache')
        $manager.ResultsDir, $manager.ArtifactsDir, $manager.MetadataDir | Should -Exist
    }

    It 'makes nothing with -WhatIf' {
        $root = New-Project @{ '0100_A' = '' }
        $null = Invoke-InProject $root { Initialize-OrchestrationCache -WhatIf }
        Join-Path $root '.orchestration-cache' | Should -Not -Exist
    }
}
