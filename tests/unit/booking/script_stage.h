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

#define WORDS_MAX 512
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
    bool looking; /* what a command comes to is not compared with anything */
};

#define FAIL(s, ...)                                         \
    do {                                                     \
        print_error("%s line %u: ", (s)->script, (s)->line); \
        print_error(__VA_ARGS__);                            \
        print_error("\n");                                   \
        fail();                                              \
    } while (0)

/* One script in parts: `script_run` is all three. The last one replays what happened. */
struct stage *stage_begin(const char *name);
void stage_run(struct stage *s, const char *script);
void stage_end(struct stage *s);

/* A whole number, or the test fails. */
uint64_t stage_number(struct stage *s, const char *word);
/* Sessions, addresses, keys and codes are words in a script and hashes in the machine. */
struct hash16 stage_hash(const char *text);
/* What an earlier line called by this name. */
struct name *stage_name(struct stage *s, const char *text);
/* The place of a word in a list, or the number that it is. */
uint32_t stage_word(struct stage *s, const char *word, const char *const *words, uint32_t count);

/* Numbers with anything between them: "1,2", "0:5". Returns how many. */
uint32_t stage_numbers(struct stage *s, const char *word, uint32_t *ret_list, uint32_t max);
/* Names with commas between them, as hashes one behind the other. */
void stage_hashes(const char *word, struct buf *out);
/* The hash that stands behind `word`, which ends the line's other words. */
struct hash16 stage_take_hash(struct stage *s, const char *word);
/* Decides, compares with what stands behind the arrow, and applies. */
void stage_submit(struct stage *s, const struct booking_command *command);

/* script_prices.c: prices, promo codes and what a hold costs. False: it is no such line. */
bool stage_prices(struct stage *s);
bool stage_expect_prices(struct stage *s);

/* script_money.c: payments, refunds, cases. False: it is no such line. */
bool stage_money(struct stage *s);
bool stage_expect_money(struct stage *s);

/* script_expect.c: a line "expect ...". */
void stage_expect(struct stage *s);

#endif
