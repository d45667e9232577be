function Send-PlaybookNotification {
    <#
    .SYNOPSIS
    Sends one of a playbook's notifications.

    .DESCRIPTION
    The message goes to the channels it names, console and log where it names none: console is a line on the host,
    log and github are lines of the log. {{key}} in the message becomes the context's value. Other channels are a
    warning. A type that the playbook does not have sends nothing.

    .PARAMETER NotificationConfig
    The playbook's notifications: a table of onStart, onSuccess, onWarning and onFailure, each with message, level
    (Information, Warning, Error or Success) and channels.

    .PARAMETER Type
    Which of them to send.

    .PARAMETER Context
    The values for the message.

    .EXAMPLE
    $messages = @{ onSuccess = @{ message = 'Done: {{playbook}}'; level = 'Success'; channels = @('console') } }
    Send-PlaybookNotification -NotificationConfig $messages -Type onSuccess -Context @{ playbook = 'test-quick' }

    .OUTPUTS
    None.
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Position = 0)]
        [AllowNull()]
        [System.Collections.IDictionary] $NotificationConfig,

        [Parameter(Position = 1)]
        [string] $Type,

        [Parameter(Position = 2)]
        [AllowNull()]
        [hashtable] $Context = @{}
    )

    try {
        Initialize-Module
        if ($null -eq $NotificationConfig -or -not $Type -or -not $NotificationConfig.Contains($Type)) {
            return
        }
        $log = New-OrchestrationLog -Cmdlet $PSCmdlet
        Send-Notification -Notification $NotificationConfig[$Type] -Context ($Context ?? @{}) -Log $log
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
