# Playbooks for tests, and scripts that leave a trace. Dot-source in BeforeAll, after Project.ps1.

function Add-Playbook {
    # Writes a playbook into a project: a text as it is, a table as JSON. Gives the file's path.
    param(
        [string] $Project,
        [string] $Name,
        [object] $Content,
        [string] $Folder = 'orchestration/playbooks'
    )

    $file = $Name -match '\.(json|psd1)$' ? $Name : "$Name.json"
    $path = Join-Path $Project $Folder $file
    $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($path))
    $text = $Content -is [string] ? $Content : (ConvertTo-Json -InputObject $Content -Depth 30)
    [System.IO.File]::WriteAllText($path, $text)
    $path
}

function New-StagedPlaybook {
    # A v2 playbook of these stages; the other tables go into the document's sections.
    param(
        [object[]] $Stages,
        [System.Collections.IDictionary] $Orchestration = @{},
        [System.Collections.IDictionary] $Document = @{},
        [string] $Name = 'staged'
    )

    $inner = [ordered]@{}
    foreach ($key in $Orchestration.Keys) {
        $inner[$key] = $Orchestration[$key]
    }
    $inner['stages'] = $Stages
    $outer = [ordered]@{ metadata = [ordered]@{ name = $Name; version = '1.0.0' }; orchestration = $inner }
    foreach ($key in $Document.Keys) {
        $outer[$key] = $Document[$key]
    }
    $outer
}

function New-JobPlaybook {
    # A v3 playbook of these jobs.
    param(
        [System.Collections.IDictionary] $Jobs,
        [System.Collections.IDictionary] $Orchestration = @{},
        [string] $Name = 'jobs'
    )

    $inner = [ordered]@{}
    foreach ($key in $Orchestration.Keys) {
        $inner[$key] = $Orchestration[$key]
    }
    $inner['jobs'] = $Jobs
    [ordered]@{ metadata = [ordered]@{ name = $Name; version = '1.0.0' }; orchestration = $inner }
}

function New-Trace {
    # A queue that scripts write to, and the PowerShell text that writes a word to it.
    $queue = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
    $name = New-Meeting $queue
    [pscustomobject]@{ Queue = $queue; Write = "[AppDomain]::CurrentDomain.GetData('$name').Enqueue" }
}

function Invoke-Playbook {
    # Runs a playbook of a project; gives what Invoke-Capturing gives.
    param(
        [string] $Project,
        [string] $Name,
        [System.Collections.IDictionary] $Options = @{}
    )

    Invoke-Capturing $Project { Invoke-OrchestrationSequence -LoadPlaybook $Name @Options }
}
