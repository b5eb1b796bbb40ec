#include "model/lockstep.h"

#include "base/buf.h"
#include "model/calls.h"
#include "model/generator.h"
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>

#define COMMANDS_OF_A_WORLD 1200u
#define COMMANDS_OF_A_LONG_WORLD 4000u
#define SHOWN 12u /* of the commands before a difference */

/* One machine and one model in the same world. */
struct pair {
    struct booking *b;
    struct model *m;
    struct booking_decision d;
    struct model_outcome outcome;
    struct deep_before before;
    struct calls calls;
    uint64_t next_us;
    struct buf entries; /* u64 ts, u64 length, bytes: all there ever were */
};

struct step {
    uint64_t ts_us;
    size_t at, len; /* the command's bytes in the log */
    bool dropped;
};

struct log {
    struct buf bytes;
    struct step steps[COMMANDS_OF_A_LONG_WORLD];
    uint32_t count;
};

static void *memory_create(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory)
        abort();
    return memory;
}

static struct booking *machine_create(const struct entry_event_created *created)
{
    size_t size = booking_memory_size(created);
    return booking_init(memory_create(size), size, 7, created, 1);
}

static void pair_begin(struct pair *p, const struct entry_event_created *created)
{
    p->b = machine_create(created);
    p->m = model_create(created, 1);
    p->next_us = 2;
    buf_clear(&p->entries);
    calls_begin(&p->calls);
}

static void pair_finish(struct pair *p)
{
    free(p->b);
    model_destroy(p->m);
}

/* The machine with an entry that it reads from its bytes; a changed plan moves it. */
static struct booking *machine_apply(struct booking *b, struct slice bytes, uint64_t ts_us,
                                     struct booking_touched *touched)
{
    struct booking_entry e;
    if (!booking_entry_decode(bytes, &e))
        abort();
    if (e.number != BOOKING_ENTRY_plan_changed) {
        booking_apply(b, &e, ts_us, touched);
        return b;
    }
    size_t size = booking_change_plan_size(b, &e.plan_changed);
    struct booking *larger =
        booking_change_plan(b, memory_create(size), size, &e.plan_changed, ts_us);
    free(b);
    touched->all = true;
    return larger;
}

/* NULL, or what is wrong: what the entry says that it moves in the ledger is what it moves. */
static const char *pair_apply(struct pair *p, const struct booking_entry *e, uint64_t ts_us,
                              struct booking_touched *touched)
{
    struct booking_ledger before = booking_ledger(p->b), moved = {{0}};
    bool moves = booking_postings(p->b, e, &moved);
    size_t size = booking_entry_size(e);
    char *to = buf_reserve(&p->entries, size + 16);
    size = booking_entry_encode(e, to + 16);
    memcpy(to, &ts_us, 8);
    memcpy(to + 8, &size, 8);
    p->entries.len += size + 16;
    p->b = machine_apply(p->b, slice_make(to + 16, size), ts_us, touched);
    const char *wrong = e->number == BOOKING_ENTRY_payment_requested
                            ? calls_add(&p->calls, &e->payment_requested)
                            : NULL;
    if (wrong)
        return wrong;
    struct booking_ledger after = booking_ledger(p->b);
    int64_t sum = 0;
    bool any = false;
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++) {
        sum += moved.minor[i];
        any = any || moved.minor[i] != 0;
        if (after.minor[i] - before.minor[i] != moved.minor[i])
            return "an entry's postings are not what it moves";
    }
    if (any && !moves)
        return "an entry that moves nothing has postings";
    return sum == 0 ? NULL : "an entry's postings do not sum to zero";
}

/* From here on the machine is the one that comes out of its image. */
static void pair_restore(struct pair *p)
{
    struct slice image = booking_image(p->b);
    size_t size = booking_restore_size(image);
    struct booking *b = booking_restore(memory_create(size), size, image);
    free(p->b);
    p->b = b;
}

