BeforeDiscovery {
    # Each of these must hold as it stands and must fail with -Not, and the other way round for its counterpart.
    $pairs = @(
        @{ Operator = '-Be'; Good = '1, 2 | Should -Be 1, 2'; Bad = '1, 2 | Should -Be 1, 3' }
        @{ Operator = '-Be (case)'; Good = "'a' | Should -Be 'A'"; Bad = "'a' | Should -Be 'b'" }
        @{ Operator = '-Be (null)'; Good = '$null | Should -Be $null'; Bad = '1 | Should -Be $null' }
        @{ Operator = '-BeExactly'; Good = "'a' | Should -BeExactly 'a'"; Bad = "'a' | Should -BeExactly 'A'" }
        @{ Operator = '-BeTrue'; Good = '1 | Should -BeTrue'; Bad = '0 | Should -BeTrue' }
        @{ Operator = '-BeFalse'; Good = '0 | Should -BeFalse'; Bad = '1 | Should -BeFalse' }
        @{ Operator = '-BeNullOrEmpty'; Good = '@() | Should -BeNullOrEmpty'; Bad = '1 | Should -BeNullOrEmpty' }
        @{ Operator = '-BeOfType'; Good = '1 | Should -BeOfType [int]'; Bad = "'1' | Should -BeOfType [int]" }
        @{ Operator = '-BeIn'; Good = '1 | Should -BeIn 1, 2'; Bad = '3 | Should -BeIn 1, 2' }
        @{ Operator = '-Contain'; Good = '1, 2 | Should -Contain 2'; Bad = '1, 2 | Should -Contain 3' }
        @{ Operator = '-HaveCount'; Good = '1, 2 | Should -HaveCount 2'; Bad = '1, 2 | Should -HaveCount 3' }
        @{ Operator = '-BeGreaterThan'; Good = '2 | Should -BeGreaterThan 1'; Bad = '1 | Should -BeGreaterThan 1' }
        @{
            Operator = '-BeGreaterOrEqual'
            Good     = '1 | Should -BeGreaterOrEqual 1'
            Bad      = '0 | Should -BeGreaterOrEqual 1'
        }
        @{ Operator = '-BeLessThan'; Good = '0 | Should -BeLessThan 1'; Bad = '1 | Should -BeLessThan 1' }
        @{ Operator = '-BeLessOrEqual'; Good = '1 | Should -BeLessOrEqual 1'; Bad = '2 | Should -BeLessOrEqual 1' }
        @{ Operator = '-BeLike'; Good = "'abc' | Should -BeLike 'A*'"; Bad = "'abc' | Should -BeLike 'b*'" }
        @{
            Operator = '-BeLikeExactly'
            Good     = "'abc' | Should -BeLikeExactly 'a*'"
            Bad      = "'abc' | Should -BeLikeExactly 'A*'"
        }
        @{ Operator = '-Match'; Good = "'abc' | Should -Match 'B'"; Bad = "'abc' | Should -Match '^b'" }
        @{
            Operator = '-MatchExactly'
            Good     = "'abc' | Should -MatchExactly 'b'"
            Bad      = "'abc' | Should -MatchExactly 'B'"
        }
        @{ Operator = '-Exist'; Good = '$runner | Should -Exist'; Bad = '"$runner.no" | Should -Exist' }
        @{
            Operator = '-FileContentMatch'
            Good     = '$runner | Should -FileContentMatch "synopsis"'
            Bad      = '$runner | Should -FileContentMatch "q{3}"'
        }
        @{
            Operator = '-Throw'
            Good     = "{ throw 'abc' } | Should -Throw '*b*'"
            Bad      = "{ throw 'abc' } | Should -Throw '*z*'"
        }
        @{
            Operator = '-Throw (nothing thrown)'
            Good     = "{ throw 'abc' } | Should -Throw"
            Bad      = '{ 1 } | Should -Throw'
        }
        @{
            Operator = '-Throw (type)'
            Good     = '{ throw [ArgumentException]::new() } | Should -Throw -ExceptionType ([ArgumentException])'
            Bad      = "{ throw 'x' } | Should -Throw -ExceptionType ([ArgumentException])"
        }
        @{
            Operator = '-Throw (id)'
            Good     = "{ Write-Error x -ErrorId Some.Id -ErrorAction Stop } | Should -Throw -ErrorId 'Some.Id*'"
            Bad      = "{ Write-Error x -ErrorId Some.Id -ErrorAction Stop } | Should -Throw -ErrorId 'Other*'"
        }
        @{
            Operator = '-HaveParameter'
            Good     = 'Get-Command Get-Item | Should -HaveParameter Path -Mandatory'
            Bad      = 'Get-Command Get-Item | Should -HaveParameter NoSuch'
        }
    )
}

