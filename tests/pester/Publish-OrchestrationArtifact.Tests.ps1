BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Publish-OrchestrationArtifact' {
    BeforeEach {
        $root = New-Project @{ '0100_A' = '' }
        foreach ($path in 'out/a.txt', 'out/deep/b.txt', 'out/.hidden') {
            $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName((Join-Path $root $path)))
            [System.IO.File]::WriteAllText((Join-Path $root $path), $path)
        }
    }

    It 'keeps the files below what the patterns have in common' {
        $artifact = Invoke-InProject $root { Publish-OrchestrationArtifact -Name report -Path 'out/**' }
        $artifact.Name, $artifact.Size | Should -Be 'report', 23
        $artifact.Files | Should -Be 'a.txt', 'deep/b.txt'
        $artifact.Digest | Should -MatchExactly '^[0-9a-f]{64}$'
    }

    It 'takes hidden files only on request' {
        $artifact = Invoke-InProject $root { Publish-OrchestrationArtifact -Name report -Path out -IncludeHidden }
        $artifact.Files | Should -Be '.hidden', 'a.txt', 'deep/b.txt'
    }

    It 'has the same digest for the same contents, and another for others' {
        $publish = { Invoke-InProject $root { Publish-OrchestrationArtifact -Name report -Path 'out/**' } }
        $digest = (& $publish).Digest
        (& $publish).Digest | Should -Be $digest
        [System.IO.File]::WriteAllText((Join-Path $root 'out/a.txt'), 'new')
        (& $publish).Digest | Should -Not -Be $digest
    }

    It 'does what -IfNoFilesFound says' {
        $caught = Invoke-Capturing $root { Publish-OrchestrationArtifact -Name none -Path 'no/**' }
        $caught.Warnings | Should -BeLike "The artifact 'none' was not kept*"
        $caught = Invoke-Capturing $root { Publish-OrchestrationArtifact -Name none -Path 'no/**' -IfNoFilesFound Ignore }
        $caught.Warnings | Should -BeNullOrEmpty
        $caught.Error | Should -BeNullOrEmpty
        { Invoke-InProject $root { Publish-OrchestrationArtifact -Name none -Path 'no/**' -IfNoFilesFound Error } } |
            Should -Throw '*no file matches no/*' -ErrorId 'artifact.no-files*'
    }

    It 'refuses <Title>' -ForEach @(
        @{ Title = 'a name with a slash'; Name = 'a/b'; Pattern = 'out/**'; Id = 'artifact.name*' }
        @{ Title = 'an empty name'; Name = ' '; Pattern = 'out/**'; Id = 'artifact.name*' }
        @{ Title = 'a path outside the project'; Name = 'a'; Pattern = '../x'; Id = 'artifact.pattern*' }
    ) {
        { Invoke-InProject $root { Publish-OrchestrationArtifact -Name $Name -Path $Pattern } } | Should -Throw -ErrorId $Id
    }

    It 'gives a name once in a run' {
        $twice = "Publish-OrchestrationArtifact -Name same -Path out/a.txt`nPublish-OrchestrationArtifact -Name same -Path out/a.txt"
        [System.IO.File]::WriteAllText((Join-Path $root 'automation-scripts/0100_A.ps1'), $twice)
        $caught = Invoke-Capturing $root { Invoke-OrchestrationSequence 0100 }
        $caught.Result[0].Jobs[0].Error | Should -BeLike "*has an artifact 'same' already"
    }
}
