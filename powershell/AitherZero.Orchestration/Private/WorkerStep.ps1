# Jobs that are more than a script with values: text in place of a script, environment variables, a folder of their
# own. See Get-WorkerBlock.

# What a worker knows of a text, in the shape of what it knows of a script.
$script:WorkerInline = {
    param($text, $shell, $title)

    $step = @{
        Command    = $null
        Arguments  = $null
        Declares   = $false
        Parameters = $null
        Accepts    = @{}
        Failure    = $null
    }
    if ($shell -in '', 'pwsh', 'powershell') {
        $tokens, $mistakes = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseInput(
            $text, $title, [ref]$tokens, [ref]$mistakes)
        # `exit` in a script block would end the whole worker. It leaves the block by a label instead, which no
        # script uses and which, like `exit`, nothing can catch; the code is noted first.
        $exits = @($ast.FindAll(
                { $args[0] -is [System.Management.Automation.Language.ExitStatementAst] }, $true))
        if (-not $mistakes -and $exits) {
            [array]::Reverse($exits)
            foreach ($exit in $exits) {
                $code = $exit.Pipeline ? "[int](`$($($exit.Pipeline.Extent.Text)))" : '0'
                $start, $end = $exit.Extent.StartOffset, $exit.Extent.EndOffset
                $text = $text.Substring(0, $start) +
                ". { `$global:LASTEXITCODE = $code; break AitherExit }" + $text.Substring($end)
            }
            $ast = [System.Management.Automation.Language.Parser]::ParseInput(
                $text, $title, [ref]$tokens, [ref]$mistakes)
        }
        if ($mistakes) {
            $step.Failure = "Syntax error in the text of $title, line " +
            "$($mistakes[0].Extent.StartLineNumber): $($mistakes[0].Message)"
        } else {
            $step.Command = $ast.GetScriptBlock()
            $step.Declares = [bool]$ast.ParamBlock
        }
        return $step
    }
    $step.Failure = "$title wants the shell '$shell', whose text runs as a process only."
    $step
}

# Puts such a job into the folder and the environment that it wants, and gives what there is to run. What the
# environment was goes where the pipeline thread finds it too, should this worker be left behind.
$script:WorkerStep = {
    param($job, $shared, $paths, $scripts)

    $special = & $shared.Decode $job
    $id = $special['job']
    $text = $special['text']
    $known = $null
    if (-not $text) {
        # Described anew each time, since the file may have changed.
        $known = & $shared.Describe $special['path']
    } else {
        $key = "$($special['shell'])|$($special['name'])|$text"
        if (-not $scripts.TryGetValue($key, [ref]$known)) {
            $known = & $shared.Inline $text "$($special['shell'])" $special['name']
            $scripts[$key] = $known
        }
    }
    $wanted = $special['workingDirectory']
    if ($wanted) {
        $folder = [System.IO.Path]::GetFullPath($wanted, $shared.Root)
        if (-not [System.IO.Directory]::Exists($folder)) {
            throw "The working directory $folder does not exist."
        }
        $null = $paths.SetLocation([System.Management.Automation.WildcardPattern]::Escape($folder))
    }
    if ($special['env']) {
        $before = @{}
        foreach ($name in $special['env'].Keys) {
            $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
        }
        $shared.Environment[$id] = $before
        foreach ($name in $special['env'].Keys) {
            $value = $special['env'][$name]
            $text = $value -is [bool] ? "$value".ToLowerInvariant() : "$value"
            [System.Environment]::SetEnvironmentVariable($name, $text)
        }
    }
    $known
}
