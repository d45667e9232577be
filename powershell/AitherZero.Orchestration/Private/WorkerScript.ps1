# What a worker knows of a script, and what it gives to it. See Get-WorkerBlock.

# What a worker knows of a script, once: its command, its parameters, or why it cannot run.
$script:WorkerDescribe = {
    param($path)

    $script = @{
        Command    = $null
        Declares   = $false
        Parameters = $null
        Accepts    = $null
        Failure    = $null
        # The bytes of its file, by which WorkerLoop.ps1 tells that it is still the same.
        Source     = $null
    }
    try {
        $command = $ExecutionContext.InvokeCommand.GetCommand($path, 'ExternalScript')
        # PowerShell gives nothing, not an error, for a file that is not there, or that it cannot read or parse.
        $block = $command.ScriptBlock
        if ($null -eq $block) {
            throw [System.InvalidOperationException]::new('PowerShell cannot load it')
        }
        $script.Command = $command
        # An empty param() takes nothing. What the others take is asked for when there is something to give.
        $parameters = $block.Ast.ParamBlock
        if ($parameters -and ($parameters.Parameters.Count -or $parameters.Attributes.Count)) {
            $script.Declares = $true
            $script.Accepts = @{}
        }
    } catch {
        $name = [System.IO.Path]::GetFileName($path)
        $cause = $_.Exception.GetBaseException().Message
        $tokens, $mistakes = $null
        try {
            $null = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$mistakes)
        } catch {
            $cause = $_.Exception.GetBaseException().Message
        }
        # The parser takes a file that is not there for one with a mistake.
        $script.Failure = if (-not [System.IO.File]::Exists($path)) {
            "Cannot read ${name}: the file $path is gone"
        } elseif ($mistakes) {
            "Syntax error in $name, line $($mistakes[0].Extent.StartLineNumber): $($mistakes[0].Message)"
        } else {
            "Cannot read ${name}: $cause"
        }
    }
    $script
}

# Fills the table of arguments for a script: what the job offers and the script takes. A value of the caller's
# that came through unchanged is handed on as it is, since JSON would lose its type, and as a copy where it is a
# table or a list.
$script:WorkerBind = {
    param($job, $script, $shared, $splat, $copy, $decode)

    $takesConfiguration = $false
    $block = $script.Command -is [scriptblock] ? $script.Command : $script.Command.ScriptBlock
    foreach ($parameter in $block.Ast.ParamBlock.Parameters) {
        if ($parameter.Name.VariablePath.UserPath -eq 'Configuration') {
            $takesConfiguration = $true
        }
    }
    $offered = $job.GetProperty('parameters')
    if (-not $takesConfiguration -and $offered.GetRawText().Length -le 2) {
        return
    }
    if ($null -eq $script.Parameters) {
        if ($script.Command -is [scriptblock]) {
            $null = $ExecutionContext.InvokeProvider.Item.Set('Function:\AitherStep', $block)
            $script.Parameters = $ExecutionContext.InvokeCommand.GetCommand('AitherStep', 'Function').Parameters
            $ExecutionContext.InvokeProvider.Item.Remove('Function:\AitherStep', $false)
        } else {
            $script.Parameters = $script.Command.Parameters
        }
    }
    foreach ($offer in $offered.EnumerateObject()) {
        $name = $offer.Name
        if (-not $script.Parameters.ContainsKey($name)) {
            continue
        }
        $accept = $script.Accepts[$name]
        if ($null -eq $accept) {
            $type = $script.Parameters[$name].ParameterType
            $inner = [System.Nullable]::GetUnderlyingType($type)
            $accept = @{
                Null   = -not $type.IsValueType -or $null -ne $inner
                Switch = $type -eq [switch] -or $type -eq [bool] -or $inner -eq [bool]
                Table  = $type -eq [hashtable]
            }
            $mandatory, $allowsNull = $false, $false
            foreach ($attribute in $script.Parameters[$name].Attributes) {
                if ($attribute -is [System.Management.Automation.ParameterAttribute]) {
                    $mandatory = $mandatory -or $attribute.Mandatory
                } elseif ($attribute -is [System.Management.Automation.AllowNullAttribute]) {
                    $allowsNull = $true
                } elseif ($attribute.GetType().Name -like 'ValidateNotNull*') {
                    $accept.Null = $false
                }
            }
            if ($mandatory -and -not $allowsNull) {
                $accept.Null = $false
            }
            $script.Accepts[$name] = $accept
        }
        if ($shared.Written[$name] -ceq $offer.Value.GetRawText()) {
            $value = $shared.Variables[$name]
            if ($null -ne $value -and $value -isnot [string] -and $value -isnot [valuetype]) {
                $value = & $copy $value
            }
        } else {
            $value = & $decode $offer.Value
        }
        if ($null -eq $value -and -not $accept.Null) {
            continue
        }
        if ($accept.Table -and $value -is [System.Collections.Specialized.OrderedDictionary]) {
            # PowerShell's own conversion would give a table that minds the case of names.
            $table = @{}
            foreach ($entry in $value.GetEnumerator()) {
                $table[$entry.Key] = $entry.Value
            }
            $value = $table
        } elseif ($accept.Switch) {
            $text = "$value".Trim()
            if ($text -in 'true', '1', 'yes') {
                $value = $true
            } elseif ($text -in 'false', '0', 'no') {
                $value = $false
            }
        }
        $splat[$name] = $value
    }
    if ($takesConfiguration -and -not $splat.Contains('Configuration')) {
        $splat['Configuration'] = & $copy $shared.Configuration
    }
}

# The report of a script that ended with an error, as bytes.
$script:WorkerFailure = {
    param($failure, $title, $errors)

    $text = "$failure"
    $place = $failure.InvocationInfo.ScriptName
    if ($place) {
        $place = [System.IO.Path]::GetFileName($place) + ':' + $failure.InvocationInfo.ScriptLineNumber
    } elseif ($failure.Exception -is [System.Management.Automation.ParameterBindingException]) {
        # The script's own parameters: there is no line to name, so name the script.
        $text = "Parameters of ${title}: $text"
    }
    $escape = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping
    $type = $failure.Exception.GetType().FullName
    $parts = foreach ($part in ($text ? $text : $type), $type, $failure.FullyQualifiedErrorId, $place) {
        $part ? '"' + $escape.Encode($part) + '"' : 'null'
    }
    $report = '{{"exitCode":1,"error":{{"message":{0},"type":{1},"id":{2},"at":{3}}},"errors":{4}}}'
    , [System.Text.Encoding]::UTF8.GetBytes($report -f ($parts + $errors))
}
