#Requires -Version 7.0
# Stage: Check
# Dependencies: 0100
# Description: Check that every table of one text has a header, a rule and rows of equal length
# Tags: report, check
# Inputs: out/{{Text}}/blocks.json
# Outputs: out/{{Text}}/tables.json

<#
.SYNOPSIS
    Checks that every table of one text has a header, a rule and rows of equal length.
.DESCRIPTION
    Writes tables.json with the place, the columns and the number of rows of each table, then fails if one of them
    is malformed. A text without tables is fine.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0150_Test-Table.ps1 -Text harbour
.OUTPUTS
    System.String. One line with the figures.
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

function Split-TableRow {
    [CmdletBinding()]
    [OutputType([string])]
    param([string]$Row)

    $inner = $Row.Trim() -replace '^\|' -replace '(?<!\\)\|$'
    foreach ($cell in [regex]::Split($inner, '(?<!\\)\|')) {
        $cell.Trim()
    }
}

$project = Split-Path -Path $PSScriptRoot -Parent
$folder = Join-Path -Path ([System.IO.Path]::GetFullPath($OutputPath, $project)) -ChildPath $Text
$blocksFile = Join-Path -Path $folder -ChildPath 'blocks.json'
if (-not (Test-Path -LiteralPath $blocksFile -PathType Leaf)) {
    throw "There is no '$blocksFile'. Run 0100_Initialize-Workspace for the text '$Text' first."
}
$document = Get-Content -LiteralPath $blocksFile -Raw | ConvertFrom-Json

$section = $document.title
$faults = [System.Collections.Generic.List[string]]::new()
$tables = foreach ($block in $document.blocks) {
    if ($block.kind -eq 'heading') {
        $section = $block.plain
    }
    if ($block.kind -ne 'table') {
        continue
    }
    $rows = $block.markdown.Split("`n")
    $columns = @(Split-TableRow -Row $rows[0])
    if ($columns -contains '') {
        $faults.Add("line $($block.line): a column has no name")
    }
    $rule = if ($rows.Count -gt 1) { @(Split-TableRow -Row $rows[1]) } else { @('') }
    if (@($rule | Where-Object { $_ -notmatch '^:?-+:?$' }).Count -gt 0) {
        $faults.Add("line $($block.line): the header has no rule of dashes below it")
    }
    for ($index = 1; $index -lt $rows.Count; $index++) {
        $cells = @(Split-TableRow -Row $rows[$index]).Count
        if ($cells -ne $columns.Count) {
            $faults.Add("line $($block.line + $index): $cells cells under $($columns.Count) columns")
        }
    }
    [pscustomobject]@{
        section = $section
        line = $block.line
        columns = $columns
        rows = [System.Math]::Max(0, $rows.Count - 2)
    }
}

$tables = @($tables)
$result = [ordered]@{ text = $Text; count = $tables.Count; faults = $faults.ToArray(); tables = $tables }
$json = ($result | ConvertTo-Json -Depth 5).Replace("`r`n", "`n")
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'tables.json'), "$json`n")
if ($faults.Count -gt 0) {
    throw "$($document.source) has malformed tables: $($faults -join ', ')."
}
Write-Output -InputObject "${Text}: tables $($tables.Count), malformed 0"
