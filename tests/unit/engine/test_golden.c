#include "unit/engine/support.h"

#include "journal/frame.h"

#include <stdio.h>

/*
 * Journals of earlier releases must replay to what they meant then (architecture 14). A golden
 * journal is tests/journals/NAME.rows, rows as { u64 seq, u64 ts_us, u32 length, body } with bodies
 * as in journal/frame.h, and NAME.facts, what it came to: readable facts that must never change,
 * and for each machine the hash of its image, which counts as long as the image's version is the
 * same. A release adds a pair and never changes one.
 *
 * To record a new pair on purpose:  ONSALE_RECORD_JOURNAL=NAME engine_test_golden
 */

static const char *const journals[] = {"0.1.0", "0.2.0", "0.3.0"};

static void read_file(const char *name, const char *ending, struct buf *out)
{
    char path[512];
    const char *top = getenv("ONSALE_TOP");
    (void)snprintf(path, sizeof path, "%s/tests/journals/%s.%s", top ? top : ".", name, ending);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    for (size_t got = 1; got > 0; out->len += got)
        got = fread(buf_reserve(out, 4096), 1, 4096, file);
    fclose(file);
}

static void write_file(const char *name, const char *ending, struct slice bytes)
{
    char path[512];
    const char *top = getenv("ONSALE_TOP");
    (void)snprintf(path, sizeof path, "%s/tests/journals/%s.%s", top ? top : ".", name, ending);
    FILE *file = fopen(path, "wbx"); /* a recorded one is never written over */
    if (!file)
        fail_msg("%s cannot be made (is it there already?)", path);
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    fclose(file);
}

/* ---- what it came to ---- */

static void order_facts(const struct booking *b, struct buf *out)
{
    for (uint32_t i = 0; i < booking_order_slots(b); i++) {
        struct booking_order o;
        if (!booking_order_get(b, i, booking_order_random(b, i), &o))
            continue;
        buf_append_format(out,
                          "  order %u state %d end %d case %d call %d declines %u total %lld "
                          "units %u first %u price %lld intent %.*s code %.*s\n",
                          i, o.state, o.end, o.attention, o.call, o.declines,
                          (long long)o.total_minor, o.unit_count, o.units[0],
                          (long long)o.lines[0].price_minor, SLICE_ARG(o.intent),
                          SLICE_ARG(o.decline_code));
    }
}

/* What events of 0.1.0 did not have; they say nothing here. */
static void rule_facts(const struct booking *b, struct buf *out)
{
    struct booking_event event = booking_event(b);
    for (uint32_t i = 1; i <= event.allocation_count; i++) {
        struct booking_allocation a = booking_allocation(b, i);
        buf_append_format(out,
                          "  allocation %u %.*s kind %d released %d units %u available %u held %u "
                          "sold %u codes %u\n",
                          i, SLICE_ARG(a.id), a.kind, a.released, a.capacity, a.available, a.held,
                          a.sold, a.codes);
    }
    for (uint32_t i = 0; i < event.quota_count; i++) {
        struct booking_quota q = booking_quota(b, i);
        buf_append_format(out, "  quota %llx limit %u used %u\n", (unsigned long long)q.categories,
                          q.limit, q.used);
    }
    if (event.plan_version > 0) {
        buf_append_format(out, "  plan %u seats", event.plan_version);
        for (uint32_t seat = 0; seat < event.seat_count; seat++)
            buf_append_format(out, " %u", booking_seat_unit(b, seat));
        buf_append_char(out, '\n');
    }
}

