function Should {
    <#
    .SYNOPSIS
        Checks a value with one of Pester 5's operators and throws where it does not hold.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)]
        [Alias('ExpectedMessage', 'ExpectedType', 'RegularExpression', 'ExpectedContent', 'ParameterName')]
        $ExpectedValue,
        [Parameter(ValueFromPipeline)] [AllowNull()] $ActualValue,
        [string] $ErrorId,
        [type] $ExceptionType,
        [switch] $PassThru,
        $Type,
        [switch] $Mandatory,
        [string[]] $Alias,
        [string] $Because,
        [switch] $Not,
        [Alias('EQ')] [switch] $Be,
        [Alias('CEQ')] [switch] $BeExactly,
        [switch] $BeTrue,
        [switch] $BeFalse,
        [switch] $BeNullOrEmpty,
        [Alias('HaveType')] [switch] $BeOfType,
        [switch] $BeIn,
        [switch] $Contain,
        [switch] $HaveCount,
        [Alias('GT')] [switch] $BeGreaterThan,
        [Alias('GE')] [switch] $BeGreaterOrEqual,
        [Alias('LT')] [switch] $BeLessThan,
        [Alias('LE')] [switch] $BeLessOrEqual,
        [switch] $BeLike,
        [switch] $BeLikeExactly,
        [switch] $Match,
        [Alias('CMATCH')] [switch] $MatchExactly,
        [switch] $Throw,
        [switch] $Exist,
        [switch] $FileContentMatch,
        [switch] $FileContentMatchExactly,
        [switch] $HaveParameter,
        [switch] $Invoke
    )

    begin {
        $collected = [Collections.Generic.List[object]]::new()
    }
    process {
        if ($PSBoundParameters.ContainsKey('ActualValue')) {
            $collected.Add($ActualValue)
        }
    }
    end {
        $known = @($script:Operators.Keys) + 'Throw', 'HaveParameter', 'Invoke'
        $operator = @($known | Where-Object { $PSBoundParameters.ContainsKey($_) })
        if ($operator.Count -ne 1) {
            throw [ArgumentException]::new('Should needs exactly one operator, as in: $value | Should -Be 1')
        }
        $operator = $operator[0]
        if ($operator -eq 'Invoke') {
            throw [NotSupportedException]::new(
                'Should -Invoke needs mocks, which this runner does not have. Run the file with Pester.')
        }
        $reason = if ($Because) { " because $($Because -replace '^because ', '')," } else { '' }
        $place = @{ File = $MyInvocation.ScriptName; Line = $MyInvocation.ScriptLineNumber }

        # The whole list is one value to operators on lists; to the others each item is one.
        $values = [Collections.Generic.List[object]]::new()
        if ($collected.Count -eq 0) {
            $values.Add($null)
        } elseif ($operator -notin $script:WholeInput) {
            $values.AddRange($collected)
        } elseif ($collected.Count -eq 1 -and -not $MyInvocation.ExpectingInput) {
            $values.Add($collected[0])
        } else {
            $values.Add($collected.ToArray())
        }
        foreach ($value in $values) {
            $outcome = switch ($operator) {
                'Throw' {
                    # As in Pester, what -Not forbids is every exception.
                    $wanted = @{ Message = $ExpectedValue; ErrorId = $ErrorId; ExceptionType = $ExceptionType }
                    if ($Not) { $wanted.Clear() }
                    Test-Throw -Action $value @wanted -Reason $reason
                }
                'HaveParameter' {
                    $wanted = @{ Name = $ExpectedValue; Type = $Type; Mandatory = $Mandatory; Alias = $Alias }
                    Test-Parameter -Command $value @wanted -Reason $reason
                }
                default { & $script:Operators[$operator] $value $ExpectedValue $reason }
            }
            if ($outcome.Holds -eq [bool] $Not) {
                $message = if ($Not) { $outcome.NotMessage } else { $outcome.Message }
                throw [Management.Automation.ErrorRecord]::new(
                    [Exception]::new($message), 'PesterAssertionFailed', 'InvalidResult', $place)
            }
            if ($PassThru -and $operator -eq 'Throw') {
                $outcome.Thrown
            }
        }
    }
}
