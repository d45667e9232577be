BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    $project = New-Project @{ '0101_A' = "'a'" }
}

Describe 'Test-PlaybookConditions' {
    It '<Condition> is <Holds>' -ForEach @(
        @{ Condition = '$a -eq 1'; Holds = $true }
        @{ Condition = '$a -gt 1 -or $word -like "w*"'; Holds = $true }
        @{ Condition = '{{a}} == 2'; Holds = $false }
        @{ Condition = "`${{ word == 'WORD' }}"; Holds = $true }
        @{ Condition = 'a == 1 && !none'; Holds = $true }
        @{ Condition = 'Get-Date'; Holds = $false }
        @{ Condition = '1; 2'; Holds = $false }
        @{ Condition = '$(1)'; Holds = $false }
    ) {
        $conditions = @(@{ name = 'c'; condition = $Condition; message = 'does not hold' })
        Test-PlaybookConditions $conditions 'pre-condition' @{ a = 1; word = 'word' } 6>$null | Should -Be $Holds
    }

    It 'is true for none' {
        Test-PlaybookConditions | Should -BeTrue
        Test-PlaybookConditions @() | Should -BeTrue
        Test-PlaybookConditions $null | Should -BeTrue
    }

    It 'looks at all of them and logs the message of each that does not hold' {
        $text = Test-PlaybookConditions @(
            @{ name = 'one'; condition = '1 -eq 2'; message = 'first' }
            [pscustomobject]@{ name = 'two'; condition = '1 -eq 2' }
            '1 -eq 1'
        ) 'post-condition' 6>&1 | ForEach-Object { "$_" }
        $text -join "`n" | Should -BeLike "*first*post-condition 'two' failed*post-condition '1 -eq 1' passed*False"
    }

    It 'runs nothing' {
        $name = New-Meeting ([System.Collections.ArrayList]::new())
        $evil = "[AppDomain]::CurrentDomain.GetData('$name').Add(1)"
        foreach ($text in $evil, "`$($evil)", "1 -eq 1; $evil", "& { $evil }", "`"`$($evil)`" -eq 'x'") {
            Test-PlaybookConditions $text 6>$null | Should -BeFalse -Because $text
        }
        [System.AppDomain]::CurrentDomain.GetData($name).Count | Should -Be 0
    }
}

Describe 'Send-PlaybookNotification' {
    It 'writes a message of level <Level> to the console in <Color>, with the context''s values' -ForEach @(
        @{ Level = 'Success'; Color = 'Green' }
        @{ Level = 'Warning'; Color = 'Yellow' }
        @{ Level = 'Error'; Color = 'Red' }
        @{ Level = 'Information'; Color = 'White' }
        @{ Level = $null; Color = 'White' }
    ) {
        $config = @{ onStart = @{ message = '{{a}} of {{b}} {{c}}'; level = $Level; channels = @('console') } }
        $record = Send-PlaybookNotification $config onStart @{ a = 1; b = '$2' } 6>&1
        "$record" | Should -Be '1 of $2 {{c}}'
        $record.MessageData.ForegroundColor | Should -Be $Color
    }

    It 'writes to console and log where no channel is named' {
        $records = @(Send-PlaybookNotification @{ onStart = @{ message = 'm'; level = 'Success' } } onStart 6>&1)
        $records | Should -HaveCount 2
        "$($records[1])" | Should -BeLike '`[*`[ORCH`] m'
    }

    It 'warns of a channel that is not supported (defect 27)' {
        $config = @{ onStart = @{ message = 'm'; channels = @('email', 'console') } }
        $records = @(Send-PlaybookNotification $config onStart 3>&1 6>&1 | ForEach-Object { "$_" })
        $records[0] | Should -BeLike 'Unsupported notification channel: email*'
        $records[1] | Should -Be 'm'
    }

    It 'sends nothing for a type that is not there' {
        Send-PlaybookNotification @{ onStart = @{ message = 'm' } } onFailure 6>&1 | Should -BeNullOrEmpty
        Send-PlaybookNotification $null onFailure 6>&1 | Should -BeNullOrEmpty
    }

    It 'uses AitherZero''s log, with a level it knows, where that is loaded (defect 27)' {
        $said = [System.Collections.Generic.List[string]]::new()
        function global:Write-CustomLog {
            param($Message, [ValidateSet('Information', 'Warning', 'Error')] $Level, $Source)
            $said.Add("$Level $Message")
        }
        try {
            $config = @{ onStart = @{ message = 'm'; level = 'Success'; channels = @('log') } }
            Send-PlaybookNotification $config onStart
        } finally {
            Remove-Item Function:\Write-CustomLog
        }
        $said | Should -Be 'Information [Orchestration] m'
    }
}