/* What events of 0.2.0 did not have. */
static void money_facts(const struct booking *b, struct buf *out)
{
    struct booking_event event = booking_event(b);
    struct booking_ledger l = booking_ledger(b);
    static struct booking_price_plan_lists lists;
    struct entry_price_plan_set plan;
    booking_price_plan(b, &lists, &plan);
    if (event.promo_count + plan.rule_prices.count + plan.package_sizes.count > 0)
        buf_append_format(out, "  base %lld rules %u packages %u promo codes %u\n",
                          (long long)booking_category_base(b, 0).price_minor,
                          plan.rule_prices.count, plan.package_sizes.count, event.promo_count);
    if (booking_category_tax(b, 0) > 0)
        buf_append_format(out, "  tax %u ledger %lld %lld %lld cases %u disputes %u\n",
                          booking_category_tax(b, 0), (long long)l.minor[BOOKING_ACCOUNT_TAX],
                          (long long)l.minor[BOOKING_ACCOUNT_REFUNDS],
                          (long long)l.minor[BOOKING_ACCOUNT_DISPUTES], event.open_cases,
                          event.open_disputes);
    for (uint32_t i = 0; booking_category_tax(b, 0) > 0 && i < booking_order_slots(b); i++) {
        struct booking_order o;
        assert_true(booking_order_get(b, i, booking_order_random(b, i), &o));
        buf_append_format(out,
                          "  order %u provider %d processing %d discount %lld tax %lld promo %u "
                          "taken %lld refunds %u done %u case %d dispute %d\n",
                          i, o.provider, o.processing, (long long)o.lines[0].discount_minor,
                          (long long)o.lines[0].tax_minor, o.promo, (long long)o.taken_minor,
                          o.refunds, o.refunds_done, o.case_reason, o.dispute);
    }
}

static void booking_facts(const struct booking *b, struct buf *out)
{
    struct booking_event event = booking_event(b);
    struct booking_ledger l = booking_ledger(b);
    struct booking_price price = booking_category_price(b, 0, event.last_ts_us);
    buf_append_format(out, "event %u: sale %d per_hold %u per_buyer %u live %u last %llu\n  units ",
                      event.partition, event.sale, event.per_hold, event.per_buyer,
                      event.live_holds, (unsigned long long)event.last_ts_us);
    for (uint32_t unit = 0; unit < event.unit_count; unit++)
        buf_append_char(out, "fhsba"[booking_unit_state(b, unit, 0)]);
    buf_append_format(
        out, "\n  price %lld fee %lld ledger %lld %lld %lld %lld\n", (long long)price.price_minor,
        (long long)price.fee_minor, (long long)l.minor[BOOKING_ACCOUNT_BUYERS],
        (long long)l.minor[BOOKING_ACCOUNT_PROVIDER], (long long)l.minor[BOOKING_ACCOUNT_ORGANISER],
        (long long)l.minor[BOOKING_ACCOUNT_FEES]);
    for (uint32_t i = 0; booking_hold_random(b, i) != 0; i++) {
        struct booking_hold h;
        assert_true(booking_hold_get(b, i, booking_hold_random(b, i), &h));
        buf_append_format(out, "  hold %u live %d expired %d until %llu units %u\n", i, h.live,
                          h.expired, (unsigned long long)h.expires_at_us, h.unit_count);
    }
    order_facts(b, out);
    rule_facts(b, out);
    money_facts(b, out);
}

static void all_facts(struct engine *e, struct buf *out)
{
    uint32_t count = directory_event_count(engine_directory(e));
    for (uint32_t p = 1; p <= count; p++)
        booking_facts(engine_booking(e, p), out);
}

static void all_hashes(struct engine *e, struct buf *out)
{
    struct hash128 h = directory_hash(engine_directory(e));
    buf_append_format(out, "hash directory v%u %016llx%016llx\n", DIRECTORY_IMAGE_VERSION,
                      (unsigned long long)h.high, (unsigned long long)h.low);
    for (uint32_t p = 1; p <= directory_event_count(engine_directory(e)); p++) {
        h = booking_hash(engine_booking(e, p));
        buf_append_format(out, "hash event %u v%u %016llx%016llx\n", p, BOOKING_IMAGE_VERSION,
                          (unsigned long long)h.high, (unsigned long long)h.low);
    }
}

/* ---- replaying ---- */

static void stored(void *context, enum journal_outcome outcome, const struct err *err)
{
    (void)context;
    (void)err;
    assert_int_equal(outcome, JOURNAL_DURABLE);
}

