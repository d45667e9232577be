# Tab completion. A completer never throws and writes nothing: without a project there is nothing to offer.

# The launcher's own parameters, once something of the module has been called.
foreach ($parameter in 'Sequence', 'Playbook', 'PlaybookProfile') {
    $launcher = @{ CommandName = 'Start-AitherZero.ps1'; ParameterName = $parameter }
    Register-ArgumentCompleter @launcher -ScriptBlock { Complete-Argument @args }
}

function Complete-Playbook {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param([AllowEmptyString()] [string] $Word)

    $typed = Split-CompletionWord -Word $Word
    $files = @(Get-PlaybookEntry -Root (Get-CompletionRoot))
    $times = @{}
    foreach ($file in $files) {
        $times[$file['Name']]++
    }
    $offered = @{}
    foreach ($file in $files) {
        $path = $file['Folder'] ? "$($file['Folder'])/$($file['Name'])" : $file['Name']
        # The folder is part of the name where it was typed, or where two playbooks share a name.
        $name = ($typed['Part'].Contains('/') -or $times[$file['Name']] -gt 1) ? $path : $file['Name']
        if ($name.StartsWith($typed['Part'], 'OrdinalIgnoreCase') -and -not $offered.ContainsKey($name)) {
            $offered[$name] = $true
            New-Completion -Typed $typed -Text $name -Tip $path
        }
    }
}

function Complete-PlaybookProfile {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param([AllowEmptyString()] [string] $Word, [AllowEmptyString()] [string] $Playbook)

    $typed = Split-CompletionWord -Word $Word
    foreach ($file in Get-PlaybookEntry -Root (Get-CompletionRoot)) {
        if ($Playbook -notin $file['Name'], "$($file['Folder'])/$($file['Name'])") {
            continue
        }
        foreach ($entry in (Get-PlaybookOutline -Path $file['Path'])['Profiles']) {
            if ($entry['name'].StartsWith($typed['Part'], 'OrdinalIgnoreCase')) {
                New-Completion -Typed $typed -Text $entry['name'] -Tip $entry['description']
            }
        }
        return
    }
}

function Complete-Sequence {
    # Numbers with the script's title; stages and tags once their prefix, or nothing, is typed.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param([AllowEmptyString()] [string] $Word)

    $typed = Split-CompletionWord -Word $Word
    $part = $typed['Part']
    if ($part.StartsWith('!')) {
        $typed['Before'] += '!'
        $part = $typed['Part'] = $part.Substring(1)
    }
    $scripts = @(Get-ProjectScript -Root (Get-CompletionRoot))
    if ($part -match '^\d*$') {
        foreach ($script in $scripts) {
            if ($script['number'].StartsWith($part, 'Ordinal')) {
                $title = $script['name'] -replace '^\d{4}_' -replace '\.ps1$'
                $tip = $script['description'] ? "$title - $($script['description'])" : $title
                New-Completion -Typed $typed -Text $script['number'] -Tip $tip
            }
        }
    }
    $words = [System.Collections.Generic.SortedDictionary[string, int]]::new([System.StringComparer]::Ordinal)
    foreach ($script in $scripts) {
        foreach ($word in @("stage:$($script['stage'])") + @($script['tags']).ForEach({ "tag:$_" })) {
            if ($part -notmatch '^\d' -and $word.StartsWith($part, 'OrdinalIgnoreCase')) {
                $words[$word]++
            }
        }
    }
    foreach ($word in $words.Keys) {
        New-Completion -Typed $typed -Text $word -Tip "$($words[$word]) scripts"
    }
}

function Get-CompletionRoot {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $path = $ExecutionContext.SessionState.Path
    Find-ProjectRoot -Location $path.CurrentProviderLocation('FileSystem').ProviderPath
}

function Split-CompletionWord {
    # What was typed, in three: the quote, what stands before the last comma, and the part to complete.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([AllowEmptyString()] [string] $Word)

    $quote = $Word -match '^[''"]' ? $Word.Substring(0, 1) : ''
    $text = $Word.Trim([char[]]'''"')
    $cut = $text.LastIndexOf(',') + 1
    $blanks = $text.Length - $cut - $text.Substring($cut).TrimStart().Length
    @{ Quote = $quote; Before = $text.Substring(0, $cut + $blanks); Part = $text.Substring($cut + $blanks) }
}

function New-Completion {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param([hashtable] $Typed, [string] $Text, [AllowEmptyString()] [string] $Tip)

    $whole = $Typed['Before'] + $Text
    $quote = $Typed['Quote']
    if (-not $quote -and $whole -notmatch '^!?[\w:/.\-]+$') {
        $quote = "'"
    }
    $inside = $quote -eq "'" ? $whole.Replace("'", "''") : $whole
    [System.Management.Automation.CompletionResult]::new(
        $quote + $inside + $quote, $Text, 'ParameterValue', ($Tip ? $Tip : $Text))
}
