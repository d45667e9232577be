/* Calls without a run: answers, errors, and the ownership of texts. */
#include "check.h"

static aither_status expand(const char *request, aither_text *out) {
    return aither_matrix_expand(bytes(request), strlen(request), out);
}

static void answers(void) {
    aither_text text;
    CHECK(aither_abi_version() == AITHER_ABI_VERSION);
    CHECK(aither_abi == AITHER_ABI_VERSION);
    CHECK(aither_version(&text) == AITHER_OK);
    CHECK(number(&text, "abi") == AITHER_ABI_VERSION);
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(expand("{\"matrix\": {\"os\": [\"Linux\", \"Windows\"], \"n\": [1, 7.4]}}", &text) == AITHER_OK);
    CHECK(contains(&text, "{\"id\":\"os=Windows,n=7.4\",\"values\":{\"os\":\"Windows\",\"n\":7.4}}"));
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(aither_cache_key(bytes("{\"scripts\":[{\"number\":\"0402\"}]}"), 31, &text) == AITHER_OK);
    CHECK(text.len == 64 + strlen("{\"key\":\"\"}"));
    CHECK(aither_text_free(&text) == AITHER_OK);
}

static void playbooks_and_conditions(void) {
    const char *playbook = "{\"text\": \"{\\\"name\\\": \\\"p\\\", \\\"sequence\\\": [\\\"0402\\\"]}\"}";
    const char *broken = "{\"text\": \"{\\\"name\\\":\", \"path\": \"p.json\"}";
    const char *nowhere = "{\"root\": \"/no/such/project\"}";
    const char *holds = "{\"expression\": \"$n -gt 1\", \"variables\": {\"n\": 2}}";
    const char *hostile = "{\"expression\": \"1; Remove-Item x\"}";
    aither_text text;

    CHECK(aither_playbook_parse(bytes(playbook), strlen(playbook), &text) == AITHER_OK);
    CHECK(contains(&text, "\"name\":\"p\"") && contains(&text, "\"format\":\"V1\""));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_playbook_parse(bytes(broken), strlen(broken), &text) == AITHER_REJECTED);
    CHECK(contains(&text, "playbook.broken-json") && contains(&text, "p.json:1:"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_playbook_find(bytes(nowhere), strlen(nowhere), &text) == AITHER_OK);
    CHECK(contains(&text, "{\"playbooks\":[]}"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_expression_evaluate(bytes(holds), strlen(holds), &text) == AITHER_OK);
    CHECK(contains(&text, "\"holds\":true"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_expression_evaluate(bytes(hostile), strlen(hostile), &text) == AITHER_REJECTED);
    CHECK(aither_text_free(&text) == AITHER_OK);
}

static void errors(void) {
    static const char not_utf8[] = "{\"matrix\": {\"\xff\": [1]}}";
    const char *nowhere = "{\"root\": \"/no/such/project\", \"sequence\": [\"0402\"]}";
    aither_text text;

    CHECK(expand("{\"matrix\": {}}", &text) == AITHER_REJECTED);
    CHECK(contains(&text, "\"code\":\"matrix.empty\"") && contains(&text, "\"hint\":\""));
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(expand("{\"matrix\": {\"a\": [1]}, \"limt\": 1}", &text) == AITHER_INVALID_REQUEST);
    CHECK(contains(&text, "limt"));
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(aither_matrix_expand(bytes(not_utf8), sizeof not_utf8 - 1, &text) == AITHER_INVALID_UTF8);
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(aither_matrix_expand(NULL, 5, &text) == AITHER_NULL_POINTER);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_matrix_expand(NULL, 0, &text) == AITHER_INVALID_REQUEST);
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(aither_sequence_resolve(bytes(nowhere), strlen(nowhere), &text) == AITHER_REJECTED);
    CHECK(contains(&text, "catalog.no-folder"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_plan(bytes(nowhere), strlen(nowhere), NULL) == AITHER_REJECTED);
}

static void texts_are_freed_once(void) {
    aither_text text, copy;
    CHECK(aither_version(&text) == AITHER_OK);
    copy = text;
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(text.data == NULL && text.len == 0 && text.key == 0);
    CHECK(aither_text_free(&text) == AITHER_OK);
    CHECK(aither_text_free(&copy) == AITHER_UNKNOWN_TEXT);
    CHECK(aither_text_free(NULL) == AITHER_OK);
}

int main(void) {
    answers();
    playbooks_and_conditions();
    errors();
    texts_are_freed_once();
    return 0;
}
