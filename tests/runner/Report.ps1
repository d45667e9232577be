function Write-Report {
    [CmdletBinding()]
    param($Container, [bool] $Detailed, [hashtable] $Totals)

    $failed = @($Container.Tests | Where-Object Result -EQ 'Failed')
    $counts = @{
        Passed  = @($Container.Tests | Where-Object Result -EQ 'Passed').Count
        Failed  = $failed.Count + @($Container.Problems).Count
        Skipped = @($Container.Tests | Where-Object Result -In 'Skipped', 'Inconclusive').Count
    }
    $seconds = $Container.Duration.TotalSeconds.ToString('0.00', [cultureinfo]::InvariantCulture)
    $name = Split-Path -Leaf $Container.Path
    $line = "$($counts.Passed) passed, $($counts.Failed) failed, $($counts.Skipped) skipped"
    Write-Host "${name}: $line ($seconds s)"
    if ($Detailed) {
        foreach ($test in $Container.Tests) {
            $mark = @{ Passed = '+'; Failed = '-' }[$test.Result] ?? '!'
            $milliseconds = [int] $test.Duration.TotalMilliseconds
            $note = if ($mark -eq '!' -and $test.Message) { " ($($test.Message))" } else { '' }
            Write-Host "  [$mark] $($test.Path)$note $milliseconds ms"
        }
    }
    foreach ($failure in @($failed) + @($Container.Problems)) {
        Write-Failure -Path $failure.Path -Message $failure.Message -Position $failure.Position
    }
    foreach ($key in $counts.Keys) {
        $Totals[$key] += $counts[$key]
    }
}

function Write-Failure {
    [CmdletBinding()]
    param([string] $Path, [string] $Message, [string] $Position)

    Write-Host "  FAILED $Path"
    foreach ($line in $Message -split '\r?\n') {
        Write-Host "    $line"
    }
    Write-Host "    at $Position"
}

function Invoke-WithPester {
    [CmdletBinding()]
    param([string[]] $Path, [hashtable] $Options)

    $configuration = New-PesterConfiguration
    $configuration.Run.Path = $Path
    $configuration.Run.PassThru = $true
    # No test has a use for it, and two sessions on a new Windows stumble over making its key at once.
    $configuration.TestRegistry.Enabled = $false
    $configuration.Output.Verbosity = $Options.Detailed ? 'Detailed' : 'None'
    if ($Options.Filter) { $configuration.Filter.FullName = $Options.Filter }
    if ($Options.Tag) { $configuration.Filter.Tag = $Options.Tag }
    if ($Options.ExcludeTag) { $configuration.Filter.ExcludeTag = $Options.ExcludeTag }
    $result = Invoke-Pester -Configuration $configuration
    $totals = @{ Passed = 0; Failed = 0; Skipped = 0 }
    foreach ($container in $result.Containers) {
        $problems = [Collections.Generic.List[object]]::new()
        foreach ($record in @($container.ErrorRecord)) {
            if ($record) { $problems.Add((ConvertTo-Problem -Path 'discovery' -ErrorRecord $record)) }
        }
        # Pester's result of a container is another object than the container of its blocks: the file is the same.
        $file = $container.Item.FullName
        # A block whose teardown failed has no failed test to show for it.
        foreach ($block in @($result.FailedBlocks | Where-Object { $_.BlockContainer.Item.FullName -eq $file })) {
            if ($block.FailedCount -eq 0) {
                $name = "$($block.ExpandedPath -join '.').(AfterAll)"
                $problems.Add((ConvertTo-Problem -Path $name -ErrorRecord @($block.ErrorRecord)[0]))
            }
        }
        $own = @($result.Tests | Where-Object { $_.Block.BlockContainer.Item.FullName -eq $file })
        $tests = foreach ($test in @($own | Where-Object Result -NE 'NotRun')) {
            # A test that never ran has no error of its own: the set-up of a block around it has.
            $record, $block = @($test.ErrorRecord)[0], $test.Block
            while (-not $record -and $block -and $test.Result -eq 'Failed') {
                $record, $block = @($block.ErrorRecord)[0], $block.Parent
            }
            $problem = ConvertTo-Problem -Path $test.ExpandedPath -ErrorRecord $record
            $members = @{ Result = $test.Result; Duration = $test.Duration }
            $problem | Add-Member -NotePropertyMembers $members -PassThru
        }
        $report = [pscustomobject]@{
            Path     = $file
            Tests    = @($tests)
            Problems = $problems.ToArray()
            Duration = $container.Duration
        }
        Write-Report -Container $report -Detailed $false -Totals $totals
    }
    $totals
}

function ConvertTo-Problem {
    [CmdletBinding()]
    param([string] $Path, $ErrorRecord)

    [pscustomobject]@{
        Path     = $Path
        Message  = "$($ErrorRecord.Exception.Message)"
        Position = Get-FailurePosition -ErrorRecord $ErrorRecord
    }
}
