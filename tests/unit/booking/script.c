#include "unit/booking/script.h"

#include "unit/booking/script_stage.h"

uint64_t stage_number(struct stage *s, const char *word)
{
    char *end;
    unsigned long long n = strtoull(word, &end, 10);
    if (*end || end == word)
        FAIL(s, "\"%s\" is not a number", word);
    return n;
}

struct hash16 stage_hash(const char *text)
{
    struct hash16 h;
    struct hash128 wide = hash128_of(text, strlen(text));
    memcpy(h.bytes, &wide, 16);
    return h;
}

struct name *stage_name(struct stage *s, const char *text)
{
    for (unsigned i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i].text, text) == 0)
            return &s->names[i];
    FAIL(s, "nothing is called \"%s\"", text);
    return NULL;
}

uint32_t stage_numbers(struct stage *s, const char *word, uint32_t *ret_list, uint32_t max)
{
    uint32_t count = 0;
    for (const char *at = word; *at;) {
        char *end;
        unsigned long long n = strtoull(at, &end, 10);
        if (end == at || count == max)
            FAIL(s, "\"%s\" is not a list of numbers", word);
        ret_list[count++] = (uint32_t)n;
        at = *end ? end + 1 : end;
    }
    return count;
}

void stage_hashes(const char *word, struct buf *out)
{
    for (const char *at = word; *at;) {
        size_t len = strcspn(at, ",");
        struct hash128 wide = hash128_of(at, len);
        buf_append(out, &wide, 16);
        at += len + (at[len] == ',');
    }
}

/* ---- the event ---- */

#define SEATS_MAX 4096
#define CATEGORIES_MAX 8

/* What a seat is when it is not ordinary. */
struct special {
    uint8_t kind; /* enum booking_kind + 1, 0: ordinary */
    uint32_t of;
};

struct layout {
    uint32_t rows, seats, price, fee, per_buyer, per_hold, hold, pay, categories, sections;
    uint32_t singles;
    uint64_t opens, closes;
    uint32_t areas[LIMIT_AREAS], area_count;
    struct special specials[SEATS_MAX];
    uint8_t grades[SEATS_MAX]; /* category + 1 of seats that do not have their row's */
    uint32_t groups[SEATS_MAX], grouped[SEATS_MAX], group_count, grouped_count;
    uint32_t per_category[CATEGORIES_MAX], per_category_count;
    uint32_t prices[CATEGORIES_MAX], price_count; /* else `price` times 1, 2, ... */
    uint32_t tax_bp[CATEGORIES_MAX], tax_count;
    uint32_t bearer, methods, processing;
};

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

/* Rows of seats, one block a row; the first row is the cheapest, the middle of a row cheaper than
 * its ends. Each row has a category of its own while there are some, all others the last one, like
 * areas. Rows are in sections turn by turn. */
static void write_inventory(const struct layout *l, struct buf *out)
{
    uint32_t seats = l->rows * l->seats, specials = 0;
    assert_true(seats <= SEATS_MAX);
    for (uint32_t seat = 0; seat < seats; seat++)
        specials += l->specials[seat].kind > 0;
    put32(out, INVENTORY_VERSION);
    put32(out, seats);
    put32(out, l->rows);
    put32(out, l->area_count);
    put32(out, seats ? l->sections : 0);
    put32(out, l->categories);
    put32(out, specials);
    put32(out, l->group_count);
    put32(out, l->grouped_count);
    for (uint32_t row = 0; row < l->rows; row++) {
        put32(out, row % l->sections);
        put32(out, l->seats);
    }
    for (uint32_t seat = 0; seat < seats; seat++)
        put32(out, seat);
    for (uint32_t seat = 0; seat < seats; seat++) {
        uint32_t row = seat / l->seats, at = seat % l->seats * 2, middle = l->seats - 1;
        put32(out, row * 100 + (at > middle ? at - middle : middle - at));
    }
    for (uint32_t seat = 0; seat < seats; seat++) {
        uint32_t row = seat / l->seats, last = l->categories - 1;
        uint32_t grade = l->grades[seat] ? l->grades[seat] - 1u : row < last ? row : last;
        buf_append_char(out, (char)grade);
    }
    for (uint32_t i = 0; i < l->area_count; i++) {
        put32(out, l->areas[i]);
        put32(out, l->categories - 1);
    }
    for (uint32_t seat = 0; seat < seats; seat++) {
        if (l->specials[seat].kind == 0)
            continue;
        put32(out, seat);
        put32(out, l->specials[seat].kind - 1u);
        put32(out, l->specials[seat].of);
    }
    buf_append(out, l->groups, l->group_count * sizeof(uint32_t));
    buf_append(out, l->grouped, l->grouped_count * sizeof(uint32_t));
}

