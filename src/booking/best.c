#include "booking/state.h"

/* The best seats there are. Blocks stand cheapest first, so that a search ends as soon as no block
 * behind can be better; inside a block a window of as many seats as are wanted slides along. */

/* ---- what is free ---- */

struct free_bits best_bits(const struct booking *b, const struct view *view)
{
    struct expired_walk walk;
    assert(view->own == BOOKING_NONE);
    expired_begin(b, &walk);
    uint32_t hold = expired_next(b, &walk, view->ts_us);
    if (hold == BOOKING_NONE && view->open == b->s->released)
        return (struct free_bits){view, b->free, false};
    memset(b->scratch, 0, bits_words(b->s->unit_count) * sizeof *b->scratch);
    for (; hold != BOOKING_NONE; hold = expired_next(b, &walk, view->ts_us)) {
        const struct hold *h = &b->holds[hold];
        for (uint32_t i = 0; i < h->count; i++) {
            uint32_t position = b->unit_position[h->units[i]];
            if (unit_in(b, h->units[i], view->open))
                bits_set(b->scratch, position);
        }
    }
    return (struct free_bits){view, b->scratch, true};
}

/* Those bits of a word whose units are in the set. */
static uint64_t only_open(const struct booking *b, uint32_t word, uint64_t bits, uint64_t open)
{
    uint64_t kept = 0;
    for (; bits != 0; bits &= bits - 1)
        if (unit_in(b, b->position_unit[word * 64 + (uint32_t)__builtin_ctzll(bits)], open))
            kept |= bits & -bits;
    return kept;
}

/* Makes the bits of these positions true; some, of neighbours in the same words, become so too. */
static void make_bits(const struct booking *b, const struct free_bits *bits, uint32_t first,
                      uint32_t count)
{
    if (!bits->in_parts)
        return;
    uint64_t open = bits->view->open;
    for (uint32_t word = first / 64; word <= (first + count - 1) / 64; word++) {
        if (open & 1)
            b->scratch[word] |= b->free[word];
        if (open & ~b->s->released)
            b->scratch[word] |= only_open(b, word, b->allocated[word], open);
    }
}

/* ---- side by side ---- */

/* Ways to sit side by side, best first: the bits say what is wrong with them. */
enum { WAY_LEAVES_SINGLE = 1, WAY_RESTRICTED = 2, WAY_COUNT = 4 };

struct search {
    const struct booking *b;
    const uint64_t *words;
    const struct best_wish *wish;
    uint64_t cost[WAY_COUNT]; /* UINT64_MAX: no window is known */
    uint32_t first[WAY_COUNT];
};

/* What a window counts of its seats, a byte each; ordinary seats count nothing. */
enum { MARK_ACCESSIBLE = 1, MARK_RESTRICTED = 1 << 8, MARK_BOUND = 1 << 16 };
_Static_assert(LIMIT_HOLD_UNITS < 255, "a window's seats of one kind fit in a byte");

static uint32_t marks_of(uint8_t kind)
{
    enum booking_kind plain = (enum booking_kind)(kind & KIND_MASK);
    bool bound = (kind & KIND_GROUPED) || (plain == BOOKING_KIND_COMPANION && kind & KIND_PAIRED);
    return (plain == BOOKING_KIND_ACCESSIBLE ? MARK_ACCESSIBLE : 0u) +
           (plain == BOOKING_KIND_RESTRICTED_VIEW ? MARK_RESTRICTED : 0u) +
           (bound ? MARK_BOUND : 0u);
}

static bool seat_fits(struct unit_info info, const struct best_wish *wish)
{
    enum booking_kind plain = (enum booking_kind)(info.kind & KIND_MASK);
    return wish->categories >> info.category & 1 &&
           (wish->accessible > 0 ||
            (plain != BOOKING_KIND_ACCESSIBLE && plain != BOOKING_KIND_COMPANION));
}

/* Nobody of the window belongs to somebody outside. */
static bool window_is_whole(const struct search *s, uint32_t first)
{
    const struct booking *b = s->b;
    for (uint32_t at = first; at < first + s->wish->quantity; at++) {
        const struct seat_link *link = &b->links[b->position_unit[at]];
        if (link->companion_of &&
            b->unit_position[link->companion_of - 1] - first >= s->wish->quantity)
            return false;
        if (link->group == 0)
            continue;
        struct group group = b->groups[link->group - 1];
        for (uint32_t i = group.first; i < group.first + group.count; i++)
            if (b->unit_position[b->grouped[i]] - first >= s->wish->quantity)
                return false;
    }
    return true;
}

