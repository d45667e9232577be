#Requires -Version 7.0
# Stage: Prepare
# Dependencies: None
# Description: Make the output folder of one text and split the text into Markdown blocks
# Tags: report, check, words, outline, readability
# Inputs: texts/{{Text}}.md
# Outputs: out/{{Text}}/blocks.json

<#
.SYNOPSIS
    Makes the output folder of one text and splits the text into Markdown blocks.
.DESCRIPTION
    Reads texts/<Text>.md and writes blocks.json, which every other script of this project reads: one entry for
    each heading, paragraph, list item, quotation, table and code block, with its first line number, its Markdown
    and, for everything that is prose, the same words without Markdown.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0100_Initialize-Workspace.ps1 -Text harbour
.OUTPUTS
    System.String. One line that says what was found.
#>
[CmdletBinding()]
[OutputType([string])]
param(
    [ValidatePattern('^[\w-]+$')]
    [string]$Text = 'garden',

    [ValidateNotNullOrEmpty()]
    [string]$OutputPath = 'out'
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function ConvertTo-PlainText {
    [CmdletBinding()]
    [OutputType([string])]
    param([string]$Markdown)

    $plain = $Markdown -replace '(?m)^\s*(?:#{1,6}|>|[-*+]|\d+\.)\s+', ''
    $plain = $plain -replace '!?\[([^\]]*)\]\([^)]*\)', '$1'
    $plain = $plain -replace '\*+|`+|(?<!\w)_+|_+(?!\w)', ''
    ($plain -replace '\s+', ' ').Trim()
}

$project = Split-Path -Path $PSScriptRoot -Parent
$source = Join-Path -Path (Join-Path -Path $project -ChildPath 'texts') -ChildPath "$Text.md"
if (-not (Test-Path -LiteralPath $source -PathType Leaf)) {
    throw "There is no text '$Text': '$source' does not exist."
}
$content = Get-Content -LiteralPath $source -Raw
if ([string]::IsNullOrWhiteSpace($content)) {
    throw "The text '$Text' is empty: '$source'."
}

$blocks = [System.Collections.Generic.List[object]]::new()
$open = $null
$lineNumber = 0
foreach ($line in $content.Replace("`r`n", "`n").TrimEnd("`n").Split("`n")) {
    $lineNumber++
    $isFence = $line -match '^(?:`{3}|~{3})'
    if ($null -ne $open -and $open.kind -eq 'code') {
        $open.lines.Add($line)
        if ($isFence) {
            $open = $null
        }
        continue
    }

    $kind = switch -Regex ($line) {
        '^\s*$' { 'blank'; break }
        '^(?:`{3}|~{3})' { 'code'; break }
        '^#{1,6}\s' { 'heading'; break }
        '^\|' { 'table'; break }
        '^>' { 'quote'; break }
        '^\s*(?:[-*+]|\d+\.)\s' { 'item'; break }
        default { 'paragraph' }
    }
    if ($kind -eq 'blank') {
        $open = $null
        continue
    }

    $continues = $null -ne $open -and (
        ($kind -eq $open.kind -and $kind -in 'paragraph', 'quote', 'table') -or
        ($kind -eq 'paragraph' -and $open.kind -in 'item', 'quote'))
    if (-not $continues) {
        $open = @{ kind = $kind; line = $lineNumber; lines = [System.Collections.Generic.List[string]]::new() }
        $blocks.Add($open)
    }
    $open.lines.Add($line)
    if ($kind -eq 'heading') {
        $open = $null
    }
}

$entries = foreach ($block in $blocks) {
    $markdown = $block.lines -join "`n"
    $isProse = $block.kind -notin 'code', 'table'
    [ordered]@{
        kind = $block.kind
        line = $block.line
        level = if ($block.kind -eq 'heading') { $markdown.IndexOf(' ') } else { 0 }
        markdown = $markdown
        plain = if ($isProse) { ConvertTo-PlainText -Markdown $markdown } else { '' }
    }
}
$titles = @($entries | Where-Object { $_.level -eq 1 })
if ($titles.Count -ne 1) {
    throw "The text '$Text' has $($titles.Count) headings of level one, and needs exactly one: '$source'."
}

$document = [ordered]@{
    text = $Text
    source = "texts/$Text.md"
    title = $titles[0].plain
    lines = $lineNumber
    blocks = @($entries)
}
$folder = Join-Path -Path ([System.IO.Path]::GetFullPath($OutputPath, $project)) -ChildPath $Text
$null = New-Item -ItemType Directory -Path $folder -Force
$target = Join-Path -Path $folder -ChildPath 'blocks.json'
$json = ($document | ConvertTo-Json -Depth 5).Replace("`r`n", "`n")
[System.IO.File]::WriteAllText($target, "$json`n")
Write-Verbose -Message "Wrote '$target'."
Write-Output -InputObject "${Text}: $($blocks.Count) blocks in $lineNumber lines"
