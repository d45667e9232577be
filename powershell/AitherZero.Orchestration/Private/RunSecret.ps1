# What of a run is secret. The values go to the library, which keeps them to itself, and nowhere else.

function Get-RunSecret {
    # The library's word for the secrets of a run, as JSON: the texts in variables that are secure strings or
    # credentials, and the names whose values are secret.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Variables,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Configuration
    )

    $values = [System.Collections.Generic.List[object]]::new()
    foreach ($name in $Variables.Keys) {
        foreach ($text in Get-SecureText -Value $Variables[$name]) {
            $values.Add([ordered]@{ name = [string]$name; value = $text })
        }
    }
    $names = @(foreach ($name in @($Configuration['Automation']['Secrets'])) {
            if ("$name") { "$name" }
        })
    ConvertTo-NativeJson -Value ([ordered]@{ values = $values; names = $names }) -Name 'Secrets'
}

function Get-SecureText {
    # The plain texts of all secure strings and credentials in a value.
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()] [object] $Value)

    $pending = [System.Collections.Generic.Stack[object]]::new()
    $pending.Push($Value)
    $depth = 0
    while ($pending.Count -and $depth++ -lt 100000) {
        $one = $pending.Pop()
        if ($one -is [securestring]) {
            [System.Net.NetworkCredential]::new('', $one).Password
        } elseif ($one -is [System.Management.Automation.PSCredential]) {
            $one.GetNetworkCredential().Password
        } elseif ($one -is [System.Collections.IDictionary]) {
            foreach ($inner in $one.Values) {
                $pending.Push($inner)
            }
        } elseif ($one -is [System.Management.Automation.PSCustomObject]) {
            foreach ($property in $one.PSObject.Properties) {
                $pending.Push($property.Value)
            }
        } elseif ($one -is [System.Collections.ICollection]) {
            foreach ($inner in $one) {
                $pending.Push($inner)
            }
        }
    }
}
