BeforeAll {
    . (Join-Path $PSScriptRoot 'Helpers' 'Project.ps1')
    $manifest = Join-Path (Get-Module AitherZero.Orchestration).ModuleBase 'AitherZero.Orchestration.psd1'

    function Invoke-Import {
        # Imports the module in a new process with this library, and gives what it printed.
        param([string] $Library, [string] $Module = $manifest)

        $file = Join-Path $TestDrive 'import.ps1'
        [System.IO.File]::WriteAllText($file, "
            `$env:AITHER_ORCHESTRATION_LIBRARY = '$Library'
            `$env:PSModulePath = ''
            try {
                Import-Module '$Module' -ErrorAction Stop
                Get-MatrixCombinations -Matrix @{ os = 'a' }
            } catch {
                `"`$(`$_.FullyQualifiedErrorId)|`$(`$_.Exception.Message)`"
            }
            `"commands: `$(@(Get-Command -Module AitherZero.Orchestration).Count)`"")
        @(& (Get-ShellPath) -NoProfile -NonInteractive -File $file)
    }
}

Describe 'Importing the module' {
    It 'says in one error what is missing, which system it is for, every path tried, and how to get it' {
        $missing = Join-Path $TestDrive 'no-such-library.so'
        $lines = Invoke-Import $missing
        $lines | Should -HaveCount 2
        $lines[0] | Should -BeLike "Library.NotFound*$missing*AITHER_ORCHESTRATION_LIBRARY*cargo xtask pwsh*"
        $lines[0] | Should -Match '(linux|win|osx)-(x64|arm64)'
        $lines[1] | Should -Be 'commands: 0'
    }

    Context 'with a library that it cannot use' {
        BeforeAll {
            $own, $rid = InModuleScope AitherZero.Orchestration {
                Find-NativeLibrary -ModuleRoot $ExecutionContext.SessionState.Module.ModuleBase
                Get-RuntimeIdentifier
            }
            $whole = [System.IO.File]::ReadAllBytes($own)

            function New-Library {
                param([string] $Name, [byte[]] $Bytes)

                $path = Join-Path $TestDrive $Name
                [System.IO.File]::WriteAllBytes($path, $Bytes)
                $path
            }

            function New-Head {
                # The head of a library: numbers of two bytes at their places.
                param([System.Collections.IDictionary] $Words, [int] $Length = 512)

                $bytes = [byte[]]::new($Length)
                foreach ($place in $Words.Keys) {
                    [System.BitConverter]::GetBytes([uint16]$Words[$place]).CopyTo($bytes, $place)
                }
                , $bytes
            }
        }

        It 'says at import that a file is no library' {
            $path = New-Library 'text.so' ([System.Text.Encoding]::ASCII.GetBytes('not a library'))
            $lines = Invoke-Import $path
            $lines | Should -HaveCount 2
            $lines[0] | Should -BeLike "Library.Load*$path*it is a library for no system.*$rid*"
            $lines[1] | Should -Be 'commands: 0'
        }

        It 'says at import that a library is one for <Name>' -ForEach @(
            @{ Name = 'linux-x64'; Words = @{ 0 = 0x457F; 2 = 0x464C; 18 = 62 } }
            @{ Name = 'linux-arm64'; Words = @{ 0 = 0x457F; 2 = 0x464C; 18 = 183 } }
            @{ Name = 'win-x64'; Words = @{ 0 = 0x5A4D; 60 = 128; 128 = 0x4550; 132 = 0x8664 } }
            @{ Name = 'win-arm64'; Words = @{ 0 = 0x5A4D; 60 = 128; 128 = 0x4550; 132 = 0xAA64 } }
            @{ Name = 'osx-x64'; Words = @{ 0 = 0xFACF; 2 = 0xFEED; 4 = 7; 6 = 0x0100 } }
            @{ Name = 'osx-arm64'; Words = @{ 0 = 0xFACF; 2 = 0xFEED; 4 = 12; 6 = 0x0100 } }
        ) {
            $path = New-Library "of-$Name" (New-Head -Words $Words)
            $problem = InModuleScope AitherZero.Orchestration -Parameters @{ Path = $path } {
                param($Path)
                Get-NativeFileProblem -Path $Path -RuntimeIdentifier 'os2-x64'
            }
            $problem | Should -Be "it is a library for $Name"
            if ($Name -ne $rid) {
                $lines = Invoke-Import $path
                $lines | Should -HaveCount 2
                $lines[0] | Should -BeLike "Library.Load*$path*it is a library for $Name.*built for $rid*"
                $lines[1] | Should -Be 'commands: 0'
            }
        }

        It 'says at import that a library was cut off after <Share> of it' -ForEach @(
            @{ Share = 0 }, @{ Share = 0.000001 }, @{ Share = 0.0005 }, @{ Share = 0.3 }, @{ Share = 0.5 }
        ) {
            $path = New-Library "cut-$Share" ([System.ArraySegment[byte]]::new($whole, 0, [int]($whole.Length * $Share)).ToArray())
            $lines = Invoke-Import $path
            $lines | Should -HaveCount 2
            $lines[0] | Should -Match '^Library\.Load.*it is cut off: it has'
            $lines[1] | Should -Be 'commands: 0'
        }

        It 'has nothing against the whole one' {
            InModuleScope AitherZero.Orchestration -Parameters @{ Path = $own; Rid = $rid } {
                param($Path, $Rid)
                Get-NativeFileProblem -Path $Path -RuntimeIdentifier $Rid
            } | Should -BeNullOrEmpty
        }
    }

    It 'says at import that module and library are of different versions, with both numbers' {
        $copy = Join-Path $TestDrive 'Newer' 'AitherZero.Orchestration'
        Copy-Item -LiteralPath (Split-Path $manifest) -Destination $copy -Recurse
        $number = Join-Path $copy 'Startup' 'NativeAbi.ps1'
        [System.IO.File]::WriteAllText($number, '$script:NativeAbi = 4711')
        $own = InModuleScope AitherZero.Orchestration { $script:NativeAbi }
        $lines = Invoke-Import '' (Join-Path $copy 'AitherZero.Orchestration.psd1')
        $lines | Should -HaveCount 2
        $lines[0] | Should -BeLike "Library.Version*|The native library $copy*has interface version $own*needs 4711*"
        $lines[1] | Should -Be 'commands: 0'
    }

    Context 'that xtask has placed' {
        BeforeAll {
            $placed = Join-Path $TestDrive 'Placed' 'AitherZero.Orchestration'
            Copy-Item -LiteralPath (Split-Path $manifest) -Destination $placed -Recurse
            $beside = Join-Path $placed 'native' (InModuleScope AitherZero.Orchestration { Get-RuntimeIdentifier })
            $library = @(Get-ChildItem -LiteralPath $beside -Exclude '*.built')[0].FullName
            $built = "$library.built"
            $whole = [System.IO.File]::ReadAllBytes($library)
        }

        BeforeEach {
            [System.IO.File]::WriteAllBytes($library, $whole)
            $abi = InModuleScope AitherZero.Orchestration { $script:NativeAbi }
            [System.IO.File]::WriteAllText($built, "interface $abi, $($whole.Length) bytes`n")
        }

        It 'is not looked at as long as it has the length it was placed with' {
            [System.IO.File]::WriteAllBytes($library, [byte[]]::new($whole.Length))
            $lines = Invoke-Import '' (Join-Path $placed 'AitherZero.Orchestration.psd1')
            $lines | Should -HaveCount 2
            $lines[0] | Should -BeLike 'Library.Load,Get-MatrixCombinations|*it is a library for no system*'
            $lines[1] | Should -Be 'commands: 30'
        }

        It 'is looked at where <Title>' -ForEach @(
            @{ Title = 'nothing is known of it'; Known = $null }
            @{ Title = 'it has another length'; Known = "interface 1, 5 bytes`n" }
            @{ Title = 'it has another interface'; Known = 'interface 4711, {0} bytes' }
            @{ Title = 'what is known cannot be read'; Known = "`0" }
        ) {
            [System.IO.File]::Delete($built)
            if ($Known) {
                [System.IO.File]::WriteAllText($built, ($Known -f $whole.Length))
            }
            $lines = Invoke-Import '' (Join-Path $placed 'AitherZero.Orchestration.psd1')
            $lines | Should -Contain 'commands: 30'
            $lines -like 'Library.*' | Should -BeNullOrEmpty
            [System.IO.File]::WriteAllBytes($library, [byte[]]::new($whole.Length))
            $lines = Invoke-Import '' (Join-Path $placed 'AitherZero.Orchestration.psd1')
            $lines | Should -HaveCount 2
            $lines[0] | Should -BeLike "Library.Load*ImportModuleCommand|*it is a library for no system*"
            $lines[1] | Should -Be 'commands: 0'
        }

        It 'says at import that it was cut off since' {
            [System.IO.File]::WriteAllBytes($library, $whole[0..9999])
            $lines = Invoke-Import '' (Join-Path $placed 'AitherZero.Orchestration.psd1')
            $lines[0] | Should -BeLike 'Library.Load*ImportModuleCommand|*it is cut off: it has 10000 bytes*'
            $lines[1] | Should -Be 'commands: 0'
        }
    }

    It 'looks into native/<rid> of the module where no library is named' {
        InModuleScope AitherZero.Orchestration -Parameters @{ Drive = $TestDrive } {
            param($Drive)
            $before = $env:AITHER_ORCHESTRATION_LIBRARY
            try {
                $env:AITHER_ORCHESTRATION_LIBRARY = $null
                $expected = Join-Path $Drive 'native' (Get-RuntimeIdentifier)
                { Find-NativeLibrary -ModuleRoot $Drive } |
                    Should -Throw "*Tried: $expected*" -ErrorId 'Library.NotFound'
            } finally {
                $env:AITHER_ORCHESTRATION_LIBRARY = $before
            }
        }
    }

    It 'refuses a library of another interface version, with both numbers' {
        InModuleScope AitherZero.Orchestration {
            $module = $ExecutionContext.SessionState.Module.ModuleBase
            $own = $script:NativeAbi
            try {
                $script:NativeAbi = 4711
                { Import-NativeLibrary -ModuleRoot $module } |
                    Should -Throw "*interface version $own*needs 4711*" -ErrorId 'Library.Version'
            } finally {
                $script:NativeAbi = $own
            }
        }
    }

    It 'binds the library once a process, however often the module is imported' {
        $first = InModuleScope AitherZero.Orchestration { $script:Native }
        Import-Module $manifest -Force
        InModuleScope AitherZero.Orchestration { $script:Native } | Should -BeNullOrEmpty
        $second = InModuleScope AitherZero.Orchestration {
            Initialize-Module
            $script:Native
        }
        [object]::ReferenceEquals($first, $second) | Should -BeTrue
    }

    Context 'with seq for everybody' {
        BeforeEach {
            $shell = [powershell]::Create([System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
        }

        AfterEach {
            $shell.Dispose()
        }

        It 'makes the alias also when another module imports it, and takes it away with the module' {
            $null = $shell.AddScript('param($path) $null = New-Module -Name Outer { Import-Module $args[0] } -ArgumentList $path |
                Import-Module -PassThru; (Get-Command seq -CommandType Alias).Definition; Remove-Module Outer; "gone: $(-not $alias:seq)"')
            $shell.AddArgument($manifest).Invoke() | Should -Be 'Invoke-OrchestrationSequence', 'gone: True'
        }

        It 'leaves no function behind where the commands are imported under other names' {
            $null = $shell.AddScript('param($path) Import-Module $path -Prefix X; $alias:seq;
                [bool]${function:Invoke-OrchestrationSequence}; [bool]${function:Invoke-XOrchestrationSequence}')
            $shell.AddArgument($manifest).Invoke() | Should -Be 'Invoke-OrchestrationSequence', $false, $true
        }

        It 'keeps the session''s own function of that name' {
            $null = $shell.AddScript('param($path) function Invoke-OrchestrationSequence { "mine" }
                $null = New-Module -Name Outer { Import-Module $args[0]; Export-ModuleMember } -ArgumentList $path |
                    Import-Module -PassThru
                seq; Remove-Module Outer; Invoke-OrchestrationSequence')
            $shell.AddArgument($manifest).Invoke() | Should -Be 'mine', 'mine'
        }
    }
}

Describe 'Values on their way to the library' {
    It 'writes <Title> as <Json>' -ForEach @(
        @{ Title = 'null'; Value = $null; Json = 'null' }
        @{ Title = 'a switch'; Value = [switch]$true; Json = 'true' }
        @{ Title = 'a double'; Value = 1.0; Json = '1.0' }
        @{ Title = 'a small double'; Value = 1e-7; Json = '1E-07' }
        @{ Title = 'a decimal'; Value = 2.50d; Json = '2.50' }
        @{ Title = 'a long'; Value = [long]::MinValue; Json = '-9223372036854775808' }
        @{ Title = 'an unsigned long'; Value = [ulong]::MaxValue; Json = '18446744073709551615' }
        @{ Title = 'a char'; Value = [char]'x'; Json = '"x"' }
        @{ Title = 'an enum'; Value = [System.DayOfWeek]::Friday; Json = '"Friday"' }
        @{ Title = 'a date'; Value = [datetime]::new(2025, 1, 2, 3, 4, 5, [System.DateTimeKind]::Utc); Json = '"2025-01-02T03:04:05.0000000Z"' }
        @{ Title = 'a text with quotes and lines'; Value = "a`"b\`n✓"; Json = '"a\"b\\\n✓"' }
        @{ Title = 'an empty list'; Value = @(); Json = '[]' }
        @{ Title = 'a list of one'; Value = @(1); Json = '[1]' }
        @{ Title = 'nested lists'; Value = @(@(1, 2), @()); Json = '[[1,2],[]]' }
        @{ Title = 'an ordered table'; Value = [ordered]@{ b = 1; a = 2 }; Json = '{"b":1,"a":2}' }
        @{ Title = 'a plain table'; Value = @{ b = 1; a = 2; C = 3 }; Json = '{"C":3,"a":2,"b":1}' }
        @{ Title = 'an object'; Value = [pscustomobject]@{ b = 1; a = @{} }; Json = '{"b":1,"a":{}}' }
    ) {
        InModuleScope AitherZero.Orchestration -Parameters @{ Value = $Value } {
            param($Value)
            ConvertTo-NativeJson -Value $Value -Name 'Value'
        } | Should -BeExactly $Json
    }

    It 'brings them back as they were' {
        $json = '{"b":[1,5000000000,1.0,"x",true,null,[],{}],"a":{"c":[[1],{"d":-2}]}}'
        InModuleScope AitherZero.Orchestration -Parameters @{ Json = $json } {
            param($Json)
            ConvertTo-NativeJson -Value (ConvertFrom-NativeJson -Json $Json) -Name 'Value'
        } | Should -BeExactly $json
    }

    It 'brings large documents back as it does small ones' {
        InModuleScope AitherZero.Orchestration {
            $json = '{"b":[1,-2147483648,2147483648,9223372036854775807,18446744073709551615,1e30,1.5,-0.0],"B":"last",' +
            '"text":"\u0000\ud83d\ude00","flags":[true,false,null],"none":[],"empty":{},"deep":[[[{"x":{"y":[]}}]]]}'
            $document = [System.Text.Json.JsonDocument]::Parse($json)
            $small = ConvertFrom-JsonElement $document.RootElement
            $large = (Get-JsonReaderType)::Read($document.RootElement)
            ConvertTo-NativeJson -Value $large -Name 'Value' |
                Should -BeExactly (ConvertTo-NativeJson -Value $small -Name 'Value')
            $large.Contains('TEXT') | Should -BeTrue
            $large.Count | Should -Be 6
            , $large['none'] | Should -BeOfType [object[]]
            $types = foreach ($number in @($large['flags'][0..1]) + $large['deep'].Count) { "$($number.GetType().Name)" }
            $types | Should -Be 'Boolean', 'Boolean', 'Int32'
        }
    }
}