/* What names seats: kinds, groups, price grades, ... False: it is no such word. */
static bool layout_seats(struct stage *s, struct layout *l, const char *key, const char *value)
{
    static const char *const kinds[] = {"", "accessible", "companion", "restricted", "vip"};
    uint32_t list[WORDS_MAX], count;
    for (uint8_t kind = 1; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        if (strcmp(key, kinds[kind]) != 0)
            continue;
        bool pair = strchr(value, ':') != NULL;
        count = stage_numbers(s, value, list, WORDS_MAX);
        for (uint32_t i = 0; i < count; i += 1 + pair)
            l->specials[list[i]] =
                (struct special){(uint8_t)(kind + 1), pair ? list[i + 1] : INVENTORY_NO_SEAT};
        return true;
    }
    if (strcmp(key, "group") == 0) {
        count = stage_numbers(s, value, l->grouped + l->grouped_count, LIMIT_HOLD_UNITS);
        l->grouped_count += count;
        l->groups[l->group_count++] = count;
    } else if (strcmp(key, "grade") == 0) {
        count = stage_numbers(s, value, list, WORDS_MAX);
        for (uint32_t i = 0; i + 1 < count; i += 2)
            l->grades[list[i]] = (uint8_t)(list[i + 1] + 1);
    } else {
        return false;
    }
    return true;
}

static void layout_read(struct stage *s, struct layout *l, char **words, unsigned count)
{
    static const char *const keys[] = {"rows",       "seats",    "price",   "fee",
                                       "per_buyer",  "per_hold", "hold",    "pay",
                                       "categories", "sections", "methods", "processing"};
    uint32_t *const places[] = {&l->rows,       &l->seats,    &l->price,   &l->fee,
                                &l->per_buyer,  &l->per_hold, &l->hold,    &l->pay,
                                &l->categories, &l->sections, &l->methods, &l->processing};
    static const char *const bearers[] = {"", "buyer", "organiser"};
    for (unsigned i = 0; i + 1 < count; i += 2) {
        bool known = false;
        for (unsigned k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            if (strcmp(words[i], keys[k]) == 0) {
                *places[k] = (uint32_t)stage_number(s, words[i + 1]);
                known = true;
            }
        }
        if (strcmp(words[i], "opens") == 0)
            l->opens = stage_number(s, words[i + 1]);
        else if (strcmp(words[i], "closes") == 0)
            l->closes = stage_number(s, words[i + 1]);
        else if (strcmp(words[i], "area") == 0)
            l->area_count = stage_numbers(s, words[i + 1], l->areas, LIMIT_AREAS);
        else if (strcmp(words[i], "limits") == 0)
            l->per_category_count = stage_numbers(s, words[i + 1], l->per_category, CATEGORIES_MAX);
        else if (strcmp(words[i], "prices") == 0)
            l->price_count = stage_numbers(s, words[i + 1], l->prices, CATEGORIES_MAX);
        else if (strcmp(words[i], "tax") == 0)
            l->tax_count = stage_numbers(s, words[i + 1], l->tax_bp, CATEGORIES_MAX);
        else if (strcmp(words[i], "bearer") == 0)
            l->bearer = stage_word(s, words[i + 1], bearers, 3);
        else if (strcmp(words[i], "singles") == 0)
            l->singles = strcmp(words[i + 1], "refused") == 0 ? BOOKING_SINGLES_REFUSED
                                                              : BOOKING_SINGLES_ALLOWED;
        else if (!known && !layout_seats(s, l, words[i], words[i + 1]))
            FAIL(s, "event has no \"%s\"", words[i]);
    }
}

