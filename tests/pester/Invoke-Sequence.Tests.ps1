BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    $project = New-Project @{ '0101_One' = '"one"'; '0102_Two' = '"two"'; '0103_Bad' = 'exit 2' }
}

Describe 'Invoke-Sequence' {
    It 'runs what its first argument names' {
        $run = Invoke-Capturing $project { Invoke-Sequence 0101, 0102 }
        $run.Result.Jobs.Output | Should -Be 'one', 'two'
        $run.ExitCode | Should -Be 0
    }

    It 'passes failures and errors through' {
        $run = Invoke-Capturing $project { Invoke-Sequence -Numbers '0103' }
        $run.Result.Failed | Should -Be 1
        $run.ExitCode | Should -Be 1
        $run = Invoke-Capturing $project { Invoke-Sequence '0999' }
        $run.Error.FullyQualifiedErrorId | Should -BeLike 'Sequence.UnknownNumber,*'
        $run.ExitCode | Should -Be 1
    }
}
