#Requires -Version 7.0
# Stage: Measure
# Dependencies: 0110, 0120
# Description: Work out reading time and readability of one text from its words and sentences
# Tags: report, readability
# Inputs: out/{{Text}}/words.json, out/{{Text}}/sentences.json
# Outputs: out/{{Text}}/readability.json

<#
.SYNOPSIS
    Works out reading time and readability of one text from its words and sentences.
.DESCRIPTION
    Reads words.json and sentences.json and writes readability.json: the minutes it takes to read the text at 230
    words a minute, the average length of words and sentences, the share of different words, and the Automated
    Readability Index (4.71 x characters per word + 0.5 x words per sentence - 21.43), which is about the school
    year in which a child can read the text.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0160_Measure-Readability.ps1 -Text harbour
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
$makers = [ordered]@{ 'words.json' = '0110_Measure-Word'; 'sentences.json' = '0120_Find-LongestSentence' }
foreach ($name in $makers.Keys) {
    $path = Join-Path -Path $folder -ChildPath $name
    if (-not (Test-Path -LiteralPath $path -PathType Leaf)) {
        throw "There is no '$path'. Run $($makers[$name]) for the text '$Text' first."
    }
}
$words = Get-Content -LiteralPath (Join-Path -Path $folder -ChildPath 'words.json') -Raw | ConvertFrom-Json
$sentences = Get-Content -LiteralPath (Join-Path -Path $folder -ChildPath 'sentences.json') -Raw | ConvertFrom-Json

# Two scripts counted the words of the same text. Different answers mean that one result is out of date.
if ($words.total -ne $sentences.words) {
    throw "words.json of '$Text' has $($words.total) words, sentences.json $($sentences.words). Run 01* again."
}

$wordLength = [double]$words.characters / $words.total
$sentenceLength = [double]$words.total / $sentences.count
$index = 4.71 * $wordLength + 0.5 * $sentenceLength - 21.43
$result = [ordered]@{
    text = $Text
    minutes = [System.Math]::Round([double]$words.total / 230, 1)
    wordLength = [System.Math]::Round($wordLength, 2)
    sentenceLength = [System.Math]::Round($sentenceLength, 2)
    variety = [System.Math]::Round([double]$words.distinct / $words.total, 3)
    readabilityIndex = [System.Math]::Round($index, 1)
}
$json = ($result | ConvertTo-Json -Depth 5).Replace("`r`n", "`n")
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'readability.json'), "$json`n")
Write-Output -InputObject "${Text}: $($result.minutes) minutes to read, index $($result.readabilityIndex)"