Describe 'Expand-MatrixBuilds' {
    It 'makes a job of every script for every combination, under ErrorActionPreference Stop too (defect 1)' {
        $ErrorActionPreference = 'Stop'
        $scripts = @(
            @{ Number = '0402'; Name = 'a.ps1'; Tags = @('t') }
            [pscustomobject]@{ Number = '0404'; Name = 'b.ps1' }
        )
        $given = @{ os = 'none'; keep = 1 }
        $jobs = Expand-MatrixBuilds $scripts ([ordered]@{ os = 'Windows', 'Linux' }) $given

        $jobs.Number | Should -Be '0402-matrix-0', '0404-matrix-1', '0402-matrix-2', '0404-matrix-3'
        $jobs.MatrixId | Should -Be 'os=Windows', 'os=Windows', 'os=Linux', 'os=Linux'
        $jobs[3].MatrixConfig.os | Should -Be 'Linux'
        $jobs[3].Variables.os | Should -Be 'Linux'
        $jobs[3].Variables.keep | Should -Be 1
        $jobs[0].Tags | Should -Be 't'
        $jobs.Name | Should -Be 'a.ps1', 'b.ps1', 'a.ps1', 'b.ps1'
    }

    It 'changes neither the scripts nor the variables' {
        $script = @{ Number = '0402' }
        $given = @{ os = 'none' }
        $null = Expand-MatrixBuilds @($script) @{ os = 'a', 'b' } $given
        @($script.Keys) | Should -Be 'Number'
        $script.Number | Should -Be '0402'
        $given.os | Should -Be 'none'
    }

    It 'takes $null for no variables, and gives nothing for no scripts' {
        (Expand-MatrixBuilds @(@{ Number = '0402' }) @{ os = @('a') } $null).Variables.os | Should -Be 'a'
        Expand-MatrixBuilds @() @{ os = @('a') } | Should -BeNullOrEmpty
    }

    It 'refuses a script without a number, and what is no matrix' {
        { Expand-MatrixBuilds @(@{ Name = 'x' }) @{ os = @('a') } } | Should -Throw -ErrorId 'Script.NoNumber,*'
        { Expand-MatrixBuilds @(@{ Number = '0402' }) 7 } | Should -Throw -ErrorId 'Matrix.WrongType,*'
    }
}

Describe 'Show-MatrixOrchestrationPlan' {
    BeforeAll {
        $scripts = @(@{ Number = '0402'; Name = 'a.ps1' }, @{ Number = '0404'; Name = 'b.ps1' })
        $matrix = [ordered]@{ profile = 'quick', 'full' }
        $expected = @(
            '', 'Matrix Orchestration Plan:', '=========================='
            '', 'Matrix Dimensions:', '  profile : quick, full'
            '', 'Total Combinations: 2', 'Total Jobs: 4'
            '', 'Jobs:'
            '  [0402-matrix-0] [profile=quick] a.ps1', '  [0404-matrix-1] [profile=quick] b.ps1'
            '  [0402-matrix-2] [profile=full] a.ps1', '  [0404-matrix-3] [profile=full] b.ps1')
    }

    It 'writes dimensions, counts and jobs to the host, and returns nothing' {
        @(Show-MatrixOrchestrationPlan $scripts $matrix 6>&1 | ForEach-Object { "$_" }) | Should -Be $expected
        Show-MatrixOrchestrationPlan $scripts $matrix 6>$null | Should -BeNullOrEmpty
    }

    It 'takes jobs that are expanded already' {
        $jobs = Expand-MatrixBuilds $scripts $matrix
        @(Show-MatrixOrchestrationPlan $jobs $matrix 6>&1 | ForEach-Object { "$_" }) | Should -Be $expected
    }
}
