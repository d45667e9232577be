BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'Save-OrchestrationPlaybook' {
    BeforeEach {
        $project = New-Project @{ '0101_A' = 'param($word) "$word"' }
        $path = Join-Path $project 'orchestration/playbooks/mine.json'
    }

    It 'saves what Get-OrchestrationPlaybook reads and Invoke-OrchestrationSequence runs' {
        Invoke-InProject $project {
            Save-OrchestrationPlaybook 'mine' '0101', '!0102' @{ word = 'w'; n = 1.0 } 'Full' 'What it is for' 6>$null
            $book = Get-OrchestrationPlaybook 'mine'
            $book.Sequence | Should -Be '0101', '!0102'
            $book.Description | Should -Be 'What it is for'
            $book.Profile | Should -Be 'Full'
            $book.Variables.word | Should -Be 'w'
            $book.Variables.n | Should -BeOfType [double]
            $book.Version | Should -Be '1.0'
            [datetime]$book.Created | Should -BeOfType [datetime]
        }
    }

    It 'does not overwrite without -Force where nobody can be asked' {
        Invoke-InProject $project {
            Save-OrchestrationPlaybook mine 0101 6>$null
            $before = [System.IO.File]::ReadAllText($path)
            $shell = [powershell]::Create([System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
            try {
                $null = $shell.AddScript({
                        param($module, $root)
                        $env:AITHERZERO_ROOT = $root
                        Import-Module $module
                        Save-OrchestrationPlaybook mine 0102
                    }).AddArgument((Get-Module AitherZero.Orchestration).ModuleBase).AddArgument($project)
                $null = $shell.Invoke()
                $shell.Streams.Error.FullyQualifiedErrorId | Should -Be 'Playbook.Exists,Save-OrchestrationPlaybook'
            } finally {
                $shell.Dispose()
                Remove-Item Env:AITHERZERO_ROOT -ErrorAction Ignore
            }
            [System.IO.File]::ReadAllText($path) | Should -Be $before
        }
    }

    It 'overwrites with -Force' {
        Invoke-InProject $project {
            Save-OrchestrationPlaybook mine 0101 6>$null
            Save-OrchestrationPlaybook mine 0102 -Force 6>$null
            (Get-OrchestrationPlaybook mine).Sequence | Should -Be '0102'
        }
    }

    It 'writes nothing under -WhatIf' {
        Invoke-InProject $project { Save-OrchestrationPlaybook mine 0101 -WhatIf }
        $path | Should -Not -Exist
    }

    It 'leaves secrets out, with a warning' {
        $run = Invoke-Capturing $project {
            $secret = [securestring]::new()
            Save-OrchestrationPlaybook mine 0101 @{ token = $secret; word = 'w' }
        }
        $run.Warnings | Should -BeLike '*token*secret*'
        @((Invoke-InProject $project { Get-OrchestrationPlaybook mine }).Variables.Keys) | Should -Be 'word'
    }

    It 'goes to library/playbooks where that is what the project has' {
        $null = [System.IO.Directory]::CreateDirectory((Join-Path $project 'library/playbooks'))
        Invoke-InProject $project { Save-OrchestrationPlaybook mine 0101 6>$null }
        Join-Path $project 'library/playbooks/mine.json' | Should -Exist
    }

    It 'refuses the name <Name>' -ForEach @(@{ Name = '../out' }, @{ Name = '' }, @{ Name = '/out' }, @{ Name = 'a/../b' }) {
        Invoke-InProject $project {
            { Save-OrchestrationPlaybook $Name 0101 } | Should -Throw -ErrorId 'Playbook.InvalidName,*'
        }
    }

    It 'refuses to save nothing' {
        Invoke-InProject $project {
            { Save-OrchestrationPlaybook mine } | Should -Throw -ErrorId 'Playbook.NothingToSave,*'
        }
    }
}
