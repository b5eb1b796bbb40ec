#include "booking/state.h"

/* Allocations: units that are kept apart, the access codes that open them, and their release. */

uint64_t allocations_released(const struct booking *b, uint64_t ts_us)
{
    const struct state *s = b->s;
    uint64_t released = s->released;
    if (s->next_release_us > ts_us)
        return released;
    for (uint32_t n = 1; n <= s->allocation_count; n++)
        if (b->allocations[n].releases_at_us != 0 && b->allocations[n].releases_at_us <= ts_us)
            released |= 1ull << n;
    return released;
}

uint32_t code_find(const struct booking *b, struct hash16 hash)
{
    return index_find(b->code_index, b->s->key_mask, b->codes, sizeof(struct code),
                      offsetof(struct code, hash), hash);
}

enum booking_refusal audience_find(const struct booking *b, struct hash16 code, uint64_t ts_us,
                                   struct audience *ret_audience)
{
    struct audience audience = {.open = allocations_released(b, ts_us)};
    uint32_t opened = 0;
    if (key_is_set(code)) {
        uint32_t slot = code_find(b, code);
        if (slot == BOOKING_NONE || b->codes[slot].allocation == 0)
            return BOOKING_CODE_UNKNOWN;
        audience.code = slot + 1;
        uint32_t allocation = b->codes[slot].allocation;
        bool released = (audience.open >> allocation & 1) != 0;
        if (!released && b->allocations[allocation].opens_at_us <= ts_us)
            opened = allocation;
    }
    enum booking_refusal refusal = booking_sale_state(b, ts_us);
    if (refusal == BOOKING_SALE_NOT_OPEN && opened && b->allocations[opened].opens_at_us != 0) {
        audience.open = 0; /* a presale: what the code opens, and nothing else */
        refusal = b->s->sale == BOOKING_SALES_PAUSED ? BOOKING_SALE_PAUSED : BOOKING_OK;
    }
    if (refusal != BOOKING_OK)
        return refusal;
    if (opened)
        audience.open |= 1ull << opened;
    audience.allocation = opened;
    *ret_audience = audience;
    return BOOKING_OK;
}

uint32_t code_units(const struct booking *b, uint32_t code, const uint32_t *units, uint32_t count)
{
    uint32_t allocation = b->codes[code - 1].allocation, opened = 0;
    if (b->s->released >> allocation & 1) /* so is 0, of a revoked code */
        return 0;
    for (uint32_t i = 0; i < count; i++)
        opened += b->info[units[i]].allocation == allocation;
    return opened;
}

void decision_release_due(const struct booking *b, uint64_t ts_us, struct booking_decision *d)
{
    if (b->s->next_release_us > ts_us)
        return;
    uint64_t due = allocations_released(b, ts_us) & ~b->s->released;
    for (uint32_t n = 1; n <= b->s->allocation_count; n++)
        if (due >> n & 1)
            decision_entry(d, BOOKING_ENTRY_allocation_released)->allocation_released.allocation =
                n;
}

/* ---- an organiser makes or changes one ---- */

static bool areas_make_sense(struct u32s areas)
{
    for (uint32_t i = 1; i < areas.count; i += 2)
        if (u32s_at(areas, i) == 0)
            return false;
    return areas.count % 2 == 0;
}

static bool codes_make_sense(struct slice codes)
{
    return codes.len % sizeof(struct hash16) == 0 &&
           codes.len / sizeof(struct hash16) <= LIMIT_COMMAND_CODES;
}

