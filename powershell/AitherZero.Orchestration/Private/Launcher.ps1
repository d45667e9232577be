# What Start-AitherZero.ps1 asks of the module beside its commands.

function Get-ScriptParameterName {
    # The names of a script's own parameters, aliases included, read and not run.
    [CmdletBinding()]
    [OutputType([string[]])]
    param([Parameter(Mandatory)] [string] $Path)

    $tokens, $mistakes = $null
    $text = [System.IO.File]::ReadAllText($Path)
    $script = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$mistakes)
    foreach ($parameter in $script.ParamBlock.Parameters) {
        $parameter.Name.VariablePath.UserPath
        foreach ($attribute in $parameter.Attributes) {
            if ($attribute.TypeName.Name -eq 'Alias') {
                $attribute.PositionalArguments.ForEach({ $_.SafeGetValue() })
            }
        }
    }
}

function Get-NearestName {
    # The known name that a mistyped one most resembles: at most a third of its letters are wrong. Else nothing.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Name,
        [Parameter(Mandatory)] [string[]] $Known
    )

    $best = $null
    $least = [System.Math]::Max(1, [System.Math]::Floor($Name.Length / 3)) + 1
    foreach ($candidate in $Known) {
        $distance = Measure-Difference -Left $Name.ToLowerInvariant() -Right $candidate.ToLowerInvariant()
        if ($distance -lt $least) {
            $best, $least = $candidate, $distance
        }
    }
    $best
}

function Measure-Difference {
    # How many letters have to be changed, added or taken away to make one text the other.
    [CmdletBinding()]
    [OutputType([int])]
    param([AllowEmptyString()] [string] $Left, [AllowEmptyString()] [string] $Right)

    $row = 0..$Right.Length
    foreach ($letter in $Left.ToCharArray()) {
        $corner = $row[0]++
        $column = 0
        foreach ($other in $Right.ToCharArray()) {
            $change = $corner + ($letter -cne $other)
            $column++
            $corner = $row[$column]
            $row[$column] = [System.Math]::Min($change, [System.Math]::Min($corner, $row[$column - 1]) + 1)
        }
    }
    $row[-1]
}

function Find-OtherLauncher {
    # The project's own launcher, which does what ours leaves to it: beside ours, else in the project's root.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Folder,
        [Parameter(Mandatory)] [string] $Location
    )

    $root = try {
        Find-ProjectRoot -Location $Location
    } catch {
        $Folder
    }
    foreach ($place in $Folder, $root) {
        foreach ($file in $script:LauncherOriginal, $script:LauncherFile) {
            $path = [System.IO.Path]::Combine($place, $file)
            if ([System.IO.File]::Exists($path) -and -not (Test-OwnFile -Path $path)) {
                return $path
            }
        }
    }
}
