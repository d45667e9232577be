function Initialize-OrchestrationCache {
    <#
    .SYNOPSIS
    Makes the folders of the project's cache and tells where they are.

    .DESCRIPTION
    The cache is .orchestration-cache below the project's root, with results, artifacts and metadata. A run with
    -UseCache makes it by itself; deleting it, or any part of it, is always safe.

    .PARAMETER Configuration
    Accepted for compatibility.

    .EXAMPLE
    $cache = Initialize-OrchestrationCache
    Get-ChildItem $cache.MetadataDir

    .OUTPUTS
    System.Collections.Hashtable with CacheDir, ResultsDir, ArtifactsDir, MetadataDir and Enabled.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([hashtable])]
    param(
        [Parameter(Position = 0)]
        [AllowNull()]
        [hashtable] $Configuration
    )

    try {
        Initialize-Module
        $null = $Configuration
        $folder = Get-CacheFolder -Root (Find-ProjectRoot -Location (Get-ProjectLocation -Cmdlet $PSCmdlet))
        $manager = @{
            CacheDir     = $folder
            ResultsDir   = [System.IO.Path]::Combine($folder, 'results')
            ArtifactsDir = [System.IO.Path]::Combine($folder, 'artifacts')
            MetadataDir  = [System.IO.Path]::Combine($folder, 'metadata')
            Enabled      = $true
        }
        if ($PSCmdlet.ShouldProcess($folder, 'Make the folders of the cache')) {
            foreach ($name in 'ResultsDir', 'ArtifactsDir', 'MetadataDir') {
                $null = [System.IO.Directory]::CreateDirectory($manager[$name])
            }
        }
        $manager
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