/* The same entries give the same state, bit by bit. */
static const char *pair_replay(const struct pair *p, const struct entry_event_created *created)
{
    struct booking *again = machine_create(created);
    struct booking_touched touched = {0};
    for (size_t at = 0; at < p->entries.len;) {
        uint64_t ts_us, size;
        memcpy(&ts_us, p->entries.data + at, 8);
        memcpy(&size, p->entries.data + at + 8, 8);
        again = machine_apply(again, slice_make(p->entries.data + at + 16, size), ts_us, &touched);
        at += size + 16;
    }
    struct hash128 live = booking_hash(p->b), replayed = booking_hash(again);
    free(again);
    return live.low == replayed.low && live.high == replayed.high
               ? NULL
               : "its entries, applied again, give another state";
}

/* NULL, or what differs. `whole`: the state is compared, too. */
static const char *pair_step(struct pair *p, const struct booking_command *c, uint64_t ts_us,
                             bool whole)
{
    static uint8_t before[1u << 16];
    struct booking_touched touched = {0};
    uint32_t units = booking_event(p->b).unit_count;
    for (uint32_t i = 0; i < units && whole; i++)
        before[i] = (uint8_t)booking_unit_state(p->b, i, 0);
    deep_look(p->b, c, &p->before);
    booking_decide(p->b, c, ts_us, &p->d);
    model_decide_and_apply(p->m, c, ts_us, &p->d, &p->outcome);
    const char *wrong = model_compare_decision(p->m, &p->outcome, &p->d);
    if (wrong)
        return wrong;
    for (uint32_t i = 0; i < p->d.entry_count && !wrong; i++)
        wrong = pair_apply(p, &p->d.entries[i], ts_us + i, &touched);
    if (wrong)
        return wrong;
    p->next_us = ts_us + p->d.entry_count + (p->d.entry_count == 0);
    if (!whole)
        return NULL;
    for (uint32_t i = 0; i < units && !touched.all; i++) {
        bool told = false;
        for (uint32_t k = 0; k < touched.count; k++)
            told = told || touched.units[k] == i;
        if (!told && before[i] != (uint8_t)booking_unit_state(p->b, i, 0))
            return "a unit changed and is not among the touched ones";
    }
    wrong = booking_check(p->b);
    if (!wrong)
        wrong = calls_compare(&p->calls, p->b);
    return wrong ? wrong : model_compare(p->m, p->b, p->next_us);
}

/* ---- a difference ---- */

/* What differs when the steps that are left are taken again, or NULL; *ret_at is where. */
static const char *replay(const struct entry_event_created *created, const struct log *log,
                          uint32_t count, uint32_t *ret_at)
{
    static char text[256];
    static struct pair p;
    const char *wrong = NULL;
    pair_begin(&p, created);
    for (uint32_t i = 0; i < count && !wrong; i++) {
        const struct step *s = &log->steps[i];
        struct booking_command c;
        if (s->dropped || !booking_command_decode(slice_make(log->bytes.data + s->at, s->len), &c))
            continue;
        wrong = pair_step(&p, &c, s->ts_us > p.next_us ? s->ts_us : p.next_us, true);
        *ret_at = i;
    }
    if (!wrong)
        wrong = pair_replay(&p, created);
    if (wrong)
        (void)snprintf(text, sizeof text, "%s", wrong);
    pair_finish(&p);
    buf_finish(&p.entries);
    calls_finish(&p.calls);
    return wrong ? text : NULL;
}

/* Leaves out whatever can be left out and there still is a difference. */
static void shrink(const struct entry_event_created *created, struct log *log)
{
    uint32_t at = 0;
    for (uint32_t chunk = log->count / 2; chunk > 0; chunk /= 2)
        for (uint32_t from = 0; from < log->count; from += chunk) {
            static bool were[COMMANDS_OF_A_LONG_WORLD];
            uint32_t to = from + chunk < log->count ? from + chunk : log->count;
            for (uint32_t i = from; i < to; i++) {
                were[i] = log->steps[i].dropped;
                log->steps[i].dropped = true;
            }
            if (replay(created, log, log->count, &at)) {
                log->count = at + 1;
                continue;
            }
            for (uint32_t i = from; i < to; i++)
                log->steps[i].dropped = were[i];
        }
}

