function Invoke-Sequence {
    <#
    .SYNOPSIS
    Runs scripts by their numbers.

    .DESCRIPTION
    The short form of Invoke-OrchestrationSequence, without any options.

    .PARAMETER Numbers
    What to run, in the language of Invoke-OrchestrationSequence -Sequence: numbers, ranges, wildcards, stage: and
    tag: selections, exclusions with !.

    .EXAMPLE
    Invoke-Sequence 0401, 0402

    .EXAMPLE
    Invoke-Sequence '0400-0499', '!0407'

    .OUTPUTS
    AitherZero.Orchestration.Result
    #>
    [CmdletBinding()]
    [OutputType('AitherZero.Orchestration.Result')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Complete-Argument @args } @args })]
        [string[]] $Numbers
    )

    Invoke-OrchestrationSequence -Sequence $Numbers
}
