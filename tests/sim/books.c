#include "books_private.h"
#include "host.h"
#include "journal/frame.h"
#include "lockstep.h"
#include "provider.h"
#include "rooms.h"

#include <stdlib.h>

#define CREDIT_SLACK_US (31 * SECOND_US) /* a frozen clock jumps by half a minute at most */

void *books_grown(void *list, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity ? *capacity * 2 : 64;
    list = realloc(list, *capacity * size);
    if (!list)
        abort();
    return list;
}

void books_slot_note(uint32_t **slots, uint32_t *count, uint32_t slot, uint32_t index)
{
    if (slot >= *count) {
        uint32_t more = *count ? *count * 2 : 256;
        while (more <= slot)
            more *= 2;
        *slots = realloc(*slots, more * sizeof **slots);
        if (!*slots)
            abort();
        memset(*slots + *count, 0, (more - *count) * sizeof **slots);
        *count = more;
    }
    (*slots)[slot] = index + 1;
}

struct books_hold *books_hold_at(struct sim *s, struct book *b, uint32_t slot)
{
    REQUIRE(s, slot < b->hold_slots && b->hold_of_slot[slot], "entries speak of what exists",
            "event %u has no hold %u", b->number, slot);
    return &b->holds[b->hold_of_slot[slot] - 1];
}

bool books_key_set(struct hash16 key)
{
    static const struct hash16 none;
    return !hash16_equal(key, none);
}

/* ---- holds ---- */

static void live_remove(struct book *b, struct books_hold *h)
{
    uint32_t last = b->live[--b->live_count];
    b->live[h->live_at] = last;
    b->holds[last].live_at = h->live_at;
}

void books_hold_ends(struct sim *s, struct book *b, struct books_hold *h, uint32_t state,
                     uint64_t ts_us)
{
    uint32_t index = (uint32_t)(h - b->holds);
    REQUIRE(s, h->state == HOLD_LIVES, "a hold ends once", "hold %u ended before", h->slot);
    h->state = state;
    h->ended_us = ts_us;
    live_remove(b, h);
    if (state != HOLD_SOLD)
        money_promo_count(b, h->promo, h->promo_spent, -1);
    for (uint32_t i = 0; i < h->count; i++) {
        struct unit *u = &b->units[h->units[i]];
        REQUIRE(s, u->state == UNIT_HELD && u->owner == index, "a held unit has one live hold",
                "unit %u of hold %u is not its own", h->units[i], h->slot);
        *u = (struct unit){UNIT_FREE, 0};
    }
}

static void take_units(struct sim *s, struct book *b, struct books_hold *h, struct u32s units)
{
    h->count = units.count;
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i);
        REQUIRE(s, unit < b->unit_count && b->units[unit].state == UNIT_FREE,
                "each unit is in one state", "unit %u is held while it is in state %u", unit,
                unit < b->unit_count ? b->units[unit].state : 99u);
        b->units[unit] = (struct unit){UNIT_HELD, (uint32_t)(h - b->holds)};
        h->units[i] = unit;
    }
}

/* What a session has: units in live holds and bought, and live holds. */
static uint32_t session_units(const struct book *b, struct hash16 session, uint64_t ts_us,
                              uint32_t *ret_holds)
{
    uint32_t units = 0, holds = 0;
    for (uint32_t i = 0; i < b->live_count; i++) {
        const struct books_hold *h = &b->holds[b->live[i]];
        if ((h->expires_us > ts_us || h->order) && hash16_equal(h->session, session)) {
            units += h->count;
            holds++;
        }
    }
    for (uint32_t i = 0; i < b->order_count; i++) {
        const struct books_order *o = &b->orders[i];
        if (hash16_equal(o->session, session))
            units += books_order_units(o);
    }
    *ret_holds = holds;
    return units;
}

