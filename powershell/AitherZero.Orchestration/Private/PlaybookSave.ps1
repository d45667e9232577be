# Writing a playbook of the first format.

function Resolve-PlaybookTarget {
    # The file that a new playbook of this name goes to; a name that leaves the playbooks' folder is refused.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Name,
        [Parameter(Mandatory)] [string] $Root
    )

    $folder = [System.IO.Path]::Combine($Root, 'orchestration', 'playbooks')
    $newer = [System.IO.Path]::Combine($Root, 'library', 'playbooks')
    if (-not [System.IO.Directory]::Exists($folder) -and [System.IO.Directory]::Exists($newer)) {
        $folder = $newer
    }
    $plain = ($Name -replace '\\', '/' -replace '\.json$').Trim()
    $parts = $plain.Split('/')
    $invalid = [System.IO.Path]::GetInvalidFileNameChars() + [char[]]':*?"<>|'
    $bad = @($parts).Where({ $_.Trim() -in '', '.', '..' -or $_.IndexOfAny($invalid) -ge 0 })
    if ($bad.Count -or [System.IO.Path]::IsPathRooted($plain)) {
        $problem = @{
            Code    = 'playbook.invalid-name'
            Message = "'$Name' cannot be the name of a playbook."
            Hint    = "Use letters, digits and dashes, with / for folders below $folder."
            Target  = $Name
        }
        throw (New-OrchestrationError @problem)
    }
    [System.IO.Path]::GetFullPath("$plain.json", $folder)
}

function ConvertTo-PlaybookDocument {
    # What is saved. A variable named Description becomes the description.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [AllowNull()] [AllowEmptyCollection()] [string[]] $Sequence,
        [AllowNull()] [System.Collections.IDictionary] $Variables,
        [AllowEmptyString()] [string] $ProfileName,
        [AllowEmptyString()] [string] $Description,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $now = [datetimeoffset]::Now
    $kept = [ordered]@{}
    foreach ($entry in $Variables ? $Variables.GetEnumerator() : @()) {
        if ($entry.Key -eq 'Description') {
            $Description = $Description ? $Description : [string]$entry.Value
        } elseif ($entry.Value -is [securestring] -or $entry.Value -is [pscredential]) {
            $Log.Cmdlet.WriteWarning("The variable $($entry.Key) holds a secret and is not saved.")
        } else {
            $kept[[string]$entry.Key] = $entry.Value
        }
    }
    if (-not $Description) {
        $time = $now.ToString('yyyy-MM-dd HH:mm:ss', [System.Globalization.CultureInfo]::InvariantCulture)
        $Description = "Saved on $time"
    }
    [ordered]@{
        Name        = $Name
        Description = $Description
        Sequence    = @($Sequence)
        Variables   = $kept
        Profile     = $ProfileName
        Created     = $now
        Version     = '1.0'
    }
}

function Format-Json {
    # The same JSON, indented for people.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $Json)

    $options = [System.Text.Json.JsonWriterOptions]@{
        Indented = $true
        Encoder  = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping
    }
    $stream = [System.IO.MemoryStream]::new()
    $writer = [System.Text.Json.Utf8JsonWriter]::new($stream, $options)
    $document = [System.Text.Json.JsonDocument]::Parse($Json)
    try {
        $document.WriteTo($writer)
        $writer.Flush()
        [System.Text.Encoding]::UTF8.GetString($stream.ToArray())
    } finally {
        $document.Dispose()
        $writer.Dispose()
    }
}

function Write-PlaybookFile {
    # The whole file or nothing: written beside its place, then moved there.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document
    )

    $text = Format-Json -Json (ConvertTo-NativeJson -Value $Document -Name 'Playbook')
    $folder = [System.IO.Path]::GetDirectoryName($Path)
    $temporary = [System.IO.Path]::Combine($folder, ".$([guid]::NewGuid().ToString('n')).tmp")
    try {
        $null = [System.IO.Directory]::CreateDirectory($folder)
        [System.IO.File]::WriteAllText($temporary, "$text`n")
        [System.IO.File]::Move($temporary, $Path, $true)
    } catch {
        [System.IO.File]::Delete($temporary)
        $message = "The playbook $Path cannot be written: $($_.Exception.GetBaseException().Message)"
        throw (New-OrchestrationError -Code 'playbook.unwritable' -Message $message -Target $Path)
    }
}

function Save-SequenceAsPlaybook {
    # -SavePlaybook: always overwrites, as a user of AitherZero expects.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Name,
        [Parameter(Mandatory)] [string[]] $Sequence,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $path = Resolve-PlaybookTarget -Name $Name -Root $Root
    $content = @{ Name = $Name; Sequence = $Sequence; Variables = $Variables; Log = $Log }
    Write-PlaybookFile -Path $path -Document (ConvertTo-PlaybookDocument @content)
    Write-OrchestrationLog -Log $Log -Message "Saved playbook: $path"
}
