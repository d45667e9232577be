BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    $trace = New-Trace
    $project = New-Project @{
        '0101_A' = "param(`$word, `$depth) $($trace.Write)(`"0101 `$word `$depth`")"
        '0102_B' = "param(`$word, `$depth) $($trace.Write)(`"0102 `$word `$depth`")"
    }
}

Describe 'A playbook in psd1 (defect 24)' {
    BeforeEach {
        $trace.Queue.Clear()
    }

    It 'with a Sequence runs its items in the order written, each with its parameters' {
        $env:AITHER_TEST_WORD = 'from env'
        $null = Add-Playbook $project 'items.psd1' @'
# A comment
@{
    Name      = "items"
    Variables = @{ word = $env:AITHER_TEST_WORD }
    Sequence  = @(
        @{ Script = "0102_B.ps1"; Parameters = @{ depth = -1.5 } },
        @{ Script = '0101'; Parameters = @{ depth = 1kb; word = "<$env:AITHER_TEST_WORD>" } }
        '0102'
    )
}
'@
        try {
            $run = Invoke-Playbook $project 'items'
        } finally {
            Remove-Item Env:AITHER_TEST_WORD
        }
        $run.Error | Should -BeNullOrEmpty
        $trace.Queue.ToArray() | Should -Be '0102 from env -1.5', '0101 <from env> 1024', '0102 from env '
    }

    It 'with Scripts runs' {
        $null = Add-Playbook $project 'scripts.psd1' "@{
            Name    = 'scripts'
            Scripts = @(@{ Number = '0102'; Name = 'B'; Required = `$true; Stage = 'S'; Parameters = @{ word = 'w' } })
        }"
        $run = Invoke-Playbook $project 'scripts'
        $run.Result.Success | Should -BeTrue
        $trace.Queue.ToArray() | Should -Be '0102 w '
    }

    It 'is found in library/playbooks too, and by its path' {
        $newer = New-Project @{ '0101_A' = "'a'" } -Folder 'library/automation-scripts'
        $path = Add-Playbook $newer 'deep/newer.psd1' "@{ Sequence = '0101' }" -Folder 'library/playbooks'
        foreach ($name in 'newer', 'deep/newer', $path, './library/playbooks/deep/newer.psd1') {
            (Invoke-Playbook $newer $name).Result.Success | Should -BeTrue -Because $name
        }
    }

    It 'with <Code> in it is an error that says where, and runs nothing' -ForEach @(
        @{ Code = '$(marker)'; Line = 3; Column = 11 }
        @{ Code = 'marker'; Line = 3; Column = 11 }
        @{ Code = '"a $(marker)"'; Line = 3; Column = 14 }
        @{ Code = '"$word"'; Line = 3; Column = 12 }
        @{ Code = '@(marker)'; Line = 3; Column = 13 }
        @{ Code = '{ marker }'; Line = 3; Column = 11 }
        @{ Code = '[int] 1'; Line = 3; Column = 11 }
        @{ Code = '1 + 1'; Line = 3; Column = 11 }
        @{ Code = '$word'; Line = 3; Column = 11 }
        @{ Code = '[Environment]::Exit(3)'; Line = 3; Column = 11 }
        @{ Code = '$env:HOME.Length'; Line = 3; Column = 11 }
    ) {
        $null = Add-Playbook $project 'code.psd1' "@{`n  Sequence = '0101'`n  Value = $($Code.Replace('marker', "$($trace.Write)('evil')"))`n}"
        $run = Invoke-Playbook $project 'code'

        $run.Error.Exception.Message | Should -BeLike "*code.psd1, line $Line, column $Column*nothing in it is executed*"
        $run.ExitCode | Should -Be 1
        $trace.Queue.Count | Should -Be 0
    }

    It 'that is not a table, <Text>, is an error' -ForEach @(
        @{ Text = '' }
        @{ Text = "'just text'" }
        @{ Text = '@{ Sequence = 1 }; Get-Date' }
        @{ Text = 'using module Evil' }
        @{ Text = 'param($x) @{}' }
    ) {
        $null = Add-Playbook $project 'odd.psd1' $Text
        $run = Invoke-Playbook $project 'odd'
        $run.Error.FullyQualifiedErrorId | Should -BeLike 'Data.*'
        $trace.Queue.Count | Should -Be 0
    }

    It 'with a syntax error says where' {
        $null = Add-Playbook $project 'syntax.psd1' "@{`n  Sequence = @('0101'`n}"
        (Invoke-Playbook $project 'syntax').Error.Exception.Message | Should -BeLike '*syntax.psd1, line *, column *'
    }
}

Describe 'A playbook that is wrong' {
    It 'in its JSON says where, and starts nothing' {
        $null = Add-Playbook $project 'broken' "{`n  `"name`": `"x`",`n  `"sequence`": [`"0101`"`n}"
        $run = Invoke-Playbook $project 'broken'
        $run.Error.Exception.Message | Should -BeLike '*line 4, column *'
        $run.Result | Should -BeNullOrEmpty
        $run.ExitCode | Should -Be 1
    }

    It 'in the type of <Field> says so, and starts nothing' -ForEach @(
        @{ Field = 'stages'; Book = @{ name = 'x'; stages = 7 } }
        @{ Field = 'timeout'; Book = @{ name = 'x'; stages = @(@{ name = 'a'; sequence = '0101'; timeout = 'long' }) } }
        @{ Field = 'variables'; Book = @{ name = 'x'; sequence = '0101'; variables = @(1) } }
        @{ Field = 'retries'; Book = @{ name = 'x'; stages = @(@{ name = 'a'; sequence = '0101'; retries = 'x' }) } }
    ) {
        $null = Add-Playbook $project 'types' $Book
        $run = Invoke-Playbook $project 'types'
        $run.Error.Exception.Message | Should -BeLike "*$Field*must be*"
        $run.ExitCode | Should -Be 1
    }

    It 'that is none of the formats says which there are' {
        $null = Add-Playbook $project 'what' @{ hello = 'world' }
        (Invoke-Playbook $project 'what').Error.Exception.Message | Should -BeLike '*none of the playbook formats*'
    }

    It 'warns of an unknown field once, with the nearest known name' {
        $null = Add-Playbook $project 'field' @{ name = 'x'; stages = @(@{ name = 'a'; sequence = '0101'; retrys = 1 }) }
        $run = Invoke-Playbook $project 'field'
        @($run.Warnings -like '*retrys*retries*') | Should -HaveCount 1
        $run.Result.Success | Should -BeTrue
    }

    It 'with jobs that need each other prints the circle' {
        $null = Add-Playbook $project 'circle' (New-JobPlaybook ([ordered]@{
                    a = @{ needs = @('b'); steps = @(@{ run = '0101' }) }
                    b = @{ needs = @('a'); steps = @(@{ run = '0101' }) }
                }))
        $run = Invoke-Playbook $project 'circle'
        $run.Error.Exception.Message | Should -BeLike '*a*b*a*'
        $run.ExitCode | Should -Be 1
    }

    It 'by name says which are near' {
        $null = Add-Playbook $project 'test-quick' @{ name = 'x'; sequence = '0101' }
        $run = Invoke-Playbook $project 'test-quik'
        $run.Error.Exception.Message | Should -BeLike 'Playbook not found: test-quik*test-quick*'
        $run.Error.FullyQualifiedErrorId | Should -Be 'Playbook.NotFound,Invoke-OrchestrationSequence'
        $run.ExitCode | Should -Be 1
    }

    It 'by name says so when two have it' {
        $null = Add-Playbook $project 'one/same' @{ name = 'x'; sequence = '0101' }
        $null = Add-Playbook $project 'two/same' @{ name = 'x'; sequence = '0101' }
        (Invoke-Playbook $project 'same').Error.Exception.Message | Should -BeLike '*one/same*two/same*'
        (Invoke-Playbook $project 'two/same').Result.Success | Should -BeTrue
    }
}

Describe '-SavePlaybook' {
    It 'writes a playbook that runs the same' {
        $own = New-Project @{ '0101_A' = 'param($word) "$word"' }
        $run = Invoke-Capturing $own {
            Invoke-OrchestrationSequence '101,0101' -Variables @{ word = 'w'; Description = 'Mine' } -SavePlaybook 'my/new'
        }
        $run.Result.Success | Should -BeTrue
        $path = Join-Path $own 'orchestration/playbooks/my/new.json'
        $saved = [System.IO.File]::ReadAllText($path) | ConvertFrom-Json -AsHashtable
        @($saved.Keys) | Should -Be 'Name', 'Description', 'Sequence', 'Variables', 'Profile', 'Created', 'Version'
        $saved.Sequence | Should -Be '101,0101'
        $saved.Description | Should -Be 'Mine'
        @($saved.Variables.Keys) | Should -Be 'word'
        $saved.Version | Should -Be '1.0'
        $saved.Profile | Should -Be ''
        (Invoke-Playbook $own 'my/new').Result.Jobs.Output | Should -Be 'w'
        @(Get-ChildItem (Split-Path $path) -Force).Name | Should -Be 'new.json'
    }

    It 'writes nothing under <Switch>' -ForEach @(@{ Switch = 'DryRun' }, @{ Switch = 'WhatIf' }) {
        $options = @{ $Switch = $true; SavePlaybook = "not-$Switch" }
        $null = Invoke-Capturing $project { Invoke-OrchestrationSequence '0101' @options }
        Join-Path $project "orchestration/playbooks/not-$Switch.json" | Should -Not -Exist
    }

    It 'refuses <Name>, and starts nothing' -ForEach @(
        @{ Name = '../out' }, @{ Name = 'a/../../out' }, @{ Name = '/tmp/out' }, @{ Name = '' }, @{ Name = 'a//b' }
        @{ Name = '..\out' }, @{ Name = 'C:\out' }
    ) {
        $trace.Queue.Clear()
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence '0101' -SavePlaybook $Name }
        $run.Error.FullyQualifiedErrorId | Should -Be 'Playbook.InvalidName,Invoke-OrchestrationSequence'
        $trace.Queue.Count | Should -Be 0
    }
}
