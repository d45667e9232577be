/* A run that is recorded in a folder of its own, and what is told of it afterwards. */
#include "check.h"

#ifdef _WIN32
#include <process.h>
#endif

static char root[1024];

/* A folder that is not there yet, written as JSON has it without escapes. */
static void choose_root(void) {
#ifdef _WIN32
    char *at;
    snprintf(root, sizeof root, "%s/aither-abi-%d", getenv("TEMP"), _getpid());
    for (at = root; *at != 0; at++) {
        *at = *at == '\\' ? '/' : *at;
    }
#else
    CHECK(tmpnam(root) != NULL);
#endif
}

static void ask(aither_status (*call)(const uint8_t *, uintptr_t, aither_text *), const char *more,
                aither_status expected, aither_text *out) {
    char request[4096];
    snprintf(request, sizeof request, "{\"root\": \"%s\"%s}", root, more);
    CHECK(call(bytes(request), strlen(request), out) == expected);
}

static void record_a_run(void) {
    char request[4096];
    uint64_t run = 0;
    aither_text text;
    aither_status status;
    snprintf(request, sizeof request,
             "{\"plan\": {\"total\": 1, \"root\": \"%s\", \"maxConcurrency\": 1, \"failFast\": true, \"jobs\": ["
             "{\"job\": 0, \"number\": \"0100\", \"name\": \"0100_A.ps1\", \"path\": \"\", \"text\": \"1\"}]},"
             "\"journal\": {\"name\": \"0100\"}, \"secrets\": {\"values\": [{\"name\": \"t\", \"value\": \"hush!\"}]}}",
             root);
    CHECK(aither_run_start(bytes(request), strlen(request), &run, &text) == AITHER_OK);
    CHECK(contains(&text, "\"resumedFrom\":null") && number(&text, "kept") == 0);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_next_job(run, -1, &text) == AITHER_OK);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_log(run, 0, 2, bytes("it is hush!"), 11, NULL) == AITHER_OK);
    CHECK(aither_run_finish_job(run, 0, bytes("{\"exitCode\": 0}"), 15, NULL) == AITHER_OK);
    while ((status = aither_run_events(run, 10000, &text)) == AITHER_OK) {
        CHECK(aither_text_free(&text) == AITHER_OK);
    }
    CHECK(status == AITHER_END);
    CHECK(aither_run_free(run) == AITHER_OK);
}

/* The job that was run is done where it is the same, and nothing is started. */
static void what_is_left(void) {
    char request[4096];
    aither_text text;
    for (int same = 1; same >= 0; same--) {
        snprintf(request, sizeof request,
                 "{\"plan\": {\"total\": 1, \"root\": \"%s\", \"maxConcurrency\": 1, \"failFast\": true, \"jobs\": ["
                 "{\"job\": 0, \"number\": \"0100\", \"name\": \"0100_A.ps1\", \"path\": \"\", \"text\": \"%s\"}]},"
                 "\"journal\": {\"name\": \"0100\", \"resume\": \"last\"}}",
                 root, same ? "1" : "2");
        CHECK(aither_runs_resume(bytes(request), strlen(request), &text) == AITHER_OK);
        CHECK(contains(&text, same ? "\"done\":[0]" : "\"done\":[]"));
        CHECK(aither_text_free(&text) == AITHER_OK);
    }
    CHECK(aither_runs_resume(bytes("{}"), 2, &text) == AITHER_INVALID_REQUEST);
    CHECK(aither_text_free(&text) == AITHER_OK);
}

int main(void) {
    aither_text text;
    choose_root();

    ask(aither_runs_list, "", AITHER_OK, &text);
    CHECK(contains(&text, "{\"runs\":[]}"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    ask(aither_runs_show, ", \"id\": \"Last\"", AITHER_REJECTED, &text);
    CHECK(contains(&text, "run.nothing-recorded"));
    CHECK(aither_text_free(&text) == AITHER_OK);

    record_a_run();

    ask(aither_runs_list, "", AITHER_OK, &text);
    CHECK(contains(&text, "\"status\":\"Success\"") && number(&text, "completed") == 1);
    CHECK(aither_text_free(&text) == AITHER_OK);
    ask(aither_runs_show, ", \"id\": \"last\"", AITHER_OK, &text);
    CHECK(contains(&text, "\"number\":\"0100\"") && number(&text, "total") == 1);
    CHECK(aither_text_free(&text) == AITHER_OK);
    ask(aither_runs_log, ", \"id\": \"last\", \"number\": \"0100\"", AITHER_OK, &text);
    CHECK(contains(&text, "{\"stream\":2,\"text\":\"it is ***\"}") && contains(&text, "\"ended\":true"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    ask(aither_runs_log, ", \"id\": \"last\", \"number\": \"0101\"", AITHER_REJECTED, &text);
    CHECK(contains(&text, "run.unknown-number") && contains(&text, "0100"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    what_is_left();
    ask(aither_runs_remove, ", \"id\": \"last\", \"force\": true", AITHER_INVALID_REQUEST, &text);
    CHECK(aither_text_free(&text) == AITHER_OK);
    ask(aither_runs_remove, ", \"id\": \"last\"", AITHER_OK, &text);
    CHECK(text.data == NULL);
    ask(aither_runs_remove, ", \"id\": \"last\"", AITHER_REJECTED, NULL);
    return 0;
}