BeforeAll {
    $shell = (Get-Process -Id $PID).Path
    $runner = Join-Path (Split-Path -Parent $PSScriptRoot) 'runner' 'Invoke-TestFile.ps1'

    function Invoke-Sample {
        param([string] $Text, [string[]] $Argument = @(), [string] $Name = 'Sample.Tests.ps1')

        $file = Join-Path $TestDrive $Name
        Set-Content -LiteralPath $file -Value $Text
        $lines = @(& $shell -NoProfile -NonInteractive -File $runner -Path $file @Argument 2>&1 | ForEach-Object { "$_" })
        [pscustomobject]@{ ExitCode = $LASTEXITCODE; Last = $lines[-1]; Lines = $lines; Text = $lines -join "`n" }
    }
}

Describe 'Counts and exit codes' {
    It 'passes where everything passes' {
        $run = Invoke-Sample -Text "Describe 'd' { It 'a' { 1 | Should -Be 1 }; It 'b' { } }"
        $run.Last | Should -BeExactly '2 passed, 0 failed, 0 skipped'
        $run.ExitCode | Should -Be 0
    }

    It 'fails where one test fails, and says where and why' {
        $run = Invoke-Sample -Text @'
Describe 'd' {
    Context 'c' {
        It 'adds' {
            1 | Should -Be 2 -Because 'one is not two'
        }
        It 'holds' { }
    }
}
'@
        $run.Last | Should -BeExactly '1 passed, 1 failed, 0 skipped'
        $run.ExitCode | Should -Be 1
        $run.Text | Should -Match 'd\.c\.adds'
        $run.Text | Should -Match 'because one is not two'
        $run.Text | Should -Match 'Sample\.Tests\.ps1:4'
    }

    It 'fails a test that throws' {
        $run = Invoke-Sample -Text "Describe 'd' { It 'a' { throw 'the reason' } }"
        $run.Last | Should -BeExactly '0 passed, 1 failed, 0 skipped'
        $run.Text | Should -Match 'the reason'
    }

    It 'counts a file that cannot be parsed as one failure' {
        $run = Invoke-Sample -Text "Describe 'd' { It 'a' { "
        $run.Last | Should -BeExactly '0 passed, 1 failed, 0 skipped'
        $run.ExitCode | Should -Be 1
    }

    It 'counts a discovery that throws as one failure' {
        $run = Invoke-Sample -Text "throw 'broken file'"
        $run.Last | Should -BeExactly '0 passed, 1 failed, 0 skipped'
        $run.Text | Should -Match 'broken file'
    }

    It 'does not call an empty run a success' {
        (Invoke-Sample -Text "Describe 'd' { It 'a' -Skip { } }").ExitCode | Should -Be 1
    }

    It 'runs every test file of a folder' {
        $folder = Join-Path $TestDrive 'many'
        $null = New-Item -ItemType Directory -Path (Join-Path $folder 'deeper')
        Set-Content -LiteralPath (Join-Path $folder 'A.Tests.ps1') -Value "Describe 'a' { It 'x' { } }"
        Set-Content -LiteralPath (Join-Path $folder 'deeper' 'B.Tests.ps1') -Value "Describe 'b' { It 'y' { } }"
        Set-Content -LiteralPath (Join-Path $folder 'Helper.ps1') -Value "throw 'not a test file'"
        $lines = @(& $shell -NoProfile -NonInteractive -File $runner -Path $folder)
        $lines[-1] | Should -BeExactly '2 passed, 0 failed, 0 skipped'
    }
}

Describe 'Choosing tests' {
    BeforeAll {
        $text = @'
Describe 'outer' {
    It 'plain' { }
    It 'tagged' -Tag 'Slow' { }
    Context 'inner' -Tag 'Net' { It 'leaf' { } }
}
'@
    }

    It '<Case>' -ForEach @(
        @{ Case = 'takes a filter on the full name'; Argument = '-Filter', 'outer.inner.*'; Passed = 1 }
        @{ Case = 'takes a tag'; Argument = '-Tag', 'Slow'; Passed = 1 }
        @{ Case = 'takes several tags, a block''s among them'; Argument = '-Tag', 'Slow,Net'; Passed = 2 }
        @{ Case = 'leaves a tag out'; Argument = '-ExcludeTag', 'Slow'; Passed = 2 }
    ) {
        (Invoke-Sample -Text $text -Argument $Argument).Last | Should -BeExactly "$Passed passed, 0 failed, 0 skipped"
    }
}

