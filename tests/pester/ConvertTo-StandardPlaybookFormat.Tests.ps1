BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
}

Describe 'ConvertTo-StandardPlaybookFormat' {
    It 'gives a v2 playbook the keys that AitherZero''s users know' {
        $book = ConvertTo-StandardPlaybookFormat @{
            metadata      = @{ name = 'n'; description = 'd'; version = '1.0.0'; category = 'testing'; author = 'a'; tags = @('t') }
            requirements  = @{ requiredTools = @('git') }
            orchestration = @{
                defaultVariables = @{ v = $false }
                profiles         = @{ quick = @{ variables = @{ v = 1 } } }
                stages           = @(
                    @{ name = 'A'; sequences = @('0407'); variables = @{ All = $true }; condition = 'x == 1'; timeout = 5 }
                )
            }
            notifications = @{ onStart = @{ message = 'm' } }
        }
        $book | Should -BeOfType [hashtable]
        $book.Keys | Sort-Object | Should -Be @(
            'Author', 'Category', 'Description', 'EstimatedDuration', 'Name', 'Notifications', 'Profiles', 'Reporting'
            'Requirements', 'Stages', 'Tags', 'Validation', 'Variables', 'Version')
        $book.Name | Should -Be 'n'
        $book.Variables.v | Should -Be $false
        $book.Profiles.quick.variables.v | Should -Be 1
        $stage = $book.Stages[0]
        $stage.Keys | Sort-Object | Should -Be @(
            'Condition', 'ContinueOnError', 'Description', 'Name', 'Parallel', 'Retries', 'Sequence', 'Timeout', 'Variables')
        $stage.Sequence | Should -Be '0407'
        $stage.Condition | Should -Be 'x == 1'
        $stage.Timeout | Should -Be 5
        $stage.Retries | Should -BeNullOrEmpty
    }

    It 'makes stages of the jobs of v3, in the order of keys, with their defaults' {
        $book = ConvertTo-StandardPlaybookFormat @{
            metadata      = @{ name = 'n' }
            orchestration = @{
                jobs = [ordered]@{
                    build = @{ name = 'Build'; env = @{ A = 'b' }; steps = @(@{ run = '0750' }, @{ script = '1' }, @{ run = '0752' }) }
                    after = @{ if = 'always()'; strategy = @{ matrix = @{ os = @('a') } }; steps = @(@{ run = '0753' }) }
                }
            }
        }
        $book.Jobs.Keys | Should -Be 'build', 'after'
        $book.Stages.Name | Should -Be 'Build', 'after'
        $book.Stages[0].Sequence | Should -Be '0750', '0752'
        $book.Stages[0].Variables.A | Should -Be 'b'
        $book.Stages[1].Condition | Should -Be 'always()'
        $book.Stages[1].Matrix.os | Should -Be 'a'
        foreach ($stage in $book.Stages) {
            $stage.Description | Should -Be ''
            $stage.ContinueOnError | Should -Be $false
            $stage.Parallel | Should -Be $false
            $stage.Timeout | Should -Be 3600
            $stage.Retries | Should -Be 0
        }
    }

    It 'brings the keys of a flat playbook into one case, and keeps every other property' {
        $book = ConvertTo-StandardPlaybookFormat ([ordered]@{
                name = 'n'; SEQUENCE = @(@{ Script = '0407'; Timeout = 60 }); options = @{ Parallel = $true }
                SuccessCriteria = @{ RequireAllSuccess = $true }; Profile = 'Standard'
            })
        @($book.Keys) -ccontains 'Sequence' | Should -BeTrue
        @($book.Keys) -ccontains 'Name' | Should -BeTrue
        @($book.Sequence) | Should -HaveCount 1
        $book.Sequence[0].Timeout | Should -Be 60
        $book.Options.Parallel | Should -BeTrue
        $book.SuccessCriteria.RequireAllSuccess | Should -BeTrue
        $book.Profile | Should -Be 'Standard'
        $book.Stages | Should -BeNullOrEmpty
        $book.ContainsKey('Stages') | Should -BeTrue
    }

    It 'keeps a list of many items' {
        (ConvertTo-StandardPlaybookFormat @{ Name = 'n'; Sequence = '0401', '0402', '0403' }).Sequence |
            Should -Be '0401', '0402', '0403'
    }

    It 'does not change what it is given' {
        $given = @{ name = 'n'; stages = @(@{ name = 'A'; sequence = @('0407') }) }
        (ConvertTo-StandardPlaybookFormat $given).Stages[0].name = 'changed'
        $given.stages[0].name | Should -Be 'A'
    }

    It 'says what to write where there is no Sequence' {
        { ConvertTo-StandardPlaybookFormat @{ Name = 'n' } } |
            Should -Throw '*no Sequence*Script = *' -ErrorId 'Playbook.NoSequence,ConvertTo-StandardPlaybookFormat'
    }
}
