/* Windows' bcryptprimitives.dll, of which Rust's standard library wants one function and Wine 8 has none. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG length); /* RtlGenRandom, from advapi32 */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
    while (length > 0) {
        ULONG piece = length < 0x10000000 ? (ULONG)length : 0x10000000;
        if (!SystemFunction036(bytes, piece)) {
            return FALSE;
        }
        bytes += piece;
        length -= piece;
    }
    return TRUE;
}
