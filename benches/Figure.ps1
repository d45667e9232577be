# What a benchmark found, for a person and for BENCHMARKS.md; benches/figures/mod.rs says how a line looks.

function Get-Median {
    [CmdletBinding()]
    [OutputType([double])]
    param([Parameter(Mandatory)] [double[]] $Values)

    $sorted = [double[]]$Values.Clone()
    [System.Array]::Sort($sorted)
    $sorted[[int][System.Math]::Floor($sorted.Count / 2)]
}

function Write-Figure {
    # A piece of work and what it took; beside a peer -Most is a ratio, without one the figure itself.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Work,
        [Parameter(Mandatory)] [string] $Unit,
        [Parameter(Mandatory)] [double] $Ours,
        [string] $Peer,
        [double] $Theirs,
        [double] $Most
    )

    $ratio = $Peer ? $Ours / $Theirs : 0
    $reach, $met = '', ''
    if ($Most) {
        $reach = "≤ $Most $($Peer ? 'x' : $Unit)"
        $met = ($Peer ? $ratio : $Ours) -le $Most ? 'yes' : 'no'
    }
    $invariant = [cultureinfo]::InvariantCulture
    $numbers = $Peer ? @($Theirs.ToString($invariant), $ratio.ToString($invariant)) : @('', '')
    $own = $Ours.ToString($invariant)
    Add-FigureLine -Parts 'figure', $Work, $Unit, $own, $Peer, $numbers[0], $numbers[1], $reach, $met
    $beside = $Peer ? (', {0:n3} times the {1:n3} of {2}' -f $ratio, $Theirs, $Peer) : ''
    $judged = $Most ? " ($reach`: $($met -eq 'yes' ? 'reached' : 'MISSED'))" : ''
    '{0,-60} {1,10:n3} {2}{3}{4}' -f $Work, $Ours, $Unit, $beside, $judged
}

function Write-Absence {
    # A peer that is not here.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Work,
        [Parameter(Mandatory)] [string] $Peer,
        [Parameter(Mandatory)] [string] $Reason
    )

    Add-FigureLine -Parts 'absent', $Work, $Peer, $Reason
    '{0,-60} not beside {1}: {2}' -f $Work, $Peer, $Reason
}

function Add-FigureLine {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [AllowEmptyString()] [string[]] $Parts)

    if ($env:AITHER_BENCH_FIGURES) {
        [System.IO.File]::AppendAllText($env:AITHER_BENCH_FIGURES, ($Parts -join "`t") + "`n")
    }
}
