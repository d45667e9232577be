# The cache from the pipeline thread: what a run is told of it, and calls that may take long.

function Get-CacheFolder {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $Root)

    [System.IO.Path]::Combine($Root, '.orchestration-cache')
}

function Invoke-NativeTask {
    # A task of the library: its answer, or its error thrown as ours. Waits in short steps, so Ctrl+C is heard.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        # The request's body, as JSON.
        [Parameter(Mandatory)] [string] $Body
    )

    $done = & $script:WorkerTask $script:Native "{`"$Name`":$Body}"
    if ($done.Status -ne $script:StatusOk) {
        throw (New-OrchestrationError -Json $done.Answer)
    }
    ConvertFrom-NativeJson -Json $done.Answer
}

function Test-SecretValue {
    [CmdletBinding()]
    [OutputType([bool])]
    param([AllowNull()] [object] $Value)

    $Value -is [securestring] -or $Value -is [System.Management.Automation.PSCredential]
}

function New-CacheSetting {
    # What a run is told of the cache, as JSON; nothing where none is wanted.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Bound,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Configuration,
        [Parameter(Mandatory)] [string] $Location,
        # Whether a miss is told with what changed.
        [switch] $Explain
    )

    $mode = [string]$Bound['CacheMode']
    if (-not $mode) {
        if (-not $Bound['UseCache']) {
            return
        }
        $mode = 'ReadWrite'
    }
    if ($Bound['Force'] -and $mode -eq 'ReadWrite') {
        $mode = 'WriteOnly'
    }
    if ($mode -eq 'Off' -or ($Bound['Force'] -and $mode -eq 'ReadOnly')) {
        return
    }
    $secrets = @(
        foreach ($name in $Variables.Keys) {
            if (Test-SecretValue -Value $Variables[$name]) {
                [string]$name
            }
        }
        $Configuration['Automation']['Secrets']
    )
    $version = $PSVersionTable.PSVersion
    $fields = [ordered]@{
        mode          = $mode
        powershell    = "$($PSVersionTable.PSEdition) $($version.Major).$($version.Minor)"
        configuration = $Configuration
        location      = $Location
        secrets       = @(foreach ($name in $secrets) { if ("$name") { "$name" } })
        explain       = $Explain.IsPresent
    }
    ConvertTo-NativeJson -Value $fields -Name 'Configuration' -AllowLive
}

function Receive-CachedOutput {
    # The objects that a job put out when it ran, as PowerShell reads them back.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [uint64] $Run,
        [Parameter(Mandatory)] [long] $Job
    )

    $out = [IntPtr[]]::new(3)
    $status = $script:Native::aither_run_job_output($Run, [uint64]$Job, $out)
    $answer = ConvertFrom-NativeJson -Json (Receive-NativeText -Text $out)
    if ($status -ne $script:StatusOk -or $null -eq $answer) {
        return
    }
    if ($answer['objects']) {
        foreach ($object in [System.Management.Automation.PSSerializer]::Deserialize($answer['objects'])) {
            $object
        }
    } elseif ($answer['text']) {
        $answer['text'].TrimEnd("`n").Split("`n")
    }
}

function ConvertTo-StoredResult {
    # A run's result as plain data: a time span becomes a table of its properties, other objects their text.
    [CmdletBinding()]
    param(
        [AllowNull()] [object] $Value,
        [int] $Depth
    )

    if ($null -eq $Value -or $Value -is [string] -or $Value -is [bool] -or (Test-JsonInteger -Value $Value)) {
        return $Value
    }
    if ($Depth -gt 10 -or (Test-SecretValue -Value $Value)) {
        return (Test-SecretValue -Value $Value) ? '***' : "$Value"
    }
    if ($Value -is [System.Collections.IDictionary] -or $Value -is [timespan] -or
        $Value -is [System.Management.Automation.PSCustomObject]) {
        $table = [ordered]@{}
        $isTable = $Value -is [System.Collections.IDictionary]
        $members = $isTable ? $Value.GetEnumerator() : $Value.PSObject.Properties
        foreach ($member in $members) {
            $name = $member -is [System.Collections.DictionaryEntry] ? $member.Key : $member.Name
            $table[[string]$name] = ConvertTo-StoredResult -Value $member.Value -Depth ($Depth + 1)
        }
        return $table
    }
    if ($Value -is [System.Collections.ICollection]) {
        $items = @(foreach ($item in $Value) { , (ConvertTo-StoredResult -Value $item -Depth ($Depth + 1)) })
        return , $items
    }
    if (ConvertTo-JsonScalar -Value $Value) {
        return $Value
    }
    "$Value"
}
