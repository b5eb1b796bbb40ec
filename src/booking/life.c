#include "booking/state.h"

/* How the machine comes to be: sizes from the first entry, the tables laid out, filled, or taken
 * back from an image. */

#define TAX_BP_MAX 10000u /* as much again as the price without it */

static size_t round_up(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

size_t booking_layout(struct booking *b, struct state *s, char *base)
{
    size_t at = round_up(sizeof(struct state));
#define STATE_PLACE(type, name, count)         \
    if (b)                                     \
        b->name = (type *)(void *)(base + at); \
    at += round_up((size_t)(count) * sizeof(type));
    STATE_TABLES(STATE_PLACE)
#undef STATE_PLACE
    if (b)
        b->s = s;
    return at;
}

static uint32_t power_of_two_over(uint32_t n)
{
    uint32_t power = 64;
    while (power < n)
        power *= 2;
    return power;
}

/* Every live hold has at least a unit, and so has every order that lives or was paid; the rest is
 * room for ended ones, whose slots are used again oldest first. */
static void state_capacities(struct state *s)
{
    s->hold_capacity = s->unit_count + 1024;
    /* As many again may be wholly refunded: their slots are used again last of all. */
    s->order_capacity = 2 * s->unit_count + 1024;
    s->dispute_capacity = s->unit_count / 16 + 64;
    if (s->dispute_capacity > LIMIT_DISPUTES)
        s->dispute_capacity = LIMIT_DISPUTES;
    /* A buyer is a session, an address or a card, and once more for each limited category. Whoever
     * has a record has a unit, held or sold, so that this table is never full. */
    s->buyer_capacity = 6 * s->unit_count + 1024;
    s->code_capacity = s->unit_count + 1024;
    s->promo_capacity = s->unit_count + 1024;
    s->key_mask = power_of_two_over(2 * s->order_capacity) - 1;
    /* Records beyond three a unit are those of limited categories: rare, so that a fuller table
     * will do. */
    s->buyer_mask = power_of_two_over(s->buyer_capacity + 1) - 1;
}

void life_size(struct state *s)
{
    state_capacities(s);
    s->image_bytes = booking_layout(NULL, s, NULL);
}

static struct state state_from(const struct entry_event_created *e, const struct inventory *v)
{
    struct state s = {
        .version = BOOKING_IMAGE_VERSION,
        .seat_count = v->seat_count,
        .unit_count = v->unit_count,
        .block_count = v->block_count,
        .area_count = v->area_count,
        .section_count = v->section_count,
        .category_count = v->category_count,
        .area_first = v->seat_count,
        .area_units = v->unit_count - v->seat_count,
        .group_count = v->group_count,
        .grouped_count = v->grouped_count,
        .singles = e->singles == BOOKING_SINGLES_REFUSED ? BOOKING_SINGLES_REFUSED
                                                         : BOOKING_SINGLES_ALLOWED,
        .released = 1,
        .next_release_us = UINT64_MAX,
        .sale = BOOKING_SALES_OPEN,
        .event_random = e->event_random,
        .organiser_random = e->organiser_random,
        .opens_at_us = e->opens_at_us,
        .closes_at_us = e->closes_at_us,
        .hold_seconds = e->hold_seconds,
        .pay_seconds = e->pay_seconds,
        .per_buyer = e->per_buyer,
        .per_hold = e->per_hold,
        .hold_oldest = BOOKING_NONE,
        .hold_newest = BOOKING_NONE,
        .order_oldest = BOOKING_NONE,
        .order_newest = BOOKING_NONE,
        .orders_refunded_oldest = BOOKING_NONE,
        .orders_refunded_newest = BOOKING_NONE,
        .case_oldest = BOOKING_NONE,
        .case_newest = BOOKING_NONE,
        .buyer_free = BOOKING_NONE,
        .revision_count = 1,
        .fee_bearer = e->fee_bearer ? e->fee_bearer : BOOKING_BEARER_BUYER,
        .payment_methods = e->payment_methods ? e->payment_methods : BOOKING_METHOD_CARD,
        .processing_seconds = e->processing_seconds,
        .account_len = (uint32_t)e->payment_account.len,
    };
    memcpy(s.currency, e->currency.data, 3);
    if (e->payment_account.len > 0)
        memcpy(s.account, e->payment_account.data, e->payment_account.len);
    life_size(&s);
    return s;
}

/* The unit numbers of `list` are known and rise. */
static bool units_valid(struct u32s list, uint32_t unit_count)
{
    for (uint32_t i = 0; i < list.count; i++)
        if (u32s_at(list, i) >= unit_count || (i > 0 && u32s_at(list, i) <= u32s_at(list, i - 1)))
            return false;
    return true;
}

bool life_prices_valid(struct u64s list, uint32_t category_count)
{
    if (list.count != category_count)
        return false;
    for (uint32_t i = 0; i < list.count; i++)
        if (u64s_at(list, i) > (uint64_t)LIMIT_PRICE_MINOR)
            return false;
    return true;
}

static bool is_currency(struct slice code)
{
    bool letters = code.len == 3;
    for (size_t i = 0; i < 3 && letters; i++)
        letters = code.data[i] >= 'A' && code.data[i] <= 'Z';
    return letters;
}

bool life_limits_valid(struct u32s list, uint32_t category_count)
{
    if (list.count != 0 && list.count != category_count)
        return false;
    for (uint32_t i = 0; i < list.count; i++)
        if (u32s_at(list, i) > LIMIT_BUYER_UNITS)
            return false;
    return true;
}

static bool taxes_valid(struct u32s list, uint32_t category_count)
{
    if (list.count != 0 && list.count != category_count)
        return false;
    for (uint32_t i = 0; i < list.count; i++)
        if (u32s_at(list, i) > TAX_BP_MAX)
            return false;
    return true;
}

/* How an event takes money: what is wrong with it, or NULL. */
static const char *money_problem(const struct entry_event_created *e, uint32_t category_count)
{
    if (!life_prices_valid(e->prices, category_count) ||
        !life_prices_valid(e->fees, category_count))
        return "prices and fees do not match the price categories";
    if (!taxes_valid(e->tax_bp, category_count))
        return "the taxes do not match the price categories";
    if (e->fee_bearer > BOOKING_BEARER_ORGANISER)
        return "who bears the fee is unknown";
    if (e->payment_methods > BOOKING_METHODS)
        return "a way to pay is unknown";
    if (e->processing_seconds > LIMIT_PROCESSING_SECONDS)
        return "processing_seconds is out of bounds";
    return NULL;
}

bool life_read_inventory(struct slice bytes, struct inventory *ret_inventory)
{
    static uint64_t scratch[LIMIT_UNITS / 64]; /* too large for a stack */
    return inventory_read(bytes, scratch, ret_inventory) == INVENTORY_OK;
}

bool booking_created_valid(const struct entry_event_created *e, const char **ret_detail)
{
    struct inventory v;
    const char *detail = NULL;
    if (e->event_random == 0)
        detail = "the event has no random number";
    else if (!is_currency(e->currency))
        detail = "the currency is not three letters";
    else if (e->payment_account.len > ACCOUNT_BYTES)
        detail = "the payment account is too long";
    else if (e->hold_seconds < 1 || e->hold_seconds > LIMIT_HOLD_SECONDS || e->pay_seconds < 1 ||
             e->pay_seconds > LIMIT_HOLD_SECONDS)
        detail = "hold_seconds or pay_seconds is out of bounds";
    else if (e->per_hold < 1 || e->per_hold > LIMIT_HOLD_UNITS || e->per_buyer < 1 ||
             e->per_buyer > LIMIT_BUYER_UNITS)
        detail = "per_hold or per_buyer is out of bounds";
    else if (e->closes_at_us != 0 && e->closes_at_us <= e->opens_at_us)
        detail = "the sale closes before it opens";
    else if (!life_read_inventory(e->inventory, &v))
        detail = "the inventory is damaged or out of bounds";
    else if (!units_valid(e->blocked, v.unit_count))
        detail = "a blocked unit does not exist or stands twice";
    else if (!life_limits_valid(e->per_category, v.category_count))
        detail = "the limits per category do not match the price categories";
    else if (e->singles > BOOKING_SINGLES_REFUSED)
        detail = "the rule about single seats is unknown";
    else
        detail = money_problem(e, v.category_count);
    if (detail)
        *ret_detail = detail;
    return detail == NULL;
}

struct inventory life_inventory(struct slice bytes)
{
    struct inventory v = {0};
    bool valid = life_read_inventory(bytes, &v);
    assert(valid);
    (void)valid;
    return v;
}

static size_t handle_size(void)
{
    return round_up(sizeof(struct booking));
}

static size_t scratch_size(const struct state *s)
{
    return bits_words(s->unit_count) * sizeof(uint64_t) + round_up((size_t)s->unit_count * 4);
}

size_t life_block_size(const struct state *s)
{
    return handle_size() + s->image_bytes + scratch_size(s);
}

struct booking *life_place(void *memory, const struct state *s)
{
    struct booking *b = memory;
    char *base = (char *)memory + handle_size();
    memcpy(base, s, sizeof *s);
    booking_layout(b, (struct state *)(void *)base, base);
    b->scratch = (uint64_t *)(void *)(base + s->image_bytes);
    return b;
}

size_t booking_memory_size(const struct entry_event_created *created)
{
    struct inventory v = life_inventory(created->inventory);
    struct state s = state_from(created, &v);
    return life_block_size(&s);
}

/* Sorts block numbers by (min_cost, number): a heap sort, since the machines call no library. */
static bool block_after(const struct booking *b, uint32_t x, uint32_t y)
{
    uint32_t cx = b->blocks[x].min_cost, cy = b->blocks[y].min_cost;
    return cx != cy ? cx > cy : x > y;
}

static void block_sift(struct booking *b, uint32_t at, uint32_t count)
{
    uint32_t *order = b->block_order, moving = order[at];
    for (uint32_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && block_after(b, order[child + 1], order[child]))
            child++;
        if (!block_after(b, order[child], moving))
            break;
        order[at] = order[child];
    }
    order[at] = moving;
}

