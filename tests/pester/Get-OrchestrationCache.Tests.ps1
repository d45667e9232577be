BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Cache.ps1')
}

Describe 'Get-OrchestrationCache' {
    BeforeAll {
        $project = New-CachedProject
    }

    It 'lists nothing where there is none' {
        Invoke-InProject $project.Root { Get-OrchestrationCache } | Should -BeNullOrEmpty
    }

    It 'lists an entry a job' {
        $null = Invoke-Cached $project
        $entries = @(Invoke-InProject $project.Root { Get-OrchestrationCache })
        $entries.Count | Should -Be 4
        $entries.Scripts | Sort-Object | Should -Be '0100_Read-A.ps1', '0200_Need-A.ps1', '0300_Read-B.ps1', '0400_Read-All.ps1'
        $entries[0].Created | Should -BeOfType [datetime]
        $entries[0].LastUsed | Should -BeOfType [datetime]
        $entries[0].Size | Should -BeGreaterThan 0
        $entries.Success | Should -Be $true, $true, $true, $true
        $entries[0].Variables['profile'] | Should -Be 'quick'
        $one = Invoke-InProject $project.Root { Get-OrchestrationCache -Key "$($entries[0].Key.Substring(0, 9))*" }
        $one.Key | Should -Be $entries[0].Key
    }

    It 'writes metadata that anybody can read, with the names of the original' {
        $file = @([System.IO.Directory]::GetFiles((Join-Path $project.Root '.orchestration-cache/metadata'), '*.meta.json'))[0]
        $metadata = [System.IO.File]::ReadAllText($file) | ConvertFrom-Json
        [System.IO.Path]::GetFileName($file) | Should -Be "$($metadata.CacheKey).meta.json"
        $metadata.Success | Should -BeTrue
        $metadata.Scripts[0].Number | Should -Match '^\d{4}$'
        $metadata.Variables.profile | Should -Be 'quick'
        $metadata.Timestamp | Should -Not -BeNullOrEmpty
        Join-Path $project.Root ".orchestration-cache/results/$($metadata.CacheKey).json" | Should -Exist
    }

    It 'passes over what is damaged' {
        $files = @([System.IO.Directory]::GetFiles((Join-Path $project.Root '.orchestration-cache/metadata'), '*.meta.json'))
        [System.IO.File]::WriteAllText($files[0], '{}')
        @(Invoke-InProject $project.Root { Get-OrchestrationCache }).Count | Should -Be 3
        Invoke-Cached $project | Should -Match '^\d{4}$'
        @(Invoke-InProject $project.Root { Get-OrchestrationCache }).Count | Should -Be 4
    }
}
