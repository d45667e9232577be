BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Checkout.ps1')

    function Get-Leftover([string] $Checkout) {
        @(Get-ChildItem -LiteralPath $Checkout -Recurse -Force -Filter '.aither-*').Name
    }
}

Describe 'Install-AitherOrchestration' {
    It 'puts engine, module and launcher into <EngineFolder>, keeps the originals, and takes all back byte for byte' -ForEach @(
        @{ EngineFolder = 'domains/automation' }
        @{ EngineFolder = 'aithercore/automation' }
        @{ EngineFolder = 'aithercore' }
    ) {
        $checkout = New-Checkout -EngineFolder $EngineFolder
        $before = Get-Snapshot $checkout
        $engine = Join-Path $checkout $EngineFolder 'OrchestrationEngine.psm1'
        $launcher = Join-Path $checkout 'Start-AitherZero.ps1'
        $original = [System.IO.File]::ReadAllText($engine)

        $done = Install-AitherOrchestration -Path $checkout
        $done.Action | Should -Be 'Installed'
        $done.Path | Should -Be $checkout
        $done.Engine | Should -Be ([System.IO.Path]::GetFullPath($engine))
        $done.Launcher | Should -Be $launcher
        [System.IO.File]::ReadAllText((Join-Path $checkout $EngineFolder 'OrchestrationEngine.original.psm1')) |
            Should -BeExactly $original
        [System.IO.File]::ReadAllText((Join-Path $checkout 'Start-AitherZero.original.ps1')) | Should -BeLike '*original launcher*'
        [System.IO.File]::ReadAllText($engine) | Should -BeLike '*AitherZero.Orchestration*'
        $module = Get-Module AitherZero.Orchestration
        $copy = Join-Path $checkout $EngineFolder 'AitherZero.Orchestration'
        Get-Snapshot $copy | Should -Be (Get-Snapshot $module.ModuleBase)

        # The folder of the module, its files, and one kept original each: nothing else is new.
        $new = @(Get-Snapshot $checkout).Where({ $_ -notin $before -and $_ -notlike '*AitherZero.Orchestration*' })
        $expected = "$EngineFolder/OrchestrationEngine.original.psm1", "$EngineFolder/OrchestrationEngine.psm1",
        'Start-AitherZero.original.ps1', 'Start-AitherZero.ps1'
        $new.ForEach({ ($_ -split ' ')[0] -replace '\\', '/' }) | Sort-Object | Should -Be ($expected | Sort-Object)

        $undone = Install-AitherOrchestration -Path $checkout -Uninstall
        $undone.Action | Should -Be 'Uninstalled'
        $undone.Launcher | Should -Be $launcher
        Get-Snapshot $checkout | Should -Be $before
        (Install-AitherOrchestration -Path $checkout -Uninstall).Action | Should -Be 'Unchanged'
    }

    It 'serves every engine that a checkout has' {
        $checkout = New-Checkout
        $old = Join-Path $checkout 'aithercore'
        $null = [System.IO.Directory]::CreateDirectory($old)
        [System.IO.File]::WriteAllText((Join-Path $old 'OrchestrationEngine.psm1'), 'an older copy')
        $before = Get-Snapshot $checkout
        (Install-AitherOrchestration $checkout).Engine.Count | Should -Be 2
        Test-Path (Join-Path $old 'AitherZero.Orchestration' 'AitherZero.Orchestration.psd1') | Should -BeTrue
        $null = Install-AitherOrchestration $checkout -Uninstall
        Get-Snapshot $checkout | Should -Be $before
    }

    It 'changes nothing the second time, and replaces an older version of ours' {
        $checkout = New-Checkout
        $null = Install-AitherOrchestration $checkout
        $after = Get-Snapshot $checkout
        (Install-AitherOrchestration $checkout).Action | Should -Be 'Unchanged'
        Get-Snapshot $checkout | Should -Be $after

        $folder = Join-Path $checkout 'domains' 'automation'
        [System.IO.File]::AppendAllText((Join-Path $folder 'OrchestrationEngine.psm1'), "# older`n")
        [System.IO.File]::AppendAllText((Join-Path $checkout 'Start-AitherZero.ps1'), "# older`n")
        [System.IO.File]::WriteAllText((Join-Path $folder 'AitherZero.Orchestration' 'Gone.ps1'), 'no longer a part')
        (Install-AitherOrchestration $checkout).Action | Should -Be 'Upgraded'
        Get-Snapshot $checkout | Should -Be $after
        Get-Leftover $checkout | Should -BeNullOrEmpty
    }

    It 'leaves the launcher alone with -KeepLauncher, and where it has no -Mode' {
        $checkout = New-Checkout
        $before = [System.IO.File]::ReadAllText((Join-Path $checkout 'Start-AitherZero.ps1'))
        (Install-AitherOrchestration $checkout -KeepLauncher).Launcher | Should -BeNullOrEmpty
        [System.IO.File]::ReadAllText((Join-Path $checkout 'Start-AitherZero.ps1')) | Should -BeExactly $before
        Test-Path (Join-Path $checkout 'Start-AitherZero.original.ps1') | Should -BeFalse

        $checkout = New-Checkout -NewerLauncher
        $run = Invoke-Capturing $checkout { Install-AitherOrchestration . }
        $run.Warnings | Should -BeLike '*Start-AitherZero.ps1 has no -Mode*'
        $run.Result.Launcher | Should -BeNullOrEmpty
        [System.IO.File]::ReadAllText((Join-Path $checkout 'Start-AitherZero.ps1')) | Should -BeLike '*newer*'
    }

    It 'writes nothing with -WhatIf' {
        $checkout = New-Checkout
        $before = Get-Snapshot $checkout
        Install-AitherOrchestration $checkout -WhatIf 6>$null | Should -BeNullOrEmpty
        Get-Snapshot $checkout | Should -Be $before
        $null = Install-AitherOrchestration $checkout
        $before = Get-Snapshot $checkout
        Install-AitherOrchestration $checkout -Uninstall -WhatIf 6>$null | Should -BeNullOrEmpty
        Get-Snapshot $checkout | Should -Be $before
    }

    It 'takes everything back when a step fails' {
        $checkout = New-Checkout
        $before = Get-Snapshot $checkout
        InModuleScope AitherZero.Orchestration -Parameters @{ checkout = $checkout } {
            $steps = @(
                New-InstallationStep -Kind Folder -Place (Join-Path $checkout 'automation-scripts') -Source (Join-Path $checkout 'domains')
                New-InstallationStep -Kind File -Place (Join-Path $checkout 'AitherZero.psd1') -Source (Join-Path $checkout 'AitherZero.psm1')
                New-InstallationStep -Kind File -Place (Join-Path $checkout 'new.txt') -Source (Join-Path $checkout 'AitherZero.psm1')
                New-InstallationStep -Kind Move -Place (Join-Path $checkout 'Start-AitherZero.ps1') -Source (Join-Path $checkout 'AitherZero.psm1')
                New-InstallationStep -Kind File -Place (Join-Path $checkout 'domains' 'x.psm1') -Source (Join-Path $checkout 'nowhere')
            )
            { Invoke-InstallationStep -Step $steps } | Should -Throw -ErrorId 'Installation.Failed'
        }
        Get-Snapshot $checkout | Should -Be $before
        Get-Leftover $checkout | Should -BeNullOrEmpty
    }

    It 'never overwrites an original that was kept' {
        $checkout = New-Checkout
        $kept = Join-Path $checkout 'domains' 'automation' 'OrchestrationEngine.original.psm1'
        [System.IO.File]::WriteAllText($kept, 'kept long ago')
        $before = Get-Snapshot $checkout
        { Install-AitherOrchestration $checkout } | Should -Throw -ErrorId 'Installation.OriginalExists,Install-AitherOrchestration'
        Get-Snapshot $checkout | Should -Be $before
    }

    It 'throws nobody''s folder away: <Name>' -ForEach @(
        @{ Name = 'domains/automation/AitherZero.Orchestration'; Id = 'Installation.ForeignFolder' }
        @{ Name = 'Start-AitherZero.original.ps1'; Id = 'Installation.OriginalExists' }
    ) {
        $checkout = New-Checkout
        $null = [System.IO.Directory]::CreateDirectory((Join-Path $checkout $Name))
        [System.IO.File]::WriteAllText((Join-Path $checkout $Name 'theirs.txt'), 'theirs')
        $before = Get-Snapshot $checkout
        { Install-AitherOrchestration $checkout } | Should -Throw -ErrorId "$Id,Install-AitherOrchestration"
        Get-Snapshot $checkout | Should -Be $before
    }

    It 'removes what is left where git has brought the original back, and says so where the original is gone' {
        $checkout = New-Checkout
        $before = Get-Snapshot $checkout
        $null = Install-AitherOrchestration $checkout
        $engine = Join-Path $checkout 'domains' 'automation' 'OrchestrationEngine.psm1'
        $kept = Join-Path $checkout 'domains' 'automation' 'OrchestrationEngine.original.psm1'
        [System.IO.File]::Copy($kept, $engine, $true)
        (Install-AitherOrchestration $checkout -Uninstall).Action | Should -Be 'Uninstalled'
        Get-Snapshot $checkout | Should -Be $before

        $null = Install-AitherOrchestration $checkout
        [System.IO.File]::Delete($kept)
        { Install-AitherOrchestration $checkout -Uninstall } |
            Should -Throw -ErrorId 'Installation.MissingOriginal,Install-AitherOrchestration'
    }

    It 'refuses what is no checkout, naming what it looked for' {
        $project = New-Project @{ '0101_A' = '' }
        { Install-AitherOrchestration $project } | Should -Throw -ErrorId 'Checkout.NotFound,Install-AitherOrchestration'
        { Install-AitherOrchestration $project } |
            Should -Throw '*domains/automation/OrchestrationEngine.psm1, aithercore/automation/OrchestrationEngine.psm1*'
        { Install-AitherOrchestration (Join-Path $project 'gone') } | Should -Throw '*There is no folder*gone*'
    }
}