static void on_units_held(struct sim *s, struct book *b, const struct entry_units_held *e,
                          uint64_t ts_us)
{
    if (books_key_set(e->key)) {
        const struct books_hold *h = books_hold_by_key(s, b->number, e->key);
        REQUIRE(s, !h && !books_order_by_key(s, b->number, e->key),
                "a command is in the journal once per key", "hold %u repeats a key", e->hold);
    }
    REQUIRE(s, e->units.count >= 1 && e->units.count <= b->per_hold, "limits are never exceeded",
            "hold %u has %u units", e->hold, e->units.count);
    b->holds = books_grown(b->holds, b->hold_count, &b->hold_capacity, sizeof *b->holds);
    b->live = books_grown(b->live, b->live_count, &b->live_capacity, sizeof *b->live);
    struct books_hold *h = &b->holds[b->hold_count];
    *h = (struct books_hold){.slot = e->hold,
                             .random = e->hold_random,
                             .session = e->session,
                             .key = e->key,
                             .request = e->request,
                             .made_us = ts_us,
                             .expires_us = e->expires_at_us,
                             .made_open_us = audit_open_us(s),
                             .made_epoch = host_epoch(s),
                             .made_halted_us = host_halted_us(s),
                             .revision = b->revision};
    take_units(s, b, h, e->units);
    money_check_prices(s, b, ts_us);
    money_quote(s, b, h, e->discounts, 0);
    books_slot_note(&b->hold_of_slot, &b->hold_slots, e->hold, b->hold_count);
    h->live_at = b->live_count;
    b->live[b->live_count++] = b->hold_count++;
    uint64_t lifetime_us = e->expires_at_us - ts_us;
    REQUIRE(s,
            lifetime_us <= b->hold_seconds * SECOND_US &&
                lifetime_us + 1000 >= b->hold_seconds * SECOND_US,
            "a hold lives as long as was said", "hold %u for %llu us", e->hold,
            (unsigned long long)lifetime_us);
    uint32_t holds, units = session_units(b, e->session, ts_us, &holds);
    REQUIRE(s, units <= b->per_buyer && holds <= LIMIT_SESSION_HOLDS, "limits are never exceeded",
            "a session has %u units in %u holds", units, holds);
}

static void on_hold_changed(struct sim *s, struct book *b, const struct entry_hold_changed *e)
{
    struct books_hold *h = books_hold_at(s, b, e->hold);
    REQUIRE(s, h->state == HOLD_LIVES && h->expires_us > b->decided_us && h->order == 0,
            "no hold lives past its expiry", "hold %u is changed after its end", e->hold);
    REQUIRE(s, e->units.count >= 1 && e->units.count <= b->per_hold, "limits are never exceeded",
            "hold %u has %u units", e->hold, e->units.count);
    for (uint32_t i = 0; i < h->count; i++)
        b->units[h->units[i]] = (struct unit){UNIT_FREE, 0};
    take_units(s, b, h, e->units);
    h->swaps++;
    REQUIRE(s, e->promo == 0 || e->promo == h->promo, "a hold keeps its price",
            "hold %u is changed and has another promo code", e->hold);
    money_promo_count(b, h->promo, h->promo_spent, -1);
    h->promo = e->promo;
    money_quote(s, b, h, e->discounts, e->promo_spent);
}

static void on_hold_quoted(struct sim *s, struct book *b, const struct entry_hold_quoted *e)
{
    struct books_hold *h = books_hold_at(s, b, e->hold);
    REQUIRE(s, h->state == HOLD_LIVES && h->expires_us > b->decided_us && h->order == 0,
            "no hold lives past its expiry", "hold %u is quoted after its end", e->hold);
    money_promo_count(b, h->promo, h->promo_spent, -1);
    h->promo = e->promo;
    money_quote(s, b, h, e->discounts, e->promo_spent);
}

