/* A report as a text, as a file, and one that cannot be written. */

#include "check.h"

static const char *document = "{\"playbook\": \"nightly\", \"success\": true, \"jobs\": ["
                              "{\"number\": \"0402\", \"name\": \"0402_A.ps1\", \"status\": \"Success\"}]}";

static aither_status report(const char *format, const char *target, aither_text *text) {
    char request[1024];
    int length = snprintf(request, sizeof request, "{\"format\": \"%s\", \"document\": %s%s%s}", format, document,
                          target ? ", \"target\": " : "", target ? target : "");
    CHECK(length > 0 && (size_t)length < sizeof request);
    return aither_report_write(bytes(request), (size_t)length, text);
}

int main(void) {
    aither_text text;

    CHECK(aither_version(&text) == AITHER_OK && number(&text, "abi") == aither_abi_version());
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(report("summary", NULL, &text) == AITHER_OK);
    CHECK(contains(&text, "{\"text\":\"# Orchestration Execution Summary\\n"));
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(report("junit", NULL, &text) == AITHER_OK);
    CHECK(contains(&text, "<testsuites name=") && contains(&text, "0402_A.ps1"));
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(report("stone", NULL, &text) == AITHER_INVALID_REQUEST && contains(&text, "stone"));
    CHECK(aither_text_free(&text) == AITHER_OK);

    CHECK(report("json", "{}", &text) == AITHER_REJECTED && contains(&text, "report.unclear-target"));
    CHECK(aither_text_free(&text) == AITHER_OK);
    return 0;
}