static void *memory_create(size_t size)
{
    void *memory = calloc(1, size);
    assert_non_null(memory);
    return memory;
}

static void line_event(struct stage *s)
{
    static struct layout l; /* too large for a stack */
    l = (struct layout){.rows = 2,
                        .seats = 10,
                        .price = 5000,
                        .fee = 500,
                        .per_buyer = 8,
                        .per_hold = 6,
                        .hold = 600,
                        .pay = 900,
                        .categories = 1,
                        .sections = 1};
    uint64_t prices[CATEGORIES_MAX], fees[CATEGORIES_MAX];
    struct booking_entry entry = {.number = BOOKING_ENTRY_event_created};
    BUF_AUTO struct buf inventory = BUF_INIT;
    const char *detail = "";
    layout_read(s, &l, s->words + 1, s->count - 1);
    assert_true(l.categories <= CATEGORIES_MAX);
    write_inventory(&l, &inventory);
    for (uint32_t i = 0; i < l.categories; i++) {
        prices[i] = i < l.price_count ? l.prices[i] : l.price * (i + 1);
        fees[i] = l.fee;
    }
    entry.event_created = (struct entry_event_created){
        .event_random = 77,
        .organiser_random = 88,
        .payment_account = SLICE("acct_1"),
        .currency = SLICE("EUR"),
        .opens_at_us = l.opens * SECOND,
        .closes_at_us = l.closes * SECOND,
        .hold_seconds = l.hold,
        .pay_seconds = l.pay,
        .per_buyer = l.per_buyer,
        .per_hold = l.per_hold,
        .prices = {prices, l.categories},
        .fees = {fees, l.categories},
        .inventory = buf_slice(&inventory),
        .per_category = {l.per_category, l.per_category_count},
        .singles = (uint8_t)l.singles,
        .tax_bp = {l.tax_bp, l.tax_count},
        .fee_bearer = (uint8_t)l.bearer,
        .payment_methods = l.methods,
        .processing_seconds = l.processing,
    };
    if (!booking_created_valid(&entry.event_created, &detail))
        FAIL(s, "the event is not valid: %s", detail);
    char *bytes = buf_reserve(&s->created, booking_entry_size(&entry));
    s->created.len = booking_entry_encode(&entry, bytes);
    s->memory = booking_memory_size(&entry.event_created);
    s->booking =
        booking_init(memory_create(s->memory), s->memory, 7, &entry.event_created, ++s->ts_us);
    s->now_us = s->ts_us + SECOND;
}

/* ---- commands ---- */

/* What a start after a crash would send is what was to be sent. */
static void check_owed(struct stage *s, const struct entry_payment_requested *wanted)
{
    struct entry_payment_requested owed;
    char text[LIMIT_CALL_TEXT];
    assert_true(booking_call_get(s->booking, wanted->order, &owed, text));
    assert_int_equal(owed.kind, wanted->kind);
    assert_int_equal(owed.attempt, wanted->attempt);
    assert_true(owed.attempt > 0);
    assert_true(slice_equal(owed.call_key, wanted->call_key));
    assert_true(slice_equal(owed.body, wanted->body));
}

static void apply_all(struct stage *s)
{
    for (uint32_t i = 0; i < s->decision.entry_count; i++) {
        struct booking_entry entry;
        BUF_AUTO struct buf bytes = BUF_INIT;
        char *to = buf_reserve(&bytes, booking_entry_size(&s->decision.entries[i]));
        bytes.len = booking_entry_encode(&s->decision.entries[i], to);
        assert_true(booking_entry_decode(buf_slice(&bytes), &entry));
        s->ts_us = s->now_us++;
        booking_apply(s->booking, &entry, s->ts_us, NULL);
        if (entry.number == BOOKING_ENTRY_payment_requested)
            check_owed(s, &entry.payment_requested);
        uint32_t len = (uint32_t)bytes.len;
        buf_append(&s->log, &len, 4);
        buf_append(&s->log, &s->ts_us, 8);
        buf_append_slice(&s->log, buf_slice(&bytes));
    }
}

