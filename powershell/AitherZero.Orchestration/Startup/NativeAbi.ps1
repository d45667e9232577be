# The interface this module was written for; the library's aither_abi must be the same.
$script:NativeAbi = 1
