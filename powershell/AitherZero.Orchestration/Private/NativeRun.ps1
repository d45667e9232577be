# A run as the library has it: its start, its result.

function Start-NativeRun {
    # A new run of exactly this plan: its key, its id, and what of it an earlier run has done.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [string] $PlanJson,
        [Parameter(Mandatory)] [string[]] $Events,
        # How jobs run as processes, as Get-ChildSettingJson gives it.
        [Parameter(Mandatory)] [string] $Children,
        # As New-RunJournal gives it; without it the run is not recorded.
        [AllowEmptyString()] [string] $Journal,
        # As Get-RunSecret gives it.
        [AllowEmptyString()] [string] $Secrets,
        # As New-CacheSetting gives it; without it there is no cache.
        [AllowEmptyString()] [string] $Cache
    )

    $id = Get-GivenRunId
    $request = '{"plan":' + $PlanJson + ',"events":["' + ($Events -join '","') + '"],"environment":' +
    (Get-EnvironmentJson) + ',"children":' + $Children +
    ($Journal ? ",`"journal`":$Journal" : '') + ($Cache ? ",`"cache`":$Cache" : '') +
    ($Secrets ? ",`"secrets`":$Secrets" : '') + ($id ? ",`"runId`":`"$id`"" : '') + '}'
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($request)
    $out = [IntPtr[]]::new(3)
    $key = [uint64[]]::new(1)
    $status = $script:Native::aither_run_start($bytes, [UIntPtr]::new([uint64]$bytes.Length), $key, $out)
    $answer = Receive-NativeText -Text $out
    if ($status -ne $script:StatusOk) {
        throw (New-OrchestrationError -Json $answer)
    }
    $started = ConvertFrom-NativeJson -Json $answer
    @{ Key = $key[0]; Id = $started['runId']; ResumedFrom = $started['resumedFrom']; Kept = $started['kept'] }
}

function Get-NativeResult {
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory)] [uint64] $Run)

    $out = [IntPtr[]]::new(3)
    $status = $script:Native::aither_run_result($Run, $out)
    $answer = Receive-NativeText -Text $out
    if ($status -ne $script:StatusOk) {
        throw (New-OrchestrationError -Json $answer)
    }
    ConvertFrom-NativeJson -Json $answer
}
