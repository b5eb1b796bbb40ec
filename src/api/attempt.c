#include "api/attempt.h"

#include <stdlib.h>

#define FRAME_BYTES 64u /* what the engine writes around an entry, and more */

static void take_all(struct booking *copy, uint64_t ts_us, const struct booking_command *commands,
                     uint32_t count, struct attempt *a)
{
    for (uint32_t i = 0; i < count; i++) {
        booking_decide(copy, &commands[i], ts_us, a->decision);
        a->refusal = a->decision->refusal;
        a->refused = i;
        if (a->refusal != BOOKING_OK)
            return;
        for (uint32_t e = 0; e < a->decision->entry_count; e++) {
            a->bytes += booking_entry_size(&a->decision->entries[e]) + FRAME_BYTES;
            booking_apply(copy, &a->decision->entries[e], ts_us++, NULL);
        }
    }
}

static int start(struct attempt *a, size_t size, void **ret_memory, struct err *err)
{
    *a = (struct attempt){.decision = malloc(sizeof *a->decision)};
    *ret_memory = size ? calloc(1, size) : NULL;
    if (a->decision && *ret_memory)
        return 0;
    free(*ret_memory);
    return err_set(err, "there is not enough memory");
}

int attempt_try(const struct booking *booking, uint64_t ts_us,
                const struct booking_command *commands, uint32_t count, struct attempt *ret_attempt,
                struct err *err)
{
    struct slice image = booking_image(booking);
    size_t size = booking_restore_size(image);
    void *memory;
    if (start(ret_attempt, size, &memory, err) < 0)
        return -1;
    take_all(booking_restore(memory, size, image), ts_us, commands, count, ret_attempt);
    free(memory);
    return 0;
}

int attempt_try_new(const struct entry_event_created *created, uint64_t ts_us,
                    const struct booking_command *commands, uint32_t count,
                    struct attempt *ret_attempt, struct err *err)
{
    size_t size = booking_memory_size(created);
    void *memory;
    if (start(ret_attempt, size, &memory, err) < 0)
        return -1;
    struct booking *made = booking_init(memory, size, 1, created, ts_us);
    take_all(made, ts_us + 1, commands, count, ret_attempt);
    free(memory);
    return 0;
}

void attempt_finish(struct attempt *attempt)
{
    free(attempt->decision);
    attempt->decision = NULL;
}
