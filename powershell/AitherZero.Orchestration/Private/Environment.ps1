# The environment variables that scripts of a run expect. They are the process's, and runs may overlap in it.

function Get-RunEnvironment {
    # A variable's name to {Count: runs that want it; Before: what it was}.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    Get-ProcessValue -Name 'Environment' -Make { @{} }
}

function Enter-RunEnvironment {
    # Sets a variable. The first run that does so remembers what it was.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Value
    )

    $table = Get-RunEnvironment
    [System.Threading.Monitor]::Enter($table)
    try {
        if (-not $table[$Name]) {
            $table[$Name] = @{ Count = 0; Before = [System.Environment]::GetEnvironmentVariable($Name) }
        }
        $table[$Name].Count++
        [System.Environment]::SetEnvironmentVariable($Name, $Value)
    } finally {
        [System.Threading.Monitor]::Exit($table)
    }
}

function Exit-RunEnvironment {
    # The last run puts back what the variable was, whichever of them ends first.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Name)

    $table = Get-RunEnvironment
    [System.Threading.Monitor]::Enter($table)
    try {
        $table[$Name].Count--
        if (-not $table[$Name].Count) {
            [System.Environment]::SetEnvironmentVariable($Name, $table[$Name].Before ?? [NullString]::Value)
            $table.Remove($Name)
        }
    } finally {
        [System.Threading.Monitor]::Exit($table)
    }
}

function Invoke-WithEnvironment {
    # Runs a block with the environment that scripts of a run expect, and puts the environment back afterwards.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Block,
        [switch] $Quiet
    )

    $entered = [System.Collections.Generic.List[string]]::new()
    try {
        Enter-RunEnvironment -Name AITHERZERO_NONINTERACTIVE -Value 'true'
        $entered.Add('AITHERZERO_NONINTERACTIVE')
        if ($Quiet) {
            Enter-RunEnvironment -Name AITHERZERO_QUIET -Value '1'
            $entered.Add('AITHERZERO_QUIET')
        }
        & $Block
    } finally {
        foreach ($name in $entered) {
            Exit-RunEnvironment -Name $name
        }
    }
}