static bool leaves_single(const struct search *s, const struct block *block, uint32_t first)
{
    uint32_t left = first - block->first, end = first + s->wish->quantity;
    uint32_t right = block->first + block->count - end;
    if (left > 0 && bits_has(s->words, first - 1) && (left == 1 || !bits_has(s->words, first - 2)))
        return true;
    return right > 0 && bits_has(s->words, end) && (right == 1 || !bits_has(s->words, end + 1));
}

static bool is_better(const struct search *s, uint32_t way, uint64_t cost, uint32_t first)
{
    return cost < s->cost[way] || (cost == s->cost[way] && first < s->first[way]);
}

/* What the bits of a block alone can tell, before any seat of it is looked at. Long rows are
 * searched anyway. */
static bool is_promising(const struct search *s, const struct block *block, uint64_t least)
{
    if (block->count > 64)
        return true;
    uint32_t quantity = s->wish->quantity, shift = block->first & 63;
    uint64_t row = s->words[block->first / 64] >> shift;
    if (shift + block->count > 64)
        row |= s->words[block->first / 64 + 1] << (64 - shift);
    row &= ~0ull >> (64 - block->count);
    uint64_t begins = row; /* a bit where a window can begin */
    for (uint32_t i = 1; i < quantity; i++)
        begins &= row >> i;
    uint64_t singles = ((row << 1) & ~(row << 2)) | ((row >> quantity) & ~(row >> (quantity + 1)));
    if (begins & ~singles)
        return true;
    return begins && is_better(s, WAY_LEAVES_SINGLE, least, block->first);
}

static void look_at_window(struct search *s, const struct block *block, uint32_t first,
                           uint64_t cost, uint32_t marks)
{
    if ((marks & 0xff) != s->wish->accessible || !is_better(s, 0, cost, first))
        return;
    uint32_t way = (marks >> 8 & 0xff ? WAY_RESTRICTED : 0u) +
                   (leaves_single(s, block, first) ? WAY_LEAVES_SINGLE : 0u);
    if (!is_better(s, way, cost, first) || (marks >> 16 && !window_is_whole(s, first)))
        return;
    s->cost[way] = cost;
    s->first[way] = first;
}

static void search_block(struct search *s, const struct block *block)
{
    const struct booking *b = s->b;
    uint32_t quantity = s->wish->quantity, run = 0, marks = 0;
    uint64_t cost = 0;
    for (uint32_t at = block->first; at < block->first + block->count; at++) {
        uint64_t word = s->words[at / 64] >> (at & 63);
        if (!(word & 1)) {
            run = marks = 0;
            cost = 0;
            at += word ? (uint32_t)__builtin_ctzll(word) - 1 : 63 - (at & 63);
            continue;
        }
        struct unit_info info = b->info[b->position_unit[at]];
        if (!seat_fits(info, s->wish)) {
            run = marks = 0;
            cost = 0;
            continue;
        }
        cost += b->position_cost[at];
        marks += info.kind ? marks_of(info.kind) : 0;
        if (run == quantity) {
            cost -= b->position_cost[at - quantity];
            if (marks)
                marks -= marks_of(b->info[b->position_unit[at - quantity]].kind);
        } else {
            run++;
        }
        if (run == quantity)
            look_at_window(s, block, at + 1 - quantity, cost, marks);
    }
}

/* Blocks that can have what is wished for. */
static bool block_fits(const struct block *block, const struct best_wish *wish)
{
    return block->categories & wish->categories &&
           (wish->section == BOOKING_NONE || wish->section == block->section);
}

bool best_seats(const struct booking *b, const struct free_bits *bits, const struct best_wish *wish,
                uint32_t *ret_units, uint8_t *ret_choice)
{
    struct search s = {.b = b, .words = bits->words, .wish = wish};
    for (uint32_t way = 0; way < WAY_COUNT; way++)
        s.cost[way] = UINT64_MAX;
    for (uint32_t i = 0; i < b->s->block_count; i++) {
        const struct block *block = &b->blocks[b->block_order[i]];
        uint64_t least = (uint64_t)block->min_cost * wish->quantity;
        if (!is_better(&s, 0, least, block->first))
            break; /* blocks come cheapest first, equal ones in order: none behind can win */
        if (block->count < wish->quantity || !block_fits(block, wish))
            continue;
        make_bits(b, bits, block->first, block->count);
        if (is_promising(&s, block, least))
            search_block(&s, block);
    }
    for (uint32_t way = 0; way < WAY_COUNT; way++) {
        if (s.cost[way] == UINT64_MAX)
            continue;
        memcpy(ret_units, &b->position_unit[s.first[way]], wish->quantity * sizeof *ret_units);
        *ret_choice = (uint8_t)(BOOKING_CHOICE_ADJACENT |
                                (way & WAY_RESTRICTED ? BOOKING_CHOICE_RESTRICTED : 0) |
                                (way & WAY_LEAVES_SINGLE ? BOOKING_CHOICE_LEAVES_SINGLE : 0));
        return true;
    }
    return false;
}

