/* A run of one process: no worker takes part, and what the process put out is handed out once. */
#include "check.h"

#ifdef _WIN32
#define SHELL "cmd"
#else
#define SHELL "sh"
#endif

static const char plan[] =
    "{\"events\": [\"RunFinished\"], \"plan\": {\"total\": 1, \"maxConcurrency\": 1, \"failFast\": true, \"jobs\": ["
    "{\"job\": 0, \"number\": \"build.1\", \"name\": \"Say\", \"path\": \"\", \"isolation\": \"process\","
    " \"text\": \"echo hello\", \"shell\": \"" SHELL "\"}]}}";

int main(void) {
    uint64_t run = 0;
    aither_text text;
    aither_status status;
    CHECK(aither_run_start(bytes(plan), strlen(plan), &run, &text) == AITHER_OK);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_next_job(run, -1, &text) == AITHER_END);
    while ((status = aither_run_events(run, 1000, &text)) == AITHER_OK) {
        CHECK(contains(&text, "\"workers\":0"));
        CHECK(aither_text_free(&text) == AITHER_OK);
    }
    CHECK(status == AITHER_END);
    CHECK(aither_run_result(run, &text) == AITHER_OK);
    CHECK(number(&text, "completed") == 1 && number(&text, "exitCode") == 0);
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(aither_run_job_output(run, 0, &text) == AITHER_OK && contains(&text, "hello"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_job_output(run, 0, &text) == AITHER_OK && contains(&text, "null"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_job_output(run, 1, &text) == AITHER_REJECTED && contains(&text, "run.unknown-job"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_free(run) == AITHER_OK);
    CHECK(aither_run_job_output(run, 0, NULL) == AITHER_UNKNOWN_RUN);
    return 0;
}
