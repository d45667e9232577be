/* A whole run whose worker is this program: three jobs, the third needs the other two. */
#include "check.h"

static const char plan[] =
    "{\"plan\": {\"total\": 3, \"maxConcurrency\": 2, \"failFast\": true, \"jobs\": ["
    "{\"job\": 0, \"number\": \"0100\", \"name\": \"0100_A.ps1\", \"path\": \"a\", \"parameters\": {\"x\": 1}},"
    "{\"job\": 1, \"number\": \"0200\", \"name\": \"0200_B.ps1\", \"path\": \"b\"},"
    "{\"job\": 2, \"number\": \"0300\", \"name\": \"0300_C.ps1\", \"path\": \"c\", \"needs\": [0, 1]}]}}";

static uint64_t start(void) {
    uint64_t run = 0;
    aither_text text;
    CHECK(aither_run_start(bytes(plan), strlen(plan), &run, &text) == AITHER_OK);
    CHECK(contains(&text, "\"runId\":\"") && run != 0);
    CHECK(aither_text_free(&text) == AITHER_OK);
    return run;
}

static uint64_t take(uint64_t run) {
    aither_text text;
    uint64_t job;
    CHECK(aither_run_next_job(run, 0, &text) == AITHER_OK);
    job = number(&text, "job");
    CHECK(aither_text_free(&text) == AITHER_OK);
    return job;
}

static aither_status give_back(uint64_t run, uint64_t job, const char *report) {
    aither_text text;
    aither_status status = aither_run_finish_job(run, job, bytes(report), strlen(report), &text);
    CHECK(aither_text_free(&text) == AITHER_OK);
    return status;
}

static void everything_succeeds(void) {
    uint64_t run = start();
    aither_text text;
    int finished = 0;
    aither_status status;

    CHECK(take(run) == 0);
    CHECK(take(run) == 1);
    CHECK(aither_run_next_job(run, 0, &text) == AITHER_TIMEOUT && text.data == NULL);
    CHECK(aither_run_log(run, 0, 1, bytes("hello"), 5, &text) == AITHER_OK);
    CHECK(aither_run_output(run, 0, bytes("sum"), 3, bytes("42"), 2, &text) == AITHER_OK);
    CHECK(aither_run_output(run, 0, bytes("sum"), 3, bytes("4x"), 2, &text) == AITHER_INVALID_REQUEST);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(give_back(run, 0, "{\"exitCode\": 0}") == AITHER_OK);
    CHECK(give_back(run, 0, "{\"exitCode\": 0}") == AITHER_INVALID_STATE);
    CHECK(give_back(run, 9, "{\"exitCode\": 0}") == AITHER_REJECTED);
    CHECK(give_back(run, 1, "{\"exitCode\": 0}") == AITHER_OK);
    CHECK(take(run) == 2);
    CHECK(give_back(run, 2, "{\"exitCode\": 0}") == AITHER_OK);
    CHECK(aither_run_next_job(run, -1, &text) == AITHER_END);

    while ((status = aither_run_events(run, 100, &text)) == AITHER_OK) {
        finished |= contains(&text, "\"kind\":\"RunFinished\"");
        CHECK(aither_text_free(&text) == AITHER_OK);
    }
    CHECK(status == AITHER_END && finished);

    CHECK(aither_run_result(run, &text) == AITHER_OK);
    CHECK(number(&text, "completed") == 3 && number(&text, "exitCode") == 0);
    CHECK(contains(&text, "\"outputs\":{\"sum\":42}"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_free(run) == AITHER_OK);
}

static void a_cancelled_run_ends(void) {
    uint64_t run = start();
    aither_text text;
    CHECK(take(run) == 0);
    CHECK(aither_run_cancel(run, &text) == AITHER_OK);
    CHECK(give_back(run, 0, "{\"exitCode\": 0, \"stopped\": true}") == AITHER_OK);
    CHECK(aither_run_result(run, &text) == AITHER_OK);
    CHECK(number(&text, "cancelled") == 3 && number(&text, "exitCode") == 130);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_free(run) == AITHER_OK);
}

static void a_freed_run_is_unknown(void) {
    uint64_t run = start();
    aither_text text;
    CHECK(aither_run_free(run) == AITHER_OK);
    CHECK(aither_run_free(run) == AITHER_UNKNOWN_RUN);
    CHECK(aither_run_next_job(run, 0, &text) == AITHER_UNKNOWN_RUN && contains(&text, "abi.unknown-run"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_run_events(12345678, 0, NULL) == AITHER_UNKNOWN_RUN);
    CHECK(aither_run_start(bytes(plan), strlen(plan), NULL, NULL) == AITHER_NULL_POINTER);
}

int main(void) {
    everything_succeeds();
    a_cancelled_run_ends();
    a_freed_run_is_unknown();
    return 0;
}
