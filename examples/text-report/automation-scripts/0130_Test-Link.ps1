#Requires -Version 7.0
# Stage: Check
# Dependencies: 0100
# Description: Check that the relative links of one text lead to files and headings that exist
# Tags: report, check
# Inputs: out/{{Text}}/blocks.json, texts/**
# Outputs: out/{{Text}}/links.json

<#
.SYNOPSIS
    Checks that the relative links of one text lead to files and headings that exist.
.DESCRIPTION
    Looks at every inline link and image. A relative target must be a file or folder, and where it names a heading
    of a Markdown file (garden.md#tools) that heading must be there. Addresses with a scheme such as https: are
    listed, but not visited. Writes links.json, then fails if a link is broken.
.PARAMETER Text
    The text to work on: the name of a file in texts/, without .md.
.PARAMETER OutputPath
    The folder for results. A relative path starts at the project folder. A text has a folder of its own in it.
.EXAMPLE
    ./automation-scripts/0130_Test-Link.ps1 -Text harbour
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

function Get-HeadingAnchor {
    [CmdletBinding()]
    [OutputType([string])]
    param([string]$Path)

    $seen = @{}
    $inCode = $false
    foreach ($line in (Get-Content -LiteralPath $Path -Raw).Replace("`r`n", "`n").Split("`n")) {
        if ($line -match '^(?:`{3}|~{3})') {
            $inCode = -not $inCode
        }
        if ($inCode -or $line -notmatch '^#{1,6}\s+(?<title>.+?)\s*$') {
            continue
        }
        $title = $Matches['title'] -replace '!?\[([^\]]*)\]\([^)]*\)', '$1'
        $anchor = ($title.ToLowerInvariant() -replace '[^\p{L}\p{N}_ -]', '').Replace(' ', '-')
        if ($seen.ContainsKey($anchor)) {
            $seen[$anchor]++
            "$anchor-$($seen[$anchor])"
        } else {
            $seen[$anchor] = 0
            $anchor
        }
    }
}

$project = Split-Path -Path $PSScriptRoot -Parent
$folder = Join-Path -Path ([System.IO.Path]::GetFullPath($OutputPath, $project)) -ChildPath $Text
$blocksFile = Join-Path -Path $folder -ChildPath 'blocks.json'
if (-not (Test-Path -LiteralPath $blocksFile -PathType Leaf)) {
    throw "There is no '$blocksFile'. Run 0100_Initialize-Workspace for the text '$Text' first."
}
$document = Get-Content -LiteralPath $blocksFile -Raw | ConvertFrom-Json

$source = Join-Path -Path $project -ChildPath $document.source
$sourceFolder = Split-Path -Path $source -Parent
$pattern = '(?<!\\)\[[^\]]*\]\((?<target>[^)\s]+)(?:\s+"[^"]*")?\)'
$anchors = @{}

$links = foreach ($block in $document.blocks) {
    if ($block.kind -eq 'code') {
        continue
    }
    # Code spans are blanked out, not removed, so that the line of a link can be counted.
    $markdown = [regex]::Replace($block.markdown, '`[^`\n]*`', '``')
    foreach ($match in [regex]::Matches($markdown, $pattern)) {
        $target = $match.Groups['target'].Value
        $line = $block.line + $markdown.Substring(0, $match.Index).Split("`n").Count - 1
        $result = 'ok'
        if ($target -match '^(?:[A-Za-z][A-Za-z0-9+.-]*:|//)') {
            $result = 'not visited'
        } else {
            $path, $anchor = $target.Split([char[]]'#', 2)
            $file = $source
            if ($path -ne '') {
                $file = [System.IO.Path]::GetFullPath([uri]::UnescapeDataString($path), $sourceFolder)
            }
            if (-not (Test-Path -LiteralPath $file)) {
                $result = 'no such file'
            } elseif ($anchor -and $file -like '*.md') {
                if (-not $anchors.ContainsKey($file)) {
                    $anchors[$file] = @(Get-HeadingAnchor -Path $file)
                }
                if ([uri]::UnescapeDataString($anchor) -cnotin $anchors[$file]) {
                    $result = 'no such heading'
                }
            }
        }
        [pscustomobject]@{ line = $line; target = $target; result = $result }
    }
}

$links = @($links)
$broken = @($links | Where-Object { $_.result -notin 'ok', 'not visited' })
$report = [ordered]@{ text = $Text; count = $links.Count; broken = $broken.Count; links = $links }
$json = ($report | ConvertTo-Json -Depth 5).Replace("`r`n", "`n")
[System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'links.json'), "$json`n")
if ($broken.Count -gt 0) {
    $list = ($broken | ForEach-Object -Process { "line $($_.line): $($_.target) ($($_.result))" }) -join ', '
    throw "$($document.source) has $($broken.Count) broken links: $list."
}
Write-Output -InputObject "${Text}: links $($links.Count), broken 0"
