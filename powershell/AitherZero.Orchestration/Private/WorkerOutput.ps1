# How a running script finds the job that it is part of: by the runspace it runs in. Set-OrchestrationOutput is
# put into every worker as a function, so it may call nothing of the module, and finds what it needs here.

# Commands that scripts call in every kind of job.
$script:JobCommands = @(
    'Set-OrchestrationOutput'
    'Add-OrchestrationSummary'
    'Publish-OrchestrationArtifact'
    'Receive-OrchestrationArtifact'
)

# A value as JSON text. Works without calling itself or anything of the module: workers run a copy of this text.
$script:OutputEncode = {
    param($root)

    $options = [System.Text.Json.JsonWriterOptions]@{
        Encoder = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping
    }
    $stream = [System.IO.MemoryStream]::new()
    $writer = [System.Text.Json.Utf8JsonWriter]::new($stream, $options)
    $pending = [System.Collections.Generic.Stack[object]]::new()
    $pending.Push(@('value', $root))
    while ($pending.Count) {
        $kind, $value = $pending.Pop()
        if ($kind -eq 'name') {
            $writer.WritePropertyName([string]$value)
        } elseif ($kind -eq 'object') {
            $writer.WriteEndObject()
        } elseif ($kind -eq 'array') {
            $writer.WriteEndArray()
        } elseif ($null -eq $value) {
            $writer.WriteNullValue()
        } elseif ($value -is [bool] -or $value -is [switch]) {
            $writer.WriteBooleanValue([bool]$value)
        } elseif ($value -is [int] -or $value -is [long] -or $value -is [byte] -or $value -is [uint32]) {
            $writer.WriteNumberValue([long]$value)
        } elseif ($value -is [decimal]) {
            $writer.WriteNumberValue([decimal]$value)
        } elseif (($value -is [double] -or $value -is [float]) -and [double]::IsFinite($value)) {
            $writer.WriteNumberValue([double]$value)
        } elseif ($value -is [datetime] -or $value -is [datetimeoffset]) {
            $writer.WriteStringValue($value.ToString('o'))
        } elseif ($value -is [System.Collections.IDictionary] -or
            $value -is [System.Management.Automation.PSCustomObject]) {
            if ($pending.Count -gt 10000 -or $writer.CurrentDepth -gt 100) {
                throw 'The value is nested too deep, or contains itself.'
            }
            $writer.WriteStartObject()
            $pending.Push(@('object', $null))
            $entries = $value -is [System.Collections.IDictionary] ?
            @(foreach ($entry in $value.GetEnumerator()) { , @($entry.Key, $entry.Value) }) :
            @(foreach ($property in $value.PSObject.Properties) { , @($property.Name, $property.Value) })
            [array]::Reverse($entries)
            foreach ($entry in $entries) {
                $pending.Push(@('value', $entry[1]))
                $pending.Push(@('name', $entry[0]))
            }
        } elseif ($value -is [System.Collections.IEnumerable] -and $value -isnot [string]) {
            if ($writer.CurrentDepth -gt 100) {
                throw 'The value is nested too deep, or contains itself.'
            }
            $writer.WriteStartArray()
            $pending.Push(@('array', $null))
            $elements = [System.Collections.Generic.List[object]]::new()
            foreach ($element in $value) {
                $elements.Add($element)
            }
            $elements.Reverse()
            foreach ($element in $elements) {
                $pending.Push(@('value', $element))
            }
        } else {
            $writer.WriteStringValue("$value")
        }
    }
    $writer.Flush()
    [System.Text.Encoding]::UTF8.GetString($stream.ToArray())
}

function Get-WorkerRegistry {
    # The process's workers by their runspaces. Its name stands in the commands that workers get, too.
    [CmdletBinding()]
    [OutputType([System.Collections.Concurrent.ConcurrentDictionary[guid, object]])]
    param()

    Get-ProcessValue -Name 'Workers' -Make {
        , [System.Collections.Concurrent.ConcurrentDictionary[guid, object]]::new()
    }
}

function Get-WorkerCrowd {
    # How many scripts run in workers of this process, and how many ever began; changed under its own lock.
    [CmdletBinding()]
    [OutputType([long[]])]
    param()

    Get-ProcessValue -Name 'Crowd' -Make { , [long[]]::new(2) }
}

function Register-Worker {
    # Tells Set-OrchestrationOutput which run and job the scripts of a runspace belong to.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Shared,
        [Parameter(Mandatory)] [System.Management.Automation.Runspaces.Runspace] $Runspace,
        [Parameter(Mandatory)] [long[]] $Slot
    )

    $encode = $script:OutputEncode.ToString()
    $entry = @{
        Native  = $Shared.Native
        Run     = $Shared.Run
        Slot    = $Slot
        Encode  = $encode
        # What Publish- and Receive-OrchestrationArtifact need.
        Root    = $Shared.Root
        Cache   = $Shared.Cache
        Task    = $Shared.Task ?? $script:WorkerTask.ToString()
        Texts   = $Shared.Texts
        # Of a job that runs as a process: its run's id, and the file that takes its summary.
        RunId   = $Shared.RunId
        Summary = $Shared.Summary
    }
    (Get-WorkerRegistry)[$Runspace.InstanceId] = $entry
}

function Unregister-Worker {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Management.Automation.Runspaces.Runspace] $Runspace)

    $entry = $null
    $null = (Get-WorkerRegistry).TryRemove($Runspace.InstanceId, [ref]$entry)
}

function New-WorkerSessionState {
    # What a worker's runspace begins with: PowerShell's own commands and those of ours that scripts call.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.Runspaces.InitialSessionState])]
    param()

    $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
    foreach ($name in $script:JobCommands) {
        $text = $ExecutionContext.InvokeCommand.GetCommand($name, 'Function').ScriptBlock.ToString()
        $state.Commands.Add(
            [System.Management.Automation.Runspaces.SessionStateFunctionEntry]::new($name, $text))
    }
    $state
}
