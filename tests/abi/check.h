/* What the C programs share: a check that stops the program, and JSON as plain text. */
#ifndef AITHER_TESTS_CHECK_H
#define AITHER_TESTS_CHECK_H

#include "aither_orchestration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                \
    do {                                                                                \
        if (!(condition)) {                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);     \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

static const uint8_t *bytes(const char *text) { return (const uint8_t *)text; }

/* Whether the text contains what is wanted; texts are not NUL-terminated. */
static int contains(const aither_text *text, const char *wanted) {
    size_t length = strlen(wanted);
    size_t at;
    for (at = 0; at + length <= text->len; at++) {
        if (memcmp(text->data + at, wanted, length) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The number behind "name": in a flat object. */
static inline uint64_t number(const aither_text *text, const char *name) {
    char pattern[64];
    size_t at, length;
    snprintf(pattern, sizeof pattern, "\"%s\":", name);
    length = strlen(pattern);
    for (at = 0; at + length < text->len; at++) {
        if (memcmp(text->data + at, pattern, length) == 0) {
            return strtoull((const char *)text->data + at + length, NULL, 10);
        }
    }
    CHECK(!"the number is there");
    return 0;
}

#endif
