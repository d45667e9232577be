# Scripts and playbooks of a project as one kind of thing, for listing, searching and checking them.

function Get-ProjectItem {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.ProjectItem')]
    param(
        [Parameter(Mandatory)] [string] $Root,
        [ValidateSet('scripts', 'playbooks', 'all')] [string] $Target = 'all'
    )

    if ($Target -ne 'playbooks') {
        foreach ($script in Get-ProjectScript -Root $Root) {
            $item = @{
                Kind        = 'script'
                Name        = $script['name'] -replace '\.ps1$'
                Group       = $script['stage']
                Description = $script['description']
                Path        = $script['path']
                Tags        = @($script['tags'])
            }
            New-ProjectItem @item
        }
    }
    if ($Target -ne 'scripts') {
        foreach ($file in Get-PlaybookEntry -Root $Root) {
            $outline = Get-PlaybookOutline -Path $file['Path']
            $item = @{
                Kind        = 'playbook'
                Name        = $file['Name']
                Group       = $file['Folder']
                Description = $outline['Problem'] ? "($($outline['Problem']))" : $outline['Description']
                Path        = $file['Path']
                Tags        = $outline['Tags']
            }
            New-ProjectItem @item
        }
    }
}

function New-ProjectItem {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.ProjectItem')]
    param([string] $Kind, [string] $Name, [string] $Group, [string] $Description, [string] $Path, [string[]] $Tags)

    [pscustomobject]@{
        PSTypeName  = 'AitherZero.Orchestration.ProjectItem'
        Kind        = $Kind
        Name        = $Name
        Group       = $Group
        Description = $Description
        Path        = $Path
        Tags        = [string[]]@($Tags)
    }
}

function Get-ProjectScript {
    # Every numbered script of the project, none where there is none.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Root)

    try {
        Resolve-NativeSequence -Root $Root -Sequence '0000-9999'
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'Sequence.Nothing*') {
            throw
        }
    }
}

function Find-ProjectItem {
    # What a query names: part of a number, name, description or tag; with * or ? a pattern for the whole of one.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.ProjectItem')]
    param(
        [Parameter(Mandatory)] [string] $Root,
        [Parameter(Mandatory)] [string] $Query,
        [ValidateSet('scripts', 'playbooks', 'all')] [string] $Target = 'all'
    )

    $text = $Query -match '[*?]' ? $Query : "*$([wildcardpattern]::Escape($Query))*"
    $pattern = [wildcardpattern]::new($text, [System.Management.Automation.WildcardOptions]::IgnoreCase)
    foreach ($item in Get-ProjectItem -Root $Root -Target $Target) {
        foreach ($part in @($item.Name, $item.Description) + $item.Tags) {
            if ($pattern.IsMatch($part)) {
                $item
                break
            }
        }
    }
}

function Test-ProjectItem {
    # What is wrong with the project's scripts, playbooks and configuration: one finding each.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Finding')]
    param(
        [Parameter(Mandatory)] [string] $Root,
        [ValidateSet('scripts', 'playbooks', 'all')] [string] $Target = 'all'
    )

    try {
        $null = Import-ProjectConfiguration -Root $Root
    } catch {
        New-Finding -Severity Error -Path "$($_.TargetObject)" -Message $_.Exception.Message
    }
    if ($Target -ne 'playbooks') {
        foreach ($script in Get-ProjectScript -Root $Root) {
            Test-ScriptSyntax -Path $script['path']
        }
        Test-ScriptDependency -Root $Root
    }
    if ($Target -ne 'scripts') {
        foreach ($file in Get-PlaybookEntry -Root $Root) {
            Test-PlaybookFile -Name $file['Name'] -Path $file['Path'] -Root $Root
        }
    }
}

function New-Finding {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Finding')]
    param([string] $Severity, [string] $Path, [System.Nullable[int]] $Line, [string] $Message)

    [pscustomobject]@{
        PSTypeName = 'AitherZero.Orchestration.Finding'
        Severity   = $Severity
        File       = [System.IO.Path]::GetFileName($Path)
        Line       = $Line
        Message    = $Message
        Path       = $Path
    }
}

function Test-ScriptSyntax {
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Finding')]
    param([Parameter(Mandatory)] [string] $Path)

    $tokens, $mistakes = $null
    try {
        $null = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$mistakes)
    } catch {
        New-Finding -Severity Error -Path $Path -Message $_.Exception.GetBaseException().Message
    }
    foreach ($mistake in $mistakes) {
        $place = @{ Path = $Path; Line = $mistake.Extent.StartLineNumber }
        New-Finding -Severity Error @place -Message $mistake.Message
    }
}

function Test-ScriptDependency {
    # The plan of every script says which dependencies name nothing, and whether they form a cycle.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Finding')]
    param([Parameter(Mandatory)] [string] $Root)

    try {
        $plan = ConvertFrom-NativeJson -Json (Get-NativePlan -Settings ([ordered]@{
                    root     = $Root
                    sequence = @('0000-9999')
                }))
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'Sequence.Nothing*') {
            New-Finding -Severity Error -Path "$($_.TargetObject)" -Message $_.Exception.Message
        }
        return
    }
    $paths = @{}
    foreach ($job in $plan['jobs']) {
        $paths[$job['name']] = $job['path']
    }
    foreach ($message in $plan['messages']) {
        $name, $text = $message['text'] -split ': ', 2
        $known = $text -and $paths.ContainsKey($name)
        $what = $known ? @{ Path = $paths[$name]; Message = $text } : @{ Message = $message['text'] }
        New-Finding -Severity Warning @what
    }
}

function Test-PlaybookFile {
    # What Test-OrchestrationPlaybook says of one playbook.
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Finding')]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [string] $Root
    )

    $check = Get-PlaybookCheck -Name $Name -Path $Path -Root $Root
    foreach ($severity in 'Error', 'Warning') {
        foreach ($problem in $check."${severity}s") {
            $place = $problem.Path ? "$($problem.Path): " : ''
            $what = @{ Path = $Path; Line = $problem.Line; Message = $place + $problem.Message }
            New-Finding -Severity $severity @what
        }
    }
}
