function Invoke-WithEnvironment {
    # Runs a block with the environment that scripts of a run expect, and puts the environment back afterwards.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Block,
        [switch] $Quiet
    )

    $wanted = @{ AITHERZERO_NONINTERACTIVE = 'true' }
    if ($Quiet) {
        $wanted['AITHERZERO_QUIET'] = '1'
    }
    $before = @{}
    foreach ($name in $wanted.Keys) {
        $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
    }
    try {
        foreach ($name in $wanted.Keys) {
            [System.Environment]::SetEnvironmentVariable($name, $wanted[$name])
        }
        & $Block
    } finally {
        foreach ($name in $wanted.Keys) {
            [System.Environment]::SetEnvironmentVariable($name, $before[$name] ?? [NullString]::Value)
        }
    }
}
