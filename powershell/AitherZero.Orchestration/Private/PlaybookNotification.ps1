# Messages that a playbook wants to be sent at certain moments.

function Expand-NotificationText {
    # {{key}} becomes the moment's value; an unknown key is left as it is.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [AllowEmptyString()] [string] $Text,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Context
    )

    [regex]::Replace($Text, '\{\{\s*([^{}]+?)\s*\}\}', {
            param($match)
            $key = $match.Groups[1].Value
            $Context.Contains($key) ? [string]$Context[$key] : $match.Value
        })
}

function Send-Notification {
    [CmdletBinding()]
    param(
        # {message, level, channels}, or nothing.
        [AllowNull()] [object] $Notification,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Context,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    if ($null -eq $Notification) {
        return
    }
    if ($Notification -is [string]) {
        $Notification = @{ message = $Notification }
    }
    $message = Expand-NotificationText -Text $Notification.message -Context $Context
    $level = [string]$Notification.level
    $color = switch ($level) {
        'Success' { [System.ConsoleColor]::Green }
        'Warning' { [System.ConsoleColor]::Yellow }
        'Error' { [System.ConsoleColor]::Red }
        default { [System.ConsoleColor]::White }
    }
    # The log has no level Success; a good message is information.
    $logged = $level -in 'Warning', 'Error' ? $level : 'Information'
    $channels = @($Notification.channels)
    if ($channels.Count -eq 0 -or $null -eq $channels[0]) {
        $channels = 'console', 'log'
    }
    foreach ($channel in $channels) {
        switch ($channel) {
            'console' {
                if (-not $Log.Quiet -or $logged -ne 'Information') {
                    Write-OrchestrationHost -Log $Log -Message $message -Color $color
                }
            }
            { $_ -in 'log', 'github' } {
                Write-OrchestrationLog -Log $Log -Message $message -Level $logged
            }
            default {
                $text = "Unsupported notification channel: $channel. Known are console, log and github."
                $Log.Cmdlet.WriteWarning($text)
            }
        }
    }
}
