# A project whose jobs read and write files and say that they ran. Dot-source behind Project.ps1.

function New-CachedProject {
    # Four scripts: 0100 reads src/a.txt and writes out/<profile>.txt, 0200 needs it, 0300 reads src/b.txt, 0400 the
    # whole project. Each counts its runs in the table that Get-RunCount reads.
    $counts = New-Meeting ([System.Collections.Concurrent.ConcurrentDictionary[string, int]]::new())
    $count = "`$null = [System.AppDomain]::CurrentDomain.GetData('$counts').AddOrUpdate('NUMBER', 1, " +
    '[System.Func[string, int, int]] { param($key, $old) $old + 1 })'
    $texts = [ordered]@{
        '0100_Read-A'   = "# Inputs: src/a.txt`n# Outputs: out/{{profile}}.txt`nparam(`$profile, `$n)`n" +
        "$($count.Replace('NUMBER', '0100'))`n`$null = New-Item -ItemType Directory out -Force`n" +
        "Set-Content `"out/`$profile.txt`" `"`$(Get-Content src/a.txt) `$profile`"`n" +
        "Set-OrchestrationOutput -Name text -Value (Get-Content src/a.txt)`n'line one'`n" +
        "[pscustomobject]@{ Name = 'thing'; Count = 3 }"
        '0200_Need-A'   = "# Dependencies: 0100`n# Inputs: nothing`n$($count.Replace('NUMBER', '0200'))"
        '0300_Read-B'   = "# Inputs: src/b*.txt`n$($count.Replace('NUMBER', '0300'))"
        '0400_Read-All' = $count.Replace('NUMBER', '0400')
    }
    $root = New-Project $texts
    $null = [System.IO.Directory]::CreateDirectory((Join-Path $root 'src'))
    [System.IO.File]::WriteAllText((Join-Path $root 'src/a.txt'), 'alpha')
    [System.IO.File]::WriteAllText((Join-Path $root 'src/b.txt'), 'beta')
    [System.IO.File]::WriteAllText((Join-Path $root '.gitignore'), "out/`n.orchestration-cache/`n")
    @{ Root = $root; Counts = $counts }
}

function Get-RunCount {
    # How often each script has run since the last time, as '0100 0300'.
    param([hashtable] $Project)

    $table = [System.AppDomain]::CurrentDomain.GetData($Project.Counts)
    $ran = foreach ($number in $table.Keys | Sort-Object) {
        @($number) * $table[$number]
    }
    $table.Clear()
    $ran -join ' '
}

function Invoke-Cached {
    # Runs everything with the cache, as far as -Run says nothing else; gives the numbers of what ran.
    param([hashtable] $Project, [hashtable] $Run = @{})

    $all = @{ Sequence = '0100-0400'; UseCache = $true; Quiet = $true; Variables = @{ profile = 'quick' } }
    foreach ($name in $Run.Keys) {
        $all[$name] = $Run[$name]
    }
    $Project.Result = Invoke-InProject $Project.Root { Invoke-OrchestrationSequence @all }
    Get-RunCount $Project
}