/* Puts the rows into a journal; tells the time of the last and counts entries by number. */
static uint64_t load_rows(struct slice rows, struct journal *j, uint32_t counts[2048])
{
    uint64_t seq = 0, ts_us = 0;
    for (size_t at = 0; at < rows.len;) {
        uint32_t len;
        assert_true(rows.len - at >= 20);
        memcpy(&seq, rows.data + at, 8);
        memcpy(&ts_us, rows.data + at + 8, 8);
        memcpy(&len, rows.data + at + 16, 4);
        struct slice body = slice_make(rows.data + at + 20, len);
        assert_true(rows.len - at - 20 >= len);
        assert_int_equal(seq, journal_head(j).seq + 1);
        journal_append(j, ts_us, body, stored, NULL);
        struct frame frame;
        size_t in = 0;
        while (frame_next(body, &in, &frame) == 1) {
            uint16_t number;
            memcpy(&number, frame.entry.data, 2);
            assert_true(number < 2048);
            counts[number]++;
        }
        assert_int_equal(in, len);
        at += 20 + len;
    }
    return ts_us;
}

static void assert_lines_are_in(const char *name, const struct buf *lines, const struct buf *facts)
{
    for (size_t at = 0; at < lines->len;) {
        const char *end = memchr(lines->data + at, '\n', lines->len - at);
        size_t len = (size_t)(end - (lines->data + at)) + 1;
        if (!memmem(facts->data, facts->len, lines->data + at, len))
            fail_msg("%s: not as recorded: %.*s", name, (int)len, lines->data + at);
        at += len;
    }
}

static void journals_of_earlier_releases_mean_what_they_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof journals / sizeof journals[0]; i++) {
        BUF_AUTO struct buf rows = BUF_INIT, facts = BUF_INIT, now = BUF_INIT, hashes = BUF_INIT;
        uint32_t counts[2048] = {0};
        read_file(journals[i], "rows", &rows);
        read_file(journals[i], "facts", &facts);
        struct journal *j = journal_memory_create();
        struct host h = {0};
        h.now_us = load_rows(buf_slice(&rows), j, counts);
        struct engine *e = open_engine(&h, j);
        all_facts(e, &now);
        assert_true(now.len > 1000 && now.len <= facts.len);
        if (memcmp(now.data, facts.data, now.len) != 0) {
            assert_lines_are_in(journals[i], &now, &facts);
            fail_msg("%s: the facts stand in another order", journals[i]);
        }
        all_hashes(e, &hashes);
        char version[32];
        (void)snprintf(version, sizeof version, "event 1 v%u ", BOOKING_IMAGE_VERSION);
        if (memmem(facts.data, facts.len, version, strlen(version)))
            assert_lines_are_in(journals[i], &hashes, &facts);
        for (uint32_t p = 1; p <= directory_event_count(engine_directory(e)); p++)
            assert_null(booking_check(engine_booking(e, p)));
        engine_destroy(e);
        journal_destroy(j);
        buf_finish(&h.seen);
    }
}

static void the_newest_journal_has_every_kind_of_entry(void **state)
{
    (void)state;
    BUF_AUTO struct buf rows = BUF_INIT;
    uint32_t counts[2048] = {0};
    read_file(journals[sizeof journals / sizeof journals[0] - 1], "rows", &rows);
    struct journal *j = journal_memory_create();
    (void)load_rows(buf_slice(&rows), j, counts);
    journal_destroy(j);
    for (uint16_t number = 1; number < BOOKING_ENTRY_COUNT_PLUS_ONE; number++)
        if (counts[number] == 0)
            fail_msg("there is no %s in it", booking_entry_record(number)->name);
    assert_true(counts[DIRECTORY_ENTRY_event_listed] > 0);
    assert_true(counts[DIRECTORY_ENTRY_event_revised] > 0);
}

/* ---- recording ---- */

struct story {
    struct host h;
    struct journal *j;
    struct engine *e;
    struct engine_result r;
    uint64_t random;
};

static void tell(struct story *s, uint32_t p, const struct booking_command *c)
{
    engine_submit(s->e, p, c, &s->r);
    assert_int_equal(s->r.refusal, BOOKING_OK);
    engine_commit(s->e);
    s->h.now_us += 100000;
}

static uint32_t story_hold(struct story *s, uint32_t p, uint8_t who, uint32_t seat, uint32_t count)
{
    uint32_t list[8], area[2] = {0, count};
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    for (uint32_t i = 0; i < count; i++)
        list[i] = seat + i;
    c.hold.hold_random = ++s->random;
    c.hold.session.bytes[0] = who;
    c.hold.key.bytes[3] = who;
    c.hold.request = who;
    if (seat < SEATS)
        c.hold.seats = (struct u32s){list, count};
    else
        c.hold.areas = (struct u32s){area, 2};
    tell(s, p, &c);
    return s->r.decision->hold;
}

