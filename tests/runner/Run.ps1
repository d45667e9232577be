function Invoke-TestContainer {
    <#
    .SYNOPSIS
        Discovers and runs one test file and returns its tests with their results.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Path,
        [string] $Filter,
        [string[]] $Tag = @(),
        [string[]] $ExcludeTag = @()
    )

    $clock = [Diagnostics.Stopwatch]::StartNew()
    $session = $PSCmdlet.SessionState
    $outer = $script:Container, $script:Current
    $root = New-Block -Name '' -Parent $null -Tag @() -Skip $false
    $script:Container = @{
        DiscoveryFrame = ConvertTo-BoundBlock -ScriptBlock $script:DiscoveryFrame -SessionState $session
        BlockFrame     = ConvertTo-BoundBlock -ScriptBlock $script:BlockFrame -SessionState $session
        TestFrame      = ConvertTo-BoundBlock -ScriptBlock $script:TestFrame -SessionState $session
        TitleFrame     = ConvertTo-BoundBlock -ScriptBlock $script:TitleFrame -SessionState $session
        TestDrive      = New-TestDrive
        Tests          = [Collections.Generic.List[object]]::new()
        Problems       = [Collections.Generic.List[object]]::new()
    }
    try {
        $script:Current = $root
        $source = [scriptblock]::Create(". '$($Path.Replace("'", "''"))'")
        $body = ConvertTo-BoundBlock -ScriptBlock $source -SessionState $session
        try {
            & $script:Container.DiscoveryFrame @{ Variables = @{}; HasItem = $false; Item = $null; Body = $body }
            Select-Test -Block $root -Filter $Filter -Tag $Tag -ExcludeTag $ExcludeTag -Inherited @()
            Invoke-Block -Block $root -Skip $false
        } catch {
            Add-Problem -Path 'discovery' -ErrorRecord $_
        }
        [pscustomobject]@{
            Path     = $Path
            Tests    = $script:Container.Tests.ToArray()
            Problems = $script:Container.Problems.ToArray()
            Duration = $clock.Elapsed
        }
    } finally {
        Remove-TestDrive -Root $script:Container.TestDrive
        $script:Container, $script:Current = $outer
    }
}

function Add-Problem {
    [CmdletBinding()]
    param([string] $Path, [Management.Automation.ErrorRecord] $ErrorRecord)

    $script:Container.Problems.Add([pscustomobject]@{
            Path     = $Path
            Message  = $ErrorRecord.Exception.Message
            Position = Get-FailurePosition -ErrorRecord $ErrorRecord
        })
}

# Marks which tests are wanted; a test has its blocks' tags as well as its own.
function Select-Test {
    [CmdletBinding()]
    param($Block, [string] $Filter, [string[]] $Tag, [string[]] $ExcludeTag, [string[]] $Inherited)

    foreach ($child in $Block.Children) {
        $tags = @($Inherited) + @($child.Tag)
        if ($child.Kind -eq 'Block') {
            Select-Test -Block $child -Filter $Filter -Tag $Tag -ExcludeTag $ExcludeTag -Inherited $tags
            continue
        }
        $named = -not $Filter -or $child.Path -like $Filter
        $tagged = -not $Tag -or @($tags | Where-Object { $_ -in $Tag }).Count -gt 0
        $excluded = @($tags | Where-Object { $_ -in $ExcludeTag }).Count -gt 0
        $child.Selected = $named -and $tagged -and -not $excluded
    }
}

function Test-HasWork {
    [CmdletBinding()]
    param($Block, [bool] $Skip)

    foreach ($child in $Block.Children) {
        if ($child.Kind -eq 'Block') {
            if (Test-HasWork -Block $child -Skip ($Skip -or $child.Skip)) {
                return $true
            }
        } elseif ($child.Selected -and -not $Skip -and -not $child.Skip) {
            return $true
        }
    }
    $false
}

