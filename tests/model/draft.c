#include "model/draft.h"

#include "booking/inventory.h"

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

static void draw_kinds(struct generator *g, struct draft *d)
{
    uint32_t plain = one_in(g, 3) ? 100 : between(g, 55, 90);
    for (uint32_t i = 0; i < d->seats; i++) {
        d->companion_of[i] = INVENTORY_NO_SEAT;
        d->kind[i] = draw(g, 100) < plain ? 0 : between(g, 0, BOOKING_KIND_COUNT - 1);
    }
    /* Companions have a neighbour to sit with, more often than not. */
    for (uint32_t at = 0; at < d->seats; at++) {
        uint32_t seat = d->order[at], other = d->order[one_in(g, 5) ? draw(g, d->seats)
                                                       : at         ? at - 1
                                                                    : 0];
        if (d->kind[seat] != BOOKING_KIND_COMPANION || one_in(g, 4) ||
            (d->apart[seat] && !one_in(g, 15)))
            continue;
        if (!one_in(g, 3) && d->kind[other] != BOOKING_KIND_COMPANION)
            d->kind[other] = BOOKING_KIND_ACCESSIBLE;
        if (other != seat && d->companion_of[other] == INVENTORY_NO_SEAT)
            d->companion_of[seat] = other;
    }
    /* Whoever is somebody's companion has none. */
    for (uint32_t i = 0; i < d->seats; i++)
        for (uint32_t k = 0; k < d->seats; k++)
            if (d->companion_of[k] == i && d->companion_of[i] != INVENTORY_NO_SEAT)
                d->companion_of[k] = INVENTORY_NO_SEAT;
}

static void put_specials(struct draft *d, struct buf *out, uint32_t *ret_count)
{
    *ret_count = 0;
    for (uint32_t i = 0; i < d->seats; i++) {
        if (d->kind[i] == 0)
            continue;
        put32(out, i);
        put32(out, d->kind[i]);
        put32(out, d->companion_of[i]);
        ++*ret_count;
    }
}

/* Runs of seats side by side, now and then with a stranger among them. */
static void put_groups(struct generator *g, struct draft *d, struct buf *sizes, struct buf *members,
                       uint32_t *ret_groups)
{
    bool used[GENERATOR_UNITS] = {false};
    *ret_groups = 0;
    for (uint64_t n = one_in(g, 2) ? draw(g, d->seats / 8 + 2) : 0; n > 0; n--) {
        uint32_t size = between(g, 2, 4), at = (uint32_t)draw(g, d->seats), seats[4], count = 0;
        for (; count < size; count++, at++) {
            if (one_in(g, 12))
                at = (uint32_t)draw(g, d->seats);
            uint32_t seat = at < d->seats ? d->order[at] : 0;
            bool twice = false;
            for (uint32_t i = 0; i < count; i++)
                twice = twice || seats[i] == seat;
            if (at >= d->seats || used[seat] || twice || (d->apart[seat] && !one_in(g, 20)))
                break;
            seats[count] = seat;
        }
        if (count < 2)
            continue;
        put32(sizes, count);
        buf_append(members, seats, count * sizeof *seats);
        for (uint32_t i = 0; i < count; i++)
            used[seats[i]] = true;
        ++*ret_groups;
    }
}

void draft_write(struct generator *g, struct draft *d, struct buf *out)
{
    BUF_AUTO struct buf specials = BUF_INIT, sizes = BUF_INIT, members = BUF_INIT;
    BUF_AUTO struct buf blocks = BUF_INIT;
    uint32_t special_count, group_count, block_count = 0, most = between(g, 2, g->rows);
    for (uint32_t i = 0; i < d->seats; i++)
        d->order[i] = i;
    for (uint32_t i = d->seats; one_in(g, 2) && i > 1; i--) { /* a shuffle, as a whole or in part */
        uint32_t other = (uint32_t)draw(g, i), seat = d->order[i - 1];
        d->order[i - 1] = d->order[other];
        d->order[other] = seat;
    }
    for (uint32_t left = d->seats, count; left > 0; left -= count, block_count++) {
        count = between(g, 1, most);
        count = count < left ? count : left;
        put32(&blocks, (uint32_t)draw(g, d->sections));
        put32(&blocks, count);
    }
    draw_kinds(g, d);
    put_specials(d, &specials, &special_count);
    put_groups(g, d, &sizes, &members, &group_count);
    buf_clear(out);
    const uint32_t head[] = {INVENTORY_VERSION, d->seats,    block_count,
                             g->area_count,     d->sections, d->categories,
                             special_count,     group_count, (uint32_t)(members.len / 4)};
    buf_append(out, head, sizeof head);
    buf_append_slice(out, buf_slice(&blocks));
    buf_append(out, d->order, d->seats * sizeof *d->order);
    uint32_t dear = one_in(g, 3) ? 3 : 40;
    for (uint32_t i = 0; i < d->seats; i++)
        put32(out, (uint32_t)draw(g, dear));
    for (uint32_t i = 0; i < d->seats; i++)
        buf_append_char(out, (char)d->category[i]);
    for (uint32_t i = 0; i < g->area_count; i++) {
        put32(out, g->area_size[i]);
        put32(out, g->area_category[i]);
    }
    buf_append_slice(out, buf_slice(&specials));
    buf_append_slice(out, buf_slice(&sizes));
    buf_append_slice(out, buf_slice(&members));
}