Describe 'Scopes' {
    It 'shows what BeforeAll and BeforeEach set, and keeps what a test sets to itself' {
        $run = Invoke-Sample -Text @'
BeforeAll { $top = 'top' }
Describe 'd' {
    BeforeAll { $all = 'all'; function Get-It { 'it' } }
    BeforeEach { $each = 0 }
    It 'sees them and changes them' { $top, $all, $each, (Get-It) | Should -Be 'top', 'all', 0, 'it'; $each = 1; $all = 'changed'; $mine = 1 }
    It 'sees them as they were' { $all, $each | Should -Be 'all', 0; $mine | Should -BeNullOrEmpty }
    Context 'below' {
        BeforeAll { $lower = "$all-lower" }
        It 'sees both' { $lower | Should -Be 'all-lower' }
    }
    It 'does not see below' { $lower | Should -BeNullOrEmpty }
}
Describe 'other' { It 'does not see the first' { $all | Should -BeNullOrEmpty } }
'@
        $run.Text | Should -Not -MatchExactly 'FAILED'
        $run.Last | Should -BeExactly '5 passed, 0 failed, 0 skipped'
    }

    It 'runs the bodies of blocks in discovery and the tests afterwards' {
        $run = Invoke-Sample -Text @'
$found = 'a', 'b'
Describe 'd' {
    foreach ($name in $found) { It "finds $name" { $found | Should -BeNullOrEmpty } }
}
'@
        $run.Last | Should -BeExactly '2 passed, 0 failed, 0 skipped'
    }

    It 'knows the folder and the path of the test file' {
        $run = Invoke-Sample -Text @'
BeforeAll { $inSetup = $PSScriptRoot }
Describe 'd' {
    It 'a' { Split-Path -Leaf $PSCommandPath | Should -Be 'Sample.Tests.ps1'; $inSetup | Should -Be $PSScriptRoot; $PSScriptRoot | Should -Not -BeNullOrEmpty }
}
'@
        $run.Last | Should -BeExactly '1 passed, 0 failed, 0 skipped'
    }

    It 'runs setup and teardown in order, each as often as it should' {
        $log = Join-Path $TestDrive 'order.log'
        $run = Invoke-Sample -Text @"
Describe 'd' {
    BeforeAll { 'ba' | Add-Content '$log' }
    AfterAll { 'aa' | Add-Content '$log' }
    BeforeEach { 'be' | Add-Content '$log' }
    AfterEach { 'ae' | Add-Content '$log' }
    It 'one' { '1' | Add-Content '$log' }
    Context 'c' {
        BeforeEach { 'be2' | Add-Content '$log' }
        AfterEach { 'ae2' | Add-Content '$log' }
        It 'two' { '2' | Add-Content '$log'; throw 'x' }
    }
}
"@
        $run.Last | Should -BeExactly '1 passed, 1 failed, 0 skipped'
        (Get-Content $log) -join ' ' | Should -BeExactly 'ba be 1 ae be be2 2 ae2 ae aa'
    }

    It 'fails every test below a BeforeAll that throws' {
        $run = Invoke-Sample -Text "Describe 'd' { BeforeAll { throw 'no setup' }; It 'a' { }; Context 'c' { It 'b' { } } }"
        $run.Last | Should -BeExactly '0 passed, 2 failed, 0 skipped'
        $run.Text | Should -Match 'no setup'
    }

    It 'fails a run whose AfterAll throws' {
        $run = Invoke-Sample -Text "Describe 'd' { AfterAll { throw 'no end' }; It 'a' { } }"
        $run.ExitCode | Should -Be 1
        $run.Text | Should -Match 'no end'
    }
}