static void on_hold_extended(struct sim *s, struct book *b, const struct entry_hold_extended *e)
{
    struct books_hold *h = books_hold_at(s, b, e->hold);
    REQUIRE(s, h->state == HOLD_LIVES && h->expires_us > b->decided_us && !h->extended,
            "a hold is extended once", "hold %u", e->hold);
    REQUIRE(s,
            e->expires_at_us > h->expires_us && e->expires_at_us <= h->expires_us + 600 * SECOND_US,
            "a hold is extended once", "hold %u by %lld us", e->hold,
            (long long)(e->expires_at_us - h->expires_us));
    h->extended = true;
    h->expires_us = e->expires_at_us;
}

static void on_hold_expired(struct sim *s, struct book *b, uint32_t slot, uint64_t ts_us)
{
    struct books_hold *h = books_hold_at(s, b, slot);
    REQUIRE(s, h->expires_us <= ts_us, "no hold dies before its time",
            "hold %u expires %llu us early", slot, (unsigned long long)(h->expires_us - ts_us));
    books_hold_ends(s, b, h, HOLD_RAN_OUT, ts_us);
    if (h->order)
        books_order_expires(s, b, &b->orders[h->order - 1]);
}

/* ---- the event ---- */

static void on_changed(struct book *b, const struct entry_event_changed *e)
{
    if (e->per_buyer > 0)
        b->per_buyer = e->per_buyer;
    if (e->per_hold > 0)
        b->per_hold = e->per_hold;
}

static void on_blocked(struct sim *s, struct book *b, struct u32s units, bool blocked)
{
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i);
        REQUIRE(s,
                unit < b->unit_count &&
                    (b->units[unit].state == UNIT_FREE || b->units[unit].state == UNIT_BLOCKED),
                "each unit is in one state", "unit %u is blocked or freed while held or sold",
                unit);
        b->units[unit] = (struct unit){blocked ? UNIT_BLOCKED : UNIT_FREE, 0};
    }
}

static void on_moved(struct sim *s, const struct book *b, struct u32s units)
{
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i);
        REQUIRE(s,
                unit < b->unit_count &&
                    (b->units[unit].state == UNIT_FREE || b->units[unit].state == UNIT_BLOCKED),
                "each unit is in one state", "unit %u is moved while held or sold", unit);
    }
}

/* New seats are units behind the others; a seat that is in no plan any more is blocked for ever. */
static void on_plan_changed(struct sim *s, struct book *b, const struct entry_plan_changed *e,
                            uint64_t ts_us)
{
    size_t size = booking_change_plan_size(b->shadow, e);
    void *memory = calloc(1, size);
    if (!memory)
        abort();
    struct booking *larger = booking_change_plan(b->shadow, memory, size, e, ts_us);
    free(b->shadow);
    b->shadow = larger;
    uint32_t count = booking_event(larger).unit_count;
    bool *kept = calloc(count, sizeof *kept);
    b->units = realloc(b->units, count * sizeof *b->units);
    if (!b->units || !kept)
        abort();
    for (uint32_t i = 0; i < e->units.count; i++) {
        uint32_t unit = u32s_at(e->units, i);
        REQUIRE(s, unit < count && !kept[unit], "each unit is in one state",
                "unit %u is in the plan twice", unit);
        kept[unit] = true;
    }
    for (uint32_t unit = 0; unit < count; unit++) {
        if (unit >= b->unit_count)
            b->units[unit] = (struct unit){UNIT_FREE, 0};
        if (kept[unit] || booking_unit_area(larger, unit) != BOOKING_NONE)
            continue;
        REQUIRE(s, b->units[unit].state == UNIT_FREE || b->units[unit].state == UNIT_BLOCKED,
                "nobody's seat goes away", "unit %u in state %u", unit, b->units[unit].state);
        b->units[unit].state = UNIT_BLOCKED;
    }
    b->unit_count = count;
    free(kept);
}

static void on_outage(struct book *b, uint64_t outage_us)
{
    for (uint32_t i = 0; i < b->live_count; i++)
        b->holds[b->live[i]].expires_us += outage_us;
    for (uint32_t i = 0; i < b->order_count; i++) {
        struct books_order *o = &b->orders[i];
        if (o->has_case)
            o->case_us += outage_us;
        if (o->state == ORDER_WAITS && o->processing_until_us)
            o->processing_until_us += outage_us;
    }
}

