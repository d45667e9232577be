# The configuration: config.psd1 and config.local.psd1 at the project's root, or what the caller gives in their
# place, and over them the caller's file. Later layers win, key by key.

# Keys that an Orchestration section lends to an Automation section that lacks them.
$script:AutomationKeys = @(
    'MaxConcurrency', 'DefaultMode', 'MaxRetries', 'RetryDelay', 'SkipConfirmation', 'ShowDependencies',
    'ValidateBeforeRun', 'CacheExecutionPlans', 'ExecutionHistory', 'HistoryRetentionDays', 'EnableRollback',
    'CheckpointInterval', 'NotifyOnMilestone'
)

# The files of a project, each over the ones before it.
$script:ConfigurationFiles = 'config.psd1', 'config.local.psd1'

function Import-ConfigurationFile {
    # A .psd1 or .json file as table. Nothing in it is ever executed.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Path)

    if (-not [System.IO.File]::Exists($Path)) {
        $message = "Configuration file not found: $Path"
        throw (New-OrchestrationError -Code 'configuration.not-found' -Message $message -Target $Path)
    }
    $table = if ([System.IO.Path]::GetExtension($Path) -eq '.json') {
        Import-ConfigurationJson -Path $Path
    } else {
        Import-ConfigurationData -Path $Path
    }
    # The plain reader's tables are hashtables throughout; the others' are ordered dictionaries.
    $table -is [hashtable] ? $table : (Merge-ConfigurationTable @{} $table)
}

function Import-ConfigurationJson {
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory)] [string] $Path)

    $problem = @{ Code = 'configuration.unreadable'; Target = $Path }
    $options = [System.Text.Json.JsonDocumentOptions]@{ CommentHandling = 'Skip'; AllowTrailingCommas = $true }
    try {
        $document = [System.Text.Json.JsonDocument]::Parse([System.IO.File]::ReadAllText($Path), $options)
    } catch {
        $cause = $_.Exception.GetBaseException()
        $place = $Path
        if ($cause -is [System.Text.Json.JsonException]) {
            $place = "$Path, line $($cause.LineNumber + 1), column $($cause.BytePositionInLine + 1)"
        }
        # The engine's own message says the position once more at its end, counted from 0.
        $text = $cause.Message -replace '\s*LineNumber:.*$'
        throw (New-OrchestrationError @problem -Message "${place}: the configuration is not JSON: $text")
    }
    try {
        if ($document.RootElement.ValueKind -ne [System.Text.Json.JsonValueKind]::Object) {
            $message = "$Path, line 1, column 1: the configuration is not a table { … }."
            throw (New-OrchestrationError @problem -Message $message)
        }
        ConvertFrom-JsonElement $document.RootElement
    } finally {
        $document.Dispose()
    }
}

function Import-ConfigurationData {
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory)] [string] $Path)

    $table = Read-PlainTable -Path $Path
    if ($null -ne $table) {
        return $table
    }
    try {
        Import-DataFile -LiteralPath $Path
    } catch {
        $message = $_.Exception.Message
        throw (New-OrchestrationError -Code 'configuration.unreadable' -Message $message -Target $Path)
    }
}

function Read-PlainTable {
    # PowerShell's own reader of plain data, many times as fast as ours: AitherZero's file has some thousand lines.
    # Nothing where it cannot read the file, since it knows no $env: and says nothing of where.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Path)

    $tokens, $mistakes = $null
    try {
        # The same prefix, and for the same reason, as in Psd1Read.ps1.
        $text = $script:DataPrefix + [System.IO.File]::ReadAllText($Path)
        $ast = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$mistakes)
        $statements = $ast.EndBlock.Statements
        if ($mistakes -or $ast.ParamBlock -or $statements.Count -ne 2) {
            return
        }
        $table = Get-DataExpression -Statement $statements[1]
        if ($table -is [System.Management.Automation.Language.HashtableAst]) {
            $table.SafeGetValue($true)
        }
    } catch {
        $PSCmdlet.WriteDebug("${Path}: $_")
    }
}

