# Nothing that a playbook, a header or a matrix names speaks to the terminal in our own messages, lines and tables.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    $script:evil = "`e]0;owned`a`e[2Jx"

    function Get-Drawn {
        # What a block writes to any stream, and its objects as a table and a list have them.
        param([string] $Project, [scriptblock] $Block)

        $style = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'PlainText'
        try {
            $records = @(
                try {
                    Invoke-InProject $Project $Block *>&1
                } catch {
                    $_
                }
            )
            $objects = @($records | Where-Object { $_.PSTypeNames -like 'AitherZero.*' })
            $words = @($records | ForEach-Object { "$_" })
            $places = @($records | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object {
                    "$($_.FullyQualifiedErrorId) $($_.TargetObject) $($_.ErrorDetails)" })
            $tables = @($objects | Format-Table | Out-String -Width 300) + @($objects | Format-List | Out-String)
            ($words + $places + $tables) -join "`n"
        } finally {
            $PSStyle.OutputRendering = $style
        }
    }

    function New-EvilBook {
        # A playbook whose every name would speak to a terminal.
        @{
            metadata      = [ordered]@{ name = "evil$evil"; description = $evil; version = '3.0.0' }
            orchestration = [ordered]@{
                "jibs$evil" = 1
                jobs        = [ordered]@{
                    one = [ordered]@{
                        name     = "one$evil"
                        strategy = @{ matrix = [ordered]@{ os = @("a$evil", 'b') } }
                        steps    = @(@{ name = "step$evil"; run = '0101' }, @{ name = "bad$evil"; run = '0102' })
                    }
                    two = [ordered]@{
                        name  = "two$evil"
                        needs = @('one')
                        if    = "'$evil' == 'x'"
                        steps = @(, @{ run = '0101' })
                    }
                }
            }
        }
    }

    $project = New-Project @{
        '0101_Good' = "# Stage: St$evil`n# Description: De$evil`n# Tags: t$evil`n# Dependencies: none$evil`n'fine'"
        '0102_Bad'  = "throw `"bad `$([char]27)[31m`""
    }
    $null = Add-Playbook $project 'evil' (New-EvilBook)
}

Describe 'Nothing speaks to the terminal' {
    It 'in what <What> says' -ForEach @(
        @{ What = 'a run'; Block = { Invoke-OrchestrationSequence -LoadPlaybook evil -ContinueOnError -Verbose } }
        @{ What = 'a dry run'; Block = { Invoke-OrchestrationSequence -LoadPlaybook evil -DryRun } }
        @{ What = 'a sequence'; Block = { Invoke-OrchestrationSequence '0101,0102' -Verbose } }
        @{ What = 'a matrix'; Block = { Invoke-OrchestrationSequence '0101' -Matrix @{ os = $evil, 'b' } -Verbose } }
        @{ What = 'a plan'; Block = { Show-MatrixOrchestrationPlan -Scripts '0101' -Matrix @{ os = $evil, 'b' } } }
        @{ What = 'the check of a playbook'; Block = { Test-OrchestrationPlaybook -Name evil } }
        @{ What = 'a missing playbook'; Block = { Invoke-OrchestrationSequence -LoadPlaybook "no$evil" } }
        @{ What = 'a missing script'; Block = { Invoke-OrchestrationSequence "09$evil" } }
        @{ What = 'the list of playbooks'; Block = { Get-OrchestrationPlaybook -ListAvailable } }
        @{ What = 'the list of runs'; Block = { Get-OrchestrationRun; Get-OrchestrationRun -Id Last } }
        @{ What = 'the look at the cache'; Block = {
                $null = Invoke-OrchestrationSequence '0101' -Variables @{ who = $evil } -UseCache -Quiet
                Test-OrchestrationCache '0101' -Variables @{ who = "other$evil" }
            }
        }
    ) {
        $drawn = Get-Drawn $project $Block
        $drawn | Should -Not -BeNullOrEmpty
        # The one that a script writes itself is the script's.
        $lines = @($drawn -split "`n" | Where-Object { $_ -match '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' })
        $lines | ConvertTo-Json | Should -Be (@() | ConvertTo-Json)
    }

    It 'and a script still gets the value as it was written' {
        $own = New-Project @{ '0101_Tell' = 'param($os) [int[]][char[]]$os -join "," ' }
        $result = Invoke-InProject $own { Invoke-OrchestrationSequence '0101' -Matrix @{ os = $evil, 'b' } -Quiet }
        $result.Jobs[0].Output | Should -Be ([int[]][char[]]$evil -join ',')
        $result.Jobs[0].Matrix['os'] | Should -Be $evil
    }
}
