BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Save-OrchestrationCache' {
    BeforeAll {
        $root = New-Project @{ '0402_Test' = '"said"' }
        $scripts = @(@{ Number = '0402'; Name = '0402_Test.ps1' })
    }

    It 'keeps a run''s result under the key of its scripts and variables' {
        $variables = @{ profile = 'quick'; token = [securestring]::new() }
        $file = Invoke-InProject $root {
            $manager = Initialize-OrchestrationCache
            $result = Invoke-OrchestrationSequence 0402 -Quiet
            Save-OrchestrationCache $manager $result $scripts $variables
            $key = Get-OrchestrationCacheKey $scripts @{ profile = 'quick'; token = '***' }
            Join-Path $manager.ResultsDir "$key.json"
        }
        $file | Should -Exist
        $stored = [System.IO.File]::ReadAllText($file) | ConvertFrom-Json -AsHashtable
        $stored.Total, $stored.Completed, $stored.Failed | Should -Be 1, 1, 0
        $stored.Duration.TotalSeconds | Should -BeGreaterThan 0
        $stored.Results.Completed['0402'].Output | Should -Be 'said'
        $entry = Invoke-InProject $root { Get-OrchestrationCache }
        $entry.Kind, $entry.Success, $entry.Variables['token'] | Should -Be 'Run', $true, '***'
    }

    It 'is never what a job is replayed from' {
        $result = Invoke-InProject $root { Invoke-OrchestrationSequence 0402 -UseCache -Quiet }
        $result.Cached | Should -Be 0
    }

    It 'warns, and does not fail, where it cannot' {
        $null = [System.IO.File]::WriteAllText((Join-Path $root 'file'), '')
        $caught = Invoke-Capturing $root {
            Save-OrchestrationCache @{ CacheDir = (Join-Path $root 'file/x') } @{ Failed = 0 } $scripts @{}
        }
        $caught.Error | Should -BeNullOrEmpty
        $caught.Warnings | Should -BeLike 'The result was not kept in the cache*'
    }
}