static void print_command(const struct log *log, uint32_t i)
{
    BUF_AUTO struct buf text = BUF_INIT;
    const struct step *s = &log->steps[i];
    struct booking_command c;
    struct json j;
    if (!booking_command_decode(slice_make(log->bytes.data + s->at, s->len), &c))
        return;
    json_begin(&j, &text);
    json_put_object(&j, NULL);
    codec_dump(booking_command_record(c.number), &c.hold, &j);
    json_end(&j);
    (void)fprintf(stderr, "  %5u  at %llu  %s %.*s\n", i, (unsigned long long)s->ts_us,
                  booking_command_record(c.number)->name, SLICE_ARG(buf_slice(&text)));
}

static void print_difference(uint64_t seed, const struct generator *g, struct log *log,
                             const char *wrong)
{
    (void)fprintf(stderr, "lockstep: seed %llu, step %u: %s\n", (unsigned long long)seed,
                  log->count - 1, wrong);
    (void)fprintf(stderr, "again: make lockstep SEED=%llu COMMANDS=%u\n", (unsigned long long)seed,
                  log->count);
    shrink(&g->created, log);
    uint32_t at = 0, left = 0;
    const char *small = replay(&g->created, log, log->count, &at);
    for (uint32_t i = 0; i < log->count; i++)
        left += !log->steps[i].dropped;
    (void)fprintf(stderr, "with %u commands: %s\n", left, small ? small : "nothing differs");
    BUF_AUTO struct buf text = BUF_INIT;
    struct json j;
    json_begin(&j, &text);
    json_put_object(&j, NULL);
    struct booking_entry e = {.number = BOOKING_ENTRY_event_created};
    e.event_created = g->created;
    codec_dump(booking_entry_record(e.number), &e.event_created, &j);
    json_end(&j);
    (void)fprintf(stderr, "  %.*s\n", SLICE_ARG(buf_slice(&text)));
    for (uint32_t i = 0; i < log->count; i++)
        if (!log->steps[i].dropped && left-- <= SHOWN)
            print_command(log, i);
}

/* ---- worlds ---- */

static void count_step(struct lockstep_report *r, const struct pair *p,
                       const struct booking_command *c, uint64_t ts_us)
{
    deep_count(p->b, c, &p->d, &p->before, ts_us, &r->deep);
    if (c->number == BOOKING_COMMAND_change_price_plan && model_has_no_revision_left(p->m))
        r->deep.count[DEEP_STEP_NEVER]++;
    r->commands++;
    r->by_command[c->number]++;
    r->by_refusal[p->d.refusal]++;
    r->repeated += p->d.repeated;
    for (uint32_t i = 0; i < p->d.entry_count; i++) {
        r->by_entry[p->d.entries[i].number]++;
        if (p->d.entries[i].number == BOOKING_ENTRY_units_held)
            r->by_choice[p->d.choice & 63]++;
        if (p->d.entries[i].number == BOOKING_ENTRY_order_ended)
            r->by_end[p->d.entries[i].order_ended.reason & 7]++;
    }
}

