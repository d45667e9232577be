# What can be said of the project's playbooks without running them: enough to list, search, check and complete.

function Get-PlaybookEntry {
    # Every playbook of the project: its name, the folder below the playbook folder, and its path.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Root)

    foreach ($file in Get-KnownPlaybook -Root $Root) {
        $cut = $file['name'].LastIndexOf('/')
        @{
            Name   = $file['name'].Substring($cut + 1)
            Folder = $file['name'].Substring(0, [System.Math]::Max(0, $cut))
            Path   = $file['path']
        }
    }
}

function Get-PlaybookOutline {
    # Description, tags, profiles and warnings of a playbook, or the problem that keeps it from being used.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [string] $Path)

    try {
        $answer = ConvertTo-Playbook -Source (Read-PlaybookFile -Path $Path)
    } catch {
        return @{ Problem = $_.Exception.Message; Description = ''; Tags = @(); Profiles = @(); Warnings = @() }
    }
    $model = $answer['playbook']
    @{
        Problem     = $null
        Description = [string]$model['description']
        Tags        = [string[]]@($model['metadata']['tags'])
        Profiles    = @($model['profiles'])
        Warnings    = @($answer['warnings'])
    }
}
