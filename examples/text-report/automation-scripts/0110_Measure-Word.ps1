#Requires -Version 7.0
# Stage: Measure
# Dependencies: 0100
# Description: Count the words of one text, and find the most frequent and the longest
# Tags: report, words, readability
# Inputs: out/{{Text}}/blocks.json
# Outputs: out/{{Text}}/words.json

<#
.SYNOPSIS
    Counts the words of one text, and finds the most frequent and the longest.
.DESCRIPTION
    Counts what stands in paragraphs, list items and quotations, without case, and writes words.json. Words of
    three letters or fewer and a few very common ones are counted, but are not listed among the most frequent.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.PARAMETER TopWords
    How many of the most frequent words to list.
.EXAMPLE
    ./automation-scripts/0110_Measure-Word.ps1 -Text harbour -TopWords 5
.OUTPUTS
    System.String. One line with the figures.
#>
[CmdletBinding()]
[OutputType([string])]
param(
    [ValidatePattern('^[\w-]+$')]
    [string]$Text = 'garden',

    [ValidateNotNullOrEmpty()]
    [string]$OutputPath = 'out',

    [ValidateRange(1, 100)]
    [int]$TopWords = 10
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

$common = @(
    'about', 'after', 'again', 'also', 'because', 'been', 'before', 'between', 'both', 'could', 'does', 'down'
    'each', 'even', 'ever', 'every', 'from', 'have', 'into', 'itself', 'just', 'like', 'long', 'many', 'more'
    'most', 'much', 'never', 'nobody', 'nothing', 'once', 'only', 'other', 'over', 'same', 'several', 'should'
    'some', 'such', 'than', 'that', 'their', 'them', 'then', 'there', 'they', 'this', 'those', 'through', 'under'
    'until', 'very', 'were', 'what', 'when', 'where', 'which', 'while', 'will', 'with', 'without', 'would', 'your'
)
$ignored = [System.Collections.Generic.HashSet[string]]::new([string[]]$common, [System.StringComparer]::Ordinal)

# Sorted by ordinal value, so that equal counts come in the same order on every machine.
$counts = [System.Collections.Generic.SortedDictionary[string, int]]::new([System.StringComparer]::Ordinal)
$total = 0
$characters = 0
foreach ($block in $document.blocks) {
    if ($block.kind -notin 'paragraph', 'item', 'quote') {
        continue
    }
    foreach ($match in [regex]::Matches($block.plain, "[\p{L}\p{N}]+(?:['\u2019-][\p{L}\p{N}]+)*")) {
        $word = $match.Value.ToLowerInvariant()
        $total++
        $characters += $word.Length
        $counts[$word] = if ($counts.ContainsKey($word)) { $counts[$word] + 1 } else { 1 }
    }
}
if ($total -eq 0) {
    throw "The text '$Text' has no words in paragraphs, lists or quotations."
}

$rank = 0
$longest = ''
$ranked = foreach ($word in $counts.Keys) {
    if ($word.Length -gt $longest.Length) {
        $longest = $word
    }
    if ($word.Length -gt 3 -and -not $ignored.Contains($word)) {
        $rank++
        [pscustomobject]@{ word = $word; count = $counts[$word]; rank = $rank }
    }
}
$top = $ranked |
    Sort-Object -Property @{ Expression = 'count'; Descending = $true }, @{ Expression = 'rank' } |
    Select-Object -First $TopWords |
    ForEach-Object -Process { [ordered]@{ word = $_.word; count = $_.count } }

$result = [ordered]@{
    text = $Text
    total = $total
    distinct = $counts.Count
    characters = $characters
    longest = $longest
    top = @($top)
}
$json = ($result | ConvertTo-Json -Depth 5).Replace("`r`n", "`n")
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'words.json'), "$json`n")
Write-Output -InputObject "${Text}: $total words, $($counts.Count) different, the longest is '$longest'"
