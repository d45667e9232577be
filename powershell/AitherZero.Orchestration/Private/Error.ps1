# One way to raise an error: an ErrorRecord with the id `Noun.Reason`, thrown by private functions, caught once in
# each public command and handed to $PSCmdlet.ThrowTerminatingError.

# Categories by the reason's first word, which is the part of a code that says what kind of trouble it is.
$script:ErrorCategory = @{
    Unknown  = 'ObjectNotFound'
    NotFound = 'ObjectNotFound'
    Missing  = 'ObjectNotFound'
    Nothing  = 'ObjectNotFound'
    Load     = 'ResourceUnavailable'
    Version  = 'ResourceUnavailable'
    Panic    = 'InvalidResult'
    TooMany  = 'LimitsExceeded'
}

function ConvertTo-ErrorId {
    # 'sequence.unknown-number' becomes 'Sequence.UnknownNumber'.
    [CmdletBinding()]
    [OutputType([string])]
    param([string] $Code)

    [regex]::Replace($Code, '(^|[.\-_])([a-zA-Z])', {
            param($match)
            ($match.Groups[1].Value -replace '[-_]') + $match.Groups[2].Value.ToUpperInvariant()
        })
}

function New-OrchestrationError {
    [CmdletBinding(DefaultParameterSetName = 'Text')]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Text')] [string] $Code,
        [Parameter(Mandatory, ParameterSetName = 'Text')] [string] $Message,
        [Parameter(ParameterSetName = 'Text')] [string] $Hint,
        # The library's own description of an error: {code, message, hint, where}.
        [Parameter(Mandatory, ParameterSetName = 'Json')] [string] $Json,
        [AllowNull()] [object] $Target
    )

    if ($PSCmdlet.ParameterSetName -eq 'Json') {
        $answer = ConvertFrom-NativeJson -Json $Json
        $Code, $Message, $Hint = $answer['code'], $answer['message'], $answer['hint']
        if ($null -eq $Target) {
            $Target = $answer['where']
        }
    }
    $id = ConvertTo-ErrorId -Code $Code
    $reason = $id.Substring($id.IndexOf('.') + 1)
    $category = 'InvalidArgument'
    foreach ($known in $script:ErrorCategory.Keys) {
        if ($reason.StartsWith($known, [System.StringComparison]::Ordinal)) {
            $category = $script:ErrorCategory[$known]
        }
    }
    # The library's messages are phrases, as Rust's are; a person reads sentences.
    $text = $Message.Substring(0, 1).ToUpperInvariant() + $Message.Substring(1)
    if ($Hint) {
        $text = $text -match '[.!?]$' ? "$text $Hint" : "$text. $Hint"
    }
    $exception = [System.InvalidOperationException]::new($text)
    [System.Management.Automation.ErrorRecord]::new($exception, $id, $category, $Target)
}