static enum booking_refusal check_definition(const struct booking *b,
                                             const struct command_change_allocation *c,
                                             uint64_t ts_us)
{
    if (c->allocation == 0 || c->allocation > b->s->allocation_count + 1)
        return BOOKING_UNKNOWN_ALLOCATION;
    if (c->allocation > LIMIT_ALLOCATIONS)
        return BOOKING_EVENT_LIMIT;
    if (allocations_released(b, ts_us) >> c->allocation & 1)
        return BOOKING_UNKNOWN_ALLOCATION;
    uint32_t same_id = booking_allocation_find(b, c->id);
    bool sound = c->id.len > 0 && c->id.len <= LIMIT_ALLOCATION_ID_BYTES &&
                 c->name.len <= LIMIT_NAME_BYTES && c->kind >= BOOKING_ALLOCATION_HOLDBACK &&
                 c->kind <= BOOKING_ALLOCATION_VIP && (same_id == 0 || same_id == c->allocation) &&
                 codes_make_sense(c->codes) && codes_make_sense(c->revoke) &&
                 areas_make_sense(c->add_areas) && areas_make_sense(c->remove_areas);
    return sound ? BOOKING_OK : BOOKING_BAD_CHANGE;
}

/* In a list that rises. */
static bool lists(struct u32s list, uint32_t unit)
{
    uint32_t low = 0, high = list.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, at = u32s_at(list, middle);
        if (at == unit)
            return true;
        if (at < unit)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static enum booking_refusal check_list(const struct booking *b, struct u32s list,
                                       struct u32s others)
{
    for (uint32_t i = 0; i < list.count; i++) {
        uint32_t unit = u32s_at(list, i);
        if (unit >= b->s->unit_count || b->info[unit].removed)
            return BOOKING_UNKNOWN_UNIT;
        if ((i > 0 && unit <= u32s_at(list, i - 1)) || lists(others, unit))
            return BOOKING_REPEATED_UNIT;
    }
    return BOOKING_OK;
}

static void find_culprits(const struct booking *b, struct u32s list, uint32_t of, uint64_t ts_us,
                          struct booking_decision *d)
{
    for (uint32_t i = 0; i < list.count; i++) {
        uint32_t unit = u32s_at(list, i);
        bool movable = unit_is_free(b, unit, ts_us) || unit_state(b, unit) == BOOKING_BLOCKED;
        if (!movable || (of != 0 && b->info[unit].allocation != of))
            decision_culprit(d, unit);
    }
}

static enum booking_refusal check_lists(const struct booking *b,
                                        const struct command_change_allocation *c, uint64_t ts_us,
                                        struct booking_decision *d)
{
    enum booking_refusal refusal = check_list(b, c->add, (struct u32s){NULL, 0});
    if (refusal == BOOKING_OK)
        refusal = check_list(b, c->remove, c->add);
    if (refusal != BOOKING_OK)
        return refusal;
    find_culprits(b, c->add, 0, ts_us, d);
    find_culprits(b, c->remove, c->allocation, ts_us, d);
    return d->culprit_count > 0 ? BOOKING_UNIT_NOT_FREE : BOOKING_OK;
}

/* One direction of a change: the units that go into the allocation, or that leave it. */
struct move {
    bool in;
    struct u32s list, areas;
};

static bool fits_move(const struct booking *b, const struct command_change_allocation *c,
                      const struct move *m, uint32_t unit, uint64_t ts_us)
{
    return unit_is_free(b, unit, ts_us) &&
           (m->in ? unit_in(b, unit, allocations_released(b, ts_us))
                  : b->info[unit].allocation == c->allocation) &&
           !lists(c->add, unit) && !lists(c->remove, unit);
}

/* Marks as many units of each area as are asked for, from its end. */
static enum booking_refusal mark_areas(const struct booking *b,
                                       const struct command_change_allocation *c,
                                       const struct move *m, uint64_t ts_us)
{
    for (uint32_t i = 0; i < m->areas.count; i += 2) {
        uint32_t area = u32s_at(m->areas, i), wanted = u32s_at(m->areas, i + 1);
        if (area >= b->s->area_count)
            return BOOKING_UNKNOWN_UNIT;
        for (uint32_t k = 0; k < i; k += 2)
            if (u32s_at(m->areas, k) == area)
                return BOOKING_REPEATED_UNIT;
        uint32_t first = b->areas[area].first, unit = first + b->areas[area].capacity;
        while (wanted > 0 && unit-- > first) {
            if (!fits_move(b, c, m, unit, ts_us))
                continue;
            bits_set(b->scratch, unit);
            wanted--;
        }
        if (wanted > 0)
            return BOOKING_NOT_ENOUGH;
    }
    return BOOKING_OK;
}

/* All units of one direction, rising, behind the `used` ones in the machine's scratch list. */
static enum booking_refusal gather(const struct booking *b,
                                   const struct command_change_allocation *c, const struct move *m,
                                   uint64_t ts_us, uint32_t used, struct u32s *ret_units)
{
    uint32_t words = bits_words(b->s->unit_count), *list = scratch_units(b) + used, count = 0;
    memset(b->scratch, 0, words * sizeof *b->scratch);
    for (uint32_t i = 0; i < m->list.count; i++) {
        uint32_t unit = u32s_at(m->list, i);
        if (!m->in || b->info[unit].allocation != c->allocation)
            bits_set(b->scratch, unit);
    }
    enum booking_refusal refusal = mark_areas(b, c, m, ts_us);
    if (refusal != BOOKING_OK)
        return refusal;
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t bits = b->scratch[word]; bits; bits &= bits - 1)
            list[count++] = word * 64 + (uint32_t)__builtin_ctzll(bits);
    *ret_units = (struct u32s){list, count};
    return BOOKING_OK;
}

