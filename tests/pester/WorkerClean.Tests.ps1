# What one script does to its session, the next must not see.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    function Invoke-Pair {
        # Runs two scripts one after the other in one worker's place; gives the run.
        param([string] $First, [string] $Second, [hashtable] $Options = @{ Parallel = $false })

        $project = New-Project ([ordered]@{ '0101_First' = $First; '0102_Second' = $Second })
        Invoke-Capturing $project { Invoke-OrchestrationSequence '0101,0102' -ContinueOnError -Quiet @Options }
    }
}

Describe 'What a script leaves behind' {
    It 'does not reach the next one: <Name>' -ForEach @(
        @{ Name = 'location'; First = 'Set-Location -LiteralPath ([System.IO.Path]::GetTempPath()) '
            Second = '"$(-not (Test-Path automation-scripts))"'; Seen = 'False' }
        @{ Name = 'preference variables'
            First = '$global:ErrorActionPreference = "Stop"; $global:WarningPreference = "Stop"; $global:ConfirmPreference = "Low"'
            Second = '"$ErrorActionPreference $WarningPreference $ConfirmPreference"'; Seen = 'Continue Continue High' }
        @{ Name = 'other built-in variables'; First = '$global:OFS = "-"; $global:FormatEnumerationLimit = 77'
            Second = '"$(1, 2) $FormatEnumerationLimit"'; Seen = '1 2 4' }
        @{ Name = '$Error'; First = 'Write-Error one -ErrorAction SilentlyContinue; try { throw 2 } catch { }'
            Second = '"$($Error.Count)"'; Seen = '0' }
        @{ Name = 'a global variable'; First = '$global:Mine = 1'; Second = '"[$global:Mine]"'; Seen = '[]' }
        @{ Name = 'a constant'; First = 'Set-Variable -Name Mine -Value 1 -Option Constant -Scope Global'
            Second = '"[$global:Mine]"'; Seen = '[]' }
        @{ Name = 'a removed variable'; First = 'Remove-Variable -Name MaximumHistoryCount -Scope Global -Force'
            Second = '"$($null -ne $MaximumHistoryCount)"'; Seen = 'True' }
        @{ Name = 'a global function'; First = 'function global:Get-Mine { 1 }'
            Second = '"[$(Get-Command Get-Mine -ErrorAction Ignore)]"'; Seen = '[]' }
        @{ Name = 'a changed function'; First = 'function global:Set-OrchestrationOutput { "mine" }'
            Second = '"$("${function:Set-OrchestrationOutput}".Length -gt 100)"'; Seen = 'True' }
        @{ Name = 'a global alias'; First = 'Set-Alias -Name mine -Value Get-Item -Scope Global'
            Second = '"[$(Get-Alias mine -ErrorAction Ignore)]"'; Seen = '[]' }
        @{ Name = 'a changed alias'; First = 'Set-Alias -Name gci -Value Get-Location -Scope Global -Force'
            Second = '"$((Get-Alias gci).Definition)"'; Seen = 'Get-ChildItem' }
        @{ Name = 'Set-StrictMode'; First = 'Set-StrictMode -Version Latest'; Second = '"[$Undefined]"'; Seen = '[]' }
        @{ Name = 'Set-PSDebug -Strict'; First = 'Set-PSDebug -Strict'; Second = '"[$Undefined]"'; Seen = '[]' }
        @{ Name = 'Set-PSDebug -Trace'; First = 'Set-PSDebug -Trace 1'
            Second = '"$([runspace]::DefaultRunspace.Debugger.IsActive)"'; Seen = 'False' }
        @{ Name = '$PSDefaultParameterValues'; First = '$global:PSDefaultParameterValues["Get-Item:Force"] = $true'
            Second = '"$($PSDefaultParameterValues.Count)"'; Seen = '0' }
        @{ Name = 'a module'; First = '$null = New-Module -Name Mine { function Get-Mine { } } | Import-Module'
            Second = '"[$(Get-Module Mine)]"'; Seen = '[]' }
        @{ Name = 'a drive'
            First = '$null = New-PSDrive -Name Mine -PSProvider FileSystem -Root ([System.IO.Path]::GetTempPath()) -Scope Global'
            Second = '"$(Test-Path Mine:)"'; Seen = 'False' }
        @{ Name = 'the culture'
            First = '$own = [cultureinfo]::InvariantCulture.Clone(); $own.NumberFormat.NumberDecimalSeparator = ";"
                [cultureinfo]::CurrentCulture = $own'
            Second = '"$((1.5).ToString())"'; Seen = (1.5).ToString() }
        @{ Name = '$env:'; First = '$env:AITHER_TEST_MINE = 1; $env:PSModulePath = "/nowhere"'
            Second = '"[$env:AITHER_TEST_MINE] $($env:PSModulePath -eq "/nowhere")"'; Seen = '[] False' }
        @{ Name = 'the process''s folder'; First = '[System.Environment]::CurrentDirectory = [System.IO.Path]::GetTempPath()'
            Second = '"$([System.Environment]::CurrentDirectory.TrimEnd("/\") -eq [System.IO.Path]::GetTempPath().TrimEnd("/\"))"'
            Seen = 'False' }
        @{ Name = 'an exit code'; First = 'exit 7'; Second = '"$LASTEXITCODE"'; Seen = '0' }
        @{ Name = '$host.SetShouldExit'; First = '$host.SetShouldExit(5)'; Second = '"alive"'; Seen = 'alive' }
        @{ Name = 'a stray break'; First = 'break'; Second = '"alive"'; Seen = 'alive' }
        @{ Name = 'a stray continue'; First = 'continue'; Second = '"alive"'; Seen = 'alive' }
        @{ Name = 'an event subscriber'
            First = '$timer = [System.Timers.Timer]::new(1e6)
                $null = Register-ObjectEvent -InputObject $timer -EventName Elapsed -SourceIdentifier Mine -Action { }'
            Second = '"$($ExecutionContext.Events.Subscribers.Count)"'; Seen = '0' }
        @{ Name = '$PSStyle'; First = '$PSStyle.Formatting.Error = "odd"'
            Second = '"$($PSStyle.Formatting.Error -eq "odd")"'; Seen = 'False' }
    ) {
        $run = Invoke-Pair $First $Second
        $run.Result.Jobs[1].Error | Should -BeNullOrEmpty
        $run.Result.Jobs[1].Output | Should -Be $Seen
        $run.Warnings | Should -BeNullOrEmpty
    }

    It 'does not reach the next one where the tables of the session cannot be had: <Name>' -ForEach @(
        @{ Name = 'a global variable'; First = '$global:Mine = 1'; Second = '"[$global:Mine]"'; Seen = '[]' }
        @{ Name = 'a global function'; First = 'function global:Get-Mine { 1 }'
            Second = '"[$(Get-Command Get-Mine -ErrorAction Ignore)]"'; Seen = '[]' }
        @{ Name = 'a preference'; First = '$global:ErrorActionPreference = "Stop"'
            Second = '"$ErrorActionPreference"'; Seen = 'Continue' }
        @{ Name = 'a module'; First = '$null = New-Module -Name Mine { function Get-Mine { } } | Import-Module'
            Second = '"[$(Get-Module Mine)]"'; Seen = '[]' }
    ) {
        InModuleScope AitherZero.Orchestration {
            Initialize-Module
            (Get-WorkerBlock).Live = [scriptblock]::Create('')
        }
        try {
            (Invoke-Pair $First $Second).Result.Jobs[1].Output | Should -Be $Seen
        } finally {
            InModuleScope AitherZero.Orchestration { $script:WorkerBlocks = $null }
        }
    }

    It 'is seen in the tables of the session, which this PowerShell has' {
        InModuleScope AitherZero.Orchestration {
            Initialize-Module
            $runspace = [runspacefactory]::CreateRunspace((New-WorkerSessionState))
            $runspace.Open()
            try {
                $shell = [powershell]::Create($runspace)
                $null = $shell.AddScript('
                    $clean = & $args[0].Notice $null $false
                    $live = & $args[0].Live $clean
                    $before = @($live).Count
                    $global:Mine = 1
                    function global:Get-Mine { }
                    Set-Alias -Name mine -Value Get-Item -Scope Global
                    $before
                    @($live).Count', $true).AddArgument((Get-WorkerBlock))
                $before, $after = $shell.Invoke()
                $before | Should -BeGreaterThan 50
                # Set-Alias may bring its module as well.
                $after - $before | Should -BeGreaterThan 2
            } finally {
                $runspace.Dispose()
            }
        }
    }

    It 'does not cost a worker where a value can be put back' {
        $run = Invoke-Pair '$global:ErrorActionPreference = "Stop"; Set-Location /; $env:AITHER_TEST_MINE = 1
            [runspace]::DefaultRunspace.InstanceId' '[runspace]::DefaultRunspace.InstanceId'
        $run.Result.Jobs[1].Output | Should -Be $run.Result.Jobs[0].Output
    }

    It 'says which environment variables were changed beside other scripts, once' {
        $meeting = @{ Barrier = [System.Threading.Barrier]::new(2) }
        $name = New-Meeting $meeting
        $meet = "`$null = [AppDomain]::CurrentDomain.GetData('$name').Barrier.SignalAndWait(30000)"
        try {
            $run = Invoke-Pair "$meet`n`$env:AITHER_TEST_ONE = 1`n$meet" "$meet`n$meet" @{ MaxConcurrency = 2 }
            [System.Environment]::GetEnvironmentVariable('AITHER_TEST_ONE') | Should -Be '1'
        } finally {
            [System.Environment]::SetEnvironmentVariable('AITHER_TEST_ONE', $null)
        }
        @($run.Warnings -like '*0101_First.ps1*AITHER_TEST_ONE*') | Should -HaveCount 1
    }
}
