# What a script leaves behind. A worker compares its session with how it was, which costs a fraction of what the
# script's own commands do. Values of variables are put back; after anything else the worker takes no more jobs and
# a fresh one takes its place, so that whatever a script did is gone. See Get-WorkerBlock.

# Without a table: how the session is. With one: the same table, after values have been put back; Spoiled is 1 when
# something has changed that a value cannot put back.
$script:WorkerNotice = {
    param($clean, $alone)

    # First of all: this block's own variables are in the list too.
    $tables = $ExecutionContext.InvokeProvider.Item.Get(
        [string[]]@('Variable:', 'Function:', 'Alias:'), $true, $true)
    $variables, $functions, $aliases = $tables[0], $tables[1], $tables[2]
    $session = $ExecutionContext.SessionState
    $drives = [object[]]@($session.Drive.GetAllAtScope('Global'))
    $subscribers = $ExecutionContext.Events.Subscribers.Count

    if ($null -eq $clean) {
        # They change by themselves, or with every command.
        $moving = '$', '?', '^', '_', 'args', 'ConsoleFileName', 'Error', 'ExecutionContext', 'input',
        'LASTEXITCODE', 'Matches', 'MyInvocation', 'null', 'OrchestrationContext', 'PSItem', 'PWD', 'StackTrace',
        'this'
        $watched = [psvariable[]]@(
            foreach ($variable in $variables.GetEnumerator()) {
                $global = $session.PSVariable.Get("global:$($variable.Name)")
                if ($null -ne $global -and $variable.Name -notin $moving) {
                    $global
                }
            }
        )
        $style = [System.Collections.Generic.List[System.Management.Automation.PSPropertyInfo]]::new()
        foreach ($part in $PSStyle, $PSStyle.Formatting, $PSStyle.Progress) {
            foreach ($property in $part.PSObject.Properties) {
                if ($property.IsSettable -and $property.MemberType -eq 'Property') {
                    $style.Add($property)
                }
            }
        }
        $value = [psvariable].GetProperty('Value').GetGetMethod()
        $block = [System.Management.Automation.FunctionInfo].GetProperty('ScriptBlock').GetGetMethod()
        $setting = [System.Management.Automation.PSPropertyInfo].GetProperty('Value').GetGetMethod()
        $command = $ExecutionContext.InvokeCommand
        $clean = @{
            Spoiled     = 0
            Count       = $variables.Count
            Watched     = $watched
            Values      = $null
            Value       = $value.CreateDelegate([System.Func[psvariable, object]])
            Functions   = $null
            Block       = $block.CreateDelegate([System.Func[System.Management.Automation.FunctionInfo, object]])
            Aliases     = [object[]]@([System.Linq.Enumerable]::Cast[object]($aliases))
            Drives      = $drives
            Subscribers = $subscribers
            Style       = $style.ToArray()
            Setting     = $setting.CreateDelegate(
                [System.Func[System.Management.Automation.PSPropertyInfo, object]])
            Settings    = $null
            GetModule   = $command.GetCommand('Get-Module', 'Cmdlet')
            GetJob      = $command.GetCommand('Get-Job', 'Cmdlet')
            Culture     = [cultureinfo]::CurrentCulture
            Language    = [cultureinfo]::CurrentUICulture
            # See WorkerLive, and what it gave when the session was found clean.
            Live        = $null
            Seen        = $null
            Styles      = $null
        }
        $clean.Values = [System.Linq.Enumerable]::ToArray(
            [System.Linq.Enumerable]::Select[psvariable, object]($watched, $clean.Value))
        $clean.Settings = [System.Linq.Enumerable]::ToArray(
            [System.Linq.Enumerable]::Select[System.Management.Automation.PSPropertyInfo, object](
                $clean.Style, $clean.Setting))
        $clean.Functions = [System.Linq.Enumerable]::ToArray(
            [System.Linq.Enumerable]::Select[System.Management.Automation.FunctionInfo, object](
                $functions, $clean.Block))
        $clean.Styles = [System.Linq.Enumerable]::Select[System.Management.Automation.PSPropertyInfo, object](
            $clean.Style, $clean.Setting)
        $clean.Modules = [object[]]@(& $clean.GetModule)
        return $clean
    }

    if (-not [System.Linq.Enumerable]::SequenceEqual[object](
            [System.Linq.Enumerable]::Select[psvariable, object]($clean.Watched, $clean.Value), $clean.Values)) {
        foreach ($index in 0..($clean.Values.Length - 1)) {
            if (-not [object]::Equals($clean.Watched[$index].Value, $clean.Values[$index])) {
                try {
                    $clean.Watched[$index].Value = $clean.Values[$index]
                } catch {
                    $clean.Spoiled = 1
                }
            }
        }
    }
    if ($alone -and -not [System.Linq.Enumerable]::SequenceEqual[object]($clean.Styles, $clean.Settings)) {
        foreach ($index in 0..($clean.Settings.Length - 1)) {
            $clean.Style[$index].Value = $clean.Settings[$index]
        }
    }
    # Modules of PowerShell itself, which come with the first use of their commands, may stay.
    $modules = [object[]]@(& $clean.GetModule)
    $blocks = [System.Linq.Enumerable]::Select[System.Management.Automation.FunctionInfo, object](
        $functions, $clean.Block)
    $commands = [System.Linq.Enumerable]::Cast[object]($aliases)
    if ($variables.Count -ne $clean.Count -or $subscribers -ne $clean.Subscribers -or
        $global:PSDefaultParameterValues.Count -or [runspace]::DefaultRunspace.Debugger.IsActive -or
        -not [System.Linq.Enumerable]::SequenceEqual[object]($drives, $clean.Drives)) {
        $clean.Spoiled = 1
    } elseif (-not [System.Linq.Enumerable]::SequenceEqual[object]($modules, $clean.Modules) -or
        -not [System.Linq.Enumerable]::SequenceEqual[object]($blocks, $clean.Functions) -or
        -not [System.Linq.Enumerable]::SequenceEqual[object]($commands, $clean.Aliases)) {
        $blocks = [object[]]@($blocks)
        $commands = [object[]]@($commands)
        $gone = @($clean.Modules).Where({ $_ -notin $modules }).Count +
        @($clean.Functions).Where({ $_ -notin $blocks }).Count +
        @($clean.Aliases).Where({ $_ -notin $commands }).Count
        $come = @(
            @($modules).Where({ $_ -notin $clean.Modules })
            foreach ($command in @($functions.GetEnumerator()) + $commands) {
                if ($command -notin $clean.Aliases -and $command.ScriptBlock -notin $clean.Functions) {
                    $command.Module
                }
            }
        )
        $foreign = $come.Where({ -not "$($_.ModuleBase)".StartsWith($PSHOME) }).Count
        if ($gone -or $foreign) {
            $clean.Spoiled = 1
        } else {
            $clean.Modules, $clean.Functions, $clean.Aliases = $modules, $blocks, $commands
        }
    }
    foreach ($job in & $clean.GetJob) {
        $clean.Spoiled = 1
        $job.StopJob()
    }
    if ($clean.Live) {
        $clean.Seen = [System.Linq.Enumerable]::ToArray[object]($clean.Live)
    }
    $clean
}

# What belongs to the whole process. Undone when nobody else could have changed it, said when somebody could.
$script:WorkerUndo = {
    param($shared, $id, $environment, $directory, $alone)

    $now = [System.Environment]::GetEnvironmentVariables()
    $names = [System.Collections.Generic.SortedSet[string]]::new([System.StringComparer]::Ordinal)
    foreach ($table in $environment, $now) {
        foreach ($name in $table.Keys) {
            if ($environment[$name] -cne $now[$name]) {
                $null = $names.Add($name)
            }
        }
    }
    if ($alone) {
        foreach ($name in $names) {
            [System.Environment]::SetEnvironmentVariable($name, $environment[$name] ?? [NullString]::Value)
        }
        [System.Environment]::CurrentDirectory = $directory
        return
    }
    $changed = @($names)
    if ($directory -ne [System.Environment]::CurrentDirectory) {
        $changed += '[Environment]::CurrentDirectory'
    }
    if ($changed) {
        $job = $shared.Plan['jobs'][$id]
        $shared.Warnings.Enqueue(
            "Changed for the whole process while [$($job['number'])] $($job['name']) ran beside others, and " +
            "left so: $($changed -join ', ')")
    }
}
