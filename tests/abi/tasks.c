/* Calls that take long: started, waited for, freed; and what the cache answers through them. */
#include "check.h"

/* Waits for a task's end, in the short steps that a caller makes. */
static aither_status finish(uint64_t task, aither_text *out) {
    aither_status status;
    do {
        status = aither_task_wait(task, 20, out);
    } while (status == AITHER_TIMEOUT);
    return status;
}

static uint64_t start(const char *request) {
    uint64_t task = 0;
    aither_text text;
    CHECK(aither_task_start(bytes(request), strlen(request), &task, &text) == AITHER_OK);
    CHECK(task != 0);
    return task;
}

static void answers(void) {
    aither_text text;
    uint64_t task = start("{\"cacheList\": {\"folder\": \"/no/such/cache\"}}");
    CHECK(finish(task, &text) == AITHER_OK);
    CHECK(contains(&text, "{\"entries\":[]}"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    /* An answer is handed out once. */
    CHECK(finish(task, &text) == AITHER_END);
    CHECK(aither_task_free(task) == AITHER_OK);
    CHECK(aither_task_free(task) == AITHER_UNKNOWN_RUN);
    CHECK(aither_task_wait(task, 0, &text) == AITHER_UNKNOWN_RUN);
    CHECK(contains(&text, "abi.unknown-task"));
    CHECK(aither_text_free(&text) == AITHER_OK);
}

static void errors(void) {
    aither_text text;
    uint64_t task = 0;
    const char *unknown = "{\"cacheBurn\": {}}";
    CHECK(aither_task_start(bytes(unknown), strlen(unknown), &task, &text) == AITHER_INVALID_REQUEST);
    CHECK(task == 0);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_task_start(bytes(unknown), strlen(unknown), NULL, &text) == AITHER_NULL_POINTER);
    CHECK(aither_text_free(&text) == AITHER_OK);

    task = start("{\"artifactReceive\": {\"folder\": \"/no/such/cache\", \"name\": \"a/b\", \"destination\": \"/no\"}}");
    CHECK(finish(task, &text) == AITHER_REJECTED);
    CHECK(contains(&text, "artifact.name"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_task_free(task) == AITHER_OK);

    /* One that nobody waits for may be freed at any time. */
    CHECK(aither_task_free(start("{\"cacheList\": {\"folder\": \"/no/such/cache\"}}")) == AITHER_OK);
}

static void keys(void) {
    const char *request = "{\"scripts\":[{\"number\":\"0402\"}],\"variables\":{\"profile\":\"quick\"}}";
    aither_text text;
    CHECK(aither_cache_explain(bytes(request), strlen(request), &text) == AITHER_OK);
    CHECK(contains(&text, "\"key\":\"e5d7fc408951e807b223ba586202eacd338c724c81e2fa7932b31fe05bf5775f\""));
    CHECK(contains(&text, "\"variables\":{\"profile\":\"quick\"}"));
    CHECK(aither_text_free(&text) == AITHER_OK);
}

int main(void) {
    answers();
    errors();
    keys();
    return 0;
}
