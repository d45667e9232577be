BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    $project = New-Project @{
        '0101_Good' = "Set-OrchestrationOutput version '1.2'`n'fine'"
        '0102_Bad'  = "'::error::forged'`nthrow `"50% of a:b,`nc`""
    }
    $result = (Invoke-Capturing $project { Invoke-OrchestrationSequence '*' -ContinueOnError -Quiet }).Result
}

Describe 'Export-OrchestrationResult' {
    It 'gives JSON with the names of the result object' {
        $json = $result | Export-OrchestrationResult -Format JSON | ConvertFrom-Json
        $json.Total | Should -Be 2
        $json.ExitCode | Should -Be 10
        $json.Jobs[1].Error | Should -BeLike '50%*'
        $json.Jobs[1].Status | Should -Be 'Failure'
        $json.Jobs[0].Outputs.version | Should -Be '1.2'
    }

    It 'gives JUnit with a test case a job' {
        $xml = [xml](Export-OrchestrationResult $result JUnit)
        $xml.testsuites.tests | Should -Be '2'
        $xml.testsuites.failures | Should -Be '1'
        $cases = @($xml.testsuites.testsuite.testcase)
        $cases | Should -HaveCount 2
        $cases[1].failure.message | Should -BeLike '50%*'
        $cases[1].'system-out' | Should -Be '::error::forged'
    }

    It 'gives XML with everything the result has' {
        $xml = [xml](Export-OrchestrationResult $result XML)
        $xml.OrchestrationResult.exitCode | Should -Be '10'
        $xml.OrchestrationResult.Jobs.Job[0].Outputs.Output.InnerText | Should -Be '1.2'
        $xml.OrchestrationResult.Jobs.Job[1].Error.InnerText | Should -BeLike '50%*'
    }

    It 'gives GitHub''s commands, escaped by its rules' {
        $text = Export-OrchestrationResult $result GitHubActions
        $text | Should -Match '(?m)^::error file=automation-scripts/0102_Bad\.ps1,line=2,title=\[0102\] 0102_Bad\.ps1::50%25 of a:b,%0Ac$'
        $text | Should -Match '(?m)^::stop-commands::(\S+)\n::error::forged\n::\1::$'
    }

    It 'writes to a path of the session''s folder, and not with -WhatIf' {
        $file = Invoke-InProject $project { Export-OrchestrationResult $result JUnit 'out/junit.xml' }
        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName | Should -Be (Join-Path $project 'out' 'junit.xml')
        ([xml][System.IO.File]::ReadAllText($file.FullName)).testsuites.tests | Should -Be '2'
        Invoke-InProject $project { Export-OrchestrationResult $result JSON 'out/no.json' -WhatIf } | Should -BeNullOrEmpty
        Test-Path (Join-Path $project 'out' 'no.json') | Should -BeFalse
    }

    It 'says why a path cannot be written' {
        [System.IO.File]::WriteAllText((Join-Path $project 'file'), '')
        { Invoke-InProject $project { Export-OrchestrationResult $result JSON 'file/x.json' } } |
            Should -Throw '*file*cannot be written*' -ErrorId 'Report.Unwritable,Export-OrchestrationResult'
    }
}

Describe 'Invoke-OrchestrationSequence -OutputFormat' {
    It 'writes <Format> to -OutputPath and returns the one result' -ForEach @(
        @{ Format = 'JSON'; Says = '*"RunId"*' }
        @{ Format = 'XML'; Says = '*<OrchestrationResult*' }
        @{ Format = 'JUnit'; Says = '*<testsuites*' }
        @{ Format = 'GitHubActions'; Says = '*::error file=*' }
    ) {
        $run = Invoke-Capturing $project {
            Invoke-OrchestrationSequence '*' -ContinueOnError -OutputFormat $Format -OutputPath "out/$Format.txt"
        }
        @($run.Result) | Should -HaveCount 1
        [System.IO.File]::ReadAllText((Join-Path $project 'out' "$Format.txt")) | Should -BeLike $Says
    }

    It 'writes to the host without a path' {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -OutputFormat JSON -Quiet }
        ($run.Text -join "`n" | ConvertFrom-Json).Success | Should -BeTrue
    }

    It 'adds to the summary and the outputs of a workflow''s step' {
        $files = @{}
        $before = @{}
        foreach ($name in 'GITHUB_STEP_SUMMARY', 'GITHUB_OUTPUT') {
            $files[$name] = Join-Path $TestDrive $name
            [System.IO.File]::WriteAllText($files[$name], "before`n")
            $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
            [System.Environment]::SetEnvironmentVariable($name, $files[$name])
        }
        try {
            $null = Invoke-Capturing $project { Invoke-OrchestrationSequence '*' -ContinueOnError -OutputFormat GitHubActions }
        } finally {
            foreach ($name in $files.Keys) {
                [System.Environment]::SetEnvironmentVariable($name, $before[$name] ?? [NullString]::Value)
            }
        }
        [System.IO.File]::ReadAllText($files['GITHUB_STEP_SUMMARY']) | Should -BeLike "before`n# Orchestration Execution Summary*"
        $outputs = [System.IO.File]::ReadAllText($files['GITHUB_OUTPUT'])
        $outputs | Should -Match '(?s)^before\nsuccess<<(\S+)\nfalse\n\1\n.*version<<(\S+)\n1\.2\n\2\n'
    }
}

