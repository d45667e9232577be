#Requires -Version 7.0
# Stage: Report
# Dependencies: 0130, 0140, 0150, 0160, 0170
# Description: Gather the results for one text into one Markdown report
# Tags: report
# Inputs: out/{{Text}}/*
# Outputs: out/{{Text}}/report.md

<#
.SYNOPSIS
    Gathers the results for one text into one Markdown report.
.DESCRIPTION
    Reads what the other scripts wrote to the folder of the text and writes report.md beside it. The report has no
    date in it: the same text gives the same report.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0190_Write-Report.ps1 -Text harbour
.OUTPUTS
    System.String. One line with the size of the report.
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
$makers = [ordered]@{
    'blocks.json' = '0100_Initialize-Workspace'
    'words.json' = '0110_Measure-Word'
    'sentences.json' = '0120_Find-LongestSentence'
    'links.json' = '0130_Test-Link'
    'outline.md' = '0140_Format-Outline'
    'tables.json' = '0150_Test-Table'
    'readability.json' = '0160_Measure-Readability'
    'words.md' = '0170_Format-WordTable'
}
$parts = @{}
foreach ($name in $makers.Keys) {
    $path = Join-Path -Path $folder -ChildPath $name
    if (-not (Test-Path -LiteralPath $path -PathType Leaf)) {
        throw "There is no '$path'. Run $($makers[$name]) for the text '$Text' first."
    }
    $content = Get-Content -LiteralPath $path -Raw
    $parts[$name] = if ($name -like '*.json') { $content | ConvertFrom-Json } else { $content.TrimEnd() }
}
$document = $parts['blocks.json']
$words = $parts['words.json']
$sentences = $parts['sentences.json']
$links = $parts['links.json']
$tables = $parts['tables.json']
$readability = $parts['readability.json']
$longest = $sentences.longest

$lines = @(
    "# Report: $($document.title)"
    ''
    "Made from ``$($document.source)``, $($document.lines) lines."
    ''
    '## At a glance'
    ''
    '| Measure | Value |'
    '| --- | ---: |'
    "| Words | $($words.total) |"
    "| Different words | $($words.distinct) |"
    "| Longest word | $($words.longest) |"
    "| Sentences | $($sentences.count) |"
    "| Words a sentence | $($readability.sentenceLength) |"
    "| Characters a word | $($readability.wordLength) |"
    "| Share of different words | $($readability.variety) |"
    "| Minutes to read | $($readability.minutes) |"
    "| Automated Readability Index | $($readability.readabilityIndex) |"
    ''
    '## Outline'
    ''
    'The number behind a heading counts the words below it.'
    ''
    $parts['outline.md']
    ''
    '## Most frequent words'
    ''
    $parts['words.md']
    ''
    '## Longest sentence'
    ''
    "$($longest.words) words, under `"$($longest.section)`":"
    ''
    "> $($longest.sentence)"
    ''
    '## Tables'
    ''
    if ($tables.count -eq 0) {
        'None.'
    } else {
        '| Section | Line | Columns | Rows |'
        '| --- | ---: | --- | ---: |'
        foreach ($table in $tables.tables) {
            "| $($table.section) | $($table.line) | $($table.columns -join ', ') | $($table.rows) |"
        }
    }
    ''
    '## Links'
    ''
    if ($links.count -eq 0) {
        'None.'
    } else {
        '| Line | Target | Result |'
        '| ---: | --- | --- |'
        foreach ($link in $links.links) {
            "| $($link.line) | ``$($link.target)`` | $($link.result) |"
        }
    }
)
$report = $lines -join "`n"
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'report.md'), "$report`n")
Write-Output -InputObject "${Text}: a report of $($report.Split("`n").Count) lines"