static void sort_blocks(struct booking *b)
{
    uint32_t count = b->s->block_count, *order = b->block_order;
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count / 2; i-- > 0;)
        block_sift(b, i, count);
    for (uint32_t i = count; i-- > 1;) {
        uint32_t last = order[i];
        order[i] = order[0];
        order[0] = last;
        block_sift(b, 0, i);
    }
}

/* Puts the plan's seats in their places, blocks first, then whatever no plan shows, areas too: a
 * unit without a place in a row keeps one behind them. `unit_of` names the unit of each seat. */
static void fill_seats(struct booking *b, const struct inventory *v)
{
    uint32_t position = 0;
    for (uint32_t i = 0; i < v->block_count; i++) {
        struct block *block = &b->blocks[i];
        *block = (struct block){.first = position,
                                .count = inventory_word(v->blocks, 2 * i + 1),
                                .section = inventory_word(v->blocks, 2 * i),
                                .min_cost = UINT32_MAX};
        for (; position < block->first + block->count; position++) {
            uint32_t seat = inventory_word(v->seats, position),
                     cost = inventory_word(v->costs, seat);
            uint32_t unit = b->seat_unit[seat];
            b->info[unit].category = (uint8_t)v->categories[seat];
            b->unit_position[unit] = position;
            b->position_unit[position] = unit;
            b->position_cost[position] = cost;
            block->categories |= 1ull << b->info[unit].category;
            if (cost < block->min_cost)
                block->min_cost = cost;
        }
    }
    for (uint32_t unit = 0; unit < b->s->unit_count; unit++) {
        if (b->unit_seat[unit] != BOOKING_NONE)
            continue;
        b->unit_position[unit] = position;
        b->position_unit[position++] = unit;
    }
    assert(position == b->s->unit_count);
}

