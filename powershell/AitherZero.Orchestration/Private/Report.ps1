# Reports of a run: written by the library, whole or not at all.

# What -OutputFormat calls a format, and what the library does.
$script:ReportFormats = @{
    JSON          = @{ Name = 'json'; Extension = 'json' }
    XML           = @{ Name = 'xml'; Extension = 'xml' }
    JUnit         = @{ Name = 'junit'; Extension = 'xml' }
    GitHubActions = @{ Name = 'annotations'; Extension = 'txt' }
    Markdown      = @{ Name = 'summary'; Extension = 'md' }
    Html          = @{ Name = 'html'; Extension = 'html' }
}

function Write-NativeReport {
    # The path of a report that went to a file, or the text of one that did not.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        # A name of the library's formats.
        [Parameter(Mandatory)] [string] $Format,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document,
        # {path}, or {folder, stem, extension} for a name that no other file has.
        [System.Collections.IDictionary] $Target
    )

    $request = [ordered]@{ format = $Format; document = $Document }
    if ($Target) {
        $request['target'] = $Target
    }
    $json = ConvertTo-NativeJson -Value $request -Name 'Report' -AllowLive
    $answer = Invoke-NativeRequest -Call 'aither_report_write' -Request $json
    $written = ConvertFrom-NativeJson -Json $answer
    $Target ? $written['path'] : $written['text']
}

function Write-ResultReport {
    # A result in one of -OutputFormat's formats: to a file, or to the host.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document,
        [Parameter(Mandatory)] [string] $Format,
        # An absolute path, or nothing.
        [AllowEmptyString()] [string] $Path,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $name = $script:ReportFormats[$Format].Name
    if ($Format -eq 'GitHubActions') {
        # The runner reads commands from the output, also where the texts are kept in a file.
        $text = Write-NativeReport -Format $name -Document $Document
        foreach ($line in $text.TrimEnd("`n").Split("`n")) {
            if ($line) {
                Write-OrchestrationHost -Log $Log -Message $line
            }
        }
        Add-GitHubFile -Variable 'GITHUB_STEP_SUMMARY' -Format 'summary' -Document $Document -Log $Log
        Add-GitHubFile -Variable 'GITHUB_OUTPUT' -Format 'step-outputs' -Document $Document -Log $Log
    }
    if ($Path) {
        $written = Write-NativeReport -Format $name -Document $Document -Target ([ordered]@{ path = $Path })
        Write-OrchestrationLog -Log $Log -Message "Report saved to: $written"
    } elseif ($Format -ne 'GitHubActions') {
        $text = Write-NativeReport -Format $name -Document $Document
        Write-OrchestrationHost -Log $Log -Message $text.TrimEnd("`n")
    }
}

function Add-GitHubFile {
    # Appends to one of the files that a workflow's step has, where there is one.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Variable,
        [Parameter(Mandatory)] [string] $Format,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $path = [System.Environment]::GetEnvironmentVariable($Variable)
    if (-not $path) {
        return
    }
    try {
        $text = Write-NativeReport -Format $Format -Document $Document
        [System.IO.File]::AppendAllText($path, $text, [System.Text.UTF8Encoding]::new($false))
    } catch {
        $cause = $_.Exception.GetBaseException().Message
        $Log.Cmdlet.WriteWarning("Nothing was added to $path ($Variable): $cause")
    }
}

function Get-PublicVariable {
    # The variables as they may be shown: a secret as ***, a live object by its type.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [AllowEmptyCollection()] [System.Collections.IDictionary] $Variables,
        [AllowEmptyCollection()] [string[]] $Secrets = @()
    )

    $shown = [ordered]@{}
    $names = [string[]]@($Variables.Keys)
    if ($Variables -is [hashtable]) {
        [System.Array]::Sort($names, [System.StringComparer]::OrdinalIgnoreCase)
    }
    foreach ($name in $names) {
        $value = $Variables[$name]
        $secret = $name -in $Secrets -or $value -is [securestring] -or
        $value -is [System.Management.Automation.PSCredential]
        $shown[$name] = $secret ? '***' : $value
    }
    $shown
}

function Export-Report {
    # The text of a report; with a path its file, once the user has not said no.
    [CmdletBinding()]
    [OutputType([string], [System.IO.FileInfo])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Document,
        [Parameter(Mandatory)] [string] $Format,
        [AllowEmptyString()] [string] $Path,
        [Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $name = $script:ReportFormats[$Format].Name
    if (-not $Path) {
        return Write-NativeReport -Format $name -Document $Document
    }
    $full = Resolve-ProjectPath -Path $Path -Location (Get-ProjectLocation -Cmdlet $Cmdlet)
    if ($Cmdlet.ShouldProcess($full, "Write the run as $Format")) {
        $written = Write-NativeReport -Format $name -Document $Document -Target ([ordered]@{ path = $full })
        [System.IO.FileInfo]::new($written)
    }
}