static void check_outcome(struct stage *s)
{
    const struct booking_decision *d = &s->decision;
    char got[4096];
    size_t at = 0;
    const char *outcome = d->refusal != BOOKING_OK ? booking_refusal_code(d->refusal)
                          : d->repeated            ? "again"
                                                   : "ok";
    at += (size_t)snprintf(got, sizeof got, "%s", outcome);
    for (uint32_t i = 0, run; i < d->entry_count && at < sizeof got; i += run) {
        for (run = 1; i + run < d->entry_count; run++)
            if (d->entries[i + run].number != d->entries[i].number)
                break;
        run = run > 16 ? run : 1; /* long runs are told as NAME*COUNT */
        const char *name = booking_entry_record(d->entries[i].number)->name;
        at += run > 1 ? (size_t)snprintf(got + at, sizeof got - at, " %s*%u", name, run)
                      : (size_t)snprintf(got + at, sizeof got - at, " %s", name);
    }
    for (uint32_t i = 0; i < d->culprit_count && at < sizeof got; i++)
        at += (size_t)snprintf(got + at, sizeof got - at, " %u", d->culprits[i]);
    char wanted[4096] = "";
    for (unsigned i = 0; i < s->wanted_count; i++) {
        strncat(wanted, i ? " " : "", sizeof wanted - strlen(wanted) - 1);
        strncat(wanted, s->wanted[i], sizeof wanted - strlen(wanted) - 1);
    }
    if (!s->looking && strcmp(got, wanted) != 0)
        FAIL(s, "wanted \"%s\", got \"%s\"", wanted, got);
}

void stage_submit(struct stage *s, const struct booking_command *command)
{
    struct booking_command decoded;
    BUF_AUTO struct buf bytes = BUF_INIT;
    char *to = buf_reserve(&bytes, booking_command_size(command));
    bytes.len = booking_command_encode(command, to);
    assert_true(booking_command_decode(buf_slice(&bytes), &decoded));
    struct hash128 before = booking_hash(s->booking);
    booking_decide(s->booking, &decoded, s->now_us, &s->decision);
    struct hash128 after = booking_hash(s->booking);
    assert_true(before.low == after.low && before.high == after.high); /* decide changes nothing */
    check_outcome(s);
    apply_all(s);
}

struct hash16 stage_take_hash(struct stage *s, const char *word)
{
    for (unsigned i = 1; i + 1 < s->count; i++) {
        if (strcmp(s->words[i], word) == 0) {
            s->count = i;
            return stage_hash(s->words[i + 1]);
        }
    }
    return (struct hash16){{0}};
}

static struct hash16 take_key(struct stage *s)
{
    return stage_take_hash(s, "key");
}

/* What the request was: its own words, so that another request under the same key differs. */
static uint64_t request_hash(struct stage *s)
{
    uint64_t hash = 1;
    for (unsigned i = 0; i < s->count; i++)
        hash = hash64_of(s->words[i], strlen(s->words[i]), hash);
    return hash;
}

static void bind(struct stage *s, const char *text, uint32_t slot, uint64_t random)
{
    if (!text || slot == BOOKING_NONE)
        return;
    struct name *name = NULL;
    for (unsigned i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i].text, text) == 0)
            name = &s->names[i]; /* the name is given anew */
    if (!name) {
        assert_true(s->name_count < NAMES_MAX);
        name = &s->names[s->name_count++];
    }
    (void)snprintf(name->text, sizeof name->text, "%s", text);
    name->slot = slot;
    name->random = random;
}