static uint32_t story_order(struct story *s, uint32_t p, uint8_t who, uint32_t held)
{
    static uint64_t tickets[LIMIT_HOLD_UNITS];
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        tickets[i] = ++s->random;
    struct booking_command c = {.number = BOOKING_COMMAND_place_order};
    c.place_order = (struct command_place_order){
        .order_random = ++s->random,
        .hold = held,
        .hold_random = booking_hold_random(engine_booking(s->e, p), held),
        .person = who,
        .contact = SLICE("sealed"),
        .ticket_randoms = {tickets, LIMIT_HOLD_UNITS},
        .request = who};
    c.place_order.session.bytes[0] = who;
    c.place_order.email_hash.bytes[1] = who;
    c.place_order.key.bytes[2] = who;
    tell(s, p, &c);
    return s->r.decision->order;
}

static void story_news(struct story *s, uint32_t p, uint32_t order, enum booking_payment kind,
                       int64_t amount_minor)
{
    char intent[16];
    uint64_t tickets[LIMIT_HOLD_UNITS];
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        tickets[i] = ++s->random;
    (void)snprintf(intent, sizeof intent, "pi_%u", order);
    struct booking_command c = {.number = BOOKING_COMMAND_payment_news};
    c.payment_news = (struct command_payment_news){
        .order = order,
        .order_random = booking_order_random(engine_booking(s->e, p), order),
        .kind = (uint8_t)kind,
        .intent = slice_from_string(kind == BOOKING_PAYMENT_REFUSED ? "" : intent),
        .client_secret = SLICE("secret"),
        .amount_minor = amount_minor,
        .code = SLICE("card_declined"),
        .ticket_randoms = {tickets, LIMIT_HOLD_UNITS}};
    tell(s, p, &c);
}

static void story_change(struct story *s, uint32_t p, uint64_t price, uint32_t block)
{
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    uint32_t both[2] = {block, block + 1};
    if (price > 0) {
        c.change_event.per_hold = 6;
        c.change_event.prices = (struct u64s){&price, 1};
    } else {
        c.change_event.block = (struct u32s){both, 2};
    }
    tell(s, p, &c);
    if (price == 0) {
        c.change_event.block.count = 0;
        c.change_event.unblock = (struct u32s){both, 1};
        tell(s, p, &c);
    }
}

static void story_tick(struct story *s, uint64_t seconds)
{
    s->h.now_us += seconds * SECOND;
    engine_tick(s->e);
    engine_commit(s->e);
}

