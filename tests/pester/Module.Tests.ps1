BeforeDiscovery {
    $root = Join-Path $PSScriptRoot '..' '..' 'powershell' 'AitherZero.Orchestration'
    $files = Get-ChildItem -Path $root -Recurse -Include *.ps1, *.psm1 -File | ForEach-Object {
        @{ Name = $_.Name; Path = $_.FullName; Public = $_.Directory.Name -eq 'Public' }
    }
    $commands = $files | Where-Object Public | ForEach-Object { @{ Command = $_.Name -replace '\.ps1$' } }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    $module = Get-Module AitherZero.Orchestration
    $manifest = Import-PowerShellDataFile (Join-Path $module.ModuleBase 'AitherZero.Orchestration.psd1')
}

Describe 'The module' {
    It 'exports exactly what its manifest lists and its Public folder holds' {
        $public = @(Get-ChildItem (Join-Path $module.ModuleBase 'Public') -Filter *.ps1).BaseName | Sort-Object
        @($module.ExportedFunctions.Keys | Sort-Object) | Should -Be $public
        @($manifest.FunctionsToExport | Sort-Object) | Should -Be $public
        @($module.ExportedAliases.Keys) | Should -Be 'seq'
        $manifest.CmdletsToExport | Should -BeNullOrEmpty
        $manifest.VariablesToExport | Should -BeNullOrEmpty
        $module.ExportedVariables.Count | Should -Be 0
    }

    It 'asks for PowerShell 7.4, Core' {
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'keeps the parameters of Invoke-OrchestrationSequence that AitherZero''s users know' {
        $command = Get-Command Invoke-OrchestrationSequence
        $command.DefaultParameterSet | Should -Be 'Sequence'
        $known = @{
            'string[]'     = 'Sequence'
            'string'       = 'LoadPlaybook', 'PlaybookProfile', 'SavePlaybook', 'ExecutionProfile', 'ConfigFile', 'OutputFormat',
            'OutputPath'
            'object'       = 'Configuration'
            'hashtable'    = 'Variables', 'Conditions'
            'bool'         = 'Parallel'
            'int'          = 'MaxConcurrency'
            'switch'       = 'DryRun', 'ContinueOnError', 'Interactive', 'UseCache', 'GenerateSummary', 'ThrowOnError', 'Quiet',
            'PassThru', 'CaptureOutputs', 'WhatIf', 'Confirm'
            'System.Collections.IDictionary' = 'Matrix'
        }
        foreach ($type in $known.Keys) {
            foreach ($name in $known[$type]) {
                $command.Parameters[$name].ParameterType | Should -Be ([type]$type) -Because $name
            }
        }
        $attribute = $command.Parameters['Sequence'].Attributes.Where({ $_ -is [Parameter] })[0]
        $attribute.Mandatory | Should -BeTrue
        $attribute.Position | Should -Be 0
        $command.ParameterSets.Where({ $_.Name -eq 'Playbook' }).Parameters.Name | Should -Not -Contain 'Sequence'
    }

    It 'loads what the commands call only when one of them is called, and says so in none of them by accident' {
        $private = InModuleScope AitherZero.Orchestration {
            (Get-Command -CommandType Function -Module AitherZero.Orchestration).Name
        }
        # Completers call it instead of the command, and it loads what it calls by itself.
        $private = @($private) -ne 'Complete-Argument'
        $calls = foreach ($file in Get-ChildItem (Join-Path $module.ModuleBase 'Public') -Filter *.ps1) {
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$null)
            $names = @($ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) |
                    ForEach-Object { $_.GetCommandName() } | Where-Object { $_ -in $private -and $_ -notin $manifest.FunctionsToExport })
            if ($names -and $names[0] -ne 'Initialize-Module') {
                "$($file.BaseName) calls $($names[0]) before Initialize-Module"
            }
        }
        $calls | Should -BeNullOrEmpty
        $private.Count | Should -BeGreaterThan $manifest.FunctionsToExport.Count
    }

    It 'reads no private file, and loads no other module, when it is imported' {
        $file = Join-Path $TestDrive 'import.ps1'
        [System.IO.File]::WriteAllText($file, "
            Import-Module '$(Join-Path $module.ModuleBase 'AitherZero.Orchestration.psd1')'
            `$module = Get-Module AitherZero.Orchestration
            & `$module { `$ExecutionContext.SessionState.InvokeProvider.Item.Exists('Function:\New-OrchestrationError') }
            @((Get-Module).Name) -like 'Microsoft.PowerShell.*'")
        @(& (Get-ShellPath) -NoProfile -NonInteractive -File $file) | Should -Be 'False'
    }

    It 'rejects an empty sequence when binding' {
        { Invoke-OrchestrationSequence -Sequence @() } | Should -Throw -ErrorId 'ParameterArgumentValidationErrorEmptyArrayNotAllowed,*'
        { Invoke-OrchestrationSequence -Sequence 0402 -LoadPlaybook x } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}

Describe '<Command>' -ForEach $commands {
    BeforeAll {
        $info = Get-Command $Command
        $help = $info.ScriptBlock.Ast.GetHelpContent()
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    }

    It 'is an advanced function that says what it emits' {
        $info.CmdletBinding | Should -BeTrue
        $info.OutputType | Should -Not -BeNullOrEmpty
    }

    It 'has full help: synopsis, description, every parameter, outputs' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Description | Should -Not -BeNullOrEmpty
        $help.Outputs | Should -Not -BeNullOrEmpty
        foreach ($name in $info.Parameters.Keys | Where-Object { $_ -notin $common }) {
            $help.Parameters[$name.ToUpperInvariant()] | Should -Not -BeNullOrEmpty -Because $name
        }
    }

    It 'has examples that PowerShell can parse and that call it' {
        $help.Examples.Count | Should -BeGreaterThan 0
        foreach ($example in $help.Examples) {
            $code = ($example -split '\r?\n\r?\n')[0]
            $tokens, $mistakes = $null
            $ast = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref]$tokens, [ref]$mistakes)
            $mistakes | Should -BeNullOrEmpty -Because $code
            $calls = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
            $calls | ForEach-Object { $_.GetCommandName() } |
                Where-Object { $_ -eq $Command -or ($Command -eq 'Invoke-OrchestrationSequence' -and $_ -eq 'seq') } |
                Should -Not -BeNullOrEmpty -Because $code
        }
    }
}

Describe '<Name>' -ForEach $files {
    BeforeAll {
        $tokens, $mistakes = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$mistakes)
        $lines = [System.IO.File]::ReadAllLines($Path)
    }

    It 'parses' {
        $mistakes | Should -BeNullOrEmpty
    }

    It 'calls nothing that is forbidden' {
        $forbidden = 'Add-Type', 'Invoke-Expression', 'Write-Host', 'ConvertTo-Json', 'ConvertFrom-Json', 'Start-Sleep', 'Write-Progress'
        $calls = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        $calls | ForEach-Object { $_.GetCommandName() } | Where-Object { $_ -in $forbidden } | Should -BeNullOrEmpty
    }

    It 'has no line past 115 characters, no backtick at a line''s end, no semicolon between statements' {
        $lines.Where({ $_.Length -gt 115 }) | Should -BeNullOrEmpty
        $tokens.Where({ $_.Kind -in 'LineContinuation', 'Semi' }).Where({
                # A table on one line separates its entries so.
                # So do the three parts of a for.
                $_.Kind -eq 'LineContinuation' -or $lines[$_.Extent.StartLineNumber - 1] -notmatch '@\{.*;.*\}|^\s*for \('
            }) | Should -BeNullOrEmpty
    }

    It 'is one idea long, its help aside' {
        $help = $tokens.Where({ $_.Kind -eq 'Comment' -and $_.Text.StartsWith('<#') }).ForEach({ $_.Text.Split("`n").Count })
        $lines.Count - ($help | Measure-Object -Sum).Sum | Should -BeLessThan 300
    }
}