/* best CATEGORIES QUANTITY [min N] [max N] [accessible N] [section N] */
static void read_best(struct stage *s, struct command_hold *c)
{
    uint32_t list[LIMIT_PRICE_CATEGORIES];
    bool any = strcmp(s->words[3], "any") == 0;
    uint32_t count = any ? 0 : stage_numbers(s, s->words[3], list, LIMIT_PRICE_CATEGORIES);
    for (uint32_t i = 0; i < count; i++)
        c->best_categories |= 1ull << list[i];
    c->best_quantity = (uint32_t)stage_number(s, s->words[4]);
    for (unsigned i = 5; i + 1 < s->count; i += 2) {
        const char *key = s->words[i];
        uint64_t value = stage_number(s, s->words[i + 1]);
        if (strcmp(key, "min") == 0)
            c->best_price_min = (int64_t)value;
        else if (strcmp(key, "max") == 0)
            c->best_price_below = (int64_t)value + 1;
        else if (strcmp(key, "accessible") == 0)
            c->best_accessible = (uint32_t)value;
        else if (strcmp(key, "section") == 0)
            c->best_section = (uint32_t)value + 1;
        else
            FAIL(s, "best has no \"%s\"", key);
    }
}

static void line_hold(struct stage *s, const char *name)
{
    uint32_t list[WORDS_MAX], count = 0;
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    c.hold.request = request_hash(s);
    c.hold.key = take_key(s);
    c.hold.code = stage_take_hash(s, "code");
    c.hold.hold_random = 1000 + ++s->randoms;
    c.hold.session = stage_hash(s->words[1]);
    bool area = s->count > 2 && strcmp(s->words[2], "area") == 0;
    bool best = s->count > 2 && strcmp(s->words[2], "best") == 0;
    for (unsigned i = 2u + area; !best && i < s->count; i++)
        list[count++] = (uint32_t)stage_number(s, s->words[i]);
    if (area)
        c.hold.areas = (struct u32s){list, count};
    else if (best)
        read_best(s, &c.hold);
    else
        c.hold.seats = (struct u32s){list, count};
    stage_submit(s, &c);
    bind(s, name, s->decision.hold, booking_hold_random(s->booking, s->decision.hold));
}

static void line_change_hold(struct stage *s)
{
    uint32_t list[WORDS_MAX], count = 0;
    struct booking_command c = {.number = BOOKING_COMMAND_change_hold};
    c.change_hold.code = stage_take_hash(s, "code");
    const struct name *hold = stage_name(s, s->words[2]);
    c.change_hold.hold = hold->slot;
    c.change_hold.hold_random = hold->random;
    c.change_hold.session = stage_hash(s->words[1]);
    for (unsigned i = 3; i < s->count; i++)
        list[count++] = (uint32_t)stage_number(s, s->words[i]);
    c.change_hold.seats = (struct u32s){list, count};
    stage_submit(s, &c);
}

uint32_t stage_word(struct stage *s, const char *word, const char *const *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return (uint32_t)stage_number(s, word);
}