/* A new seat in front, the last one gone. */
static void story_plan(struct story *s, uint32_t p)
{
    BUF_AUTO struct buf inventory = BUF_INIT;
    uint32_t units[SEATS];
    struct command_change_plan change;
    struct engine_result r;
    write_inventory(&inventory, SEATS);
    for (uint32_t i = 0; i < SEATS; i++)
        units[i] = i == 0 ? SEATS + AREA : i - 1;
    change = (struct command_change_plan){buf_slice(&inventory), {units, SEATS}};
    engine_change_plan(s->e, p, &change, SLICE("{\"name\":\"R\"}"), &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(s->e);
}

static struct hash16 story_code(uint8_t number)
{
    return (struct hash16){{0xc0, number}};
}

/* Seats kept apart, codes for them, quotas, another plan. */
static void story_rules(struct story *s, uint32_t p)
{
    static const uint32_t kept[] = {0, 1, 2, 3}, back[] = {3}, taken[] = {0, 1}, other[] = {1, 2};
    static const uint64_t everything[] = {1};
    static const uint32_t most[] = {30};
    uint8_t codes[32];
    for (uint8_t i = 0; i < 2; i++)
        memcpy(codes + (size_t)i * 16, story_code(i).bytes, 16);
    struct booking_command c = {.number = BOOKING_COMMAND_change_allocation};
    c.change_allocation.allocation = 1;
    c.change_allocation.id = SLICE("friends");
    c.change_allocation.name = SLICE("Friends of the house");
    c.change_allocation.kind = BOOKING_ALLOCATION_PARTNER;
    c.change_allocation.add = (struct u32s){kept, 4};
    c.change_allocation.codes = slice_make(codes, sizeof codes);
    c.change_allocation.code_limit = 3;
    tell(s, p, &c);
    c.change_allocation.add.count = 0;
    c.change_allocation.remove = (struct u32s){back, 1};
    c.change_allocation.codes.len = 0;
    c.change_allocation.revoke = slice_make(codes + 16, 16);
    tell(s, p, &c);
    struct booking_command quotas = {.number = BOOKING_COMMAND_change_event};
    quotas.change_event.set_quotas = 1;
    quotas.change_event.quota_categories = (struct u64s){everything, 1};
    quotas.change_event.quota_limits = (struct u32s){most, 1};
    tell(s, p, &quotas);
    struct booking_command hold = {.number = BOOKING_COMMAND_hold};
    hold.hold.hold_random = ++s->random;
    hold.hold.session.bytes[0] = 1;
    hold.hold.seats = (struct u32s){taken, 2};
    hold.hold.code = story_code(0);
    tell(s, p, &hold);
    struct booking_command swap = {.number = BOOKING_COMMAND_change_hold};
    swap.change_hold = (struct command_change_hold){
        .hold = s->r.decision->hold, .hold_random = s->random, .seats = {other, 2}};
    swap.change_hold.session.bytes[0] = 1;
    tell(s, p, &swap);
    story_plan(s, p);
    c.change_allocation.remove.count = c.change_allocation.revoke.len = 0;
    c.change_allocation.release = 1;
    tell(s, p, &c);
}

/* ---- money: an event with taxes and payments that take time ---- */

static uint32_t list_money_event(struct engine *e)
{
    static const uint32_t taxes[1] = {2000};
    BUF_AUTO struct buf inventory = BUF_INIT;
    bool repeated;
    write_inventory(&inventory, SEATS);
    struct engine_listing listing = listing_of(buf_slice(&inventory));
    listing.listed.key.bytes[0] = 4;
    listing.created.tax_bp = (struct u32s){taxes, 1};
    listing.created.payment_methods = BOOKING_METHODS;
    listing.created.processing_seconds = 3600;
    return listing_list(e, &listing, &repeated);
}

static struct hash16 story_promo(uint8_t number)
{
    return (struct hash16){{0xd0, number}};
}

/* Rules, a package, promo codes, and a hold that has one of them and more time. */
static uint32_t story_prices(struct story *s, uint32_t p)
{
    static const uint32_t category[1] = {0}, none[1] = {0}, size[1] = {3}, paid[1] = {2};
    static const uint64_t from[1] = {0}, price[1] = {900}, ceiling[1] = {5000}, set[1] = {1};
    struct booking_command c = {.number = BOOKING_COMMAND_change_price_plan};
    c.change_price_plan = (struct command_change_price_plan){
        {category, 1}, {from, 1},    {from, 1}, {none, 1}, {none, 1},
        {price, 1},    {ceiling, 1}, {set, 1},  {size, 1}, {paid, 1}};
    tell(s, p, &c);
    struct hash16 codes[2] = {story_promo(0), story_promo(1)};
    struct booking_command promos = {.number = BOOKING_COMMAND_change_promos};
    promos.change_promos.codes = slice_make(codes, sizeof codes);
    promos.change_promos.kind = BOOKING_PROMO_PERCENT;
    promos.change_promos.value = 1000;
    promos.change_promos.uses = 5;
    promos.change_promos.revoke = slice_make(&codes[1], sizeof codes[1]);
    tell(s, p, &promos);
    uint32_t held = story_hold(s, p, 1, 0, 4);
    struct booking_command quote = {.number = BOOKING_COMMAND_quote_hold};
    quote.quote_hold = (struct command_quote_hold){
        .hold = held, .hold_random = s->random, .promo = story_promo(0)};
    quote.quote_hold.session.bytes[0] = 1;
    tell(s, p, &quote);
    struct booking_command extend = {.number = BOOKING_COMMAND_extend_hold};
    extend.extend_hold =
        (struct command_extend_hold){.hold = held, .hold_random = s->random, .seconds = 300};
    extend.extend_hold.session.bytes[0] = 1;
    tell(s, p, &extend);
    return held;
}

static void story_answer(struct story *s, uint32_t p, uint32_t order, enum booking_payment kind,
                         const char *dispute)
{
    const struct booking *b = engine_booking(s->e, p);
    char intent[16];
    (void)snprintf(intent, sizeof intent, "pi_%u", order);
    struct booking_command c = {.number = BOOKING_COMMAND_payment_news};
    c.payment_news = (struct command_payment_news){.order = order,
                                                   .order_random = booking_order_random(b, order),
                                                   .kind = (uint8_t)kind,
                                                   .intent = slice_from_string(intent),
                                                   .amount_minor = 100,
                                                   .code = SLICE("reason"),
                                                   .refund = 1,
                                                   .attempt = 1,
                                                   .dispute = slice_from_string(dispute),
                                                   .due_at_us = 5000};
    tell(s, p, &c);
}

static void story_resolve(struct story *s, uint32_t p, uint32_t order, enum booking_action action)
{
    struct booking_command c = {.number = BOOKING_COMMAND_resolve_case};
    c.resolve_case = (struct command_resolve_case){
        .order = order,
        .order_random = booking_order_random(engine_booking(s->e, p), order),
        .action = (uint8_t)action,
        .by = SLICE("ada"),
        .note = SLICE("called the bank")};
    tell(s, p, &c);
}

static int64_t story_total(struct story *s, uint32_t p, uint32_t order)
{
    struct booking_order o;
    const struct booking *b = engine_booking(s->e, p);
    assert_true(booking_order_get(b, order, booking_order_random(b, order), &o));
    return o.total_minor;
}

static uint32_t story_paid(struct story *s, uint32_t p, uint8_t who, uint32_t held)
{
    uint32_t order = story_order(s, p, who, held);
    int64_t total = story_total(s, p, order);
    story_news(s, p, order, BOOKING_PAYMENT_CAPTURED, total);
    return order;
}

static void story_money(struct story *s)
{
    uint32_t p = list_money_event(s->e), refunded[1] = {0};
    engine_commit(s->e);
    uint32_t first = story_paid(s, p, 1, story_prices(s, p));
    struct booking_command refund = {.number = BOOKING_COMMAND_refund};
    refund.refund = (struct command_refund){
        .order = first,
        .order_random = booking_order_random(engine_booking(s->e, p), first),
        .units = {refunded, 1},
        .block = 1,
        .by = SLICE("ada"),
        .note = SLICE("ill")};
    tell(s, p, &refund);
    story_answer(s, p, first, BOOKING_PAYMENT_REFUNDED, "");
    story_answer(s, p, first, BOOKING_PAYMENT_REFUND_FAILED, "");
    story_resolve(s, p, first, BOOKING_ACTION_SETTLE);
    uint32_t second = story_paid(s, p, 2, story_hold(s, p, 2, 10, 2));
    story_answer(s, p, second, BOOKING_PAYMENT_DISPUTED, "dp_1");
    story_answer(s, p, second, BOOKING_PAYMENT_DISPUTE_LOST, "dp_1");
    uint32_t third = story_order(s, p, 3, story_hold(s, p, 3, 14, 1));
    story_news(s, p, third, BOOKING_PAYMENT_PROCESSING, 0);
    story_news(s, p, third, BOOKING_PAYMENT_DECLINED, 0);
    story_news(s, p, third, BOOKING_PAYMENT_CAPTURED, 1); /* another amount: it goes back */
    uint32_t fourth = story_order(s, p, 4, story_hold(s, p, 4, 16, 1));
    story_news(s, p, fourth, BOOKING_PAYMENT_AUTHORISED, story_total(s, p, fourth));
    story_news(s, p, fourth, BOOKING_PAYMENT_REFUSED, 0);
    story_resolve(s, p, fourth, BOOKING_ACTION_RELEASE);
    uint32_t fifth = story_order(s, p, 5, story_hold(s, p, 5, 18, 1));
    story_news(s, p, fifth, BOOKING_PAYMENT_PROCESSING, 0);
}

/* One of everything. */
static void story_tell(struct story *s)
{
    bool repeated;
    uint64_t barrier;
    uint32_t p = list_event(s->e, 1, 1, &repeated), q = list_event(s->e, 2, 1, &repeated);
    assert_true(engine_revise_event(s->e, q, SLICE("{\"name\":\"Q\"}"), &barrier));
    engine_commit(s->e);
    uint32_t paid = story_order(s, p, 1, story_hold(s, p, 1, 0, 3));
    story_news(s, p, paid, BOOKING_PAYMENT_CREATED, 0);
    story_news(s, p, paid, BOOKING_PAYMENT_DECLINED, 0);
    story_news(s, p, paid, BOOKING_PAYMENT_AUTHORISED, 3300);
    story_news(s, p, paid, BOOKING_PAYMENT_CAPTURED, 3300);
    story_change(s, p, 2000, 0);
    story_change(s, p, 0, 10);
    uint32_t odd = story_order(s, p, 2, story_hold(s, p, 2, 20, 2));
    story_news(s, p, odd, BOOKING_PAYMENT_AUTHORISED, 1);
    story_news(s, p, odd, BOOKING_PAYMENT_CANCELLED, 0);
    uint32_t stuck = story_order(s, p, 3, story_hold(s, p, 3, SEATS, 4));
    story_news(s, p, stuck, BOOKING_PAYMENT_AUTHORISED, 8400);
    story_news(s, p, stuck, BOOKING_PAYMENT_REFUSED, 0);
    uint32_t late = story_order(s, p, 4, story_hold(s, p, 4, 30, 1));
    story_news(s, p, late, BOOKING_PAYMENT_CREATED, 0);
    struct booking_command c = {.number = BOOKING_COMMAND_release_hold};
    c.release_hold.hold = story_hold(s, p, 5, 35, 2);
    c.release_hold.hold_random = s->random;
    c.release_hold.session.bytes[0] = 5;
    tell(s, p, &c);
    story_tick(s, 2);
    (void)story_hold(s, q, 6, 5, 1);
    story_tick(s, 600);
    (void)story_hold(s, q, 7, 5, 4);
    story_tick(s, 400); /* the late one runs out while it pays */
    story_rules(s, list_event(s->e, 3, 1, &repeated));
    story_money(s);
    uint32_t waiting = story_order(s, q, 8, story_hold(s, q, 8, SEATS, 1));
    story_news(s, q, waiting, BOOKING_PAYMENT_CREATED, 0);
    engine_destroy(s->e);
    s->h.now_us += 3600 * SECOND;
    s->e = open_engine(&s->h, s->j); /* an outage */
    engine_commit(s->e);
    story_tick(s, 1);
}

static int append_row(void *context, const struct journal_row *row)
{
    struct buf *out = context;
    uint32_t len = (uint32_t)row->body.len;
    buf_append(out, &row->seq, 8);
    buf_append(out, &row->ts_us, 8);
    buf_append(out, &len, 4);
    buf_append_slice(out, row->body);
    return 0;
}

static void record(void **state)
{
    (void)state;
    const char *name = getenv("ONSALE_RECORD_JOURNAL");
    BUF_AUTO struct buf rows = BUF_INIT, facts = BUF_INIT;
    struct err err = {""};
    struct story s = {.j = journal_memory_create(), .random = 1000};
    s.e = open_engine(&s.h, s.j);
    story_tell(&s);
    all_facts(s.e, &facts);
    all_hashes(s.e, &facts);
    assert_int_equal(journal_read(s.j, 1, append_row, &rows, &err), 0);
    if (name) {
        write_file(name, "rows", buf_slice(&rows));
        write_file(name, "facts", buf_slice(&facts));
    }
    assert_true(rows.len > 1000 && facts.len > 1000);
    engine_destroy(s.e);
    journal_destroy(s.j);
    buf_finish(&s.h.seen);
}

int main(void)
{
    const struct CMUnitTest recording[] = {cmocka_unit_test(record)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journals_of_earlier_releases_mean_what_they_meant),
        cmocka_unit_test(the_newest_journal_has_every_kind_of_entry),
    };
    if (getenv("ONSALE_RECORD_JOURNAL"))
        return cmocka_run_group_tests(recording, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
