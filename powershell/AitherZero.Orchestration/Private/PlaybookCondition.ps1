# Conditions of a playbook as a whole. They are data: the library evaluates them, nothing is ever executed.

function Get-EnvironmentJson {
    # What $env:NAME reads in conditions and templates. PowerShell's environment, which on Unix is not the
    # process's. Written without the general writer, since this is done for every run and has many entries.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $text = $script:JsonText
    $builder = [System.Text.StringBuilder]::new()
    $separator = '{"'
    foreach ($entry in [System.Environment]::GetEnvironmentVariables().GetEnumerator()) {
        $null = $builder.Append($separator).Append($text.Encode($entry.Key)).Append('":"')
        $null = $builder.Append($text.Encode($entry.Value)).Append('"')
        $separator = ',"'
    }
    $builder.Length ? $builder.Append('}').ToString() : '{}'
}

function Test-Expression {
    # Whether a condition holds. One that cannot be evaluated is an error of the library, thrown as ours.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Expression,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [AllowEmptyString()] [string] $Root
    )

    $fields = @(
        '"expression":' + (ConvertTo-JsonScalar -Value $Expression)
        '"variables":' + (ConvertTo-NativeJson -Value $Variables -Name 'Variables' -AllowLive)
        '"environment":' + (Get-EnvironmentJson)
        if ($Root) {
            '"root":' + (ConvertTo-JsonScalar -Value $Root)
        }
    )
    $json = Invoke-NativeRequest -Call 'aither_expression_evaluate' -Request "{$($fields -join ',')}"
    (ConvertFrom-NativeJson -Json $json)['holds']
}

function Test-ConditionList {
    # All of them are looked at, so that a user sees everything that is missing at once.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [AllowNull()] [AllowEmptyCollection()] [object[]] $Condition,
        [Parameter(Mandatory)] [string] $Type,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [AllowEmptyString()] [string] $Root,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    $all = $true
    foreach ($one in $Condition) {
        if ($null -eq $one) {
            continue
        }
        $text = $one -is [string] ? $one : [string]$one.condition
        $name = $one -isnot [string] -and $one.name ? [string]$one.name : $text
        $problem = ''
        try {
            $holds = Test-Expression -Expression $text -Variables $Variables -Root $Root
        } catch {
            $holds = $false
            $problem = ": $($_.Exception.Message)"
        }
        if ($holds) {
            Write-OrchestrationLog -Log $Log -Message "$Type '$name' passed"
            continue
        }
        $all = $false
        $message = $one -isnot [string] -and $one.message ? [string]$one.message : "$Type '$name' failed"
        Write-OrchestrationLog -Log $Log -Message "$message$problem" -Level Error
    }
    $all
}