/* allocation NUMBER KEY VALUE...; what is not given is what a presale of that number would be. */
static void line_allocation(struct stage *s)
{
    static const char *const kinds[] = {"", "holdback", "partner", "presale", "vip"};
    static uint32_t add[SEATS_MAX], remove[SEATS_MAX];
    uint32_t areas[WORDS_MAX], back[WORDS_MAX];
    char id[16];
    BUF_AUTO struct buf codes = BUF_INIT, revoke = BUF_INIT;
    struct booking_command command = {.number = BOOKING_COMMAND_change_allocation};
    struct command_change_allocation *c = &command.change_allocation;
    c->allocation = (uint32_t)stage_number(s, s->words[1]);
    (void)snprintf(id, sizeof id, "a%u", c->allocation);
    c->id = slice_from_string(id);
    c->name = SLICE("An allocation");
    c->kind = BOOKING_ALLOCATION_PRESALE;
    for (unsigned i = 2; i + 1 < s->count; i += 2) {
        const char *key = s->words[i], *value = s->words[i + 1];
        if (strcmp(key, "id") == 0)
            c->id = slice_from_string(strcmp(value, "none") == 0 ? "" : value);
        else if (strcmp(key, "name") == 0)
            c->name = slice_from_string(value);
        else if (strcmp(key, "kind") == 0)
            c->kind = (uint8_t)stage_word(s, value, kinds, 5);
        else if (strcmp(key, "opens") == 0)
            c->opens_at_us = stage_number(s, value) * SECOND;
        else if (strcmp(key, "releases") == 0)
            c->releases_at_us = stage_number(s, value) * SECOND;
        else if (strcmp(key, "release") == 0)
            c->release = (uint8_t)stage_number(s, value);
        else if (strcmp(key, "add") == 0)
            c->add = (struct u32s){add, stage_numbers(s, value, add, SEATS_MAX)};
        else if (strcmp(key, "areas") == 0)
            c->add_areas = (struct u32s){areas, stage_numbers(s, value, areas, WORDS_MAX)};
        else if (strcmp(key, "remove") == 0)
            c->remove = (struct u32s){remove, stage_numbers(s, value, remove, SEATS_MAX)};
        else if (strcmp(key, "remove_areas") == 0)
            c->remove_areas = (struct u32s){back, stage_numbers(s, value, back, WORDS_MAX)};
        else if (strcmp(key, "codes") == 0)
            stage_hashes(value, &codes);
        else if (strcmp(key, "limit") == 0)
            c->code_limit = (uint32_t)stage_number(s, value);
        else if (strcmp(key, "revoke") == 0)
            stage_hashes(value, &revoke);
        else if (strcmp(key, "half_code") == 0) /* codes are not whole hashes */
            buf_append_text(&codes, value);
        else
            FAIL(s, "allocation has no \"%s\"", key);
    }
    c->codes = buf_slice(&codes);
    c->revoke = buf_slice(&revoke);
    stage_submit(s, &command);
}

static void line_order(struct stage *s, const char *name)
{
    static const uint64_t tickets[LIMIT_HOLD_UNITS] = {1, 2,  3,  4,  5,  6,  7,  8,
                                                       9, 10, 11, 12, 13, 14, 15, 16};
    struct booking_command c = {.number = BOOKING_COMMAND_place_order};
    c.place_order.key = take_key(s);
    c.place_order.promo = stage_take_hash(s, "promo");
    if (s->count > 5 && strcmp(s->words[s->count - 2], "least") == 0) {
        c.place_order.least_minor = (int64_t)stage_number(s, s->words[s->count - 1]);
        s->count -= 2;
    }
    c.place_order.request = request_hash(s);
    const struct name *hold = stage_name(s, s->words[2]);
    c.place_order.order_random = 5000 + ++s->randoms;
    c.place_order.hold = hold->slot;
    c.place_order.hold_random = hold->random;
    c.place_order.session = stage_hash(s->words[1]);
    c.place_order.email_hash = stage_hash(s->words[3]);
    c.place_order.person = 9;
    c.place_order.contact = SLICE("sealed");
    c.place_order.ticket_randoms = (struct u64s){tickets, LIMIT_HOLD_UNITS};
    stage_submit(s, &c);
    bind(s, name, s->decision.order, booking_order_random(s->booking, s->decision.order));
}

