BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Cache.ps1')
}

Describe 'The loop of the guide' {
    BeforeEach {
        $project = New-CachedProject
        Invoke-Cached $project | Should -Be '0100 0200 0300 0400'
        $project.Result.Cached | Should -Be 0
    }

    It 'replays everything when nothing has changed' {
        Invoke-Cached $project | Should -Be ''
        $result = $project.Result
        $result.Success | Should -BeTrue
        $LASTEXITCODE | Should -Be 0
        $result.Cached, $result.Completed, $result.Total | Should -Be 4, 4, 4
        $result.Jobs.Cached | Should -Be $true, $true, $true, $true
        $result.Jobs[0].Attempts | Should -Be 0
        $result.Outputs['0100']['text'] | Should -Be 'alpha'
    }

    It 'says how much time that has saved' {
        $first = $project.Result.Jobs
        @($first | Where-Object { $null -ne $_.Saved }) | Should -BeNullOrEmpty
        $project.Result.Saved | Should -Be ([timespan]::Zero)
        Invoke-Cached $project | Should -Be ''
        $sum = [timespan]::Zero
        foreach ($at in 0..3) {
            $job = $project.Result.Jobs[$at]
            $longer = ($first[$at].Duration - $job.Duration).TotalMilliseconds
            $off = $job.Saved.TotalMilliseconds - [System.Math]::Max($longer, 0)
            [System.Math]::Abs($off) | Should -BeLessThan 0.001
            $sum += $job.Saved
        }
        $project.Result.Saved | Should -Be $sum
        $path = Join-Path $project.Root 'out/run.html'
        $project.Result.Jobs[0].Saved = [timespan]::FromMinutes(90)
        $null = Export-OrchestrationReport -Html -Result $project.Result -Path $path
        [System.IO.File]::ReadAllText($path) | Should -Match 'Time saved.*1 h 30 min'
    }

    It 'gives the objects of a job back that ran as a process' {
        $root = New-Project @{ '0100_Make' = "'line one'`n[pscustomobject]@{ Name = 'thing'; Count = 3 }" }
        $run = { Invoke-OrchestrationSequence 0100 -Isolation Process -UseCache -Quiet }
        $first = Invoke-InProject $root $run
        $again = Invoke-InProject $root $run
        $first.Cached, $again.Cached | Should -Be 0, 1
        $again.Jobs[0].Output[0] | Should -Be 'line one'
        $again.Jobs[0].Output[1].Name, $again.Jobs[0].Output[1].Count | Should -Be 'thing', 3
    }

    It 'runs a script again that publishes an artifact, since that belongs to one run' {
        $root = New-Project @{
            '0100_Make' = "# Inputs: automation-scripts/**`nPublish-OrchestrationArtifact made automation-scripts | Out-Null"
            '0200_Take' = "# Dependencies: 0100`nReceive-OrchestrationArtifact made in | Out-Null"
        }
        $run = { Invoke-OrchestrationSequence 0100, 0200 -UseCache -Quiet }
        $null = Invoke-InProject $root $run
        $again = Invoke-InProject $root $run
        $again.Success, $again.Cached | Should -Be $true, 0 -Because "$($again.Jobs.Error)"
    }

    It 'gives the objects that a script put out, as PowerShell reads them back' {
        $first = $project.Result.Jobs[0].Output
        Invoke-Cached $project | Should -Be ''
        $again = $project.Result.Jobs[0].Output
        $again.Count | Should -Be $first.Count
        $again[0] | Should -Be 'line one'
        $again[0] | Should -BeOfType [string]
        $again[1].Name, $again[1].Count | Should -Be 'thing', 3
    }

    It 'runs exactly what reads an edited file, and what needs that' {
        [System.IO.File]::WriteAllText((Join-Path $project.Root 'src/b.txt'), 'edited')
        Invoke-Cached $project | Should -Be '0300 0400'
        [System.IO.File]::WriteAllText((Join-Path $project.Root 'src/a.txt'), 'edited')
        Invoke-Cached $project | Should -Be '0100 0200 0400'
        [System.IO.File]::WriteAllText((Join-Path $project.Root 'src/b2.txt'), 'new')
        Invoke-Cached $project | Should -Be '0300 0400'
        Invoke-Cached $project | Should -Be ''
    }

    It 'runs what a changed <Title> concerns' -ForEach @(
        @{ Title = 'variable'; Run = @{ Variables = @{ profile = 'full' } }; Ran = '0100 0200 0300 0400' }
        @{ Title = 'type of a value'; Run = @{ Variables = @{ profile = 'quick'; n = '1' } }; Ran = '0100 0200 0300 0400' }
        @{ Title = 'matrix value'; Run = @{ Matrix = @{ profile = @('other') } }; Ran = '0100 0200 0300 0400' }
    ) {
        Invoke-Cached $project @{ Variables = @{ profile = 'quick'; n = 1 } } | Should -Be '0100 0200 0300 0400'
        Invoke-Cached $project $Run | Should -Be $Ran
        Invoke-Cached $project $Run | Should -Be ''
    }

    It 'runs an edited script, and what needs it' {
        [System.IO.File]::AppendAllText((Join-Path $project.Root 'automation-scripts/0100_Read-A.ps1'), "`n# edited")
        Invoke-Cached $project | Should -Be '0100 0200 0400'
    }

    It 'runs nothing for a file that was only touched' {
        [System.IO.File]::SetLastWriteTimeUtc((Join-Path $project.Root 'src/a.txt'), [datetime]::UtcNow.AddHours(-3))
        Invoke-Cached $project | Should -Be ''
    }

    It 'puts an output back that was <Title>' -ForEach @(
        @{ Title = 'deleted'; Change = { param($path) [System.IO.File]::Delete($path) } }
        @{ Title = 'changed'; Change = { param($path) [System.IO.File]::WriteAllText($path, 'spoilt') } }
    ) {
        $path = Join-Path $project.Root 'out/quick.txt'
        $before = [System.IO.File]::ReadAllText($path)
        & $Change $path
        Invoke-Cached $project | Should -Be ''
        [System.IO.File]::ReadAllText($path) | Should -Be $before
    }

    It 'says with -Verbose why a job was not found' {
        [System.IO.File]::WriteAllText((Join-Path $project.Root 'src/b.txt'), 'edited')
        $caught = Invoke-Capturing $project.Root {
            Invoke-OrchestrationSequence 0300 -UseCache -Variables @{ profile = 'quick' } -Verbose
        }
        $caught.Text | Should -Contain 'Cache: [0300] 0300_Read-B.ps1 - not in the cache: input src/b.txt changed'
    }
}

