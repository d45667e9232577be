# Messages of the engine: AitherZero's own log where its command exists, the host otherwise.

function New-OrchestrationLog {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet,
        [switch] $Quiet
    )

    # Looked up among loaded functions only: a search by name would look through every module on disk.
    @{
        Cmdlet = $Cmdlet
        Quiet  = $Quiet.IsPresent
        Custom = $ExecutionContext.SessionState.InvokeProvider.Item.Exists('Function:\Write-CustomLog')
        Style  = Get-ConsoleStyle
    }
}

function New-MuteLog {
    # For what is done when a pipeline is being stopped, which takes nothing more.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $nobody = [psobject]::new()
    foreach ($name in 'WriteInformation', 'WriteVerbose', 'WriteWarning') {
        $nobody.PSObject.Members.Add([psscriptmethod]::new($name, { }))
    }
    @{ Cmdlet = $nobody; Quiet = $true; Custom = $false; Style = Get-ConsoleStyle }
}

function ConvertTo-PrintableText {
    # The text with pictures in the place of what a terminal would obey, as the library's own messages have them.
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowEmptyString()] [string] $Text)

    if ($Text -notmatch '[\p{Cc}-[\t\n]]') {
        return $Text
    }
    [regex]::Replace($Text, '[\p{Cc}-[\t\n]]', {
            $code = [int]$args[0].Value[0]
            [string][char]($code -lt 0x20 ? 0x2400 + $code : $code -eq 0x7F ? 0x2421 : 0xFFFD)
        })
}

function Write-OrchestrationHost {
    # What Write-Host does, without depending on the name Write-Host meaning what it usually means.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Log,
        [AllowEmptyString()] [string] $Message = '',
        [System.Nullable[System.ConsoleColor]] $Color,
        # The text is a script's own, whose colours stay.
        [switch] $AsIs
    )

    if (-not $AsIs) {
        $Message = ConvertTo-PrintableText -Text $Message
    }
    $line = [System.Management.Automation.HostInformationMessage]@{ Message = $Message; ForegroundColor = $Color }
    $Log.Cmdlet.WriteInformation($line, [string[]]@('PSHOST'))
}

function Write-OrchestrationLog {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Log,
        [Parameter(Mandatory)] [string] $Message,
        [ValidateSet('Information', 'Warning', 'Error')] [string] $Level = 'Information'
    )

    if ($Log.Quiet -and $Level -eq 'Information') {
        return
    }
    if ($Log.Custom) {
        $Message = ConvertTo-PrintableText -Text $Message
        $null = Write-CustomLog -Message "[Orchestration] $Message" -Level $Level -Source 'OrchestrationEngine'
        return
    }
    $color = switch ($Level) {
        'Warning' { [System.ConsoleColor]::Yellow }
        'Error' { [System.ConsoleColor]::Red }
    }
    $time = [datetime]::Now.ToString('yyyy-MM-dd HH:mm:ss', [System.Globalization.CultureInfo]::InvariantCulture)
    Write-OrchestrationHost -Log $Log -Message "[$time] [ORCH] $Message" -Color $color
}
