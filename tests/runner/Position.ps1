function Get-FailurePosition {
    [CmdletBinding()]
    param([Management.Automation.ErrorRecord] $ErrorRecord)

    if ($null -eq $ErrorRecord) {
        return ''
    }
    $target = $ErrorRecord.TargetObject
    # Pester's own table has no public Contains.
    if ($target -is [Collections.IDictionary] -and $target['File'] -and $target['Line']) {
        return "$($target['File']):$($target['Line'])"
    }
    if ($ErrorRecord.Exception -is [Management.Automation.ParseException]) {
        $extent = $ErrorRecord.Exception.Errors[0].Extent
        return "$($extent.File):$($extent.StartLineNumber)"
    }

    # The frame in a test file says more than the one inside the product that threw.
    $pattern = '(?m), (?<file>[^\r\n]+): line (?<line>\d+)\s*$'
    $frames = [regex]::Matches("$($ErrorRecord.ScriptStackTrace)", $pattern)
    $chosen = $frames | Where-Object { $_.Groups['file'].Value -like '*.Tests.ps1' } | Select-Object -First 1
    $chosen = $chosen ?? ($frames | Select-Object -First 1)
    if ($chosen) {
        return "$($chosen.Groups['file'].Value):$($chosen.Groups['line'].Value)"
    }
    "$($ErrorRecord.InvocationInfo.ScriptName):$($ErrorRecord.InvocationInfo.ScriptLineNumber)"
}