Describe 'AitherZero with the drop-in, <Title>' -ForEach @(
    @{ Title = 'imported by its root module'; Options = @{} }
    @{ Title = 'nested by its manifest'; Options = @{ Nested = $true } }
    @{ Title = 'in aithercore/automation'; Options = @{ EngineFolder = 'aithercore/automation' } }
) {
    It 'loads unchanged, and its commands are ours' {
        $checkout = New-Checkout @Options
        $null = Install-AitherOrchestration $checkout
        $code = "Import-Module '$(Join-Path $checkout 'AitherZero.psd1')'
            `$names = (Get-Command -Name '*' -CommandType Function).Where({ `$_.Module.Name -eq 'AitherZero.Orchestration' }).Name | Sort-Object
            'exported: ' + (`$names -join ' ')
            'seq: ' + (Get-Alias seq).Definition
            'az: ' + (az)
            'result: ' + (seq 0101 -Quiet).Jobs.Output
            'again: ' + (Invoke-OrchestrationSequence -Sequence 0101 -Quiet).Total
            seq 0102 -Quiet | Out-Null
            exit `$LASTEXITCODE"
        $run = Invoke-Shell @('-Command', $code) -Location ([System.IO.Path]::GetTempPath())
        $own = @((Get-Module AitherZero.Orchestration).ExportedFunctions.Keys | Sort-Object)
        $run.Text | Should -BeLike "*exported: $($own -join ' ') *"
        $run.Text | Should -BeLike '*seq: Invoke-OrchestrationSequence *az: one script *result: first ran *again: 1*'
        $run.ExitCode | Should -Be 1
    }
}

Describe 'OrchestrationEngine.psm1' {
    It 'exports every command of the module, and no other, and finds the module on PSModulePath too' {
        $folder = Join-Path $TestDrive 'alone'
        $null = [System.IO.Directory]::CreateDirectory($folder)
        $module = Get-Module AitherZero.Orchestration
        $beside = [System.IO.Path]::GetDirectoryName($module.ModuleBase)
        $code = "`$env:PSModulePath = '$beside'
            `$module = Import-Module ./OrchestrationEngine.psm1 -PassThru
            (@(`$module.ExportedFunctions.Keys) + @(`$module.ExportedAliases.Keys) | Sort-Object) -join ' '"
        $expected = @(@($module.ExportedFunctions.Keys) + 'seq' | Sort-Object) -join ' '
        [System.IO.File]::Copy((Join-Path $beside 'OrchestrationEngine.psm1'), (Join-Path $folder 'OrchestrationEngine.psm1'))
        foreach ($place in $beside, $folder) {
            (Invoke-Shell @('-Command', $code) -Location $place).Text.Trim() | Should -Be $expected
        }
    }
}
