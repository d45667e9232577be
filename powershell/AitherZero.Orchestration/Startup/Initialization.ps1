# Every session that imports the module pays for what happens at import, so only the commands themselves are read
# then. What they call, and the binding of the native library, waits for the first command that is called.

function Initialize-Module {
    # Loads Private/ and binds the library, once. Every command begins with it.
    [CmdletBinding()]
    [OutputType([void])]
    param()

    if ($script:Native) {
        return
    }
    $root = $ExecutionContext.SessionState.Module.ModuleBase
    $files = [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($root, 'Private'), '*.ps1')
    [System.Array]::Sort($files, [System.StringComparer]::Ordinal)
    foreach ($file in $files) {
        # Functions belong to the module, not to this function's scope. The file's name stays with its lines, for
        # errors and break points.
        $text = [regex]::Replace([System.IO.File]::ReadAllText($file), '(?m)^function (?=\w)', 'function script:')
        $tokens, $mistakes = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseInput(
            $text, $file, [ref]$tokens, [ref]$mistakes)
        if ($mistakes) {
            throw [System.Management.Automation.ParseException]::new($mistakes)
        }
        . $ast.GetScriptBlock()
    }
    $script:Native = Import-NativeLibrary -ModuleRoot $root
}
