#Requires -Version 7.0
# Stage: Render
# Dependencies: 0100
# Description: Render the headings of one text as a nested list with the words below each
# Tags: report, outline
# Inputs: out/{{Text}}/blocks.json
# Outputs: out/{{Text}}/outline.md

<#
.SYNOPSIS
    Renders the headings of one text as a nested list with the words below each.
.DESCRIPTION
    Writes outline.md. The number behind a heading counts the words of paragraphs, list items and quotations from
    there to the next heading. A heading that skips a level, such as ### directly under #, is a failure.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0140_Format-Outline.ps1 -Text harbour
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

$project = Split-Path -Path $PSScriptRoot -Parent
$folder = Join-Path -Path ([System.IO.Path]::GetFullPath($OutputPath, $project)) -ChildPath $Text
$blocksFile = Join-Path -Path $folder -ChildPath 'blocks.json'
if (-not (Test-Path -LiteralPath $blocksFile -PathType Leaf)) {
    throw "There is no '$blocksFile'. Run 0100_Initialize-Workspace for the text '$Text' first."
}
$document = Get-Content -LiteralPath $blocksFile -Raw | ConvertFrom-Json

$sections = [System.Collections.Generic.List[object]]::new()
$level = 0
foreach ($block in $document.blocks) {
    if ($block.kind -eq 'heading') {
        if ($block.level -gt $level + 1) {
            throw "$($document.source) line $($block.line): '$($block.plain)' skips a heading level."
        }
        $level = $block.level
        $sections.Add([pscustomobject]@{ Title = $block.plain; Level = $level; Words = 0 })
    } elseif ($block.kind -in 'paragraph', 'item', 'quote' -and $sections.Count -gt 0) {
        $words = [regex]::Matches($block.plain, "[\p{L}\p{N}]+(?:['\u2019-][\p{L}\p{N}]+)*").Count
        $sections[$sections.Count - 1].Words += $words
    }
}

$lines = foreach ($section in $sections) {
    "$('  ' * ($section.Level - 1))- $($section.Title) ($($section.Words))"
}
$outline = @($lines) -join "`n"
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'outline.md'), "$outline`n")
Write-Output -InputObject "${Text}: $($sections.Count) headings"
