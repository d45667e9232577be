# What a playbook wants done after its run. A post-action never changes the run's result.

function Expand-PlaybookText {
    # {{name}} and {{name:=default}} from the variables; an unknown name without a default is empty.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [AllowNull()] [AllowEmptyString()] [string] $Text,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables
    )

    [regex]::Replace($Text, '\{\{\s*([^{}:]+?)\s*(?::=([^{}]*))?\}\}', {
            param($match)
            $name = $match.Groups[1].Value
            $Variables.Contains($name) ? [string]$Variables[$name] : $match.Groups[2].Value
        })
}

function Test-PostAction {
    # Whether the action's condition lets it be done.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Action,
        [AllowEmptyString()] [string] $Path,
        [Parameter(Mandatory)] [object] $Result,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [string] $Root
    )

    switch ([string]$Action['condition']) {
        '' { return $true }
        'always' { return $true }
        'success' { return $Result.Success }
        'failure' { return -not $Result.Success }
        'fileExists' { return [System.IO.File]::Exists($Path) -or [System.IO.Directory]::Exists($Path) }
    }
    Test-Expression -Expression $Action['condition'] -Variables $Variables -Root $Root
}

function Invoke-PostAction {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [hashtable] $Playbook,
        [Parameter(Mandatory)] [object] $Result,
        [Parameter(Mandatory)] [hashtable] $Run,
        [Parameter(Mandatory)] [hashtable] $Variables,
        [Parameter(Mandatory)] [string] $Root,
        [switch] $Quiet
    )

    $log = $Run.Log
    foreach ($action in $Playbook.Model['postActions']) {
        try {
            $path = Expand-PlaybookText -Text $action['path'] -Variables $Variables
            if ($path) {
                $path = Resolve-ProjectPath -Path $path -Location $Root
            }
            $test = @{ Action = $action; Path = $path; Result = $Result; Variables = $Variables; Root = $Root }
            if (-not (Test-PostAction @test)) {
                $log.Cmdlet.WriteVerbose("Post-action '$($action['description'])': its condition does not hold.")
                continue
            }
            switch ($action['kind']) {
                'display' {
                    $text = $action['message'] ? $action['message'] : $action['description']
                    $text = Expand-PlaybookText -Text $text -Variables $Variables
                    Write-OrchestrationHost -Log $log -Message $text
                }
                'openFile' {
                    Open-PostActionFile -Path $path -Log $log
                }
                'script' {
                    Invoke-PostScript -Action $action -Playbook $Playbook -Run $Run -Root $Root -Quiet:$Quiet
                }
            }
        } catch {
            $log.Cmdlet.WriteWarning("Post-action '$($action['description'])' failed: $_")
        }
    }
}

function Open-PostActionFile {
    # Opens a file for a person who is there to see it.
    [CmdletBinding()]
    param(
        [AllowEmptyString()] [string] $Path,
        [Parameter(Mandatory)] [hashtable] $Log
    )

    if (-not $Path -or -not [System.IO.File]::Exists($Path)) {
        $Log.Cmdlet.WriteVerbose("Not opened, since it does not exist: $Path")
        return
    }
    $someoneThere = [System.Environment]::UserInteractive -and -not [System.Console]::IsOutputRedirected -and
    -not [System.Console]::IsInputRedirected -and -not $env:CI -and -not $env:AITHERZERO_NONINTERACTIVE
    if (-not $someoneThere) {
        $Log.Cmdlet.WriteVerbose("Not opened, since nobody is there to see it: $Path")
        return
    }
    $start = [System.Diagnostics.ProcessStartInfo]::new($Path)
    $start.UseShellExecute = $true
    $null = [System.Diagnostics.Process]::Start($start)
}

function Invoke-PostScript {
    # A script or text after the run: a run of its own, of a playbook with one step, with the first one's
    # variables.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Action,
        [Parameter(Mandatory)] [hashtable] $Playbook,
        [Parameter(Mandatory)] [hashtable] $Run,
        [Parameter(Mandatory)] [string] $Root,
        [switch] $Quiet
    )

    $name = $Action['description'] ? $Action['description'] : 'post-action'
    $step = [ordered]@{ name = $name; with = $Action['parameters'] }
    if ($Action['work']['kind'] -eq 'inline') {
        $step['script'] = $Action['work']['text']
    } else {
        $step['run'] = $Action['work']['elements']
    }
    $document = [ordered]@{
        metadata      = [ordered]@{ name = $name }
        orchestration = [ordered]@{
            defaultVariables = $Playbook.Model['variables']
            jobs             = [ordered]@{ after = [ordered]@{ name = $name; steps = @(, $step) } }
        }
    }
    $source = '{"document":' + (ConvertTo-NativeJson -Value $document -Name 'Post-action') + ',"source":"json"}'
    $settings = [ordered]@{ root = $Root; variables = $Run.Variables; defaultMaxConcurrency = 1 }
    $json = Get-NativePlan -Settings $settings -Playbook $source
    # What it writes is for the user to see; its start and end are not news.
    $own = $Run.Clone()
    $own['Log'] = $Run.Log.Clone()
    $own['Log']['ShowOutput'] = -not $Quiet
    $own['Log']['Quiet'] = $true
    $own['Detailed'] = $true
    # It is a part of the run around it, and not one that could be resumed.
    $own['Journal'] = ''
    $own['Left'] = @{}
    $own['PlanJson'] = $json
    $own['Plan'] = ConvertFrom-NativeJson -Json $json
    $result = Invoke-WithEnvironment -Quiet:$Quiet { Invoke-OrchestrationRun @own }
    if (-not $result.Success -and -not $Action['continueOnError']) {
        $Run.Log.Cmdlet.WriteWarning("Post-action '$name' failed.")
    }
}