Describe 'Data' {
    It 'gives hashtables as variables, other values as $_ and expands titles' {
        $run = Invoke-Sample -Argument '-Detailed' -Text @'
BeforeDiscovery { $cases = @{ Number = 1; Deep = @{ Word = 'x' } }, @{ Number = 2; Deep = @{ Word = 'y' } } }
Describe 'd' {
    It 'has <Number> and <Deep.Word>' -ForEach $cases { $Number | Should -BeIn 1, 2; $Deep.Word | Should -BeIn 'x', 'y' }
    It 'is <_>' -ForEach 'p', 'q' { $_ | Should -BeIn 'p', 'q' }
    It 'is never made' -ForEach @() { throw 'no' }
    Context 'in <_>' -ForEach 3, 4 {
        BeforeAll { $kept = $_ }
        It 'knows <_>' { $_ | Should -BeIn 3, 4; $kept | Should -Be $_ }
    }
}
'@
        $run.Last | Should -BeExactly '6 passed, 0 failed, 0 skipped'
        foreach ($title in 'has 1 and x', 'has 2 and y', 'is p', 'is q', 'knows 3', 'knows 4') {
            $run.Text | Should -Match $title
        }
    }
}

Describe 'Skipping' {
    It 'skips by switch, by block and from within a test' {
        $run = Invoke-Sample -Text @'
Describe 'd' {
    It 'a' -Skip { throw 'ran' }
    It 'b' -Skip:$false { }
    It 'c' { Set-ItResult -Skipped -Because 'it is late'; throw 'ran' }
    Context 'e' -Skip { BeforeAll { throw 'ran' }; It 'f' { throw 'ran' } }
}
'@
        $run.Last | Should -BeExactly '1 passed, 0 failed, 3 skipped'
        $run.ExitCode | Should -Be 0
    }
}

Describe 'TestDrive' {
    It 'keeps a block''s files for its own tests and takes them away after it' {
        $run = Invoke-Sample -Text @'
Describe 'd' {
    BeforeAll { Set-Content TestDrive:/parent.txt 'p' }
    Context 'one' {
        BeforeAll { $null = New-Item -ItemType Directory (Join-Path $TestDrive 'sub'); Set-Content TestDrive:/sub/one.txt '1' }
        It 'a' { 'TestDrive:/sub/one.txt' | Should -Exist; 'TestDrive:/parent.txt' | Should -FileContentMatch 'p' }
        It 'b' { Join-Path $TestDrive 'sub/one.txt' | Should -Exist }
    }
    Context 'two' { It 'c' { 'TestDrive:/sub' | Should -Not -Exist; 'TestDrive:/parent.txt' | Should -Exist } }
}
Describe 'e' { It 'f' { 'TestDrive:/parent.txt' | Should -Not -Exist } }
'@
        $run.Text | Should -Not -MatchExactly 'FAILED'
        $run.Last | Should -BeExactly '4 passed, 0 failed, 0 skipped'
    }
}

Describe 'InModuleScope' {
    It 'reaches what a module keeps to itself' {
        $module = Join-Path $TestDrive 'Hidden.psm1'
        Set-Content -LiteralPath $module -Value '$secret = 42; function Get-Hidden { param($x) "hidden $x" }; Export-ModuleMember'
        $run = Invoke-Sample -Text @"
BeforeAll { Import-Module '$module' }
AfterAll { Remove-Module Hidden }
Describe 'd' {
    It 'a' { { Get-Hidden } | Should -Throw; InModuleScope Hidden { `$secret } | Should -Be 42 }
    It 'b' { InModuleScope -ModuleName Hidden -Parameters @{ word = 'w' } -ScriptBlock { param(`$word) Get-Hidden `$word } | Should -Be 'hidden w' }
}
"@
        $run.Text | Should -Not -MatchExactly 'FAILED'
        $run.Last | Should -BeExactly '2 passed, 0 failed, 0 skipped'
    }
}

Describe 'Should <Operator>' -ForEach $pairs {
    It 'holds where it should' {
        { . ([scriptblock]::Create($Good)) } | Should -Not -Throw
    }

    It 'fails where it should' {
        { . ([scriptblock]::Create($Bad)) } | Should -Throw -ErrorId 'PesterAssertionFailed*'
    }

    It 'turns round with -Not' {
        $notBad = $Bad -replace '\| Should ', '| Should -Not '
        $notGood = $Good -replace '\| Should ', '| Should -Not '
        # What `-Not -Throw` forbids is every exception, whatever was asked of it.
        if ($Bad -match '\| Should -Throw .') {
            { . ([scriptblock]::Create($notBad)) } | Should -Throw -ErrorId 'PesterAssertionFailed*'
        } else {
            { . ([scriptblock]::Create($notBad)) } | Should -Not -Throw
        }
        { . ([scriptblock]::Create($notGood)) } | Should -Throw -ErrorId 'PesterAssertionFailed*'
    }
}
