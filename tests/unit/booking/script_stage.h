/* script_stage: what the parts of the script language share: one script at work. */
#ifndef ONSALE_TESTS_BOOKING_SCRIPT_STAGE_H
#define ONSALE_TESTS_BOOKING_SCRIPT_STAGE_H

#include "base/buf.h"
#include "booking/booking.h"
#include "booking/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 96
#define NAMES_MAX 64
#define SECOND 1000000ull

struct name {
    char text[32];
    uint32_t slot;
    uint64_t random;
};

struct stage {
    const char *script;
    unsigned line;
    char *words[WORDS_MAX]; /* of the line, before the arrow */
    unsigned count;
    char *wanted[WORDS_MAX]; /* behind the arrow */
    unsigned wanted_count;
    struct booking *booking;
    size_t memory;
    uint64_t ts_us, now_us, randoms;
    struct buf log; /* u32 length, u64 ts, bytes: every entry */
    struct buf created;
    struct name names[NAMES_MAX];
    unsigned name_count;
    struct booking_decision decision;
};

#define FAIL(s, ...)                                         \
    do {                                                     \
        print_error("%s line %u: ", (s)->script, (s)->line); \
        print_error(__VA_ARGS__);                            \
        print_error("\n");                                   \
        fail();                                              \
    } while (0)

/* A whole number, or the test fails. */
uint64_t stage_number(struct stage *s, const char *word);
/* Sessions, addresses, keys and codes are words in a script and hashes in the machine. */
struct hash16 stage_hash(const char *text);
/* What an earlier line called by this name. */
struct name *stage_name(struct stage *s, const char *text);
/* The place of a word in a list, or the number that it is. */
uint32_t stage_word(struct stage *s, const char *word, const char *const *words, uint32_t count);

/* script_expect.c: a line "expect ...". */
void stage_expect(struct stage *s);

#endif