function Invoke-Block {
    [CmdletBinding()]
    param($Block, [bool] $Skip, $Blocked)

    # Setup costs time and may need what a skipped test lacks: it runs only for tests that run.
    $works = $null -eq $Blocked -and (Test-HasWork -Block $Block -Skip $Skip)
    $before = if ($works) { Get-TestDriveEntry -Root $script:Container.TestDrive }
    $frame = @{
        Variables     = $Block.Variables
        HasItem       = $Block.HasItem
        Item          = $Block.Item
        Setup         = if ($works) { $Block.BeforeAll } else { @() }
        Teardown      = if ($works) { $Block.AfterAll } else { @() }
        SetupError    = $Blocked
        TeardownError = $null
        Title         = New-TitleSetter -Target $Block
        Children      = $null
    }
    $invokeChildren = ${function:Invoke-Children}
    $frame.Children = { & $invokeChildren -Block $Block -Skip $Skip -Blocked $frame.SetupError }.GetNewClosure()
    & $script:Container.BlockFrame $frame
    if ($null -ne $frame.TeardownError) {
        Add-Problem -Path "$(Get-FullName -Item $Block).(AfterAll)" -ErrorRecord $frame.TeardownError
    }
    if ($works) {
        Clear-TestDrive -Root $script:Container.TestDrive -Keep $before
    }
}

function Invoke-Children {
    [CmdletBinding()]
    param($Block, [bool] $Skip, $Blocked)

    foreach ($child in $Block.Children) {
        if ($child.Kind -eq 'Block') {
            Invoke-Block -Block $child -Skip ($Skip -or $child.Skip) -Blocked $Blocked
        } elseif ($child.Selected) {
            Invoke-Test -Test $child -Skip ($Skip -or $child.Skip) -Blocked $Blocked
        }
    }
}

function Invoke-Test {
    [CmdletBinding()]
    param($Test, [bool] $Skip, $Blocked)

    $script:Container.Tests.Add($Test)
    $setup = [Collections.Generic.List[scriptblock]]::new()
    $teardown = [Collections.Generic.List[scriptblock]]::new()
    for ($at = $Test.Parent; $null -ne $at; $at = $at.Parent) {
        $setup.InsertRange(0, $at.BeforeEach)
        $teardown.AddRange($at.AfterEach)
    }
    $frame = @{
        Variables = $Test.Variables
        HasItem   = $Test.HasItem
        Item      = $Test.Item
        Setup     = $setup
        Teardown  = $teardown
        Body      = $Test.Body
        Title     = New-TitleSetter -Target $Test
        Error     = $null
        Finished  = $false
    }
    $clock = [Diagnostics.Stopwatch]::StartNew()
    if ($Skip -or $null -ne $Blocked) {
        & $script:Container.TitleFrame $frame
    } else {
        & $script:Container.TestFrame $frame
    }
    $Test.Path = Get-FullName -Item $Test
    $Test | Add-Member -NotePropertyName Duration -NotePropertyValue $clock.Elapsed -Force
    if ($Skip) {
        $Test.Result = 'Skipped'
        return
    }
    $finished = $frame.Finished -or $null -ne $Blocked
    Set-TestResult -Test $Test -ErrorRecord ($Blocked ?? $frame.Error) -Finished $finished
}

function Set-TestResult {
    [CmdletBinding()]
    param($Test, $ErrorRecord, [bool] $Finished)

    if ($null -eq $ErrorRecord) {
        $Test.Result = if ($Finished) { 'Passed' } else { 'Failed' }
        if (-not $Finished) {
            $Test.Message = 'The test was left by break or continue before its end.'
            $Test.Position = "$($Test.File):$($Test.Line)"
        }
        return
    }
    $Test.Message = $ErrorRecord.Exception.Message
    $id = $ErrorRecord.FullyQualifiedErrorId
    if ($id -like 'PesterTestSkipped*') {
        $Test.Result = 'Skipped'
    } elseif ($id -like 'PesterTestInconclusive*') {
        $Test.Result = 'Inconclusive'
    } else {
        $Test.Result = 'Failed'
        $Test.Position = Get-FailurePosition -ErrorRecord $ErrorRecord
    }
}

function Set-ItResult {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Inconclusive')] [switch] $Inconclusive,
        [Parameter(Mandatory, ParameterSetName = 'Skipped')] [switch] $Skipped,
        [Parameter(Mandatory, ParameterSetName = 'Pending')] [switch] $Pending,
        [string] $Because
    )

    $reason = if ($Because) { ", because $Because" } else { '' }
    $word = $PSCmdlet.ParameterSetName
    $id = if ($word -eq 'Inconclusive') { 'PesterTestInconclusive' } else { 'PesterTestSkipped' }
    throw [Management.Automation.ErrorRecord]::new(
        [Exception]::new("is $($word.ToLowerInvariant())$reason"), $id, 'InvalidResult', $null)
}