static void fill_areas(struct booking *b, const struct inventory *v)
{
    uint32_t unit = b->s->area_first;
    for (uint32_t i = 0; i < v->area_count; i++) {
        struct area *area = &b->areas[i];
        *area = (struct area){.first = unit,
                              .capacity = inventory_word(v->areas, 2 * i),
                              .category = inventory_word(v->areas, 2 * i + 1)};
        area->available = area->capacity;
        for (; unit < area->first + area->capacity; unit++)
            b->info[unit].category = (uint8_t)area->category;
    }
}

static void fill_specials(struct booking *b, const struct inventory *v)
{
    for (uint32_t i = 0; i < v->special_count; i++) {
        uint32_t unit = b->seat_unit[inventory_word(v->specials, 3 * i)];
        uint32_t of = inventory_word(v->specials, 3 * i + 2);
        b->info[unit].kind |= (uint8_t)inventory_word(v->specials, 3 * i + 1);
        if (of == INVENTORY_NO_SEAT)
            continue;
        uint32_t seat = b->seat_unit[of];
        b->info[unit].kind |= KIND_PAIRED;
        b->info[seat].kind |= KIND_PAIRED;
        b->links[unit].companion_of = seat + 1;
        b->links[unit].next_companion = b->links[seat].companion;
        b->links[seat].companion = unit + 1;
    }
    uint32_t at = 0;
    for (uint32_t g = 0; g < v->group_count; g++) {
        struct group *group = &b->groups[g];
        *group = (struct group){at, inventory_word(v->groups, g)};
        for (; at < group->first + group->count; at++) {
            uint32_t unit = b->seat_unit[inventory_word(v->grouped, at)];
            b->grouped[at] = unit;
            b->info[unit].kind |= KIND_GROUPED;
            b->links[unit].group = g + 1;
        }
    }
}

