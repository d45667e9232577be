# What a script put out, for the cache. See Get-WorkerBlock.

# The report of a script that succeeded, as bytes, with its objects as CLIXML. Objects that cannot be written that
# way are told by an empty text: such a job is not stored.
$script:WorkerKeep = {
    param($outputs, $errors)

    try {
        $objects = [System.Management.Automation.PSSerializer]::Serialize($outputs.ToArray(), 2)
    } catch {
        $objects = ''
    }
    $escape = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping
    $text = '{"exitCode":0,"errors":' + $errors + ',"objects":"' + $escape.Encode($objects) + '"}'
    , [System.Text.Encoding]::UTF8.GetBytes($text)
}

# Starts a task of the library and waits for its answer in steps, so that the pipeline can be stopped. Gives the
# answer's JSON, or throws what the library says.
$script:WorkerTask = {
    param($native, $request)

    $bytes = [System.Text.Encoding]::UTF8.GetBytes($request)
    $out = [IntPtr[]]::new(3)
    $task = [uint64[]]::new(1)
    $status = $native::aither_task_start($bytes, [UIntPtr]::new([uint64]$bytes.Length), $task, $out)
    try {
        while ($status -eq 0) {
            $status = $native::aither_task_wait($task[0], 50, $out)
            if ($status -eq 0) {
                break
            }
            if ($status -eq 2) {
                $status = 0
            }
        }
        $answer = ''
        if ($out[0] -ne [IntPtr]::Zero) {
            $answer = [System.Runtime.InteropServices.Marshal]::PtrToStringUTF8($out[0], [int]$out[1])
            $null = $native::aither_text_free($out)
        }
    } finally {
        if ($task[0]) {
            $null = $native::aither_task_free($task[0])
        }
    }
    @{ Status = $status; Answer = $answer }
}
