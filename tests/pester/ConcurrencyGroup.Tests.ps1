# Runs of one concurrency group, in several processes.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')

    function New-GroupProject {
        param([string] $Script, [bool] $CancelInProgress)

        $project = New-Project @{ '0101_Deploy' = $Script }
        $folder = Join-Path $project 'orchestration' 'playbooks'
        $null = [System.IO.Directory]::CreateDirectory($folder)
        $cancel = "$CancelInProgress".ToLowerInvariant()
        [System.IO.File]::WriteAllText((Join-Path $folder 'deploy.json'), @"
{
  "metadata": { "name": "deploy" },
  "orchestration": {
    "defaultVariables": { "target": "test", "pipe": "" },
    "concurrency": { "group": "deploy-{{target}}", "cancelInProgress": $cancel },
    "stages": [ { "name": "Deploy", "sequences": ["0101"] } ]
  }
}
"@)
        $project
    }

    function Start-Deploy {
        # A process of its own that runs the playbook.
        param([string] $Project, [string] $Pipe = '')

        $module = (Get-Module AitherZero.Orchestration).Path
        $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellPath))
        foreach ($argument in '-NoProfile', '-NonInteractive', '-Command',
            "Import-Module '$module'; Set-Location -LiteralPath '$Project'
            `$null = Invoke-OrchestrationSequence -LoadPlaybook deploy -Variables @{ pipe = '$Pipe' }
            exit `$LASTEXITCODE") {
            $start.ArgumentList.Add($argument)
        }
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $process = [System.Diagnostics.Process]::Start($start)
        # Read to its end by somebody, so that it never blocks the process.
        $null = $process.StandardError.ReadToEndAsync()
        $process
    }

    function Connect-Deploy {
        # Meets the script of a process: it is in the middle of its work when this returns.
        param([string] $Pipe)

        $client = [System.IO.Pipes.NamedPipeClientStream]::new('.', $Pipe, 'InOut')
        $client.Connect(120000)
        $client
    }

    function Read-Until {
        # The first line of a process that is like this.
        param([System.Diagnostics.Process] $Process, [string] $Like)

        while ($null -ne ($line = $Process.StandardOutput.ReadLine())) {
            if ($line -like $Like) {
                return $line
            }
        }
    }

    $meets = 'param($pipe)
        if ($pipe) {
            $server = [System.IO.Pipes.NamedPipeServerStream]::new($pipe, "InOut")
            $server.WaitForConnection()
            $never = [System.Threading.ManualResetEvent]::new($false)
            while (-not $never.WaitOne(20)) { }
        }'
}

Describe 'Runs of one concurrency group' {
    It 'never overlap, whichever process they are in' {
        # A file that nobody else may have open is the witness.
        $project = New-GroupProject '$witness = [System.IO.File]::Open(
            (Join-Path $PSScriptRoot "witness"), "OpenOrCreate", "ReadWrite", "None")
            $null = $witness.Seek(0, "End")
            $witness.WriteByte(1)
            foreach ($turn in 1..200) { $witness.Flush($true) }
            $witness.Dispose()'
        $processes = foreach ($number in 1..3) { Start-Deploy $project }
        foreach ($process in $processes) {
            $null = $process.StandardOutput.ReadToEnd()
            $process.WaitForExit()
            $process.ExitCode | Should -Be 0
        }
        [System.IO.FileInfo]::new((Join-Path $project 'automation-scripts' 'witness')).Length | Should -Be 3
    }

    It 'say for whom they wait, and go on when that one is killed' {
        $project = New-GroupProject $meets
        $pipe = "aither-$([guid]::NewGuid().ToString('n'))"
        $first = Start-Deploy $project $pipe
        $client = Connect-Deploy $pipe
        $second = Start-Deploy $project
        $line = Read-Until $second '*Waiting for the concurrency group*'
        $line | Should -BeLike "*'deploy-test': held by run *, process $($first.Id)*"
        $first.Kill()
        $null = $second.StandardOutput.ReadToEnd()
        $second.WaitForExit()
        $second.ExitCode | Should -Be 0
        $client.Dispose()
    }

    It 'cancel the one that goes on, where the playbook says cancelInProgress' {
        $project = New-GroupProject $meets $true
        $pipe = "aither-$([guid]::NewGuid().ToString('n'))"
        $first = Start-Deploy $project $pipe
        $client = Connect-Deploy $pipe
        $second = Start-Deploy $project
        $line = Read-Until $first '*Cancelled: *'
        $line | Should -BeLike "*process $($second.Id)) cancelled it*'deploy-test'*"
        $null = $first.StandardOutput.ReadToEnd()
        $first.WaitForExit()
        $first.ExitCode | Should -Be 130
        $null = $second.StandardOutput.ReadToEnd()
        $second.WaitForExit()
        $second.ExitCode | Should -Be 0
        $client.Dispose()
    }

    It 'fail with the reason where their lock cannot be taken' {
        $project = New-GroupProject '"never"'
        $null = [System.IO.Directory]::CreateDirectory((Join-Path $project '.orchestration-cache'))
        # Nobody can make a folder where a file is.
        [System.IO.File]::WriteAllText((Join-Path $project '.orchestration-cache' 'locks'), '')
        $run = Invoke-Capturing $project { Invoke-OrchestrationSequence -LoadPlaybook deploy }
        $run.ExitCode | Should -Be 1
        $run.Result.Jobs.Status | Should -Be 'Cancelled'
        @($run.Text) -like '*The run failed: the lock of a concurrency group, *locks* cannot be taken: *' |
            Should -HaveCount 1
    }
}
