$script:Container = $null
$script:Current = $null

function Get-RunnerState {
    [CmdletBinding()]
    param([string] $Command)

    if ($null -eq $script:Current) {
        throw [InvalidOperationException]::new("$Command belongs in a test file that Invoke-TestFile.ps1 runs.")
    }
    $script:Current
}

function New-Block {
    [CmdletBinding()]
    param([string] $Name, $Parent, [string[]] $Tag, [bool] $Skip)

    [pscustomobject]@{
        Kind       = 'Block'
        Name       = $Name
        Title      = $Name
        Parent     = $Parent
        Tag        = @($Tag)
        Skip       = $Skip
        Variables  = @{}
        Item       = $null
        HasItem    = $false
        Children   = [Collections.Generic.List[object]]::new()
        BeforeAll  = [Collections.Generic.List[scriptblock]]::new()
        AfterAll   = [Collections.Generic.List[scriptblock]]::new()
        BeforeEach = [Collections.Generic.List[scriptblock]]::new()
        AfterEach  = [Collections.Generic.List[scriptblock]]::new()
        SetupError = $null
        Blocked    = $null
    }
}

function Set-ItemData {
    [CmdletBinding()]
    param($Target, $Item)

    $Target.HasItem = $true
    $Target.Item = $Item
    if ($Item -is [Collections.IDictionary]) {
        foreach ($key in $Item.Keys) {
            $Target.Variables[[string] $key] = $Item[$key]
        }
    }
}

function Add-Block {
    [CmdletBinding()]
    param(
        [string] $Name,
        [scriptblock] $Fixture,
        [string[]] $Tag,
        [bool] $Skip,
        [object[]] $Items,
        [bool] $HasItems
    )

    $parent = $script:Current
    $rounds = if ($HasItems) { $Items.Count } else { 1 }
    for ($i = 0; $i -lt $rounds; $i++) {
        $block = New-Block -Name $Name -Parent $parent -Tag $Tag -Skip $Skip
        if ($HasItems) {
            Set-ItemData -Target $block -Item $Items[$i]
        }
        $parent.Children.Add($block)
        $script:Current = $block
        try {
            $frame = @{
                Variables = $block.Variables
                HasItem   = $block.HasItem
                Item      = $block.Item
                Body      = $Fixture
            }
            & $script:Container.DiscoveryFrame $frame
        } finally {
            $script:Current = $parent
        }
    }
}

function Describe {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Position = 1)] [scriptblock] $Fixture,
        [Alias('Tags')] [string[]] $Tag = @(),
        [switch] $Skip,
        [Alias('TestCases')] [AllowNull()] [AllowEmptyCollection()] $ForEach
    )

    $null = Get-RunnerState -Command 'Describe'
    $given = $PSBoundParameters.ContainsKey('ForEach')
    Add-Block -Name $Name -Fixture $Fixture -Tag $Tag -Skip $Skip -Items @($ForEach) -HasItems $given
}

function Context {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Position = 1)] [scriptblock] $Fixture,
        [Alias('Tags')] [string[]] $Tag = @(),
        [switch] $Skip,
        [Alias('TestCases')] [AllowNull()] [AllowEmptyCollection()] $ForEach
    )

    $null = Get-RunnerState -Command 'Context'
    $given = $PSBoundParameters.ContainsKey('ForEach')
    Add-Block -Name $Name -Fixture $Fixture -Tag $Tag -Skip $Skip -Items @($ForEach) -HasItems $given
}

function It {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Position = 1)] [scriptblock] $Test,
        [Alias('TestCases')] [AllowNull()] [AllowEmptyCollection()] $ForEach,
        [Alias('Tags')] [string[]] $Tag = @(),
        [switch] $Skip,
        [switch] $Pending
    )

    $parent = Get-RunnerState -Command 'It'
    $given = $PSBoundParameters.ContainsKey('ForEach')
    $items = @($ForEach)
    $rounds = if ($given) { $items.Count } else { 1 }
    for ($i = 0; $i -lt $rounds; $i++) {
        $item = [pscustomobject]@{
            Kind      = 'Test'
            Name      = $Name
            Title     = $Name
            Parent    = $parent
            Tag       = @($Tag)
            Skip      = $Skip -or $Pending -or $null -eq $Test
            Variables = @{}
            Item      = $null
            HasItem   = $false
            Body      = $Test
            Selected  = $true
            File      = $MyInvocation.ScriptName
            Line      = $MyInvocation.ScriptLineNumber
            Result    = 'NotRun'
            Message   = ''
            Position  = ''
            Path      = ''
        }
        if ($given) {
            Set-ItemData -Target $item -Item $items[$i]
        }
        $parent.Children.Add($item)

        # A filter is matched now, before anything runs, so the title must be known now as far as it can be.
        $frame = @{
            Variables = $item.Variables
            HasItem   = $item.HasItem
            Item      = $item.Item
            Title     = New-TitleSetter -Target $item
        }
        & $script:Container.TitleFrame $frame
        $item.Path = Get-FullName -Item $item
    }
}

# A closure is a module of its own and does not see this one's functions, so it carries the one it needs.
function New-TitleSetter {
    [CmdletBinding()]
    param($Target)

    $expand = ${function:Expand-Title}
    { param($evaluator) $Target.Title = & $expand -Title $Target.Name -Evaluator $evaluator }.GetNewClosure()
}

function Get-FullName {
    [CmdletBinding()]
    param($Item)

    $names = [Collections.Generic.List[string]]::new()
    for ($at = $Item; $null -ne $at.Parent; $at = $at.Parent) {
        $names.Insert(0, $at.Title)
    }
    $names -join '.'
}

function BeforeDiscovery {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $ScriptBlock)

    $null = Get-RunnerState -Command 'BeforeDiscovery'
    $null = . $ScriptBlock
}

function BeforeAll {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock)

    (Get-RunnerState -Command 'BeforeAll').BeforeAll.Add($Scriptblock)
}

function AfterAll {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock)

    (Get-RunnerState -Command 'AfterAll').AfterAll.Add($Scriptblock)
}

function BeforeEach {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock)

    (Get-RunnerState -Command 'BeforeEach').BeforeEach.Add($Scriptblock)
}

function AfterEach {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock)

    (Get-RunnerState -Command 'AfterEach').AfterEach.Add($Scriptblock)
}
