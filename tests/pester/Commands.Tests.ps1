BeforeDiscovery {
    $root = Join-Path $PSScriptRoot '..' '..' 'powershell' 'AitherZero.Orchestration'
    $commands = Get-ChildItem (Join-Path $root 'Public') -Filter *.ps1 | ForEach-Object { @{ Command = $_.BaseName } }
    $files = Get-ChildItem $root -Recurse -Include *.ps1, *.psm1 -File | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Checkout.ps1')

    function New-ExampleProject {
        # What the examples of the help speak of.
        $scripts = @{}
        foreach ($number in '0401', '0402', '0404', '0405', '0500') {
            $scripts["${number}_Do-Work"] = "# Stage: Testing`nparam(`$profile, `$platform, `$os)`nSet-OrchestrationOutput it 1"
        }
        $project = New-Project $scripts
        $quick = New-StagedPlaybook @(@{ name = 'Quick'; description = 'd'; sequences = @('0402') }) -Name 'test-quick' -Orchestration @{
            profiles = @{ ci = @{ description = 'd'; variables = @{ profile = 'ci' } } }
        }
        $null = Add-Playbook $project 'core/testing/test-quick' $quick
        # A run that has been, with an artifact, and a file for another.
        $null = [System.IO.Directory]::CreateDirectory((Join-Path $project 'out'))
        [System.IO.File]::WriteAllText((Join-Path $project 'out' 'report.md'), '# Report')
        [System.IO.File]::AppendAllText((Join-Path $project 'automation-scripts' '0402_Do-Work.ps1'),
            "`nPublish-OrchestrationArtifact -Name report -Path 'out/**'")
        $null = Invoke-Capturing $project { Invoke-OrchestrationSequence 0402 -Quiet }
        $project
    }

    function Invoke-Example {
        # Runs an example, in a job where it is for one. Gives the error that ended it or that it showed, if any.
        param([string] $Project, [string] $Code)

        $shown = @()
        try {
            $shown = @(Invoke-InProject $Project { & ([scriptblock]::Create($Code)) 2>&1 3> $null 4> $null 6> $null } |
                    Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        } catch {
            $shown = @($_)
        }
        if (-not $shown -or $shown[0].FullyQualifiedErrorId -notlike '*.NoJob,*') {
            return $shown
        }
        [System.IO.File]::WriteAllText((Join-Path $Project 'automation-scripts' '0999_Example.ps1'), $Code)
        $run = Invoke-Capturing $Project { Invoke-OrchestrationSequence 0999 -Quiet }
        $run.Error ? $run.Error : $run.Result.Jobs[0].Error
    }
}

Describe 'The examples of <Command>' -ForEach $commands {
    It 'has at least one that runs as it stands' {
        $examples = @((Get-Command $Command).ScriptBlock.Ast.GetHelpContent().Examples | ForEach-Object { ($_ -split '\r?\n\r?\n')[0] })
        $problems = foreach ($example in $examples) {
            # A checkout of the user's is none of a test's business.
            $code = $example.Replace('~/src/AitherZero', (New-Checkout))
            $problem = Invoke-Example (New-ExampleProject) $code
            if (-not $problem) {
                $problems = $null
                break
            }
            "$code => $problem"
        }
        $problems | Should -BeNullOrEmpty
        $examples.Count | Should -BeGreaterThan 0
    }
}

Describe 'What <Command> promises' -ForEach $commands {
    It 'asks before it changes something that a user keeps' {
        $verb = $Command.Split('-')[0]
        if ($verb -in 'Clear', 'Export', 'Install', 'Remove', 'Restore', 'Save') {
            (Get-Command $Command).Parameters.ContainsKey('WhatIf') | Should -BeTrue
            (Get-Command $Command).ScriptBlock.Ast.Extent.Text | Should -Match 'ShouldProcess'
        }
    }

    It 'has an approved verb and a test file of its name' {
        # AitherZero's own names, which its users type.
        (Get-Verb).Verb + 'Expand', 'Send' | Should -Contain $Command.Split('-')[0]
        $tests = Get-ChildItem $PSScriptRoot -Filter *.Tests.ps1 | ForEach-Object { [System.IO.File]::ReadAllText($_.FullName) }
        @($tests -match "\b$Command\b").Count | Should -BeGreaterThan 0
    }
}

Describe '<Name>' -ForEach $files {
    It 'calls commands by their names, not by aliases' {
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$null)
        $aliases = @('%', '?', 'cat', 'cd', 'cp', 'del', 'dir', 'echo', 'foreach', 'gci', 'gc', 'gm', 'iex', 'ls', 'mv', 'pwd', 'rm', 'select',
            'seq', 'sort', 'tee', 'type', 'where', 'write', 'measure', 'group', 'ft', 'fl', 'sleep', 'kill', 'ps', 'copy', 'move')
        $calls = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        $calls | ForEach-Object { $_.GetCommandName() } | Where-Object { $_ -in $aliases } | Should -BeNullOrEmpty
    }
}

Describe 'about_AitherZero_Orchestration' {
    It 'is where Get-Help looks, and names only what there is' {
        $module = Get-Module AitherZero.Orchestration
        $text = [System.IO.File]::ReadAllText((Join-Path $module.ModuleBase 'en-US' 'about_AitherZero_Orchestration.help.txt'))
        $text | Should -Match '(?m)^TOPIC\r?\n    about_AitherZero_Orchestration'
        foreach ($name in [regex]::Matches($text, '\b[A-Z][a-z]+-(Orchestration|Aither)\w+').Value | Sort-Object -Unique) {
            $module.ExportedFunctions.Keys | Should -Contain $name
        }
        $lines = $text.Split("`n")
        $lines.Where({ $_.TrimEnd().Length -gt 115 }) | Should -BeNullOrEmpty
    }
}
