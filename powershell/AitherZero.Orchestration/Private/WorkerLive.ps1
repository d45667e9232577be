# Whether a script left anything behind, at once. See Get-WorkerBlock.

# What of a session a script can change, as one sequence that is read anew each time it is gone through: so that
# one comparison tells whether anything did change, in a hundredth of the time that asking the commands takes.
# Behind it are the session's own tables, which no public call gives. Nothing where this PowerShell has them
# otherwise; then a worker asks the commands after every script.
$script:WorkerLive = {
    param($clean)

    $any = [System.Reflection.BindingFlags]'Instance, Public, NonPublic'
    # A property, or a property of a property, of an object.
    $of = {
        param($object, $names)
        foreach ($name in $names) {
            $object = $object.GetType().GetProperty($name, $any).GetValue($object)
        }
        , $object
    }
    $linq = [System.Linq.Enumerable]
    try {
        $scope = & $of $ExecutionContext.SessionState 'Internal', 'GlobalScope'
        $engine = [System.Management.Automation.EngineIntrinsics].GetField('_context', $any)
        $modules = & $of $engine.GetValue($ExecutionContext) 'Modules', 'ModuleTable'
        $jobs = & $of ([runspace]::DefaultRunspace) 'JobRepository', 'Dictionary'
        $functions, $aliases = (& $of $scope 'FunctionTable'), (& $of $scope 'AliasTable')
        $variables = & $of $scope 'Variables'
        if ($functions.Count -ne $clean.Functions.Count -or $aliases.Count -ne $clean.Aliases.Count -or
            $variables.Count -lt $clean.Watched.Count) {
            return
        }
        $live = $linq::Select[psvariable, object]($clean.Watched, $clean.Value)
        $blocks = $linq::Select[System.Management.Automation.FunctionInfo, object]($functions.Values, $clean.Block)
        foreach ($part in $blocks, $aliases, (& $of $scope 'Drives'), $modules.Values, $jobs.Values,
            $global:PSDefaultParameterValues.Keys, $variables.Keys) {
            $live = $linq::Concat[object]($live, $linq::Cast[object]($part))
        }
        , $live
    } catch {
        return
    }
}