static struct hash16 code_at(struct slice codes, size_t i)
{
    struct hash16 hash;
    memcpy(&hash, codes.data + i * sizeof hash, sizeof hash);
    return hash;
}

static bool codes_have_room(const struct booking *b, struct slice codes)
{
    uint32_t fresh = 0;
    for (size_t i = 0; i < codes.len / sizeof(struct hash16); i++)
        fresh += code_find(b, code_at(codes, i)) == BOOKING_NONE;
    return fresh <= b->s->code_capacity - b->s->codes_used;
}

static bool definition_differs(const struct booking *b, const struct command_change_allocation *c)
{
    if (c->allocation > b->s->allocation_count)
        return true;
    const struct allocation *a = &b->allocations[c->allocation];
    return !slice_equal(slice_make(a->id, a->id_len), c->id) ||
           !slice_equal(slice_make(a->name, a->name_len), c->name) || a->kind != c->kind ||
           a->opens_at_us != c->opens_at_us || a->releases_at_us != c->releases_at_us;
}

static void write_entries(const struct booking *b, const struct command_change_allocation *c,
                          struct u32s in, struct u32s out, struct booking_decision *d)
{
    if (definition_differs(b, c))
        decision_entry(d, BOOKING_ENTRY_allocation_set)->allocation_set =
            (struct entry_allocation_set){.allocation = c->allocation,
                                          .id = c->id,
                                          .name = c->name,
                                          .kind = c->kind,
                                          .opens_at_us = c->opens_at_us,
                                          .releases_at_us = c->releases_at_us};
    if (in.count > 0)
        decision_entry(d, BOOKING_ENTRY_units_moved)->units_moved =
            (struct entry_units_moved){c->allocation, in};
    if (out.count > 0)
        decision_entry(d, BOOKING_ENTRY_units_moved)->units_moved =
            (struct entry_units_moved){0, out};
    if (c->codes.len > 0)
        decision_entry(d, BOOKING_ENTRY_codes_set)->codes_set =
            (struct entry_codes_set){c->allocation, c->code_limit, c->codes};
    if (c->revoke.len > 0)
        decision_entry(d, BOOKING_ENTRY_codes_set)->codes_set =
            (struct entry_codes_set){.codes = c->revoke};
    if (c->release)
        decision_entry(d, BOOKING_ENTRY_allocation_released)->allocation_released.allocation =
            c->allocation;
}