static void on_entry(struct sim *s, struct book *b, const struct booking_entry *e, uint64_t ts_us)
{
    switch ((enum booking_entry_number)e->number) {
    case BOOKING_ENTRY_event_changed: on_changed(b, &e->event_changed); break;
    case BOOKING_ENTRY_units_blocked: on_blocked(s, b, e->units_blocked.units, true); break;
    case BOOKING_ENTRY_units_unblocked: on_blocked(s, b, e->units_unblocked.units, false); break;
    case BOOKING_ENTRY_units_held: on_units_held(s, b, &e->units_held, ts_us); break;
    case BOOKING_ENTRY_hold_released:
        REQUIRE(s, books_hold_at(s, b, e->hold_released.hold)->expires_us > b->decided_us,
                "no hold lives past its expiry", "hold %u is released after it",
                e->hold_released.hold);
        books_hold_ends(s, b, books_hold_at(s, b, e->hold_released.hold), HOLD_RELEASED, ts_us);
        break;
    case BOOKING_ENTRY_hold_changed: on_hold_changed(s, b, &e->hold_changed); break;
    case BOOKING_ENTRY_units_moved: on_moved(s, b, e->units_moved.units); break;
    case BOOKING_ENTRY_hold_expired: on_hold_expired(s, b, e->hold_expired.hold, ts_us); break;
    case BOOKING_ENTRY_hold_quoted: on_hold_quoted(s, b, &e->hold_quoted); break;
    case BOOKING_ENTRY_hold_extended: on_hold_extended(s, b, &e->hold_extended); break;
    case BOOKING_ENTRY_outage_credited: on_outage(b, e->outage_credited.outage_us); break;
    default: break;
    }
    money_entry(s, b, e, ts_us);
    books_order_entry(s, b, e, ts_us);
}

void books_check_credit(struct sim *s, struct owed *owed, uint32_t partition, bool is_credit,
                        uint64_t credited_us, uint64_t ts_us)
{
    bool found = !owed->due && owed->was_due && is_credit; /* a row that the dead one had written */
    owed->was_due = false;
    if (!owed->due && !found) { /* the disk was full, and the clock may have jumped meanwhile */
        uint64_t most_us = host_halted_us(s) - owed->halted_us + CREDIT_SLACK_US;
        REQUIRE(s, !is_credit || credited_us <= most_us, "no more time is given back than was lost",
                "partition %u: %llu us", partition, (unsigned long long)credited_us);
    } else {
        /* More, when the disk was full: then the house could sell nothing for still longer. */
        REQUIRE(s,
                is_credit && credited_us >= s->books->credit_us &&
                    credited_us <= ts_us - s->books->closed_us,
                "an outage is given back to everybody whose time ran",
                "partition %u: %llu us were lost; %llu given back first", partition,
                (unsigned long long)s->books->credit_us, (unsigned long long)credited_us);
    }
    /* What was decided before a stall is told after it: what came back is no more than was said. */
    uint64_t down_us = owed->due || found ? s->books->credit_us : 0;
    uint64_t back_us = owed->halted_us + (is_credit ? credited_us - down_us : 0);
    owed->halted_us = back_us < host_halted_us(s) ? back_us : host_halted_us(s);
    owed->due = false;
}

static void check_credit(struct sim *s, struct book *b, const struct booking_entry *e,
                         uint64_t ts_us)
{
    bool is_credit = e->number == BOOKING_ENTRY_outage_credited;
    books_check_credit(s, &b->owed, b->number, is_credit,
                       is_credit ? e->outage_credited.outage_us : 0, ts_us);
}

/* ---- rows ---- */

