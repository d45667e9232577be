# The configuration: a table given by the caller, a .psd1 file, or config.psd1 at the project's root.

# Keys that an Orchestration section lends to an Automation section that lacks them.
$script:AutomationKeys = @(
    'MaxConcurrency', 'DefaultMode', 'MaxRetries', 'RetryDelay', 'SkipConfirmation', 'ShowDependencies',
    'ValidateBeforeRun', 'CacheExecutionPlans', 'ExecutionHistory', 'HistoryRetentionDays', 'EnableRollback',
    'CheckpointInterval', 'NotifyOnMilestone'
)

function Import-ConfigurationFile {
    # Reads a .psd1 file as data. Nothing in it is ever executed.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Path)

    $problem = @{ Code = 'configuration.unreadable'; Target = $Path }
    if (-not [System.IO.File]::Exists($Path)) {
        $message = "Configuration file not found: $Path"
        throw (New-OrchestrationError -Code 'configuration.not-found' -Message $message -Target $Path)
    }
    $tokens, $mistakes = $null
    try {
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$mistakes)
    } catch {
        $cause = $_.Exception.GetBaseException().Message
        throw (New-OrchestrationError @problem -Message "Configuration file $Path cannot be read: $cause")
    }
    if ($mistakes) {
        $line = $mistakes[0].Extent.StartLineNumber
        $text = $mistakes[0].Message
        throw (New-OrchestrationError @problem -Message "Configuration file $Path, line ${line}: $text")
    }
    $table = $ast.Find({ $args[0] -is [System.Management.Automation.Language.HashtableAst] }, $false)
    if ($null -eq $table) {
        throw (New-OrchestrationError @problem -Message "Configuration file $Path holds no table @{ … }.")
    }
    try {
        $table.SafeGetValue($true)
    } catch {
        $culprit = Find-DynamicExpression -Ast $table
        $place = $culprit ? ", line $($culprit.Extent.StartLineNumber): $($culprit.Extent.Text)" : ''
        $message = "Configuration file $Path$place is not plain data."
        $hint = 'Only text, numbers, $true, $false, $null, lists and tables are read; nothing is executed.'
        throw (New-OrchestrationError @problem -Message $message -Hint $hint)
    }
}

function Find-DynamicExpression {
    # The first part of a table that would have to be executed to have a value.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.Language.Ast])]
    param([System.Management.Automation.Language.Ast] $Ast)

    $Ast.Find({
            param($node)
            $node -is [System.Management.Automation.Language.CommandAst] -or
            $node -is [System.Management.Automation.Language.SubExpressionAst] -or
            $node -is [System.Management.Automation.Language.InvokeMemberExpressionAst] -or
            $node -is [System.Management.Automation.Language.MemberExpressionAst] -or
            $node -is [System.Management.Automation.Language.ScriptBlockExpressionAst] -or
            ($node -is [System.Management.Automation.Language.VariableExpressionAst] -and
            $node.VariablePath.UserPath -notin 'true', 'false', 'null', 'PSScriptRoot')
        }, $true)
}

function Get-OrchestrationConfiguration {
    # A table of our own; the caller's is never changed.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [AllowNull()] [object] $Configuration,
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string] $Location
    )

    $default = [System.IO.Path]::Combine($Root, 'config.psd1')
    $table = if ($Configuration -is [System.Collections.IDictionary]) {
        Copy-PlainValue $Configuration
    } elseif ($Configuration -is [string] -or $Configuration -is [System.IO.FileInfo]) {
        Import-ConfigurationFile -Path (Resolve-ProjectPath -Path "$Configuration" -Location $Location)
    } elseif ($null -ne $Configuration) {
        $problem = @{
            Code    = 'configuration.wrong-type'
            Message = "-Configuration got a $($Configuration.GetType().FullName)."
            Hint    = 'Give a hashtable, or the path of a .psd1 file.'
            Target  = $Configuration
        }
        throw (New-OrchestrationError @problem)
    } elseif ([System.IO.File]::Exists($default)) {
        Import-ConfigurationFile -Path $default
    } else {
        @{}
    }
    $automation = $table['Automation'] -is [System.Collections.IDictionary] ? $table['Automation'] : @{}
    if ($table['Orchestration'] -is [System.Collections.IDictionary]) {
        foreach ($key in $script:AutomationKeys) {
            if (-not $automation.Contains($key) -and $table['Orchestration'].Contains($key)) {
                $automation[$key] = $table['Orchestration'][$key]
            }
        }
    }
    $table['Automation'] = $automation
    $table
}
