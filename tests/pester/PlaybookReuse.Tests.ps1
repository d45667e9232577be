BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
}

Describe 'A playbook that uses another (defect 23)' {
    BeforeAll {
        $trace = New-Trace
        $project = New-Project @{
            '0101_Build' = "param(`$word, [int]`$count) $($trace.Write)(`"build `$word `$count`")"
            '0102_Test'  = "param(`$word) $($trace.Write)(`"test `$word`")"
        }
        $inner = @'
@{
    Name = 'inner'
    Inputs = @{
        word  = @{ Type = 'string'; Required = $true }
        count = @{ Type = 'number'; Default = 2 }
    }
    Sequence = @(
        @{ Script = '0101' }
        @{ Script = '0102'; Parameters = @{ word = 'own' } }
    )
}
'@
        $null = Add-Playbook $project 'shared/inner.psd1' $inner
        $jobs = {
            param([System.Collections.IDictionary] $With)
            New-JobPlaybook ([ordered]@{
                    first = @{ uses = 'shared/inner'; with = $With }
                    last  = @{ needs = @('first'); steps = @(@{ run = '0102'; with = @{ word = 'last' } }) }
                })
        }
    }

    BeforeEach {
        $trace.Queue.Clear()
    }

    It 'runs it in its place with the values passed, also where it is a data file' {
        $null = Add-Playbook $project 'outer' (& $jobs @{ word = 'given' })
        $run = Invoke-Playbook $project 'outer'

        $run.Result.Success | Should -BeTrue
        $trace.Queue.ToArray() | Should -Be 'build given 2', 'test own', 'test last'
    }

    It 'refuses <Title> before anything starts' -ForEach @(
        @{ Title = 'a missing input'; With = @{}; Id = 'Playbook.MissingInput*' }
        @{ Title = 'an unknown input'; With = @{ word = 'x'; cuont = 1 }; Id = 'Playbook.UnknownInput*' }
        @{ Title = 'a value of another type'; With = @{ word = 'x'; count = 'many' }; Id = 'Playbook.InputType*' }
    ) {
        $null = Add-Playbook $project 'wrong' (& $jobs $With)
        (Invoke-Playbook $project 'wrong').Error.FullyQualifiedErrorId | Should -BeLike $Id
        $trace.Queue.Count | Should -Be 0
    }

    It 'prints a loop' {
        $null = Add-Playbook $project 'ring-a' (New-JobPlaybook @{ a = @{ uses = 'ring-b' } })
        $null = Add-Playbook $project 'ring-b' (New-JobPlaybook @{ b = @{ uses = 'ring-a' } })
        (Invoke-Playbook $project 'ring-a').Error.Exception.Message | Should -BeLike '*ring-a → ring-b → ring-a*'
    }
}
