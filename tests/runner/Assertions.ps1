# One entry an operator: a block that takes the actual value, the expected one and the reason, and returns whether
# it holds with a message for either case.
function New-Outcome {
    [CmdletBinding()]
    param([bool] $Holds, [string] $Message, [string] $NotMessage)

    [pscustomobject]@{ Holds = $Holds; Message = $Message; NotMessage = $NotMessage }
}

function New-Comparison {
    [CmdletBinding()]
    param([bool] $Holds, [string] $Phrase, $Actual, $Expected, [string] $Reason)

    $shown = Format-Value -Value $Actual
    $value = Format-Value -Value $Expected
    New-Outcome -Holds $Holds -Message "Expected $shown $Phrase $value,$Reason but it did not hold." -NotMessage (
        "Expected $shown not $Phrase $value,$Reason but it held.")
}

$script:WholeInput = 'Be', 'BeExactly', 'BeNullOrEmpty', 'Contain', 'HaveCount'

$script:Operators = @{
    Be                      = { param($a, $e, $r) Test-Equality $a $e $r $false }
    BeExactly               = { param($a, $e, $r) Test-Equality $a $e $r $true }
    BeTrue                  = { param($a, $e, $r) Test-Truth $a $true $r }
    BeFalse                 = { param($a, $e, $r) Test-Truth $a $false $r }
    BeNullOrEmpty           = { param($a, $e, $r) Test-Emptiness $a $r }
    BeOfType                = { param($a, $e, $r) Test-Type $a $e $r }
    HaveCount               = { param($a, $e, $r) Test-Count $a $e $r }
    Exist                   = { param($a, $e, $r) Test-Existence $a $r }
    BeIn                    = { param($a, $e, $r) New-Comparison (@($e) -contains $a) 'to be in' $a $e $r }
    Contain                 = { param($a, $e, $r) New-Comparison (@($a) -contains $e) 'to contain' $a $e $r }
    BeGreaterThan           = { param($a, $e, $r) New-Comparison ($a -gt $e) 'to be greater than' $a $e $r }
    BeGreaterOrEqual        = { param($a, $e, $r) New-Comparison ($a -ge $e) 'to be at least' $a $e $r }
    BeLessThan              = { param($a, $e, $r) New-Comparison ($a -lt $e) 'to be less than' $a $e $r }
    BeLessOrEqual           = { param($a, $e, $r) New-Comparison ($a -le $e) 'to be at most' $a $e $r }
    BeLike                  = { param($a, $e, $r) New-Comparison ($a -like $e) 'to be like' $a $e $r }
    BeLikeExactly           = { param($a, $e, $r) New-Comparison ($a -clike $e) 'to be exactly like' $a $e $r }
    Match                   = { param($a, $e, $r) New-Comparison ($a -match $e) 'to match' $a $e $r }
    MatchExactly            = { param($a, $e, $r) New-Comparison ($a -cmatch $e) 'to match exactly' $a $e $r }
    FileContentMatch        = { param($a, $e, $r) Test-FileContent $a $e $r $false }
    FileContentMatchExactly = { param($a, $e, $r) Test-FileContent $a $e $r $true }
}

function Test-Equality {
    [CmdletBinding()]
    param($Actual, $Expected, [string] $Reason, [bool] $CaseSensitive)

    $same = Test-Same -Actual $Actual -Expected $Expected -CaseSensitive $CaseSensitive
    $message = Format-Difference -Actual (Get-Single $Actual) -Expected $Expected -Reason $Reason
    $shown = Format-Value -Value $Expected
    New-Outcome $same $message "Expected a value different from $shown,$Reason but got the same value."
}

function Test-Truth {
    [CmdletBinding()]
    param($Actual, [bool] $Expected, [string] $Reason)

    $shown = Format-Value -Value $Actual
    $word = Format-Value -Value $Expected
    $other = Format-Value -Value (-not $Expected)
    New-Outcome ([bool] $Actual -eq $Expected) "Expected $word,$Reason but got $shown." (
        "Expected $other,$Reason but got $shown.")
}

function Test-Emptiness {
    [CmdletBinding()]
    param($Actual, [string] $Reason)

    $shown = Format-Value -Value (Get-Single $Actual)
    New-Outcome (Test-Empty $Actual) "Expected `$null or empty,$Reason but got $shown." (
        "Expected a value,$Reason but got `$null or empty.")
}

function Test-Count {
    [CmdletBinding()]
    param($Actual, [int] $Expected, [string] $Reason)

    $count = @($Actual).Count
    $shown = Format-Value -Value $Actual
    $message = "Expected a collection with size $Expected,$Reason but got size ${count}: $shown."
    New-Outcome ($count -eq $Expected) $message (
        "Expected a collection with a size different from $Expected,$Reason but got that size.")
}

function Test-Existence {
    [CmdletBinding()]
    param($Actual, [string] $Reason)

    $shown = Format-Value -Value $Actual
    New-Outcome (Test-Path -Path $Actual) "Expected path $shown to exist,$Reason but it did not exist." (
        "Expected path $shown not to exist,$Reason but it did exist.")
}

