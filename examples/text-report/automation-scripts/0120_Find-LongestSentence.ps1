#Requires -Version 7.0
# Stage: Measure
# Dependencies: 0100
# Description: Split one text into sentences and find the longest
# Tags: report, readability
# Inputs: out/{{Text}}/blocks.json
# Outputs: out/{{Text}}/sentences.json

<#
.SYNOPSIS
    Splits one text into sentences and finds the longest.
.DESCRIPTION
    Writes sentences.json: how many sentences there are, how many words they have together, and the longest with
    the heading it stands under. Every paragraph, list item and quotation ends a sentence.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0120_Find-LongestSentence.ps1 -Text harbour
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

# White space after a full stop and before a capital, with quotation marks and brackets allowed on either side.
$boundary = '(?<=[.!?][\u0022\u0027\u201D\u2019)]?)\s+(?=[\u0022\u0027\u201C\u2018(]?\p{Lu})'
$count = 0
$words = 0
$section = $document.title
$longest = $null
foreach ($block in $document.blocks) {
    if ($block.kind -eq 'heading') {
        $section = $block.plain
        continue
    }
    if ($block.kind -notin 'paragraph', 'item', 'quote') {
        continue
    }
    foreach ($sentence in [regex]::Split($block.plain, $boundary)) {
        $length = [regex]::Matches($sentence, "[\p{L}\p{N}]+(?:['\u2019-][\p{L}\p{N}]+)*").Count
        if ($length -eq 0) {
            continue
        }
        $count++
        $words += $length
        if ($null -eq $longest -or $length -gt $longest.words) {
            $longest = [ordered]@{ words = $length; section = $section; line = $block.line; sentence = $sentence }
        }
    }
}
if ($count -eq 0) {
    throw "The text '$Text' has no sentences in paragraphs, lists or quotations."
}

$result = [ordered]@{ text = $Text; count = $count; words = $words; longest = $longest }
$json = ($result | ConvertTo-Json -Depth 5).Replace("`r`n", "`n")
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'sentences.json'), "$json`n")
Write-Output -InputObject "${Text}: $count sentences, the longest has $($longest.words) words"
