BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    $project = New-Project @{ '0101_A' = "'a'" }
    function Test-Book {
        param($Name, $Content)

        $null = Add-Playbook $project $Name $Content
        Invoke-InProject $project { Test-OrchestrationPlaybook ([System.IO.Path]::GetFileNameWithoutExtension($Name)) }
    }
}

Describe 'Test-OrchestrationPlaybook' {
    It 'finds nothing wrong with a good playbook' {
        $check = Test-Book 'good' ([ordered]@{
                metadata      = [ordered]@{ name = 'good'; description = 'A good playbook'; version = '1.0.0'; category = 'testing' }
                orchestration = @{ stages = @(@{ name = 'A'; description = 'd'; sequences = @('0101') }) }
            })
        $check.PSTypeNames[0] | Should -Be 'AitherZero.Orchestration.PlaybookCheck'
        $check.IsValid | Should -BeTrue
        $check.Name | Should -Be 'good'
        $check.Errors | Should -BeNullOrEmpty
        $check.Warnings | Should -BeNullOrEmpty
    }

    It 'calls the number of a script that does not exist an error' {
        $check = Test-Book 'gone' (New-StagedPlaybook @(@{ name = 'Quality'; sequences = @('0101', '0410') }))
        $check.IsValid | Should -BeFalse
        $check.Errors.Message | Should -BeLike '*0410*'
        $check.Errors.Path | Should -Be 'Quality'
    }

    It 'says on which line broken JSON is' {
        $check = Test-Book 'broken' "{`n  `"name`": `n}"
        $check.Errors[0].Line | Should -Be 3
    }

    It 'says on which line a psd1 has code in it, and runs nothing' {
        $trace = New-Trace
        $check = Test-Book 'code.psd1' "@{`n  Sequence = @(`n    `$($($trace.Write)('evil'))`n  )`n}"
        $check.IsValid | Should -BeFalse
        $check.Errors[0].Line | Should -Be 3
        $trace.Queue.Count | Should -Be 0
    }

    It 'says where a value has the wrong type' {
        $check = Test-Book 'types' (New-StagedPlaybook @(@{ name = 'A'; sequences = @('0101'); timeout = 'long' }))
        $check.IsValid | Should -BeFalse
        $check.Errors[0].Message | Should -BeLike '*stages?0?.timeout*'
    }

    It 'warns of unknown fields and of what the schema asks for, with the path' {
        $book = New-StagedPlaybook -Name 'Odd Name' @(@{ name = 'A'; sequences = @('0101'); retrys = 1 })
        $check = Test-Book 'odd' $book
        $check.IsValid | Should -BeTrue
        $check.Warnings.Path | Should -Contain 'orchestration.stages[0].retrys'
        $check.Warnings.Path | Should -Contain 'metadata.name'
    }

    It 'finds what is wrong with one profile only' {
        $check = Test-Book 'profile' (New-StagedPlaybook @(@{ name = 'A'; sequences = @('0101') }) -Orchestration @{
                profiles = @{ none = @{ excludeStages = @('A') } }
            })
        $check.Errors[0].Message | Should -BeLike '*nothing to run*'
    }

    It 'checks all of a project without a name, and files by path' {
        $all = @(Invoke-InProject $project { Test-OrchestrationPlaybook })
        $all.Name | Should -Contain 'good'
        $all.Name | Should -Contain 'broken'
        $one = Invoke-InProject $project { Test-OrchestrationPlaybook -Path orchestration/playbooks/gone.json }
        $one.Name | Should -Be 'gone'
        $one.IsValid | Should -BeFalse
    }
}
