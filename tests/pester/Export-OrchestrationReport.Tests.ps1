BeforeDiscovery {
    $browser = 'chromium', 'chromium-browser', 'google-chrome', 'msedge' |
        ForEach-Object { Get-Command $_ -CommandType Application -ErrorAction Ignore } | Select-Object -First 1
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    $project = New-Project @{
        '0101_Make'  = "Set-OrchestrationOutput version '1.2'`n'made'"
        '0102_Check' = "# Dependencies: 0101`n'looking'`nthrow '<script>alert(1)</script>'"
        '0103_After' = "# Dependencies: 0102`n'never'"
    }
    $result = (Invoke-Capturing $project { Invoke-OrchestrationSequence '*' -Quiet }).Result
}

Describe 'Export-OrchestrationReport' {
    It 'writes one page with the graph, the timeline and the logs' {
        $file = Invoke-InProject $project { Export-OrchestrationReport -Html -Result $result -Path run.html }
        $file.FullName | Should -Be (Join-Path $project 'run.html')
        $page = [System.IO.File]::ReadAllText($file.FullName)
        ([regex]'<svg').Matches($page).Count | Should -Be 2
        ([regex]'<g class="job ').Matches($page).Count | Should -Be 3
        ([regex]'class="edge"').Matches($page).Count | Should -Be 2
        $page | Should -BeLike '*&lt;script&gt;alert(1)&lt;/script&gt;*'
        $page | Should -Not -BeLike '*<script*'
        $page | Should -BeLike '*<pre>made</pre>*'
    }

    It 'has a place of its own in the project' {
        $file = Invoke-InProject $project { $result | Export-OrchestrationReport }
        $file.FullName | Should -Be (Join-Path $project 'reports' 'orchestration' "run-$($result.RunId).html")
    }

    It 'has the whole logs of a recorded run, also by its id alone' {
        $own = New-Project @{ '0101_Long' = '1..300 | ForEach-Object { "line $_" }' }
        $ran = (Invoke-Capturing $own { Invoke-OrchestrationSequence '*' -Quiet }).Result
        $file = Invoke-InProject $own { Export-OrchestrationReport -RunId $ran[0].RunId -Path by-id.html }
        [System.IO.File]::ReadAllText($file.FullName) | Should -BeLike '*<pre>line 1?line 2?*line 300</pre>*'
        $file = Invoke-InProject $own { Export-OrchestrationReport $ran -Path by-result.html }
        [System.IO.File]::ReadAllText($file.FullName) | Should -BeLike '*<pre>line 1?line 2?*line 300</pre>*'
    }

    It 'says the same of a run by its id as by its result: values of the matrix, needs, exit code' {
        $own = New-Project @{ '0101_First' = 'exit 3'; '0102_Second' = "# Dependencies: 0101`n1" }
        $ran = (Invoke-Capturing $own {
                Invoke-OrchestrationSequence '*' -Quiet -ContinueOnError -Matrix @{ flavour = 'salt & pepper', 'plain' }
            }).Result[0]
        $recorded = Invoke-InProject $own { Get-OrchestrationRun -Id $ran.RunId }
        $recorded.ExitCode | Should -Be $ran.ExitCode
        foreach ($index in 0..3) {
            $recorded.Jobs[$index].Matrix['flavour'] | Should -Be $ran.Jobs[$index].Matrix['flavour']
            "$($recorded.Jobs[$index].Needs)" | Should -Be "$($ran.Jobs[$index].Needs)"
        }
        "$($recorded.Jobs.Needs)" | Should -BeLike '0101*'
        $file = Invoke-InProject $own { Export-OrchestrationReport -RunId $ran.RunId -Path by-id.html }
        [System.IO.File]::ReadAllText($file.FullName) | Should -BeLike '*salt &amp; pepper*'
    }

    It 'writes nothing with -WhatIf' {
        Invoke-InProject $project { Export-OrchestrationReport $result no.html -WhatIf } | Should -BeNullOrEmpty
        Test-Path (Join-Path $project 'no.html') | Should -BeFalse
    }

    It 'is drawn by a browser, with something on every part of it' -Skip:(-not $browser) -ForEach @(
        @{ Browser = "$($browser.Source)" }
    ) {
        $file = Invoke-InProject $project { Export-OrchestrationReport $result shown.html }
        $profilePath = Join-Path $TestDrive 'browser'
        $dom = & $Browser --headless=new --no-sandbox --disable-gpu --hide-scrollbars "--user-data-dir=$profilePath" `
            --window-size=1280,1000 "--screenshot=$(Join-Path $TestDrive 'shown.png')" --dump-dom "file://$($file.FullName)" 2>$null
        $picture = [System.IO.FileInfo]::new((Join-Path $TestDrive 'shown.png'))
        # An empty white page of this size has some 5 kB.
        $picture.Length | Should -BeGreaterThan 20kb
        $dom -join "`n" | Should -BeLike '*<svg*<svg*0102_Check.ps1*'
    }
}