function Merge-ConfigurationTable([hashtable] $Base, [object] $Layer) {
    # A table of our own: the base with the layer over it. Tables merge key by key, any other value replaces.
    # No CmdletBinding, since this is called for each table of a file and a call is most of its cost.
    $merged = @{}
    foreach ($key in $Base.Keys) {
        $merged[$key] = $Base[$key]
    }
    $isObject = $Layer -is [System.Management.Automation.PSCustomObject]
    $names = $isObject ? $Layer.PSObject.Properties.Name : $Layer.Keys
    foreach ($key in $names) {
        $value = $isObject ? $Layer.$key : $Layer[$key]
        if ($null -eq $value -or $value -is [string] -or $value -is [valuetype]) {
            $merged[$key] = $value
        } elseif ($value -is [System.Collections.IDictionary] -or
            $value -is [System.Management.Automation.PSCustomObject]) {
            $under = $merged[$key] -is [hashtable] ? $merged[$key] : @{}
            $merged[$key] = Merge-ConfigurationTable $under $value
        } else {
            $merged[$key] = Copy-PlainValue $value
        }
    }
    $merged
}

function Get-OrchestrationConfiguration {
    # A table of our own; the caller's is never changed.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [AllowNull()] [object] $Configuration,
        [AllowEmptyString()] [string] $ConfigFile,
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string] $Location
    )

    $table = if ($Configuration -is [System.Collections.IDictionary] -or
        $Configuration -is [System.Management.Automation.PSCustomObject]) {
        Merge-ConfigurationTable @{} $Configuration
    } elseif ($Configuration -is [string] -or $Configuration -is [System.IO.FileInfo]) {
        Import-ConfigurationFile -Path (Resolve-ProjectPath -Path "$Configuration" -Location $Location)
    } elseif ($null -ne $Configuration) {
        $problem = @{
            Code    = 'configuration.wrong-type'
            Message = "-Configuration got a $($Configuration.GetType().FullName)."
            Hint    = 'Give a hashtable, or the path of a .psd1 or .json file.'
            Target  = $Configuration
        }
        throw (New-OrchestrationError @problem)
    } else {
        Import-ProjectConfiguration -Root $Root
    }
    if ($ConfigFile) {
        $layer = Import-ConfigurationFile -Path (Resolve-ProjectPath -Path $ConfigFile -Location $Location)
        $table = Merge-ConfigurationTable $table $layer
    }
    $table['Automation'] = Get-AutomationSection -Table $table
    $table
}

function Import-ProjectConfiguration {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Root)

    $table = @{}
    foreach ($file in $script:ConfigurationFiles) {
        $path = [System.IO.Path]::Combine($Root, $file)
        if ([System.IO.File]::Exists($path)) {
            $layer = Import-ConfigurationFile -Path $path
            $table = $table.Count ? (Merge-ConfigurationTable $table $layer) : $layer
        }
    }
    $table
}

function Get-AutomationSection {
    # The Automation section, with what an Orchestration section lends it.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [hashtable] $Table)

    foreach ($name in 'Automation', 'Orchestration') {
        $section = $Table[$name]
        if ($null -ne $section -and $section -isnot [System.Collections.IDictionary]) {
            $problem = @{
                Code    = 'configuration.wrong-type'
                Message = "$name of the configuration is a $($section.GetType().Name), not a table."
                Target  = $section
            }
            throw (New-OrchestrationError @problem)
        }
    }
    $automation = $Table['Automation'] ?? @{}
    $lender = $Table['Orchestration'] ?? @{}
    foreach ($key in $script:AutomationKeys) {
        if (-not $automation.Contains($key) -and $lender.Contains($key)) {
            $automation[$key] = $lender[$key]
        }
    }
    $mode = $automation['DefaultMode']
    if ($null -ne $mode -and $mode -notin 'Parallel', 'Sequential') {
        $PSCmdlet.WriteWarning("Automation.DefaultMode of the configuration is '$mode' and is taken as " +
            "'Sequential'; the modes are Parallel and Sequential.")
    }
    $automation
}