Describe 'Invoke-OrchestrationSequence -ThrowOnError' {
    It 'throws after the run, with the result as target and its exit code' {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence '*' -ContinueOnError -ThrowOnError -OutputFormat JSON -OutputPath 'out/t.json' }
        $run.Error.FullyQualifiedErrorId | Should -Be 'Run.Failed,Invoke-OrchestrationSequence'
        $run.Error.Exception.Message | Should -BeLike '1 of 2 jobs failed (exit code 10): `[0102`] 50%*'
        $run.Error.TargetObject.Jobs | Should -HaveCount 2
        $run.ExitCode | Should -Be 10
        Test-Path (Join-Path $project 'out' 't.json') | Should -BeTrue
    }

    It 'does not throw when all went well' {
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence 0101 -ThrowOnError -Quiet }
        $run.Error | Should -BeNullOrEmpty
        $run.Result.Success | Should -BeTrue
    }
}

Describe 'Outputs of a result' {
    It 'has them by stage and by number, without case, and for every stage with -CaptureOutputs' {
        $own = New-Project @{
            '0101_A' = "# Stage: Build`nSet-OrchestrationOutput Version 1"
            '0102_B' = "# Stage: Test`n'nothing'"
        }
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence '*' -Quiet }
        $run.Result.Outputs['build']['version'] | Should -Be 1
        $run.Result.Outputs['0101']['version'] | Should -Be 1
        $run.Result.Outputs.Contains('Test') | Should -BeFalse
        $run = Invoke-Capturing $own { Invoke-OrchestrationSequence '*' -CaptureOutputs -Quiet }
        $run.Result.Outputs['Test'].Count | Should -Be 0
        $run.Result.Outputs.Contains('Test') | Should -BeTrue
    }

    It 'keeps them for each combination, merges them for the stage, and says where they differ' {
        $own = New-Project @{ '0101_A' = "param(`$os)`nSet-OrchestrationOutput os `$os`nSet-OrchestrationOutput same 1" }
        $null = Add-Playbook $own 'p' (New-StagedPlaybook @(@{ name = 'Unit Tests'; sequences = @('0101') }))
        $run = Invoke-Capturing $own {
            Invoke-OrchestrationSequence -LoadPlaybook p -Matrix @{ os = 'a', 'b' } -MaxConcurrency 1 -Quiet
        }
        $run.Result.Outputs['0101-matrix-0']['os'] | Should -Be 'a'
        $run.Result.Outputs['0101-matrix-1']['os'] | Should -Be 'b'
        $run.Result.Outputs.Keys | Should -Contain 'Unit Tests'
        $run.Result.Outputs['unit tests']['same'] | Should -Be 1
        @($run.Result.Jobs.Outputs.os) | Should -Be 'a', 'b'
    }

    It 'has what a playbook''s job declares' {
        $own = New-Project @{ '0101_A' = 'Set-OrchestrationOutput v 7' }
        $jobs = [ordered]@{
            build = [ordered]@{
                name    = 'Build it'
                outputs = [ordered]@{ version = '${{ steps.make.outputs.v }}' }
                steps   = @([ordered]@{ name = 'make'; id = 'make'; run = '0101' })
            }
        }
        $null = Add-Playbook $own 'jobs' (New-JobPlaybook $jobs)
        $run = Invoke-Playbook $own 'jobs'
        $run.Result.Outputs['build']['version'] | Should -Be 7
        $run.Result.Outputs['Build it']['version'] | Should -Be 7
        $run.Result.Stages[0].Status | Should -Be 'Success'
    }
}
