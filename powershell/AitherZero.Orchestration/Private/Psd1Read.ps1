# A psd1 file as data. The file is parsed, never run: what would have to be executed to have a value is an error.

$script:DataDepth = 100
$script:DataPrefix = '$null;'
$script:DataHint = 'A psd1 is read as data and nothing in it is executed: text, numbers, $true, $false, $null, ' +
'tables @{ }, lists @( ) and $env:NAME are allowed.'

function Import-DataFile {
    # The file's one table, as ordered dictionary with the keys in written order.
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param([Parameter(Mandatory)] [string] $LiteralPath)

    if (-not [System.IO.File]::Exists($LiteralPath)) {
        $message = "File not found: $LiteralPath"
        throw (New-OrchestrationError -Code 'data.not-found' -Message $message -Target $LiteralPath)
    }
    try {
        $text = [System.IO.File]::ReadAllText($LiteralPath)
    } catch {
        $message = "$LiteralPath cannot be read: $($_.Exception.GetBaseException().Message)"
        throw (New-OrchestrationError -Code 'data.unreadable' -Message $message -Target $LiteralPath)
    }
    ConvertFrom-DataText -Text $text -Name $LiteralPath
}

function ConvertFrom-DataText {
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Text,
        # What the text is called in messages.
        [Parameter(Mandatory)] [string] $Name
    )

    # PowerShell loads what a leading `using module` names while it parses; behind a statement that is an error.
    $tokens, $mistakes = $null
    $script = [System.Management.Automation.Language.Parser]::ParseInput(
        $script:DataPrefix + $Text, [ref]$tokens, [ref]$mistakes)
    if ($mistakes) {
        $place = Format-DataPlace -Name $Name -Extent $mistakes[0].Extent
        $problem = @{ Code = 'data.syntax'; Message = "${place}: $($mistakes[0].Message)"; Target = $Name }
        throw (New-OrchestrationError @problem)
    }
    $statements = @($script.EndBlock.Statements)
    $plain = $null -eq $script.ParamBlock -and $null -eq $script.BeginBlock -and $null -eq $script.ProcessBlock
    if (-not $plain -or $statements.Count -lt 2 -or $script.EndBlock.Traps) {
        $problem = @{ Code = 'data.no-table'; Message = "$Name holds no table @{ … }"; Target = $Name }
        throw (New-OrchestrationError @problem -Hint $script:DataHint)
    }
    if ($statements.Count -gt 2) {
        throw (New-DataError -Ast $statements[2] -Name $Name -Reason 'a second statement')
    }
    $table = Get-DataExpression -Statement $statements[1]
    if ($table -isnot [System.Management.Automation.Language.HashtableAst]) {
        throw (New-DataError -Ast $statements[1] -Name $Name -Reason 'not a table @{ … }')
    }
    ConvertFrom-DataAst $table $Name 0
}

function Format-DataPlace {
    # "file, line 3, column 7", with the column of the first line freed from what was put before it.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [System.Management.Automation.Language.IScriptExtent] $Extent
    )

    $line = $Extent.StartLineNumber
    $column = $Extent.StartColumnNumber
    if ($line -eq 1) {
        $column = [System.Math]::Max(1, $column - $script:DataPrefix.Length)
    }
    "$Name, line $line, column $column"
}

function New-DataError {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory)] [System.Management.Automation.Language.Ast] $Ast,
        [Parameter(Mandatory)] [string] $Name,
        [string] $Reason = 'not plain data'
    )

    $text = ($Ast.Extent.Text -split '\r?\n')[0]
    if ($text.Length -gt 60) {
        $text = $text.Substring(0, 60) + '…'
    }
    $problem = @{
        Code    = 'data.not-data'
        Message = "$(Format-DataPlace -Name $Name -Extent $Ast.Extent): '$text' is $Reason."
        Hint    = $script:DataHint
        Target  = $Name
    }
    New-OrchestrationError @problem
}

function Get-DataExpression {
    # The one expression that a statement consists of, else nothing.
    [CmdletBinding()]
    [OutputType([System.Management.Automation.Language.ExpressionAst])]
    param([Parameter(Mandatory)] [System.Management.Automation.Language.StatementAst] $Statement)

    if ($Statement -is [System.Management.Automation.Language.PipelineAst] -and
        $Statement.PipelineElements.Count -eq 1 -and -not $Statement.Background -and
        $Statement.PipelineElements[0] -is [System.Management.Automation.Language.CommandExpressionAst] -and
        -not $Statement.PipelineElements[0].Redirections) {
        $Statement.PipelineElements[0].Expression
    }
}