static void begin_event(struct sim *s, uint32_t number, const struct entry_event_created *e,
                        uint64_t ts_us)
{
    struct books *books = s->books;
    REQUIRE(s, number >= 1 && number <= SIM_EVENTS_MAX && number == books->event_count + 1,
            "events are numbered densely", "event %u", number);
    struct book *b = &books->events[++books->event_count];
    size_t size = booking_memory_size(e);
    void *memory = calloc(1, size);
    if (!memory)
        abort();
    b->number = number;
    lockstep_begin(s, number, e, ts_us);
    b->shadow = booking_init(memory, size, number, e, ts_us);
    struct booking_event event = booking_event(b->shadow);
    b->unit_count = event.unit_count;
    b->category_count = event.category_count;
    b->per_buyer = e->per_buyer;
    b->per_hold = e->per_hold;
    b->hold_seconds = e->hold_seconds;
    b->pay_seconds = e->pay_seconds;
    b->units = calloc(b->unit_count, sizeof *b->units);
    if (!b->units)
        abort();
    money_begin(b, e);
    for (uint32_t i = 0; i < e->blocked.count; i++)
        b->units[u32s_at(e->blocked, i)].state = UNIT_BLOCKED;
}

static void booking_frame(struct sim *s, const struct frame *f)
{
    struct books *books = s->books;
    struct booking_entry *e = &books->entry;
    REQUIRE(s, booking_entry_decode(f->entry, e), "entries can be read", "event %u, entry %llu",
            f->partition, (unsigned long long)f->pseq);
    if (e->number == BOOKING_ENTRY_event_created) {
        begin_event(s, f->partition, &e->event_created, f->ts_us);
        books->events[f->partition].pseq = 1;
        books->events[f->partition].ts_us = f->ts_us;
        return;
    }
    REQUIRE(s, f->partition <= books->event_count, "entries speak of what exists", "event %u",
            f->partition);
    struct book *b = &books->events[f->partition];
    REQUIRE(s, f->pseq == b->pseq + 1 && f->ts_us > b->ts_us, "seq dense, ts rising",
            "event %u: entry %llu at %llu follows %llu at %llu", f->partition,
            (unsigned long long)f->pseq, (unsigned long long)f->ts_us, (unsigned long long)b->pseq,
            (unsigned long long)b->ts_us);
    if (f->ts_us != b->ts_us + 1)
        b->decided_us = f->ts_us;
    b->pseq = f->pseq;
    b->ts_us = f->ts_us;
    lockstep_entry(s, b->number, f->ts_us);
    check_credit(s, b, e, f->ts_us);
    on_entry(s, b, e, f->ts_us);
    if (e->number == BOOKING_ENTRY_plan_changed)
        on_plan_changed(s, b, &e->plan_changed, f->ts_us);
    else
        booking_apply(b->shadow, e, f->ts_us, NULL);
    if (s->full || audit_due(s, audit_book_ns(b)))
        audit_book(s, b);
}

static void directory_frame(struct sim *s, const struct frame *f)
{
    struct books *books = s->books;
    struct directory_entry e;
    REQUIRE(s, f->pseq == books->directory_pseq + 1 && directory_entry_decode(f->entry, &e),
            "seq dense, ts rising", "directory entry %llu", (unsigned long long)f->pseq);
    books->directory_pseq = f->pseq;
    directory_apply(books->directory, &e, f->ts_us);
}

