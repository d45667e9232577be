BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    function Get-Text {
        # One line a combination: 'name=value name=value'.
        param([object[]] $Combinations)

        foreach ($combination in $Combinations) {
            @(foreach ($name in $combination.Keys) { "$name=$($combination[$name])" }) -join ' '
        }
    }
}

Describe 'Get-MatrixCombinations' {
    It 'keeps the order that [ordered] was written in, the last dimension fastest (defect 2)' {
        $matrix = [ordered]@{ profile = 'quick', 'full'; arch = 'x64', 'arm64'; level = 1, 2 }
        Get-Text (Get-MatrixCombinations -Matrix $matrix) | Should -Be @(
            'profile=quick arch=x64 level=1', 'profile=quick arch=x64 level=2'
            'profile=quick arch=arm64 level=1', 'profile=quick arch=arm64 level=2'
            'profile=full arch=x64 level=1', 'profile=full arch=x64 level=2'
            'profile=full arch=arm64 level=1', 'profile=full arch=arm64 level=2')
    }

    It 'takes a plain hashtable in ordinal order of names (defect 2)' {
        Get-Text (Get-MatrixCombinations @{ b = 1, 2; C = 'x'.ToCharArray(); a = 3, 4 }) |
            Should -Be 'C=x a=3 b=1', 'C=x a=3 b=2', 'C=x a=4 b=1', 'C=x a=4 b=2'
    }

    It 'gives the same in another process (defect 2)' {
        $text = @"
. '$(Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')'
Get-MatrixCombinations @{ zeta = 1, 2; alpha = 'a', 'b'; mid = @('m'); nu = @(`$true) } |
    ForEach-Object { (@(foreach (`$n in `$_.Keys) { "`$n=`$(`$_[`$n])" }) -join ' ') }
"@
        $file = Join-Path $TestDrive 'other.ps1'
        [System.IO.File]::WriteAllText($file, $text)
        $other = & (Get-ShellPath) -NoProfile -NonInteractive -File $file
        $here = Get-Text (Get-MatrixCombinations @{ zeta = 1, 2; alpha = 'a', 'b'; mid = @('m'); nu = @($true) })
        $other | Should -Be $here
        $here[0] | Should -Be 'alpha=a mid=m nu=True zeta=1'
    }

    It 'counts the guide''s examples as 4 and 12' {
        @(Get-MatrixCombinations @{ profile = 'quick', 'comprehensive'; platform = 'Windows', 'Linux' }) | Should -HaveCount 4
        $matrix = @{ os = 'Windows', 'Linux', 'macOS'; psVersion = '7.0', '7.4'; testType = 'unit', 'integration' }
        @(Get-MatrixCombinations $matrix) | Should -HaveCount 12
    }

    It 'emits ordered dictionaries, also when there is only one' {
        $all = @(Get-MatrixCombinations @{ a = @(1); b = @(2); c = @(3) })
        $all | Should -HaveCount 1
        $all[0] | Should -BeOfType [System.Collections.Specialized.OrderedDictionary]
        $all[0].B | Should -Be 2
    }

    It 'keeps types: 7.4 is a number, "7.4" a string, 1.0 is not 1' {
        $values = @(Get-MatrixCombinations @{ v = @(7.4, '7.4', 1, 1.0, $true, 'true', 5000000000, $null) }).ForEach({ , $_['v'] })
        @(foreach ($value in $values) { $null -eq $value ? 'null' : $value.GetType().Name }) |
            Should -Be 'Double', 'String', 'Int32', 'Double', 'Boolean', 'String', 'Int64', 'null'
    }

    It 'keeps tables and lists as values' {
        $matrix = [ordered]@{ node = @(@{ version = 18; flags = @('a', 'b') }, [pscustomobject]@{ version = 20 }) }
        $all = @(Get-MatrixCombinations $matrix)
        $all[0].node.version | Should -Be 18
        $all[0].node.flags | Should -Be 'a', 'b'
        $all[1].node.version | Should -Be 20
    }

    It 'takes a matrix that comes from JSON, in the order written' {
        $matrix = '{"zebra": ["z"], "alpha": [1, 2]}' | ConvertFrom-Json
        Get-Text (Get-MatrixCombinations $matrix) | Should -Be 'zebra=z alpha=1', 'zebra=z alpha=2'
    }

    It 'expands the include example of GitHub''s documentation' {
        $matrix = [ordered]@{
            fruit   = 'apple', 'pear'
            animal  = 'cat', 'dog'
            include = @(
                @{ color = 'green' }
                [ordered]@{ color = 'pink'; animal = 'cat' }
                [ordered]@{ fruit = 'apple'; shape = 'circle' }
                @{ fruit = 'banana' }
                [ordered]@{ fruit = 'banana'; animal = 'cat' }
            )
        }
        Get-Text (Get-MatrixCombinations $matrix) | Should -Be @(
            'fruit=apple animal=cat color=pink shape=circle', 'fruit=apple animal=dog color=green shape=circle'
            'fruit=pear animal=cat color=pink', 'fruit=pear animal=dog color=green'
            'fruit=banana', 'fruit=banana animal=cat')
    }

    It 'leaves out what exclude names' {
        $matrix = [ordered]@{ os = 'Windows', 'Linux'; node = 18, 20; exclude = @(@{ os = 'windows'; node = 18 }) }
        Get-Text (Get-MatrixCombinations $matrix) | Should -Be 'os=Windows node=20', 'os=Linux node=18', 'os=Linux node=20'
    }

    It 'takes a value that is no list as one value, with a warning that says how to write a list' {
        $all = @(Get-MatrixCombinations @{ profile = 'quick' } -WarningVariable warnings -WarningAction SilentlyContinue)
        $all | Should -HaveCount 1
        $warnings | Should -HaveCount 1
        "$warnings" | Should -BeLike "*profile = @('quick')*"
    }

    It 'refuses <Title> at once' -ForEach @(
        @{ Title = '$null'; Matrix = $null; Id = 'Matrix.Null'; Says = '*$null*' }
        @{ Title = 'a text'; Matrix = 'quick'; Id = 'Matrix.WrongType'; Says = '*System.String*' }
        @{ Title = 'an empty table'; Matrix = @{}; Id = 'Matrix.Empty'; Says = '*empty*' }
        @{ Title = 'a dimension without values'; Matrix = @{ os = @() }; Id = 'Matrix.EmptyDimension'; Says = "*os*" }
        @{ Title = '10^9 combinations'; Matrix = @{ a = 1..1000; b = 1..1000; c = 1..1000 }; Id = 'Matrix.TooMany'; Says = '*1000000000*' }
        @{ Title = 'excluding everything'; Matrix = @{ a = @(1); exclude = @(@{ a = 1 }) }; Id = 'Matrix.NoneLeft'; Says = '*' }
        @{ Title = 'a script block'; Matrix = @{ a = @({ 1 }) }; Id = 'Value.NotData'; Says = '*Matrix.a*' }
        @{ Title = 'not a number'; Matrix = @{ a = @([double]::NaN) }; Id = 'Value.NotData'; Says = '*Matrix.a*Double*' }
    ) {
        { Get-MatrixCombinations -Matrix $Matrix } |
            Should -Throw $Says -ErrorId "$Id,Get-MatrixCombinations"
    }

    It 'refuses a table that contains itself' {
        $table = @{}
        $table.self = $table
        { Get-MatrixCombinations @{ a = @($table) } } | Should -Throw -ErrorId 'Value.TooDeep,*'
    }

    It 'accepts more than 256 with -Limit' {
        { Get-MatrixCombinations @{ a = 1..300 } } | Should -Throw -ErrorId 'Matrix.TooMany,*'
        @(Get-MatrixCombinations @{ a = 1..300 } -Limit 300) | Should -HaveCount 300
    }

    It 'leaves the caller''s table as it was' {
        $matrix = @{ a = 1, 2; include = @(@{ b = 1 }) }
        $null = Get-MatrixCombinations $matrix
        $matrix.Count | Should -Be 2
        $matrix.include[0].Count | Should -Be 1
    }
}