static void line_change(struct stage *s)
{
    uint64_t prices[WORDS_MAX], fees[WORDS_MAX], sets[WORDS_MAX];
    uint32_t limits[WORDS_MAX], quotas[WORDS_MAX], list[WORDS_MAX];
    static const char *const singles[] = {"unchanged", "allowed", "refused"};
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    struct command_change_event *change = &c.change_event;
    for (unsigned i = 1; i + 1 < s->count; i += 2) {
        const char *key = s->words[i], *word = s->words[i + 1];
        if (strcmp(key, "limits") == 0) { /* of each category */
            change->per_category = (struct u32s){limits, stage_numbers(s, word, limits, WORDS_MAX)};
            continue;
        }
        if (strcmp(key, "singles") == 0) {
            change->singles = (uint8_t)stage_word(s, word, singles, 3);
            continue;
        }
        if (strcmp(key, "quota") == 0) { /* CATEGORY,...:LIMIT; ":LIMIT" has no category */
            uint32_t count = stage_numbers(s, word + (*word == ':'), list, WORDS_MAX);
            uint64_t set = 0;
            for (uint32_t k = 0; k + 1 < count; k++)
                set |= 1ull << list[k];
            sets[change->quota_categories.count++] = set;
            quotas[change->quota_limits.count++] = list[count - 1];
            change->quota_categories.data = sets;
            change->quota_limits.data = quotas;
            change->set_quotas = 1;
            continue;
        }
        uint64_t value = stage_number(s, word);
        if (strcmp(key, "sale") == 0) {
            change->sale = (uint8_t)value;
        } else if (strcmp(key, "per_buyer") == 0) {
            change->per_buyer = (uint32_t)value;
        } else if (strcmp(key, "per_hold") == 0) {
            change->per_hold = (uint32_t)value;
        } else if (strcmp(key, "price") == 0) {
            prices[change->prices.count++] = value;
            change->prices.data = prices;
        } else if (strcmp(key, "fee") == 0) {
            fees[change->fees.count++] = value;
            change->fees.data = fees;
        } else if (strcmp(key, "no_quotas") == 0) {
            change->set_quotas = (uint8_t)value;
        } else if (strcmp(key, "odd_quota") == 0) { /* a limit more than there are sets */
            quotas[change->quota_limits.count++] = (uint32_t)value;
            change->quota_limits.data = quotas;
            change->set_quotas = 1;
        } else {
            FAIL(s, "change has no \"%s\"", key);
        }
    }
    stage_submit(s, &c);
}

static void line_block(struct stage *s, bool block)
{
    uint32_t list[WORDS_MAX], count = 0;
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    for (unsigned i = 1; i < s->count; i++)
        list[count++] = (uint32_t)stage_number(s, s->words[i]);
    if (block)
        c.change_event.block = (struct u32s){list, count};
    else
        c.change_event.unblock = (struct u32s){list, count};
    stage_submit(s, &c);
}

/* Blocks every unit there is: more than a line can name. */
static void line_block_all(struct stage *s)
{
    static uint32_t list[1024];
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    uint32_t count = booking_event(s->booking).unit_count;
    assert_true(count <= 1024);
    for (uint32_t i = 0; i < count; i++)
        list[i] = i;
    c.change_event.block = (struct u32s){list, count};
    stage_submit(s, &c);
}

static void line_of_two_names(struct stage *s)
{
    const struct name *name = stage_name(s, s->words[2]);
    struct booking_command c;
    struct hash16 session = stage_hash(s->words[1]);
    if (strcmp(s->words[0], "release") == 0) {
        c.number = BOOKING_COMMAND_release_hold;
        c.release_hold = (struct command_release_hold){name->slot, name->random, session};
    } else {
        c.number = BOOKING_COMMAND_cancel_order;
        c.cancel_order = (struct command_cancel_order){name->slot, name->random, session};
    }
    stage_submit(s, &c);
}

/* ---- lines ---- */

static void split(struct stage *s, char *line)
{
    bool behind = false;
    s->count = 0;
    s->wanted_count = 0;
    for (char *save, *word = strtok_r(line, " \t", &save); word;
         word = strtok_r(NULL, " \t", &save)) {
        if (*word == '#')
            return;
        if (s->count == WORDS_MAX || s->wanted_count == WORDS_MAX)
            FAIL(s, "the line has too many words");
        if (strcmp(word, "->") == 0)
            behind = true;
        else if (behind)
            s->wanted[s->wanted_count++] = word;
        else
            s->words[s->count++] = word;
    }
}

