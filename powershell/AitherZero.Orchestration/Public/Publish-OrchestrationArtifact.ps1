function Publish-OrchestrationArtifact {
    <#
    .SYNOPSIS
    Keeps files under a name, for other jobs and later runs.

    .DESCRIPTION
    Inside a job the artifact belongs to the job's run, where its name must be new; outside it belongs to a run of
    its own. Artifacts never change. Their contents are kept by content, so the same file is kept once. The files'
    paths begin below what all patterns have in common before their first wildcard.

    .PARAMETER Name
    The artifact's name, without any of " : < > | * ? \ /.

    .PARAMETER Path
    Files, folders or patterns (out/**, *.md, !out/tmp/**) below the project's root, relative to the current
    folder.

    .PARAMETER IfNoFilesFound
    Whether it is a warning, an error or nothing when no file matches.

    .PARAMETER IncludeHidden
    Takes files and folders too whose names begin with a dot.

    .PARAMETER RetentionDays
    How long it is kept.

    .EXAMPLE
    Publish-OrchestrationArtifact -Name 'report' -Path 'out/**' -IfNoFilesFound Error

    .OUTPUTS
    AitherZero.Orchestration.Artifact with Name, RunId, Digest, Size and Files; nothing where no file matches.
    #>
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Artifact')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [string] $Name,

        [Parameter(Mandatory, Position = 1)]
        [string[]] $Path,

        [ValidateSet('Warn', 'Error', 'Ignore')]
        [string] $IfNoFilesFound = 'Warn',

        [switch] $IncludeHidden,

        [ValidateRange(1, 3650)]
        [int] $RetentionDays = 90
    )

    # This text also runs in workers, which have nothing of the module.
    $registry = [System.AppDomain]::CurrentDomain.GetData('AitherZero.Orchestration.Workers')
    $worker = $null
    $runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
    $isJob = $null -ne $registry -and $registry.TryGetValue($runspace.InstanceId, [ref]$worker)
    $problem, $id = $null, 'Artifact.NotKept'
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
        $patterns = foreach ($one in $Path) {
            $takes = $one.StartsWith('!') ? '!' : ''
            $full = [System.IO.Path]::GetFullPath($one.Substring($takes.Length), $location)
            $takes + [System.IO.Path]::GetRelativePath($worker.Root, $full).Replace('\', '/')
        }
        $upload = [ordered]@{
            name               = $Name
            path               = @($patterns)
            ifNoFilesFound     = $IfNoFilesFound.ToLowerInvariant()
            includeHiddenFiles = [bool]$IncludeHidden
            retentionDays      = $RetentionDays
        }
        $body = [ordered]@{
            root   = $worker.Root
            folder = [System.IO.Path]::Combine($worker.Root, '.orchestration-cache')
            upload = $upload
        }
        if ($isJob -and -not $worker.RunId) {
            $body['run'] = [long]$worker.Run
        } else {
            $body['runId'] = $isJob ? $worker.RunId : "outside-$([guid]::NewGuid().ToString('n'))"
        }
        $request = & ([scriptblock]::Create($worker.Encode)) @{ artifactPublish = $body }
        $done = & ([scriptblock]::Create($worker.Task)) $worker.Native $request
        $document = [System.Text.Json.JsonDocument]::Parse($done.Answer)
        if ($done.Status -ne 0) {
            $cause = $document.RootElement.GetProperty('message').GetString()
            $problem = "The artifact '$Name' was not kept: $cause"
            $id = $document.RootElement.GetProperty('code').GetString()
        } else {
            $artifact = $document.RootElement.GetProperty('artifact')
            if ($artifact.ValueKind -eq 'Null') {
                if ($IfNoFilesFound -eq 'Warn') {
                    $PSCmdlet.WriteWarning(
                        "The artifact '$Name' was not kept: no file matches $($Path -join ', ').")
                }
            } else {
                $files = foreach ($file in $artifact.GetProperty('Files').EnumerateArray()) {
                    $file.GetProperty('Path').GetString()
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
        }
    } catch {
        $problem = "The artifact '$Name' was not kept: $($_.Exception.GetBaseException().Message)"
    }
    if ($problem) {
        $exception = [System.InvalidOperationException]::new($problem)
        $PSCmdlet.ThrowTerminatingError(
            [System.Management.Automation.ErrorRecord]::new($exception, $id, 'InvalidOperation', $Name))
    }
}