void decide_change_allocation(const struct booking *b, const struct command_change_allocation *c,
                              uint64_t ts_us, struct booking_decision *d)
{
    struct u32s in = {NULL, 0}, out = {NULL, 0};
    d->refusal = check_definition(b, c, ts_us);
    if (d->refusal == BOOKING_OK)
        d->refusal = check_lists(b, c, ts_us, d);
    if (d->refusal == BOOKING_OK)
        d->refusal = gather(b, c, &(struct move){true, c->add, c->add_areas}, ts_us, 0, &in);
    if (d->refusal == BOOKING_OK)
        d->refusal =
            gather(b, c, &(struct move){false, c->remove, c->remove_areas}, ts_us, in.count, &out);
    if (d->refusal == BOOKING_OK && !codes_have_room(b, c->codes))
        d->refusal = BOOKING_EVENT_LIMIT;
    if (d->refusal != BOOKING_OK)
        return;
    decision_release_due(b, ts_us, d);
    if (!decision_expire_units(b, in, d) || !decision_expire_units(b, out, d)) {
        d->entry_count = 0;
        d->refusal = BOOKING_FULL;
        return;
    }
    write_entries(b, c, in, out, d);
    d->repeated = d->entry_count == 0;
}

/* ---- making it true ---- */

static void find_next_release(struct booking *b)
{
    struct state *s = b->s;
    s->next_release_us = UINT64_MAX;
    for (uint32_t n = 1; n <= s->allocation_count; n++) {
        const struct allocation *a = &b->allocations[n];
        if (!a->released && a->releases_at_us != 0 && a->releases_at_us < s->next_release_us)
            s->next_release_us = a->releases_at_us;
    }
}

void apply_allocation_set(struct booking *b, const struct entry_allocation_set *e)
{
    assert(e->allocation >= 1 && e->allocation <= LIMIT_ALLOCATIONS &&
           e->allocation <= b->s->allocation_count + 1 && !b->allocations[e->allocation].released);
    assert(e->id.len <= LIMIT_ALLOCATION_ID_BYTES && e->name.len <= LIMIT_NAME_BYTES);
    if (e->allocation > b->s->allocation_count)
        b->s->allocation_count = e->allocation;
    struct allocation *a = &b->allocations[e->allocation];
    *a = (struct allocation){.opens_at_us = e->opens_at_us,
                             .releases_at_us = e->releases_at_us,
                             .kind = e->kind,
                             .id_len = (uint8_t)e->id.len,
                             .name_len = (uint8_t)e->name.len};
    if (e->id.len > 0)
        memcpy(a->id, e->id.data, e->id.len);
    if (e->name.len > 0)
        memcpy(a->name, e->name.data, e->name.len);
    find_next_release(b);
}

void apply_units_moved(struct booking *b, const struct entry_units_moved *e,
                       struct booking_touched *touched)
{
    assert(e->allocation <= b->s->allocation_count);
    for (uint32_t i = 0; i < e->units.count; i++) {
        uint32_t unit = u32s_at(e->units, i);
        assert(unit < b->s->unit_count);
        assert(unit_state(b, unit) == BOOKING_FREE || unit_state(b, unit) == BOOKING_BLOCKED);
        unit_move(b, unit, e->allocation, touched);
    }
}

void apply_allocation_released(struct booking *b, const struct entry_allocation_released *e,
                               struct booking_touched *touched)
{
    assert(e->allocation >= 1 && e->allocation <= b->s->allocation_count);
    assert(!b->allocations[e->allocation].released);
    b->allocations[e->allocation].released = 1;
    b->s->released |= 1ull << e->allocation;
    for (uint32_t unit = 0; unit < b->s->unit_count; unit++)
        if (b->info[unit].allocation == e->allocation)
            unit_released(b, unit, touched);
    find_next_release(b);
}

