# What a worker knows of a script, and what it gives to it. Sent to the runspace as text, see WorkerLoop.ps1.

# What a worker knows of a script, once: its command, its parameters, or why it cannot run.
$script:WorkerDescribe = {
    param($path)

    $name = [System.IO.Path]::GetFileName($path)
    $script = @{ Command = $null; Parameters = $null; Accepts = @{}; Failure = $null }
    $tokens, $mistakes = $null
    try {
        if (-not [System.IO.File]::Exists($path)) {
            throw [System.IO.FileNotFoundException]::new("the file $path is gone")
        }
        $script.Command = $ExecutionContext.InvokeCommand.GetCommand($path, 'ExternalScript')
        # PowerShell gives nothing, not an error, for a file that it cannot read or parse.
        if ($null -eq $script.Command.ScriptBlock) {
            throw [System.InvalidOperationException]::new('PowerShell cannot load it')
        }
        $script.Parameters = $script.Command.Parameters
    } catch {
        $cause = $_.Exception.GetBaseException().Message
        try {
            $null = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$mistakes)
        } catch {
            $cause = $_.Exception.GetBaseException().Message
        }
        $script.Failure = if ($mistakes) {
            "Syntax error in $name, line $($mistakes[0].Extent.StartLineNumber): $($mistakes[0].Message)"
        } else {
            "Cannot read ${name}: $cause"
        }
    }
    $script
}

# Fills the table of arguments for a script: what the job offers and the script takes. A value of the caller's is
# handed on as it is, since JSON would lose its type, and as a copy where it is a table or a list.
$script:WorkerBind = {
    param($job, $script, $shared, $splat, $copy, $decode)

    $matrix = $job.GetProperty('matrix')
    $cells = @{}
    if ($matrix.ValueKind -eq 'Object') {
        foreach ($cell in $matrix.EnumerateObject()) {
            $cells[$cell.Name] = $true
        }
    }
    foreach ($offer in $job.GetProperty('parameters').EnumerateObject()) {
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
        if ($shared.Variables.Contains($name) -and -not $cells.Contains($name)) {
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
    if ($script.Parameters.ContainsKey('Configuration') -and -not $splat.Contains('Configuration')) {
        $splat['Configuration'] = & $copy $shared.Configuration
    }
}
