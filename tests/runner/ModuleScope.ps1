function InModuleScope {
    <#
    .SYNOPSIS
        Runs a block inside a loaded script module, where its private functions and variables are visible.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $ModuleName,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $ScriptBlock,
        [hashtable] $Parameters = @{},
        [object[]] $ArgumentList = @()
    )

    $module = Get-Module -Name $ModuleName -All | Where-Object ModuleType -EQ 'Script' | Select-Object -First 1
    if ($null -eq $module) {
        throw [InvalidOperationException]::new(
            "No script module named '$ModuleName' is loaded. Import it in BeforeAll or BeforeDiscovery.")
    }
    $block = $module.NewBoundScriptBlock($ScriptBlock)
    $call = @{ Parameters = $Parameters; ArgumentList = $ArgumentList; Block = $block }
    & $module {
        param($__call)
        $__named = @{}
        foreach ($__name in $__call.Parameters.Keys) {
            Set-Variable -Name $__name -Value $__call.Parameters[$__name]
            if ($__call.Block.Ast.ParamBlock.Parameters.Name.VariablePath.UserPath -contains $__name) {
                $__named[$__name] = $__call.Parameters[$__name]
            }
        }
        $__list = $__call.ArgumentList
        & $__call.Block @__named @__list
    } $call
}

function Mock {
    [CmdletBinding()]
    param([Parameter(ValueFromRemainingArguments)] $Rest)

    throw [NotSupportedException]::new(
        'Mock is not part of this runner. Run the file with Pester, or pass the command in as a parameter.')
}
