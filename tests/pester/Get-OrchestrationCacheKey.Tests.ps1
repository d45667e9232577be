BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Get-OrchestrationCacheKey' {
    It 'is 64 lower-case hexadecimal digits' {
        Get-OrchestrationCacheKey -Scripts @(@{ Number = '0402'; Name = 'test.ps1' }) -Variables @{ profile = 'quick' } |
            Should -MatchExactly '^[0-9a-f]{64}$'
    }

    It 'takes tables, objects and plain numbers alike' {
        $expected = Get-OrchestrationCacheKey @(@{ Number = '0402' }) @{}
        Get-OrchestrationCacheKey @([pscustomobject]@{ Number = '0402' }) @{} | Should -Be $expected
        Get-OrchestrationCacheKey '0402' @{} | Should -Be $expected
        Get-OrchestrationCacheKey 402 | Should -Be $expected
    }

    It 'does not depend on the order of a table''s keys, nor on the process' {
        $variables = @{ zeta = 1; alpha = 'a'; mid = $true; nested = @{ y = 1; x = 2 } }
        $ordered = [ordered]@{ nested = [ordered]@{ x = 2; y = 1 }; mid = $true; zeta = 1; alpha = 'a' }
        $key = Get-OrchestrationCacheKey '0402' $variables
        Get-OrchestrationCacheKey '0402' $ordered | Should -Be $key

        $file = Join-Path $TestDrive 'other.ps1'
        [System.IO.File]::WriteAllText($file, ". '$(Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')'
            Get-OrchestrationCacheKey '0402' @{ zeta = 1; alpha = 'a'; mid = `$true; nested = @{ y = 1; x = 2 } }")
        & (Get-ShellPath) -NoProfile -NonInteractive -File $file | Should -Be $key
    }

    It 'differs for <Title>' -ForEach @(
        @{ Title = '1 and "1"'; One = @{ v = 1 }; Other = @{ v = '1' } }
        @{ Title = '1 and 1.0'; One = @{ v = 1 }; Other = @{ v = 1.0 } }
        @{ Title = '$true and "true"'; One = @{ v = $true }; Other = @{ v = 'true' } }
        @{ Title = '$null and ""'; One = @{ v = $null }; Other = @{ v = '' } }
        @{ Title = 'a list and its element'; One = @{ v = @(1) }; Other = @{ v = 1 } }
    ) {
        Get-OrchestrationCacheKey '0402' $One | Should -Not -Be (Get-OrchestrationCacheKey '0402' $Other)
    }

    It 'differs for other scripts, and when a script''s file changes' {
        Get-OrchestrationCacheKey '0402' | Should -Not -Be (Get-OrchestrationCacheKey '0403')
        $file = Join-Path $TestDrive '0402_Test.ps1'
        [System.IO.File]::WriteAllText($file, '1')
        $script = @{ Number = '0402'; Name = '0402_Test.ps1'; Path = $file }
        $before = Get-OrchestrationCacheKey @($script)
        Get-OrchestrationCacheKey @($script) | Should -Be $before
        [System.IO.File]::WriteAllText($file, '2')
        Get-OrchestrationCacheKey @($script) | Should -Not -Be $before
    }

    It 'refuses <Title>' -ForEach @(
        @{ Title = 'a script without a number'; Scripts = @(@{ Name = 'x' }); Variables = @{}; Id = 'Script.NoNumber' }
        @{ Title = 'a script that cannot be read'; Scripts = @(@{ Number = '0402'; Path = 'nowhere.ps1' }); Variables = @{}; Id = 'Cache.UnreadableScript' }
        @{ Title = 'a value with no stable text'; Scripts = '0402'; Variables = @{ s = [securestring]::new() }; Id = 'Value.NotData' }
    ) {
        { Get-OrchestrationCacheKey $Scripts $Variables } | Should -Throw -ErrorId "$Id,Get-OrchestrationCacheKey"
    }
}