uint32_t best_count(const struct booking *b, const struct free_bits *bits,
                    const struct best_wish *wish)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < b->s->block_count && count < wish->quantity; i++) {
        const struct block *block = &b->blocks[i];
        if (!block_fits(block, wish))
            continue;
        make_bits(b, bits, block->first, block->count);
        for (uint32_t at = block->first; at < block->first + block->count; at++)
            count += bits_has(bits->words, at) &&
                     (wish->categories >> b->info[b->position_unit[at]].category & 1);
    }
    return count < wish->quantity ? count : wish->quantity;
}

/* ---- accessible places and their companions ---- */

/* The smallest values that were ever put in, rising. */
struct smallest {
    uint32_t count, capacity;
    uint64_t values[LIMIT_HOLD_UNITS];
};

static void smallest_put(struct smallest *list, uint64_t value)
{
    uint32_t at = list->count;
    if (list->count < list->capacity)
        list->count++;
    else if (at == 0 || list->values[--at] < value)
        return;
    for (; at > 0 && list->values[at - 1] > value; at--)
        list->values[at] = list->values[at - 1];
    list->values[at] = value;
}

static bool is_alone(const struct booking *b, uint32_t unit)
{
    return !(b->info[unit].kind & KIND_GROUPED);
}

/* The cheapest accessible places, as cost and position. */
static void find_accessible(const struct booking *b, const struct free_bits *bits,
                            const struct best_wish *wish, struct smallest *list)
{
    for (uint32_t i = 0; i < b->s->block_count; i++) {
        const struct block *block = &b->blocks[i];
        if (!block_fits(block, wish))
            continue;
        make_bits(b, bits, block->first, block->count);
        for (uint32_t at = block->first; at < block->first + block->count; at++) {
            uint32_t unit = b->position_unit[at];
            if (bits_has(bits->words, at) && is_alone(b, unit) &&
                (b->info[unit].kind & KIND_MASK) == BOOKING_KIND_ACCESSIBLE &&
                wish->categories >> b->info[unit].category & 1)
                smallest_put(list, (uint64_t)b->position_cost[at] << 32 | at);
        }
    }
}

bool best_companions(const struct booking *b, const struct free_bits *bits,
                     const struct best_wish *wish, uint32_t *ret_units)
{
    struct smallest places = {.capacity = wish->accessible};
    find_accessible(b, bits, wish, &places);
    if (places.count < wish->accessible)
        return false;
    uint32_t units[LIMIT_HOLD_UNITS], count = 0;
    for (; count < places.count; count++)
        units[count] = b->position_unit[(uint32_t)places.values[count]];
    for (uint32_t i = 0; i < places.count; i++) {
        struct smallest companions = {.capacity = wish->quantity - count};
        uint32_t next = b->links[units[i]].companion;
        for (; next != 0; next = b->links[next - 1].next_companion)
            if (view_has(b, bits->view, next - 1) && is_alone(b, next - 1))
                smallest_put(&companions, next - 1);
        for (uint32_t k = 0; k < companions.count; k++)
            units[count++] = (uint32_t)companions.values[k];
    }
    if (count < wish->quantity)
        return false;
    memcpy(ret_units, units, count * sizeof *units);
    return true;
}

/* ---- areas ---- */

/* Adds free units of an area from `at` on: those of the view's first allocation, or all others. */
static uint32_t area_units_of(const struct booking *b, const struct free_bits *bits,
                              const struct area *a, bool of_first, uint32_t wanted,
                              uint32_t *ret_units)
{
    /* What the hint says is true of the state's own bits. */
    uint32_t unit = a->first + (bits->in_parts ? 0 : a->hint), end = a->first + a->capacity;
    uint32_t shift = b->unit_position[a->first] - a->first; /* one run of each */
    uint32_t found = 0;
    while (unit < end && found < wanted) {
        uint32_t at = unit + shift;
        uint64_t word = bits->words[at / 64] >> (at & 63);
        if (word == 0) {
            unit += 64 - (at & 63);
            continue;
        }
        unit += (uint32_t)__builtin_ctzll(word);
        bool is_first = bits->view->first && b->info[unit].allocation == bits->view->first;
        if (unit < end && is_first == of_first)
            ret_units[found++] = unit;
        unit++;
    }
    return found;
}

uint32_t best_area_units(const struct booking *b, const struct free_bits *bits, uint32_t area,
                         uint32_t quantity, uint32_t *ret_units)
{
    const struct area *a = &b->areas[area];
    make_bits(b, bits, b->unit_position[a->first], a->capacity);
    uint32_t found = 0;
    if (bits->view->first)
        found = area_units_of(b, bits, a, true, quantity, ret_units);
    return found + area_units_of(b, bits, a, false, quantity - found, ret_units + found);
}