function Test-FileContent {
    [CmdletBinding()]
    param($Path, [string] $Pattern, [string] $Reason, [bool] $CaseSensitive)

    $lines = @(Get-Content -Path $Path -ErrorAction Stop)
    $matching = if ($CaseSensitive) { $lines -cmatch $Pattern } else { $lines -match $Pattern }
    New-Comparison (@($matching).Count -gt 0) 'to have a line that matches' $Path $Pattern $Reason
}

function Get-Single {
    [CmdletBinding()]
    param($Value)

    if ($Value -is [array] -and $Value.Count -eq 1) { $Value[0] } else { , $Value }
}

function Test-Empty {
    [CmdletBinding()]
    param($Value)

    $items = @($Value)
    if ($null -eq $Value -or $items.Count -eq 0) {
        return $true
    }
    if ($items.Count -gt 1) {
        return $false
    }
    if ($items[0] -is [Collections.ICollection]) {
        return $items[0].Count -eq 0
    }
    [string]::IsNullOrEmpty($items[0])
}

function Test-Type {
    [CmdletBinding()]
    param($Actual, $Expected, [string] $Reason)

    $type = if ($Expected -is [type]) { $Expected } else { "$Expected".Trim('[', ']') -as [type] }
    if ($null -eq $type) {
        throw [ArgumentException]::new("Could not find type [$Expected]. Load the assembly that has it first.")
    }
    $got = if ($null -eq $Actual) { '$null' } else { "[$($Actual.GetType().FullName)] $(Format-Value $Actual)" }
    $name = $type.FullName
    New-Outcome ($Actual -is $type) "Expected the value to have type [$name],$Reason but got $got." (
        "Expected the value to be of any type except [$name],$Reason but got $got.")
}

function Test-Throw {
    [CmdletBinding()]
    param($Action, [string] $Message, [string] $ErrorId, [type] $ExceptionType, [string] $Reason)

    if ($Action -isnot [scriptblock]) {
        $got = Format-Value -Value $Action
        throw [ArgumentException]::new("Should -Throw needs a script block to run; it got $got.")
    }
    $thrown = $null
    try {
        $null = & $Action
    } catch {
        $thrown = $_
    }
    $wanted = @(
        if ($ExceptionType) { "of type [$($ExceptionType.FullName)]" }
        if ($Message) { "with message like '$Message'" }
        if ($ErrorId) { "with FullyQualifiedErrorId '$ErrorId'" }
    ) -join ', '
    $wanted = if ($wanted) { "an exception $wanted" } else { 'an exception' }
    $fits = $null -ne $thrown
    $got = 'no exception was thrown'
    if ($fits) {
        $fits = (-not $Message -or $thrown.Exception.Message -like $Message) -and
            (-not $ErrorId -or $thrown.FullyQualifiedErrorId -like $ErrorId) -and
            (-not $ExceptionType -or $thrown.Exception -is $ExceptionType)
        $type = $thrown.Exception.GetType().FullName
        $position = Get-FailurePosition -ErrorRecord $thrown
        $got = "the exception was [$type] '$($thrown.Exception.Message)' " +
            "with FullyQualifiedErrorId '$($thrown.FullyQualifiedErrorId)' at $position"
    }
    $outcome = New-Outcome $fits "Expected $wanted to be thrown,$Reason but $got." (
        "Expected $wanted not to be thrown,$Reason but $got.")
    $outcome | Add-Member -NotePropertyName Thrown -NotePropertyValue $thrown
    $outcome
}

function Test-Parameter {
    [CmdletBinding()]
    param($Command, [string] $Name, $Type, [bool] $Mandatory, $Alias, [string] $Reason)

    if ($Command -isnot [Management.Automation.CommandInfo]) {
        throw [ArgumentException]::new('Should -HaveParameter needs a command, such as Get-Command gives.')
    }
    $parameter = $Command.Parameters[$Name]
    $lacks = @(
        if ($null -eq $parameter) { "a parameter $Name" } else {
            if ($Type) {
                $wanted = if ($Type -is [type]) { $Type } else { "$Type".Trim('[', ']') -as [type] }
                $has = $parameter.ParameterType
                if ($has -ne $wanted) { "type [$wanted] (it has [$has])" }
            }
            $marks = @($parameter.Attributes | Where-Object { $_ -is [Parameter] -and $_.Mandatory })
            if ($Mandatory -and $marks.Count -eq 0) { 'the mark of being mandatory' }
            foreach ($one in @($Alias)) {
                if ($one -and $one -notin $parameter.Aliases) { "alias '$one'" }
            }
        }
    ) -join ', '
    $lead = "Expected command $($Command.Name)"
    New-Outcome (-not $lacks) "$lead to have parameter $Name,$Reason but it lacks $lacks." (
        "$lead not to have such a parameter $Name,$Reason but it has.")
}
