BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Receive-OrchestrationArtifact' {
    It 'hands files from one job of a run to another, and to whoever asks later, with -Isolation <_>' -ForEach @(
        'Runspace', 'Process'
    ) {
        $root = New-Project @{
            '0100_Make' = "`$null = New-Item -ItemType Directory out -Force`nSet-Content out/a.txt 'made'`n" +
            'Publish-OrchestrationArtifact -Name result -Path out/a.txt | Out-Null'
            '0200_Take' = "# Dependencies: 0100`nReceive-OrchestrationArtifact -Name result -Destination in | Out-Null`nGet-Content in/a.txt"
        }
        $isolation = $_
        $result = Invoke-InProject $root { Invoke-OrchestrationSequence 0100, 0200 -Isolation $isolation -Quiet }
        $result.Failed | Should -Be 0 -Because "$($result.Jobs.Error)"
        $result.Jobs[1].Output | Should -Be 'made'
        [System.IO.File]::WriteAllText((Join-Path $root 'out/a.txt'), 'made later')
        $later = Invoke-InProject $root { Receive-OrchestrationArtifact result 'later/place' }
        $later.RunId | Should -Be $result.RunId
        [System.IO.File]::ReadAllText($later.Files[0]).Trim() | Should -Be 'made'
        $named = Invoke-InProject $root { Receive-OrchestrationArtifact result named -RunId $result.RunId }
        $named.Digest | Should -Be $later.Digest
    }

    It 'says in a job of a process too what is wrong' {
        $root = New-Project @{
            '0100_Twice' = "`$one = 'automation-scripts/0100_Twice.ps1'`n" +
            "Publish-OrchestrationArtifact same `$one | Out-Null`nPublish-OrchestrationArtifact same `$one"
            '0200_Take' = 'Receive-OrchestrationArtifact nothing'
        }
        $caught = Invoke-Capturing $root {
            Invoke-OrchestrationSequence 0100, 0200 -Isolation Process -ContinueOnError -Parallel $false
        }
        $caught.Result[0].Jobs[0].Error | Should -BeLike "*has an artifact 'same' already"
        $caught.Result[0].Jobs[1].Error | Should -BeLike "*no artifact 'nothing'*There are: same."
    }

    It 'names those there are when one is not' {
        $root = New-Project @{ '0100_A' = '' }
        [System.IO.File]::WriteAllText((Join-Path $root 'a.txt'), 'x')
        { Invoke-InProject $root { Receive-OrchestrationArtifact nothing } } |
            Should -Throw '*No artifact has been published*' -ErrorId 'artifact.unknown*'
        $null = Invoke-InProject $root { Publish-OrchestrationArtifact known a.txt }
        { Invoke-InProject $root { Receive-OrchestrationArtifact nothing } } | Should -Throw '*There are: known.'
    }

    It 'writes nothing of a damaged artifact' {
        $root = New-Project @{ '0100_A' = '' }
        [System.IO.File]::WriteAllText((Join-Path $root 'a.txt'), 'x')
        [System.IO.File]::WriteAllText((Join-Path $root 'b.txt'), 'y')
        $null = Invoke-InProject $root { Publish-OrchestrationArtifact both a.txt, b.txt }
        foreach ($file in [System.IO.Directory]::GetFiles((Join-Path $root '.orchestration-cache/artifacts'), '*', 'AllDirectories')) {
            if ([System.IO.File]::ReadAllText($file) -eq 'y') {
                [System.IO.File]::WriteAllText($file, 'z')
            }
        }
        { Invoke-InProject $root { Receive-OrchestrationArtifact both place } } | Should -Throw '*damaged*'
        @([System.IO.Directory]::GetFiles((Join-Path $root 'place'))).Count | Should -Be 0
    }
}
