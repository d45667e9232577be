BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    $project = New-Project @{ '0101_A' = "'a'" }
    $null = Add-Playbook $project 'core/testing/test-quick' (New-StagedPlaybook -Name 'test-quick' @(
            @{ name = 'A'; sequences = @('0101', '0102') }, @{ name = 'B'; sequences = @('0103') }
        ) -Orchestration @{ profiles = @{ ci = @{ variables = @{ a = 1 } } } })
    $null = Add-Playbook $project 'flat' ([ordered]@{ name = 'flat'; version = '2.0'; sequence = '0101'; variables = @{ n = 1.0 } })
    $null = Add-Playbook $project 'data.psd1' "@{ Name = 'data'; Description = 'd'; Sequence = @(@{ Script = '0101' }) }"
}

Describe 'Get-OrchestrationPlaybook' {
    It 'gets a playbook by <Name>' -ForEach @(
        @{ Name = 'test-quick' }, @{ Name = 'core/testing/test-quick' }, @{ Name = 'TEST-QUICK' }
        @{ Name = 'orchestration/playbooks/core/testing/test-quick.json' }
    ) {
        $book = Invoke-InProject $project { Get-OrchestrationPlaybook $Name }
        $book | Should -BeOfType [hashtable]
        $book.Name | Should -Be 'test-quick'
        $book.Stages.Name | Should -Be 'A', 'B'
        $book.Stages[0].Sequence | Should -Be '0101', '0102'
        $book.Profiles.ContainsKey('ci') | Should -BeTrue
    }

    It 'gets flat playbooks and psd1 playbooks' {
        $flat = Invoke-InProject $project { Get-OrchestrationPlaybook flat }
        $flat.Sequence | Should -Be '0101'
        $flat.Variables.n | Should -BeOfType [double]
        (Invoke-InProject $project { Get-OrchestrationPlaybook data }).Sequence[0].Script | Should -Be '0101'
    }

    It 'gives nothing, and says why verbosely, where there is none of that name' {
        $run = Invoke-Capturing $project { Get-OrchestrationPlaybook 'nothing-like-it' -Verbose }
        $run.Error | Should -BeNullOrEmpty
        $run.Text | Should -BeLike 'Playbook not found: nothing-like-it*'
        Invoke-InProject $project { Get-OrchestrationPlaybook 'nothing-like-it' } | Should -BeNullOrEmpty
    }

    It 'lists all with <Options>' -ForEach @(
        @{ Options = @{} }, @{ Options = @{ ListAvailable = $true } }, @{ Options = @{ ListAll = $true } }
    ) {
        $all = @(Invoke-InProject $project { Get-OrchestrationPlaybook @Options })
        $all.Name | Should -Be 'core/testing/test-quick', 'data', 'flat'
        $all.Format | Should -Be 'V2', 'List', 'V1'
        $all.ScriptCount | Should -Be 3, 1, 1
        $all[0].PSTypeNames[0] | Should -Be 'AitherZero.Orchestration.Playbook'
        $all[0].Profiles | Should -Be 'ci'
        $all[1].Description | Should -Be 'd'
        $all[2].Version | Should -Be '2.0'
        $all.Path | ForEach-Object { $_ | Should -Exist }
    }

    It 'warns of files that cannot be read, and lists the rest' {
        $own = New-Project @{ '0101_A' = "'a'" }
        $null = Add-Playbook $own 'broken' '{'
        $null = Add-Playbook $own 'code.psd1' '@{ Sequence = $(Get-Date) }'
        $null = Add-Playbook $own 'good' '{"name": "good", "sequence": "0101"}'
        $run = Invoke-Capturing $own { Get-OrchestrationPlaybook }
        $run.Result.Name | Should -Be 'good'
        $run.Warnings | Should -HaveCount 2
        $run.Warnings[0] | Should -BeLike '*broken.json*line 1*'
        $run.Warnings[1] | Should -BeLike '*code.psd1*line 1, column 15*'
    }
}
