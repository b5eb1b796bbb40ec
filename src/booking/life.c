#include "booking/state.h"

/* How the machine comes to be: sizes from the first entry, the tables laid out, filled, or taken
 * back from an image. */

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
    s->order_capacity = s->unit_count + 1024;
    s->buyer_capacity = 2 * s->unit_count + 1024;
    s->key_mask = power_of_two_over(2 * (s->unit_count + 1024)) - 1;
    s->buyer_mask = power_of_two_over(2 * s->buyer_capacity) - 1;
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
        .buyer_free = BOOKING_NONE,
        .account_len = (uint32_t)e->payment_account.len,
    };
    memcpy(s.currency, e->currency.data, 3);
    if (e->payment_account.len > 0)
        memcpy(s.account, e->payment_account.data, e->payment_account.len);
    state_capacities(&s);
    s.image_bytes = booking_layout(NULL, &s, NULL);
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

static bool prices_valid(struct u64s list, uint32_t category_count)
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

bool booking_created_valid(const struct entry_event_created *e, const char **ret_detail)
{
    static uint64_t scratch[LIMIT_UNITS / 64];
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
    else if (inventory_read(e->inventory, scratch, &v) != INVENTORY_OK)
        detail = "the inventory is damaged or out of bounds";
    else if (!prices_valid(e->prices, v.category_count) || !prices_valid(e->fees, v.category_count))
        detail = "prices and fees do not match the price categories";
    else if (!units_valid(e->blocked, v.unit_count))
        detail = "a blocked unit does not exist or stands twice";
    if (detail)
        *ret_detail = detail;
    return detail == NULL;
}

static struct inventory read_valid(struct slice bytes)
{
    static uint64_t scratch[LIMIT_UNITS / 64];
    struct inventory v = {0};
    enum inventory_fault fault = inventory_read(bytes, scratch, &v);
    assert(fault == INVENTORY_OK);
    (void)fault;
    return v;
}

static size_t handle_size(void)
{
    return round_up(sizeof(struct booking));
}

static size_t scratch_size(const struct state *s)
{
    return (size_t)(s->unit_count + 63) / 64 * 8;
}

size_t booking_memory_size(const struct entry_event_created *created)
{
    struct inventory v = read_valid(created->inventory);
    struct state s = state_from(created, &v);
    return handle_size() + s.image_bytes + scratch_size(&s);
}

static uint32_t load32(const char *at, size_t index)
{
    uint32_t value;
    memcpy(&value, at + index * 4, 4);
    return value;
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

static void fill_seats(struct booking *b, const struct inventory *v)
{
    uint32_t position = 0;
    for (uint32_t i = 0; i < v->block_count; i++) {
        struct block *block = &b->blocks[i];
        *block = (struct block){.first = position,
                                .count = load32(v->blocks, 2 * (size_t)i + 1),
                                .section = load32(v->blocks, 2 * (size_t)i),
                                .min_cost = UINT32_MAX};
        for (; position < block->first + block->count; position++) {
            uint32_t seat = load32(v->seats, position), cost = load32(v->costs, seat);
            b->unit_category[seat] = (uint8_t)v->categories[seat];
            b->seat_position[seat] = position;
            b->position_seat[position] = seat;
            b->position_cost[position] = cost;
            block->categories |= 1ull << b->unit_category[seat];
            if (cost < block->min_cost)
                block->min_cost = cost;
        }
    }
}

static void fill_areas(struct booking *b, const struct inventory *v)
{
    uint32_t unit = v->seat_count;
    for (uint32_t i = 0; i < v->area_count; i++) {
        struct area *area = &b->areas[i];
        *area = (struct area){.first = unit,
                              .capacity = load32(v->areas, 2 * (size_t)i),
                              .category = load32(v->areas, 2 * (size_t)i + 1)};
        area->available = area->capacity;
        for (; unit < area->first + area->capacity; unit++)
            b->unit_category[unit] = (uint8_t)area->category;
    }
}

struct booking *booking_init(void *memory, size_t size, uint32_t partition,
                             const struct entry_event_created *created, uint64_t ts_us)
{
    struct inventory v = read_valid(created->inventory);
    struct booking *b = memory;
    char *base = (char *)memory + handle_size();
    struct state *s = (struct state *)(void *)base;
    *s = state_from(created, &v);
    assert(size == handle_size() + s->image_bytes + scratch_size(s));
    s->partition = partition;
    s->last_ts_us = ts_us;
    booking_layout(b, s, base);
    b->scratch = (uint64_t *)(void *)(base + s->image_bytes);
    fill_seats(b, &v);
    fill_areas(b, &v);
    sort_blocks(b);
    for (uint32_t unit = 0; unit < s->unit_count; unit++) {
        b->free[unit / 64] |= 1ull << (unit & 63);
        b->categories[b->unit_category[unit]].capacity++;
    }
    for (uint32_t i = 0; i < s->category_count; i++)
        b->prices[i] = (struct booking_price){(int64_t)u64s_at(created->prices, i),
                                              (int64_t)u64s_at(created->fees, i)};
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
    return handle_size() + s.image_bytes + scratch_size(&s);
}

struct booking *booking_restore(void *memory, size_t size, struct slice image)
{
    assert(size == booking_restore_size(image));
    (void)size;
    struct booking *b = memory;
    char *base = (char *)memory + handle_size();
    memcpy(base, image.data, image.len);
    struct state *s = (struct state *)(void *)base;
    booking_layout(b, s, base);
    b->scratch = (uint64_t *)(void *)(base + s->image_bytes);
    return b;
}

struct hash128 booking_hash(const struct booking *b)
{
    return hash128_of(b->s, b->s->image_bytes);
}