static bool run_world(uint64_t seed, struct generator *g, struct log *log, struct pair *p,
                      uint64_t most, struct lockstep_report *r)
{
    const char *wrong = NULL, *detail = "";
    generator_begin(g, seed);
    if (!booking_created_valid(&g->created, &detail)) {
        (void)fprintf(stderr, "lockstep: seed %llu makes no event: %s\n", (unsigned long long)seed,
                      detail);
        return false;
    }
    pair_begin(p, &g->created);
    log->count = 0;
    buf_clear(&log->bytes);
    r->worlds++;
    bool is_long = g->mood == GENERATOR_REFUNDS;
    uint32_t commands = is_long                                   ? COMMANDS_OF_A_LONG_WORLD
                        : g->crowded || g->mood != GENERATOR_CALM ? COMMANDS_OF_A_WORLD
                                                                  : COMMANDS_OF_A_WORLD / 4;
    for (uint32_t i = 0; i < commands && i < most && !wrong; i++) {
        struct booking_command made, c;
        generator_command(g, p->b, &made);
        struct step *s = &log->steps[log->count++];
        char *to = buf_reserve(&log->bytes, booking_command_size(&made));
        *s = (struct step){.ts_us = g->now_us, .at = log->bytes.len};
        s->len = booking_command_encode(&made, to);
        log->bytes.len += s->len;
        if (!booking_command_decode(slice_make(log->bytes.data + s->at, s->len), &c))
            abort();
        bool whole = is_long ? i % 64 == 0 : !g->crowded || i % 8 == 0;
        wrong = pair_step(p, &c, s->ts_us, whole);
        r->compared += whole;
        if (i % 64 == 63)
            pair_restore(p);
        generator_learn(g, &c, &p->d);
        count_step(r, p, &c, s->ts_us);
    }
    if (!wrong)
        wrong = pair_replay(p, &g->created);
    if (wrong)
        print_difference(seed, g, log, wrong);
    pair_finish(p);
    return !wrong;
}

bool lockstep_run(uint64_t seed, uint64_t commands, struct lockstep_report *ret_report)
{
    struct generator *g = memory_create(sizeof *g);
    struct log *log = memory_create(sizeof *log);
    struct pair *p = memory_create(sizeof *p);
    bool same = true;
    memset(ret_report, 0, sizeof *ret_report);
    for (; same && ret_report->commands < commands; seed++)
        same = run_world(seed, g, log, p, commands - ret_report->commands, ret_report);
    generator_finish(g);
    buf_finish(&log->bytes);
    buf_finish(&p->entries);
    calls_finish(&p->calls);
    free(g);
    free(log);
    free(p);
    return same;
}

/* ---- the report ---- */

static unsigned print_count(const char *kind, const char *name, uint64_t count, bool all)
{
    if (all || count == 0)
        (void)printf("  %-8s %-45s %10llu%s\n", kind, name, (unsigned long long)count,
                     count == 0 ? "  never" : "");
    return count == 0;
}

unsigned lockstep_print(const struct lockstep_report *r, bool all)
{
    unsigned never = 0;
    (void)printf("lockstep: %llu commands in %llu worlds, %llu whole states compared\n",
                 (unsigned long long)r->commands, (unsigned long long)r->worlds,
                 (unsigned long long)r->compared);
    for (uint16_t i = BOOKING_COMMAND_change_event; i < BOOKING_COMMAND_COUNT_PLUS_ONE; i++)
        never += print_count("command", booking_command_record(i)->name, r->by_command[i], all);
    for (uint16_t i = 0; i < BOOKING_REFUSAL_COUNT; i++)
        never += print_count("answer", booking_refusal_code((enum booking_refusal)i),
                             r->by_refusal[i], all);
    never += print_count("answer", "repeated", r->repeated, all);
    for (uint16_t i = BOOKING_ENTRY_event_changed; i < BOOKING_ENTRY_COUNT_PLUS_ONE; i++)
        never += print_count("entry", booking_entry_record(i)->name, r->by_entry[i], all);
    static const struct {
        uint8_t choice;
        const char *name;
    } choices[] = {{0x00, "the buyer's own"},
                   {0x01, "adjacent"},
                   {0x21, "adjacent, leaves one"},
                   {0x11, "restricted"},
                   {0x31, "restricted, leaves one"},
                   {0x02, "companions"},
                   {0x03, "area"}};
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        never += print_count("choice", choices[i].name, r->by_choice[choices[i].choice], all);
    static const struct {
        enum booking_end end;
        const char *name;
    } ends[] = {{BOOKING_END_CANCELLED, "cancelled"},
                {BOOKING_END_FAILED, "failed"},
                {BOOKING_END_VOIDED, "voided"},
                {BOOKING_END_CARD_LIMIT, "card limit"}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        never += print_count("end", ends[i].name, r->by_end[ends[i].end], all);
    return never + deep_print(&r->deep, print_count, all);
}
