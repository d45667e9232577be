# Script blocks that must see a test file's variables are bound to that file's session state. The engine has no
# public way to do so for a session state that is not a module's; Pester binds them by the same two properties.
$hidden = [Reflection.BindingFlags]'Instance, NonPublic'
$script:BlockSession = [scriptblock].GetProperty('SessionStateInternal', $hidden)
$script:InnerSession = [Management.Automation.SessionState].GetProperty('Internal', $hidden)

function ConvertTo-BoundBlock {
    [CmdletBinding()]
    param([scriptblock] $ScriptBlock, [Management.Automation.SessionState] $SessionState)

    $copy = [scriptblock]::Create($ScriptBlock.ToString())
    $script:BlockSession.SetValue($copy, $script:InnerSession.GetValue($SessionState))
    $copy
}

# The blocks below run in the test file's session state. Their variables share a scope with the user's, hence the
# long names; what they dot-source stays in that scope, and what they call by & gets a child of it: that is the whole
# of the scoping rules.

$script:DiscoveryFrame = {
    param($__frame)
    foreach ($__name in $__frame.Variables.Keys) {
        Set-Variable -Name $__name -Value $__frame.Variables[$__name]
    }
    if ($__frame.HasItem) {
        $_ = $__frame.Item
    }
    $null = . $__frame.Body
}

$script:BlockFrame = {
    param($__frame)
    foreach ($__name in $__frame.Variables.Keys) {
        Set-Variable -Name $__name -Value $__frame.Variables[$__name]
    }
    if ($__frame.HasItem) {
        $_ = $__frame.Item
    }
    try {
        foreach ($__setup in $__frame.Setup) {
            $null = . $__setup
        }
    } catch {
        $__frame.SetupError = $_
    }
    & $__frame.Title { param($__text) $ExecutionContext.InvokeCommand.ExpandString($__text) }
    & $__frame.Children
    foreach ($__teardown in $__frame.Teardown) {
        try {
            $null = . $__teardown
        } catch {
            $__frame.TeardownError = $_
        }
    }
}

$script:TestFrame = {
    param($__frame)
    foreach ($__name in $__frame.Variables.Keys) {
        Set-Variable -Name $__name -Value $__frame.Variables[$__name]
    }
    if ($__frame.HasItem) {
        $_ = $__frame.Item
    }
    & $__frame.Title { param($__text) $ExecutionContext.InvokeCommand.ExpandString($__text) }
    try {
        # A stray `continue` or `break` of the test's would otherwise steer the runner's own loops.
        foreach ($__once in 1) {
            foreach ($__setup in $__frame.Setup) {
                $null = . $__setup
            }
            $null = . $__frame.Body
            $__frame.Finished = $true
        }
    } catch {
        $__frame.Error = $_
    }
    foreach ($__teardown in $__frame.Teardown) {
        try {
            $null = . $__teardown
        } catch {
            $__frame.Error = $__frame.Error ?? $_
        }
    }
}

$script:TitleFrame = {
    param($__frame)
    foreach ($__name in $__frame.Variables.Keys) {
        Set-Variable -Name $__name -Value $__frame.Variables[$__name]
    }
    if ($__frame.HasItem) {
        $_ = $__frame.Item
    }
    & $__frame.Title { param($__text) $ExecutionContext.InvokeCommand.ExpandString($__text) }
}

function Expand-Title {
    [CmdletBinding()]
    param([string] $Title, [scriptblock] $Evaluator)

    [regex]::Replace($Title, '(?<!`)<([A-Za-z_][\w]*(?:\.\w+)*)>', {
            param($match)
            $expression = $match.Groups[1].Value
            try {
                $text = & $Evaluator "`$(`$$expression)"
                if ($null -eq $text -or "$text" -eq '') {
                    $known = & $Evaluator "`$(`$null -ne `$$expression)"
                    if ($known -ne 'True') {
                        return $match.Value
                    }
                }
                "$text"
            } catch {
                $match.Value
            }
        }).Replace('`<', '<')
}
