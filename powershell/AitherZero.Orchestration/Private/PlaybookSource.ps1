# Playbooks from a name to the library's model of them.

# A playbook's text may be so long; the library says the same of a text that it is given.
$script:MostPlaybookBytes = 64MB

function Find-PlaybookFile {
    # The file that a name or a path means.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string] $Location
    )

    if ($Name -match '\.(json|psd1)$') {
        $path = Resolve-ProjectPath -Path $Name -Location $Location
        if ([System.IO.File]::Exists($path)) {
            return $path
        }
    }
    $request = ConvertTo-NativeJson -Value ([ordered]@{ root = $Root; name = $Name }) -Name 'Request'
    $answer = ConvertFrom-NativeJson -Json (Invoke-NativeRequest -Call 'aither_playbook_find' -Request $request)
    $answer['playbooks'][0]['path']
}

function Get-KnownPlaybook {
    # Every playbook of the project: tables of name and path.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory)] [string] $Root)

    $request = ConvertTo-NativeJson -Value @{ root = $Root } -Name 'Request'
    $answer = ConvertFrom-NativeJson -Json (Invoke-NativeRequest -Call 'aither_playbook_find' -Request $request)
    $answer['playbooks']
}

function Read-PlaybookFile {
    # A playbook's file as the JSON object that the library takes for a playbook: text or document, path, source.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $Path)

    $file = [System.IO.FileInfo]::new($Path)
    if ($file.Exists -and $file.Length -gt $script:MostPlaybookBytes) {
        $problem = @{
            Code    = 'playbook.too-large'
            Message = "The playbook $Path has $($file.Length) bytes; the most is $script:MostPlaybookBytes."
            Hint    = 'Split it into several playbooks that use each other.'
            Target  = $Path
        }
        throw (New-OrchestrationError @problem)
    }
    if ($Path -match '\.psd1$') {
        $document = ConvertTo-NativeJson -Value (Import-DataFile -LiteralPath $Path) -Name 'The playbook'
        $content = '"document":' + $document + ',"source":"psd1"'
    } else {
        try {
            $text = [System.IO.File]::ReadAllText($Path)
        } catch {
            $message = "The playbook $Path cannot be read: $($_.Exception.GetBaseException().Message)"
            throw (New-OrchestrationError -Code 'playbook.unreadable' -Message $message -Target $Path)
        }
        $content = '"text":' + (ConvertTo-JsonScalar -Value $text) + ',"source":"json"'
    }
    '{' + $content + ',"path":' + (ConvertTo-JsonScalar -Value $Path) + '}'
}

function ConvertTo-Playbook {
    # What the library makes of a playbook: {playbook, warnings}.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        # As Read-PlaybookFile gives it.
        [Parameter(Mandatory)] [string] $Source,
        # Also what the schema asks for.
        [switch] $Check,
        # Without the stages, which are most of a large playbook.
        [switch] $Outline
    )

    $open = $Source.Substring(0, $Source.Length - 1)
    $request = $open + ($Check ? ',"check":true' : '') + ($Outline ? ',"stages":false' : '') + '}'
    ConvertFrom-NativeJson -Json (Invoke-NativeRequest -Call 'aither_playbook_parse' -Request $request)
}

function Import-Playbook {
    # A playbook ready to be planned: its file, its JSON for the library, the library's model, its warnings.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string] $Location
    )

    $path = Find-PlaybookFile -Name $Name -Root $Root -Location $Location
    $source = Read-PlaybookFile -Path $path
    $answer = ConvertTo-Playbook -Source $source -Outline
    $answer['playbook']['stageCount'] = $answer['stageCount']
    @{ Path = $path; Source = $source; Model = $answer['playbook']; Warnings = @($answer['warnings']) }
}

function Write-PlaybookLoaded {
    # What was loaded, in AitherZero's words.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Model,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $name = $Model['name']
    $text = switch ($Model['format']) {
        'V3' { "Loading v3.0 jobs-based playbook: $name" }
        'V2' { "Loading v2.0 stages-based playbook: $name" }
        'V1' { 'Loading legacy v1 playbook' }
        default { "Loading playbook: $name" }
    }
    Write-OrchestrationLog -Log $Log -Message $text
    if ($Model['format'] -in 'V1', 'V2', 'V3') {
        Write-OrchestrationLog -Log $Log -Message "Loaded $($Model['stageCount']) stages"
    }
}

function Get-PlaybookVariable {
    # What conditions of the playbook as a whole see: its defaults, the profile's values over them, the caller's
    # over both, then the values given for conditions alone.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Model,
        [AllowEmptyString()] [string] $ProfileName,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Conditions
    )

    $levels = @($Model['variables'])
    foreach ($profile in $Model['profiles']) {
        if ($ProfileName -and $profile['name'] -eq $ProfileName) {
            $levels += $profile['variables'], $profile['overrides']
        }
    }
    $merged = @{}
    foreach ($level in $levels + $Variables + $Conditions) {
        foreach ($name in $level.Keys) {
            $merged[[string]$name] = $level[$name]
        }
    }
    $merged
}