function ConvertFrom-DataAst([object] $Ast, [string] $Name, [int] $Depth) {
    if ($Depth -gt $script:DataDepth) {
        throw (New-DataError -Ast $Ast -Name $Name -Reason "more than $script:DataDepth levels deep")
    }
    $expression = $Ast
    if ($Ast -is [System.Management.Automation.Language.StatementAst]) {
        $expression = Get-DataExpression -Statement $Ast
        if ($null -eq $expression) {
            throw (New-DataError -Ast $Ast -Name $Name)
        }
    }
    switch ($expression.GetType().Name) {
        'StringConstantExpressionAst' {
            return $expression.Value
        }
        'ConstantExpressionAst' {
            return $expression.Value
        }
        'ExpandableStringExpressionAst' {
            return Expand-DataString -Ast $expression -Name $Name
        }
        'VariableExpressionAst' {
            return Get-DataVariable -Ast $expression -Name $Name
        }
        'HashtableAst' {
            $table = [ordered]@{}
            foreach ($pair in $expression.KeyValuePairs) {
                if ($pair.Item1 -isnot [System.Management.Automation.Language.ConstantExpressionAst]) {
                    throw (New-DataError -Ast $pair.Item1 -Name $Name -Reason 'not a plain name')
                }
                $table[[string]$pair.Item1.Value] = ConvertFrom-DataAst $pair.Item2 $Name ($Depth + 1)
            }
            return $table
        }
        'ArrayLiteralAst' {
            $list = foreach ($element in $expression.Elements) {
                , (ConvertFrom-DataAst $element $Name ($Depth + 1))
            }
            return , @($list)
        }
        'ArrayExpressionAst' {
            return , @(Get-DataList -Ast $expression -Name $Name -Depth $Depth)
        }
        'UnaryExpressionAst' {
            $number = $expression.Child
            if ($expression.TokenKind -in 'Minus', 'Plus' -and
                $number -is [System.Management.Automation.Language.ConstantExpressionAst] -and
                $number -isnot [System.Management.Automation.Language.StringConstantExpressionAst]) {
                return $expression.TokenKind -eq 'Minus' ? - $number.Value : $number.Value
            }
        }
        'ConvertExpressionAst' {
            throw (New-DataError -Ast $expression -Name $Name -Reason 'a type conversion')
        }
    }
    throw (New-DataError -Ast $expression -Name $Name)
}

function Get-DataList {
    # What stands in @( ): every statement is an element, or several where it is a list itself.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Management.Automation.Language.ArrayExpressionAst] $Ast,
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [int] $Depth
    )

    foreach ($trap in $Ast.SubExpression.Traps) {
        throw (New-DataError -Ast $trap -Name $Name)
    }
    foreach ($statement in $Ast.SubExpression.Statements) {
        $value = ConvertFrom-DataAst $statement $Name ($Depth + 1)
        if ($value -is [array]) {
            foreach ($element in $value) {
                , $element
            }
        } else {
            , $value
        }
    }
}

function Get-DataVariable {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Management.Automation.Language.VariableExpressionAst] $Ast,
        [Parameter(Mandatory)] [string] $Name
    )

    $path = $Ast.VariablePath
    if (-not $Ast.Splatted) {
        if ($path.IsDriveQualified -and $path.DriveName -eq 'env') {
            return [System.Environment]::GetEnvironmentVariable($path.UserPath.Substring(4))
        }
        switch ($path.UserPath) {
            'true' { return $true }
            'false' { return $false }
            'null' { return $null }
        }
    }
    throw (New-DataError -Ast $Ast -Name $Name -Reason 'a variable')
}

function Expand-DataString {
    # A double-quoted text whose only expansions are $env:NAME. The pieces between those are parsed on their own,
    # so that PowerShell's escapes mean what they mean everywhere.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Management.Automation.Language.ExpandableStringExpressionAst] $Ast,
        [Parameter(Mandatory)] [string] $Name
    )

    $isHere = $Ast.StringConstantType -eq 'DoubleQuotedHereString'
    $open, $close = $isHere ? ("@`"`n", "`n`"@") : ('"', '"')
    $source = $Ast.Extent.Text
    $begin = $isHere ? $source.IndexOf("`n") + 1 : 1
    $end = $isHere ? $source.LastIndexOf("`n") : $source.Length - 1
    if ($isHere -and $end -gt 0 -and $source[$end - 1] -eq "`r") {
        $end--
    }
    $pieces = foreach ($nested in $Ast.NestedExpressions) {
        if ($nested -isnot [System.Management.Automation.Language.VariableExpressionAst] -or
            -not ($nested.VariablePath.IsDriveQualified -and $nested.VariablePath.DriveName -eq 'env')) {
            throw (New-DataError -Ast $nested -Name $Name -Reason 'an expansion other than $env:NAME')
        }
        $offset = $nested.Extent.StartOffset - $Ast.Extent.StartOffset
        $source.Substring($begin, $offset - $begin)
        Get-DataVariable -Ast $nested -Name $Name
        $begin = $offset + $nested.Extent.Text.Length
    }
    $pieces = @($pieces) + $source.Substring($begin, $end - $begin)
    $text = [System.Text.StringBuilder]::new()
    $isSource = $false
    foreach ($piece in $pieces) {
        $isSource = -not $isSource
        if ($isSource -and $piece) {
            $tokens, $mistakes = $null
            $parsed = [System.Management.Automation.Language.Parser]::ParseInput(
                $open + $piece + $close, [ref]$tokens, [ref]$mistakes)
            $piece = (Get-DataExpression -Statement $parsed.EndBlock.Statements[0]).Value
        }
        $null = $text.Append($piece)
    }
    $text.ToString()
}