/* Everything that comes from a plan. */
void life_fill_plan(struct booking *b, const struct inventory *v)
{
    fill_seats(b, v);
    fill_specials(b, v);
    sort_blocks(b);
}

struct booking *booking_init(void *memory, size_t size, uint32_t partition,
                             const struct entry_event_created *created, uint64_t ts_us)
{
    struct inventory v = life_inventory(created->inventory);
    struct state first = state_from(created, &v);
    assert(size == life_block_size(&first));
    (void)size;
    struct booking *b = life_place(memory, &first);
    struct state *s = b->s;
    s->partition = partition;
    s->last_ts_us = ts_us;
    for (uint32_t unit = 0; unit < s->unit_count; unit++) {
        b->unit_seat[unit] = unit < s->seat_count ? unit : BOOKING_NONE;
        if (unit < s->seat_count)
            b->seat_unit[unit] = unit;
    }
    fill_areas(b, &v);
    life_fill_plan(b, &v);
    for (uint32_t unit = 0; unit < s->unit_count; unit++) {
        bits_set(b->free, b->unit_position[unit]);
        b->categories[b->info[unit].category].capacity++;
    }
    for (uint32_t i = 0; i < s->category_count; i++) {
        struct category *c = &b->categories[i];
        b->prices[i] = (struct booking_price){(int64_t)u64s_at(created->prices, i),
                                              (int64_t)u64s_at(created->fees, i)};
        c->base_price_minor = b->prices[i].price_minor;
        c->base_fee_minor = b->prices[i].fee_minor;
        c->tax_bp = created->tax_bp.count > 0 ? u32s_at(created->tax_bp, i) : 0;
        c->per_buyer = created->per_category.count > 0 ? u32s_at(created->per_category, i) : 0;
        s->limited_categories += c->per_buyer > 0;
    }
    apply_units_blocked(b, created->blocked, true, NULL);
    return b;
}

struct slice booking_image(const struct booking *b)
{
    return slice_make(b->s, b->s->image_bytes);
}

size_t booking_restore_size(struct slice image)
{
    struct state s;
    if (image.len < sizeof s)
        return 0;
    memcpy(&s, image.data, sizeof s);
    if (s.version != BOOKING_IMAGE_VERSION || s.image_bytes != image.len ||
        s.unit_count > LIMIT_UNITS || booking_layout(NULL, &s, NULL) != image.len)
        return 0;
    return life_block_size(&s);
}

#define PAGE_BYTES 4096u

/* Most pages of an image were never written: they are zero here as they are there. */
static void restore_image(char *to, struct slice image)
{
    static const char nothing[PAGE_BYTES];
    for (size_t at = 0; at < image.len; at += PAGE_BYTES) {
        size_t len = image.len - at < PAGE_BYTES ? image.len - at : PAGE_BYTES;
        if (memcmp(image.data + at, nothing, len) != 0)
            memcpy(to + at, image.data + at, len);
    }
}

struct booking *booking_restore(void *memory, size_t size, struct slice image)
{
    assert(size == booking_restore_size(image));
    (void)size;
    struct state s;
    memcpy(&s, image.data, sizeof s);
    struct booking *b = life_place(memory, &s);
    restore_image((char *)b->s, image);
    return b;
}

struct hash128 booking_hash(const struct booking *b)
{
    return hash128_of(b->s, b->s->image_bytes);
}