static void line_run(struct stage *s)
{
    const char *name = NULL;
    if (s->count == 0)
        return;
    if (s->count > 2 && strcmp(s->words[1], "=") == 0) {
        name = s->words[0];
        memmove(s->words, s->words + 2, (s->count - 2) * sizeof s->words[0]);
        s->count -= 2;
    }
    const char *verb = s->words[0];
    struct booking_command simple = {0};
    if (strcmp(verb, "event") == 0) {
        line_event(s);
    } else if (strcmp(verb, "hold") == 0) {
        line_hold(s, name);
    } else if (strcmp(verb, "change_hold") == 0) {
        line_change_hold(s);
    } else if (strcmp(verb, "allocation") == 0) {
        line_allocation(s);
    } else if (strcmp(verb, "order") == 0) {
        line_order(s, name);
    } else if (strcmp(verb, "release") == 0 || strcmp(verb, "cancel") == 0) {
        line_of_two_names(s);
    } else if (strcmp(verb, "change") == 0) {
        line_change(s);
    } else if (strcmp(verb, "block") == 0 || strcmp(verb, "unblock") == 0) {
        line_block(s, verb[0] == 'b');
    } else if (strcmp(verb, "block_all") == 0) {
        line_block_all(s);
    } else if (strcmp(verb, "wait") == 0) {
        s->now_us += stage_number(s, s->words[1]) * SECOND;
    } else if (strcmp(verb, "at") == 0) {
        s->now_us = stage_number(s, s->words[1]) * SECOND -
                    (s->count > 2 ? stage_number(s, s->words[2]) : 0);
    } else if (strcmp(verb, "until") == 0) {
        struct booking_hold h;
        const struct name *held = stage_name(s, s->words[1]);
        assert_true(booking_hold_get(s->booking, held->slot, held->random, &h));
        s->now_us = h.expires_at_us - (s->count > 2 ? stage_number(s, s->words[2]) : 0);
    } else if (strcmp(verb, "expect") == 0) {
        stage_expect(s);
    } else if (strcmp(verb, "tick") == 0) {
        simple.number = BOOKING_COMMAND_tick;
        stage_submit(s, &simple);
    } else if (strcmp(verb, "credit") == 0) {
        simple.number = BOOKING_COMMAND_credit_outage;
        simple.credit_outage.outage_us = stage_number(s, s->words[1]) * SECOND;
        stage_submit(s, &simple);
    } else if (!stage_prices(s) && !stage_money(s)) {
        FAIL(s, "there is no \"%s\"", verb);
    }
    const char *wrong = booking_check(s->booking);
    if (wrong)
        FAIL(s, "%s", wrong);
}

/* The same entries give the same state, bit by bit; so does the state's own image. */
static void replay(struct stage *s)
{
    struct booking_entry entry;
    assert_true(booking_entry_decode(buf_slice(&s->created), &entry));
    struct booking *again =
        booking_init(memory_create(s->memory), s->memory, 7, &entry.event_created, 1);
    for (size_t at = 0; at < s->log.len;) {
        uint32_t len;
        uint64_t ts;
        memcpy(&len, s->log.data + at, 4);
        memcpy(&ts, s->log.data + at + 4, 8);
        assert_true(booking_entry_decode(slice_make(s->log.data + at + 12, len), &entry));
        booking_apply(again, &entry, ts, NULL);
        at += 12 + len;
    }
    struct hash128 live = booking_hash(s->booking), replayed = booking_hash(again);
    assert_true(live.low == replayed.low && live.high == replayed.high);
    free(again);
    struct slice image = booking_image(s->booking);
    assert_int_equal(booking_restore_size(image), s->memory);
    again = booking_restore(memory_create(s->memory), s->memory, image);
    struct hash128 restored = booking_hash(again);
    assert_true(live.low == restored.low && live.high == restored.high);
    assert_null(booking_check(again));
    free(again);
}

struct stage *stage_begin(const char *name)
{
    struct stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->script = name;
    return s;
}

void stage_run(struct stage *s, const char *script)
{
    char *text = strdup(script);
    assert_non_null(text);
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        s->line++;
        split(s, line);
        line_run(s);
    }
    free(text);
}

void stage_end(struct stage *s)
{
    replay(s);
    free(s->booking);
    buf_finish(&s->log);
    buf_finish(&s->created);
    free(s);
}

void script_run(const char *name, const char *script)
{
    struct stage *s = stage_begin(name);
    stage_run(s, script);
    stage_end(s);
}

void script_run_made(const char *name, struct buf *script)
{
    buf_append_char(script, 0);
    assert_false(script->failed);
    script_run(name, script->data);
    buf_clear(script);
}