Describe 'What is done with the cache' {
    BeforeEach {
        $project = New-CachedProject
    }

    It 'is nothing without -UseCache' {
        Invoke-Cached $project @{ UseCache = $false } | Should -Be '0100 0200 0300 0400'
        Invoke-Cached $project @{ UseCache = $false } | Should -Be '0100 0200 0300 0400'
        Join-Path $project.Root '.orchestration-cache/results' | Should -Not -Exist
    }

    It 'is what -CacheMode and -Force say' {
        $all = '0100 0200 0300 0400'
        Invoke-Cached $project @{ CacheMode = 'ReadOnly' } | Should -Be $all
        Invoke-Cached $project | Should -Be $all
        Invoke-Cached $project @{ CacheMode = 'ReadOnly' } | Should -Be ''
        Invoke-Cached $project @{ CacheMode = 'Off' } | Should -Be $all
        Invoke-Cached $project @{ CacheMode = 'WriteOnly' } | Should -Be $all
        Invoke-Cached $project @{ Force = $true } | Should -Be $all
        Invoke-Cached $project | Should -Be ''
    }

    It 'does not keep a failure' {
        $root = New-Project @{ '0100_Fail' = 'exit 3' }
        foreach ($time in 1, 2) {
            $caught = Invoke-Capturing $root { Invoke-OrchestrationSequence 0100 -UseCache }
            $caught.Result[0].Failed, $caught.Result[0].Cached | Should -Be 1, 0
        }
    }

    It 'keeps nothing of a secret' {
        $secret = [securestring]::new()
        'hidden-word'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
        $root = New-Project @{
            '0100_Use-Secret' = "param([securestring] `$token)`n[System.Net.NetworkCredential]::new('', `$token).Password.Length"
            '0200_Other'      = '"no such thing here"'
            '0300_Give'       = '$s = [securestring]::new(); $s.AppendChar("x"); $s'
        }
        foreach ($expected in 0, 1) {
            $caught = Invoke-Capturing $root {
                Invoke-OrchestrationSequence 0100-0300 -UseCache -Verbose -Variables @{ token = $secret }
            }
            $caught.Result[0].Cached | Should -Be $expected
            $caught.Result[0].Jobs[0].Output | Should -Be 11
        }
        $caught.Text -like '*not cached: it is given the secret*' | Should -Not -BeNullOrEmpty
        $caught.Text -like '*not stored: it puts out a secret*' | Should -Not -BeNullOrEmpty
        foreach ($file in [System.IO.Directory]::GetFiles((Join-Path $root '.orchestration-cache'), '*', 'AllDirectories')) {
            [System.IO.File]::ReadAllText($file) | Should -Not -Match 'hidden-word' -Because $file
        }
    }

    It 'makes no worker for a run that is replayed' {
        Invoke-Cached $project | Should -Not -Be ''
        # Runspaces are numbered as they are made, and those of earlier runs may still be closing.
        $made = {
            $one = [runspacefactory]::CreateRunspace([initialsessionstate]::Create())
            $one.Id
            $one.Dispose()
        }
        $seen = Invoke-InProject $project.Root {
            & $made
            $null = Invoke-OrchestrationSequence 0100-0400 -UseCache -Quiet -Variables @{ profile = 'quick' }
            & $made
        }
        $seen[1] | Should -Be ($seen[0] + 1)
        Get-RunCount $project | Should -Be ''
    }
}

