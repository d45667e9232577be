# Calling the library from the pipeline thread. The workers' own calls are written out in WorkerLoop.ps1.

# aither_status
$script:StatusOk, $script:StatusEnd, $script:StatusTimeout = 0, 1, 2

function Receive-NativeText {
    # Takes a text over: copies it into a string and gives the original back; empty where there is none.
    [CmdletBinding()]
    [OutputType([string])]
    param([IntPtr[]] $Text)

    if ($Text[0] -eq [IntPtr]::Zero) {
        return ''
    }
    $string = [System.Runtime.InteropServices.Marshal]::PtrToStringUTF8($Text[0], [int]$Text[1])
    $null = $script:Native::aither_text_free($Text)
    $string
}

function Invoke-NativeRequest {
    # A call that takes a request and gives an answer, both JSON; an error of the library is thrown as ours.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Call,
        [Parameter(Mandatory)] [string] $Request
    )

    $bytes = [System.Text.Encoding]::UTF8.GetBytes($Request)
    $out = [IntPtr[]]::new(3)
    $status = $script:Native::$Call($bytes, [UIntPtr]::new([uint64]$bytes.Length), $out)
    $answer = Receive-NativeText -Text $out
    if ($status -ne $script:StatusOk) {
        throw (New-OrchestrationError -Json $answer)
    }
    $answer
}
