BeforeDiscovery {
    # Every PowerShell and JSON sample of AitherZero's ORCHESTRATION-ENHANCEMENTS.md, where it is at hand: shared/
    # beside the checkout, or AITHER_SHARED. Where it is not, samples of the same shapes.
    $shared = $env:AITHER_SHARED ?? (Join-Path $PSScriptRoot '..' '..' '..' 'shared')
    $guide = Join-Path $shared 'GUIDE.md'
    if (-not (Test-Path -LiteralPath $guide)) {
        $guide = Join-Path $PSScriptRoot '..' 'fixtures' 'guide-shapes.md'
    }
    $text = [System.IO.File]::ReadAllText($guide).Replace("`r`n", "`n")
    $number = 0
    $samples = foreach ($block in [regex]::Matches($text, '(?ms)^```(powershell|json)\n(.*?)^```')) {
        $number++
        $code = $block.Groups[2].Value
        $heading = [regex]::Matches($text.Substring(0, $block.Index), '(?m)^#+ +(.+)$')[-1].Groups[1].Value
        @{
            Number   = $number
            Heading  = $heading -replace '[^\x20-\x7e]'
            Language = $block.Groups[1].Value
            Code     = $code
        }
    }
    $scripts = @($samples | Where-Object { $_.Language -eq 'powershell' })
    # One JSON sample is part of a summary; the others are playbooks.
    $playbooks = @($samples | Where-Object { $_.Language -eq 'json' -and $_.Code -match '"orchestration"' })
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    function New-GuideProject {
        # A project with the scripts and the playbooks that the guide names.
        $own = @{}
        foreach ($script in '0402_Run-UnitTests', '0404_Run-PSScriptAnalyzer', '0407_Validate-Syntax', '0500_Validate-Environment') {
            $own[$script] = "param(`$profile, `$platform, `$os, `$psVersion, `$testType, `$coverage, `$severity)
                Set-OrchestrationOutput profile `$profile
                'ran'"
        }
        $root = New-Project $own
        foreach ($name in 'test-full', 'test-quick', 'ci-all-validations', 'ci-pr-validation', 'ci-comprehensive-test', 'test-matrix-comprehensive') {
            $stages = @(
                @{ name = 'Syntax'; description = 'd'; sequences = @('0407') }
                @{ name = 'stage-name'; description = 'd'; sequences = @('0402') }
            )
            $null = Add-Playbook $root $name (New-StagedPlaybook $stages -Name $name)
        }
        Copy-Item (Join-Path $PSScriptRoot '..' '..' 'powershell' 'Start-AitherZero.ps1') $root
        $root
    }

    # The launcher finds the module that is loaded here. A copy in the project would take its place, and be gone
    # with the project.
    $modulePath = $env:PSModulePath
    $env:PSModulePath = (Split-Path (Get-Module AitherZero.Orchestration).ModuleBase) +
    [System.IO.Path]::PathSeparator + $modulePath
    $project = New-GuideProject
}

AfterAll { $env:PSModulePath = $modulePath }

Describe 'A sample of the guide' {
    It '<Number>, <Heading>, runs as written' -ForEach $scripts {
        Invoke-InProject $project {
            # Samples about a cache or a summary expect that there has been a run with one.
            $null = New-Item -ItemType Directory -Force -Path '.orchestration-cache/metadata'
            # One sample takes the cache away. Once a day a run has it collected and waits for nobody: today's is done.
            $null = New-Item -ItemType File -Force -Path '.orchestration-cache/locks/collected'
            # For its progress Remove-Item counts a folder's files on another thread while it removes them. Where
            # an open folder cannot be removed (Wine, Windows before 10), that now and then stops it.
            $ProgressPreference = 'SilentlyContinue'
            $Error.Clear()
            $global:LASTEXITCODE = 0
            # Samples about a result expect one.
            $result = Invoke-OrchestrationSequence -LoadPlaybook 'test-quick' -Quiet
            $block = [scriptblock]::Create("param(`$result)`n$Code")
            $output = @(& $block $result 2>&1 6> $null)
            # One sample clears the cache and lists it: the listing may find nothing.
            $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } |
                Where-Object FullyQualifiedErrorId -NotLike 'PathNotFound,*GetChildItemCommand' |
                Should -BeNullOrEmpty -Because $Code
            $global:LASTEXITCODE | Should -Be 0 -Because $Code
            $runs = [regex]::Matches($Code, '(?m)^[^#\n]*Invoke-OrchestrationSequence').Count
            $results = @($output | Where-Object { $_.PSTypeNames -contains 'AitherZero.Orchestration.Result' })
            $results.Count | Should -BeGreaterOrEqual ([System.Math]::Min(1, $runs)) -Because $Code
            foreach ($one in $results) {
                $one.Success | Should -BeTrue -Because $Code
                if ($Code -match '-GenerateSummary' -and $runs -eq 1) {
                    Test-Path -LiteralPath $one.SummaryPath | Should -BeTrue
                }
            }
        }
    }

    It '<Number>, <Heading>, is a playbook that runs' -ForEach $playbooks {
        $null = Add-Playbook $project "sample-$Number" $Code
        $run = Invoke-Playbook $project "sample-$Number"
        $run.Error | Should -BeNullOrEmpty -Because $Code
        $run.Result.Success | Should -BeTrue
        $combinations = 1
        foreach ($dimension in [regex]::Matches($Code, '(?s)"MatrixDimensions":\s*\{(.*?)\}')[0].Groups[1].Value -split '\],?') {
            if ($dimension -match '\[(.*)$') {
                $combinations *= ($Matches[1] -split ',').Count
            }
        }
        $run.Result.Total | Should -Be $combinations
        @($run.Result.Jobs.MatrixId | Sort-Object -Unique) | Should -HaveCount $combinations
    }

    It 'makes of the first matrix the four combinations that the guide lists' {
        $run = Invoke-Capturing $project {
            Invoke-OrchestrationSequence -Sequence '0402' -Matrix @{
                profile  = @('quick', 'comprehensive')
                platform = @('Windows', 'Linux')
            } -Quiet
        }
        $pairs = $run.Result.Jobs | ForEach-Object { "$($_.Matrix['profile']) $($_.Matrix['platform'])" }
        $pairs | Sort-Object | Should -Be 'comprehensive Linux', 'comprehensive Windows', 'quick Linux', 'quick Windows'
    }
}
