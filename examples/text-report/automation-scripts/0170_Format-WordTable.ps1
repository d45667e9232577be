#Requires -Version 7.0
# Stage: Render
# Dependencies: 0110
# Description: Render the most frequent words of one text as a Markdown table with bars
# Tags: report, words
# Inputs: out/{{Text}}/words.json
# Outputs: out/{{Text}}/words.md

<#
.SYNOPSIS
    Renders the most frequent words of one text as a Markdown table with bars.
.DESCRIPTION
    Reads words.json and writes words.md. The bar of the most frequent word is twenty characters long.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0170_Format-WordTable.ps1 -Text harbour
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
$wordsFile = Join-Path -Path $folder -ChildPath 'words.json'
if (-not (Test-Path -LiteralPath $wordsFile -PathType Leaf)) {
    throw "There is no '$wordsFile'. Run 0110_Measure-Word for the text '$Text' first."
}
$words = Get-Content -LiteralPath $wordsFile -Raw | ConvertFrom-Json

$top = @($words.top)
$most = ($top | Measure-Object -Property count -Maximum).Maximum
$lines = @(
    '| Word | Count | |'
    '| --- | ---: | --- |'
    foreach ($entry in $top) {
        $length = [System.Math]::Max(1, [int][System.Math]::Floor(20 * $entry.count / $most))
        "| $($entry.word) | $($entry.count) | $([string]::new([char]0x2588, $length)) |"
    }
)
$table = $lines -join "`n"
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'words.md'), "$table`n")
Write-Output -InputObject "${Text}: a table of $($top.Count) words"
