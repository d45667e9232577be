BeforeDiscovery {
    # AitherZero's own data-file playbooks, where they are at hand: shared/ beside the checkout, or AITHER_SHARED.
    # The JSON ones have their table in tests/real_playbooks.rs.
    $shared = $env:AITHER_SHARED ?? (Join-Path $PSScriptRoot '..' '..' '..' 'shared')
    $folder = Join-Path $shared 'aitherzero' 'playbooks'
    $table = @(
        @{ Name = 'code-quality-fast'; Numbers = '0404 0407'; Value = @('0404', 'MaxFiles', 25) }
        @{ Name = 'fix-ci-validation'; Numbers = '0407 0413 0405 0404 0402 0531'; Value = @('0531', 'Limit', 5) }
        @{ Name = 'newer/code-quality-full'; Numbers = '0404 0407 0512'; Value = @('0512', 'Format', 'HTML') }
        @{
            Name    = 'newer/pr-validation'
            Numbers = '0003 0407 0413 0405 0404 0420 0402 0426'
            Value   = @('0420', 'Path', './aithercore')
        }
        @{ Name = 'newer/run-tests'; Numbers = '0402 0403'; Value = @('0402', 'CodeCoverage', $true) }
    )
    $cases = foreach ($case in $table) {
        $file = Join-Path $folder "$($case.Name).psd1"
        if (Test-Path -LiteralPath $file) {
            $case + @{ File = $file }
        }
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    $scripts = @{}
    foreach ($number in '0003 0402 0403 0404 0405 0407 0413 0420 0426 0512 0531'.Split()) {
        $scripts["${number}_Do-Work"] = 'param($MaxFiles, $Limit, $Format, $Path, $CodeCoverage)'
    }
    $project = New-Project $scripts
}

Describe 'The data-file playbooks of AitherZero (defect 24)' {
    if (-not $cases) {
        return
    }
    It '<Name> plans and runs as its text means' -ForEach $cases {
        $path = Add-Playbook $project "$(Split-Path $Name -Leaf).psd1" ([System.IO.File]::ReadAllText($File))
        Test-Path -LiteralPath $path | Should -BeTrue
        $run = Invoke-Playbook $project (Split-Path $Name -Leaf)

        $run.Error | Should -BeNullOrEmpty
        $run.Result.Jobs.Number -join ' ' | Should -Be $Numbers
        $run.ExitCode | Should -Be 0
        $plan = Invoke-Playbook $project (Split-Path $Name -Leaf) @{ DryRun = $true }
        $job = $plan.Result.Jobs | Where-Object Number -EQ $Value[0]
        $job.Parameters[$Value[1]] | Should -Be $Value[2]
    }
}