Describe 'The cache of a playbook' {
    It 'follows the rules of its steps, its stages and itself' {
        $counts = New-Meeting ([System.Collections.Concurrent.ConcurrentDictionary[string, int]]::new())
        $count = "param(`$as)`n`$null = [System.AppDomain]::CurrentDomain.GetData('$counts').AddOrUpdate(`$as, 1, " +
        '[System.Func[string, int, int]] { param($key, $old) $old + 1 })'
        $root = New-Project @{ '0100_Count' = $count }
        $null = [System.IO.Directory]::CreateDirectory((Join-Path $root 'orchestration/playbooks'))
        $null = [System.IO.Directory]::CreateDirectory((Join-Path $root 'src'))
        $steps = @(
            @{ name = 'own'; run = '0100'; with = @{ as = 'own' }; cache = @{ inputs = @('src/own.txt') } }
            @{ name = 'stage'; run = '0100'; with = @{ as = 'stage' } }
            @{ name = 'never'; run = '0100'; with = @{ as = 'never' }; cache = $false }
        )
        $playbook = @{
            metadata      = @{ name = 'kept'; description = 'A playbook for tests'; version = '1.0.0'; category = 'testing' }
            orchestration = @{ jobs = @{ one = @{ name = 'one'; steps = $steps; cache = @{ inputs = @('src/stage.txt') } } } }
        }
        [System.IO.File]::WriteAllText((Join-Path $root 'orchestration/playbooks/kept.json'), ($playbook | ConvertTo-Json -Depth 9))
        $project = @{ Root = $root; Counts = $counts }
        $run = { Invoke-InProject $root { $null = Invoke-OrchestrationSequence -LoadPlaybook kept -UseCache -Quiet } }
        & $run
        Get-RunCount $project | Should -Be 'never own stage'
        & $run
        Get-RunCount $project | Should -Be 'never'
        [System.IO.File]::WriteAllText((Join-Path $root 'src/own.txt'), 'x')
        & $run
        Get-RunCount $project | Should -Be 'never own'
        [System.IO.File]::WriteAllText((Join-Path $root 'src/stage.txt'), 'x')
        & $run
        Get-RunCount $project | Should -Be 'never stage'
    }
}
