function Receive-OrchestrationArtifact {
    <#
    .SYNOPSIS
    Puts the files of an artifact into a folder.

    .DESCRIPTION
    Inside a job it is the artifact that another job of the same run has published; outside, or with -RunId, that
    of the run named, else the newest of this name. Contents are checked before the first file is put in place.
    Files that are there already with the same contents stay as they are.

    .PARAMETER Name
    The artifact's name.

    .PARAMETER Destination
    The folder, relative to the current one; made where it is missing.

    .PARAMETER RunId
    The run that published it.

    .EXAMPLE
    Receive-OrchestrationArtifact -Name 'report' -Destination 'downloads'

    .OUTPUTS
    AitherZero.Orchestration.Artifact with Name, RunId, Digest, Size and Files (their full paths).
    #>
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Artifact')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [string] $Name,

        [Parameter(Position = 1)]
        [string] $Destination = '.',

        [string] $RunId
    )

    # This text also runs in workers, which have nothing of the module.
    $registry = [System.AppDomain]::CurrentDomain.GetData('AitherZero.Orchestration.Workers')
    $worker = $null
    $runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
    $isJob = $null -ne $registry -and $registry.TryGetValue($runspace.InstanceId, [ref]$worker)
    $problem, $id = $null, 'Artifact.NotReceived'
    try {
        if (-not $isJob) {
            Initialize-Module
            $root = Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet)
            $worker = @{
                Native = $script:Native
                Root   = $root
                Encode = $script:OutputEncode.ToString()
                Task   = $script:WorkerTask.ToString()
            }
        }
        $location = $ExecutionContext.SessionState.Path.CurrentProviderLocation('FileSystem').ProviderPath
        $folder = [System.IO.Path]::GetFullPath($Destination, $location)
        $body = [ordered]@{
            folder      = [System.IO.Path]::Combine($worker.Root, '.orchestration-cache')
            name        = $Name
            destination = $folder
        }
        $from = $RunId ? $RunId : $worker.RunId
        if ($from) {
            $body['runId'] = $from
        } elseif ($isJob) {
            $body['run'] = [long]$worker.Run
        }
        $request = & ([scriptblock]::Create($worker.Encode)) @{ artifactReceive = $body }
        $done = & ([scriptblock]::Create($worker.Task)) $worker.Native $request
        $document = [System.Text.Json.JsonDocument]::Parse($done.Answer)
        if ($done.Status -ne 0) {
            $problem = $document.RootElement.GetProperty('message').GetString()
            $hint = $document.RootElement.GetProperty('hint')
            if ($hint.ValueKind -eq 'String') {
                $problem = "$problem. $($hint.GetString())"
            }
            $id = $document.RootElement.GetProperty('code').GetString()
        } else {
            $artifact = $document.RootElement.GetProperty('artifact')
            $files = foreach ($file in $artifact.GetProperty('Files').EnumerateArray()) {
                [System.IO.Path]::GetFullPath($file.GetProperty('Path').GetString(), $folder)
            }
            [pscustomobject]@{
                PSTypeName = 'AitherZero.Orchestration.Artifact'
                Name       = $artifact.GetProperty('Name').GetString()
                RunId      = $artifact.GetProperty('RunId').GetString()
                Digest     = $artifact.GetProperty('Digest').GetString()
                Size       = $artifact.GetProperty('Size').GetInt64()
                Files      = [string[]]@($files)
            }
        }
    } catch {
        $problem = "The artifact '$Name' was not received: $($_.Exception.GetBaseException().Message)"
    }
    if ($problem) {
        $exception = [System.InvalidOperationException]::new($problem)
        $PSCmdlet.ThrowTerminatingError(
            [System.Management.Automation.ErrorRecord]::new($exception, $id, 'InvalidOperation', $Name))
    }
}
