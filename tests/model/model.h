/*
 * model: the box office a second time, as simply as it can be said. It is written from
 * src/booking/RULES.md and MONEY.md and shares nothing with the machine but its public headers:
 * plain loops over plain lists, no index, no bit set, no heap, nothing remembered that can be
 * counted. Where the two differ, one of them is wrong.
 *
 *   model_create        with the first entry
 *   model_decide_and_apply, then model_compare_decision and, when one likes, model_compare
 *
 * One thing is not the model's to say: in which order holds that ran out are swept. It takes that
 * from the machine's decision (which ones, it finds itself).
 *
 * Thread: one. Memory: malloc; it ends the process when there is none.
 */
#ifndef ONSALE_TESTS_MODEL_H
#define ONSALE_TESTS_MODEL_H

#include "booking/booking.h"

struct model;

struct model_outcome {
    enum booking_refusal refusal;
    bool repeated;
    uint32_t hold, order; /* as in struct booking_decision */
    uint8_t choice;
    uint32_t culprit_count, culprits[LIMIT_HOLD_UNITS];
    uint64_t categories;
    uint32_t unit_count, units[LIMIT_HOLD_UNITS]; /* what a hold now lists, rising */
    uint32_t entry_count;
    uint16_t entries[LIMIT_DECISION_ENTRIES]; /* numbers, in order */
    /* What the note of a RefundDone says. */
#define MODEL_DONE(refund, settled, attempt) ((attempt) << 16 | (refund) << 1 | (settled))
    struct model_note {
        bool any;
        uint32_t order, what; /* kind of call, reason, action, refund, won or settled */
        int64_t amount_minor;
    } notes[LIMIT_DECISION_ENTRIES]; /* what entries about money say */
};

/* `created` is valid (booking_created_valid) and copied. */
struct model *model_create(const struct entry_event_created *created, uint64_t ts_us);
void model_destroy(struct model *m);

/* Decides and makes it true, entry by entry with times rising by one microsecond from `ts_us`.
 * `machine` is what the machine decided in the same moment. */
void model_decide_and_apply(struct model *m, const struct booking_command *command, uint64_t ts_us,
                            const struct booking_decision *machine,
                            struct model_outcome *ret_outcome);

/* The first difference in words, or NULL. The text lies in the model until the next call. */
const char *model_compare_decision(struct model *m, const struct model_outcome *outcome,
                                   const struct booking_decision *machine);
/* Other prices than the ones in force would need a revision, and there are as many as there can be.
 */
bool model_has_no_revision_left(const struct model *m);
/* Everything that can be seen of the machine, at `ts_us`. */
const char *model_compare(struct model *m, const struct booking *b, uint64_t ts_us);

#endif