void books_row(struct sim *s, uint64_t seq, uint64_t ts_us, struct slice body, const uint8_t *hash)
{
    struct books *books = s->books;
    struct frame frame;
    size_t at = 0;
    int more;
    (void)seq;
    while ((more = frame_next(body, &at, &frame)) == 1) {
        books->entries++;
        s->figures->entries++;
        if (s->options->trace) {
            uint16_t number = 0;
            memcpy(&number, frame.entry.data, 2);
            const struct codec_record *record =
                frame.partition == 0             ? directory_entry_record(number)
                : frame.partition & ENGINE_QUEUE ? queue_entry_record(number)
                                                 : booking_entry_record(number);
            (void)printf("      (%u.%llu %s)\n", frame.partition, (unsigned long long)frame.pseq,
                         record ? record->name : "?");
        }
        if (frame.partition == 0)
            directory_frame(s, &frame);
        else if (frame.partition & ENGINE_QUEUE)
            rooms_frame(s, &frame, hash);
        else
            booking_frame(s, &frame);
    }
    REQUIRE(s, more == 0, "rows are whole", "row %llu is damaged", (unsigned long long)seq);
    books->head_ts_us = ts_us;
    for (uint32_t n = 1; n <= books->event_count; n++)
        lockstep_row(s, n, books->events[n].shadow);
    rooms_row(s);
    for (uint32_t n = 1; n <= books->event_count; n++)
        if (s->full || audit_due(s, audit_machine_ns(books->events[n].shadow)))
            audit_machine(s, books->events[n].shadow, "the auditor's");
}

/* ---- looking ---- */

uint64_t books_entries(const struct sim *s)
{
    return s->books->entries;
}

uint32_t books_events(const struct sim *s)
{
    return s->books->event_count;
}

const struct books_hold *books_hold(const struct sim *s, uint32_t event, uint32_t slot,
                                    uint64_t random)
{
    const struct book *b = &s->books->events[event];
    for (uint32_t i = b->hold_count; i-- > 0;)
        if (b->holds[i].slot == slot && b->holds[i].random == random)
            return &b->holds[i];
    return NULL;
}

const struct books_order *books_order(const struct sim *s, uint32_t event, uint32_t slot,
                                      uint64_t random)
{
    const struct book *b = &s->books->events[event];
    for (uint32_t i = b->order_count; i-- > 0;)
        if (b->orders[i].slot == slot && b->orders[i].random == random)
            return &b->orders[i];
    return NULL;
}

const struct books_hold *books_hold_by_key(const struct sim *s, uint32_t event, struct hash16 key)
{
    const struct book *b = &s->books->events[event];
    for (uint32_t slot = 0; slot < b->hold_slots; slot++) {
        const struct books_hold *h =
            b->hold_of_slot[slot] ? &b->holds[b->hold_of_slot[slot] - 1] : NULL;
        if (h && hash16_equal(h->key, key))
            return h;
    }
    return NULL;
}

const struct books_order *books_order_by_key(const struct sim *s, uint32_t event, struct hash16 key)
{
    const struct book *b = &s->books->events[event];
    for (uint32_t slot = 0; slot < b->order_slots; slot++) {
        const struct books_order *o =
            b->order_of_slot[slot] ? &b->orders[b->order_of_slot[slot] - 1] : NULL;
        if (o && hash16_equal(o->key, key))
            return o;
    }
    return NULL;
}

const struct books_order *books_some_order(const struct sim *s, uint32_t event,
                                           struct random *random, bool with_case)
{
    const struct book *b = &s->books->events[event];
    for (uint32_t tries = with_case ? 64 : 8; tries > 0 && b->order_count > 0; tries--) {
        const struct books_order *o = &b->orders[random_below(random, b->order_count)];
        if (with_case ? o->has_case : o->state == ORDER_CAPTURED)
            return o;
    }
    return NULL;
}

struct books *books_create(struct sim *s)
{
    struct books *books = calloc(1, sizeof *books);
    void *memory = calloc(1, directory_memory_size());
    if (!books || !memory)
        abort();
    books->random = sim_stream(s, 6);
    books->directory = directory_init(memory, directory_memory_size());
    return books;
}

void books_destroy(struct books *books)
{
    if (!books)
        return;
    for (uint32_t n = 1; n <= books->event_count; n++) {
        struct book *b = &books->events[n];
        free(b->shadow);
        money_end(b);
        free(b->units);
        free(b->holds);
        free(b->orders);
        free(b->hold_of_slot);
        free(b->order_of_slot);
        free(b->live);
    }
    free(books->directory);
    free(books);
}