void apply_codes_set(struct booking *b, const struct entry_codes_set *e)
{
    struct state *s = b->s;
    assert(e->allocation <= s->allocation_count);
    for (size_t i = 0; i < e->codes.len / sizeof(struct hash16); i++) {
        struct hash16 hash = code_at(e->codes, i);
        uint32_t slot = code_find(b, hash);
        if (slot == BOOKING_NONE) {
            if (e->allocation == 0)
                continue; /* it never opened anything */
            assert(s->codes_used < s->code_capacity);
            slot = s->codes_used++;
            b->codes[slot].hash = hash;
            index_add(b->code_index, s->key_mask, hash, slot);
        }
        b->codes[slot].allocation = e->allocation;
        b->codes[slot].limit = e->limit;
    }
}

/* ---- looking ---- */

struct booking_allocation booking_allocation_terms(const struct booking *b, uint32_t allocation)
{
    assert(allocation >= 1 && allocation <= b->s->allocation_count);
    const struct allocation *a = &b->allocations[allocation];
    return (struct booking_allocation){
        .id = slice_make(a->id, a->id_len),
        .name = slice_make(a->name, a->name_len),
        .kind = (enum booking_allocation_kind)a->kind,
        .opens_at_us = a->opens_at_us,
        .releases_at_us = a->releases_at_us,
        .released = a->released != 0,
    };
}

struct booking_allocation booking_allocation(const struct booking *b, uint32_t allocation)
{
    struct booking_allocation out = booking_allocation_terms(b, allocation);
    for (uint32_t unit = 0; unit < b->s->unit_count; unit++) {
        if (b->info[unit].allocation != allocation)
            continue;
        enum booking_unit_state state = unit_state(b, unit);
        out.capacity++;
        out.available += state == BOOKING_FREE;
        out.held += state == BOOKING_HELD;
        out.sold += state == BOOKING_SOLD;
        out.blocked += state == BOOKING_BLOCKED;
    }
    for (uint32_t i = 0; i < b->s->codes_used; i++) {
        bool opens = b->codes[i].allocation == allocation;
        out.codes += opens;
        out.codes_used += opens && b->codes[i].used > 0;
    }
    return out;
}

uint32_t booking_allocation_find(const struct booking *b, struct slice id)
{
    for (uint32_t n = 1; n <= b->s->allocation_count; n++)
        if (slice_equal(slice_make(b->allocations[n].id, b->allocations[n].id_len), id))
            return n;
    return 0;
}

uint32_t booking_code_allocation(const struct booking *b, struct hash16 code)
{
    uint32_t slot = key_is_set(code) ? code_find(b, code) : BOOKING_NONE;
    return slot == BOOKING_NONE ? 0 : b->codes[slot].allocation;
}

uint32_t booking_code_number(const struct booking *b, struct hash16 code)
{
    uint32_t slot = key_is_set(code) ? code_find(b, code) : BOOKING_NONE;
    return slot == BOOKING_NONE ? 0 : slot + 1;
}

struct booking_code_use booking_code_use(const struct booking *b, struct hash16 code)
{
    uint32_t slot = code_find(b, code);
    assert(slot != BOOKING_NONE);
    return (struct booking_code_use){b->codes[slot].limit, b->codes[slot].used};
}

uint32_t booking_code_opens(const struct booking *b, struct hash16 code, uint64_t ts_us,
                            uint32_t *ret_left)
{
    uint32_t slot = key_is_set(code) ? code_find(b, code) : BOOKING_NONE;
    uint32_t allocation = slot == BOOKING_NONE ? 0 : b->codes[slot].allocation;
    if (allocation == 0 || allocations_released(b, ts_us) >> allocation & 1)
        return 0;
    *ret_left = limits_code_left(b, slot, ts_us);
    uint64_t own = b->allocations[allocation].opens_at_us;
    return ts_us < (own != 0 ? own : b->s->opens_at_us) ? 0 : allocation;
}
