# A secret in every place that a run speaks or writes from PowerShell, in every spelling.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    . (Join-Path $PSScriptRoot 'Helpers' 'Playbook.ps1')

    $script:token = 'p@ss/wörd+1 =x'
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($token)
    # As it is, in base64, in URLs, and as JSON and web pages spell it.
    $script:spellings = @(
        $token
        [System.Convert]::ToBase64String($bytes)
        [uri]::EscapeDataString($token)
        (ConvertTo-Json $token).Trim('"')
        [System.Net.WebUtility]::HtmlEncode($token)
    )
    $script:tell = 'param($token, $n)
        $plain = [System.Net.NetworkCredential]::new("", $token).Password
        $bytes = [System.Text.Encoding]::UTF8.GetBytes($plain)
        "out $plain"
        "base64 $([System.Convert]::ToBase64String($bytes))"
        "url $([uri]::EscapeDataString($plain))"
        Write-Warning "warning $plain"
        Write-Verbose "verbose $plain" -Verbose
        Write-Information "information $plain"
        Write-Error "error $plain" -ErrorAction Continue
        Set-OrchestrationOutput -Name said -Value $plain
        Add-OrchestrationSummary "summary $plain"'

    function Find-Spelling {
        # The spellings that a text has in it.
        param([string] $Text)

        @($spellings | Where-Object { $Text.Contains($_) })
    }

    function Get-Everything {
        # Every byte below a folder, as text, and what was written to any stream.
        param([string] $Project, [object[]] $Records)

        $files = [System.IO.Directory]::GetFiles($Project, '*', 'AllDirectories') -notlike '*automation-scripts*'
        $texts = foreach ($file in $files) {
            "$file`n$([System.IO.File]::ReadAllText($file))"
        }
        $words = foreach ($record in $Records) {
            if (-not ($record.PSTypeNames -like 'AitherZero.*')) {
                "$record $($record.Exception) $($record.ErrorDetails)"
            }
        }
        (@($texts) + @($words)) -join "`n"
    }
}

Describe 'A secret' {
    It 'is in nothing that a run <What> shows or keeps' -ForEach @(
        @{ What = 'with -Verbose'; More = @{ Verbose = $true } }
        @{ What = 'with a summary'; More = @{ GenerateSummary = $true } }
        @{ What = 'with a cache'; More = @{ UseCache = $true; Verbose = $true } }
        @{ What = 'as JSON'; More = @{ OutputFormat = 'JSON'; OutputPath = 'out.json' } }
        @{ What = 'as XML'; More = @{ OutputFormat = 'XML'; OutputPath = 'out.xml' } }
        @{ What = 'as JUnit'; More = @{ OutputFormat = 'JUnit'; OutputPath = 'out.junit.xml' } }
        @{ What = 'for GitHub'; More = @{ OutputFormat = 'GitHubActions' } }
        @{ What = 'as processes'; More = @{ Isolation = 'Process'; Verbose = $true } }
    ) {
        $project = New-Project @{ '0101_Tell' = $tell; '0102_Fail' = "$tell`nthrow `"broken `$plain`"" }
        $secret = [System.Net.NetworkCredential]::new('', $token).SecurePassword
        $records = @(
            Invoke-InProject $project {
                Invoke-OrchestrationSequence '0101,0102' -Variables @{ token = $secret } -ContinueOnError @More *>&1
            }
        )
        $everything = Get-Everything $project $records
        $everything | Should -Match '\*\*\*'
        Find-Spelling $everything | Should -BeNullOrEmpty
        $result = @($records | Where-Object { $_.PSTypeNames -contains 'AitherZero.Orchestration.Result' })[0]
        $result.Jobs[1].Error | Should -BeLike 'broken *'
        Find-Spelling "$($result.Jobs.Error) $($result.Jobs.LogTail)" | Should -BeNullOrEmpty
        $page = Join-Path $project 'page.html'
        $null = Invoke-InProject $project { Export-OrchestrationReport -Html -Result $result -Path $page }
        Find-Spelling ([System.IO.File]::ReadAllText($page)) | Should -BeNullOrEmpty
        $log = Invoke-InProject $project { Get-OrchestrationLog -Number 0102 -Raw } | Out-String
        $log | Should -Match '\*\*\*'
        Find-Spelling $log | Should -BeNullOrEmpty
    }

    It 'by its name in a playbook is in no line and no record' {
        $project = New-Project @{ '0101_Tell' = $tell }
        $null = Add-Playbook $project 'named' @{
            metadata      = @{ name = 'named'; version = '3.0.0' }
            secrets       = @('token')
            orchestration = @{
                jobs = @{ one = @{
                        name     = 'one'
                        strategy = @{ matrix = @{ token = @($token, 'other-one') } }
                        steps    = @(, @{ run = '0101' })
                    }
                }
            }
        }
        $records = @(Invoke-InProject $project { Invoke-OrchestrationSequence -LoadPlaybook named -Verbose *>&1 })
        Find-Spelling (Get-Everything (Join-Path $project '.orchestration-cache') $records) | Should -BeNullOrEmpty
    }
}
