/* Starts the rest of its command line with a console that has no window. Under Wine a program has no
 * console at all unless a terminal starts it, and PowerShell does not begin without one. */
#include <stdio.h>
#include <windows.h>

#define NOT_STARTED 127

/* What stands behind the first word, which is this program's own name. */
static wchar_t *after_first_word(wchar_t *line)
{
    int quoted = 0;
    for (; *line != L'\0' && (quoted || (*line != L' ' && *line != L'\t')); line++) {
        if (*line == L'"') {
            quoted = !quoted;
        }
    }
    while (*line == L' ' || *line == L'\t') {
        line++;
    }
    return line;
}

int main(void)
{
    wchar_t *line = after_first_word(GetCommandLineW());
    STARTUPINFOW start = {0};
    PROCESS_INFORMATION child;
    DWORD code = NOT_STARTED;

    start.cb = sizeof start;
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &child)) {
        fprintf(stderr, "console: '%ls' does not start: error %lu\n", line, GetLastError());
        return NOT_STARTED;
    }
    WaitForSingleObject(child.hProcess, INFINITE);
    GetExitCodeProcess(child.hProcess, &code);
    return (int)code;
}
