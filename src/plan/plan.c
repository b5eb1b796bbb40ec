#include "plan/model.h"

#include "base/hash.h"

#include <sodium.h>
#include <stdlib.h>

const char *const model_kind_names[SEAT_KIND_COUNT] = {"standard", "accessible", "companion",
                                                       "restricted_view", "vip"};
const char *const model_start_names[START_COUNT] = {"", "<", ">", "<>"};
const char *const model_side_names[SIDE_COUNT] = {"", "start", "end", "both"};
const char *const model_shape_names[SHAPE_KIND_COUNT] = {"polygon", "rectangle", "ellipse",
                                                         "circle", "text"};

void *model_grow(void *items, uint32_t *count, uint32_t *cap, size_t size)
{
    if (*count == *cap) {
        uint32_t more = *cap ? *cap * 2 : 16;
        void *grown = reallocarray(items, more, size);
        if (!grown)
            return NULL;
        items = grown;
        *cap = more;
    }
    memset((char *)items + (size_t)*count * size, 0, size);
    *count += 1;
    return items;
}

int plan_create(struct slice json, const struct plan_options *options, struct plan **ret_plan,
                struct buf *problems, struct err *err)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return err_set(err, "out of memory");
    struct problems found = {.lines = problems};
    int rc = read_plan(json, plan, &found, err);
    if (rc == 0)
        rc = check_plan(plan, options, &found, err);
    if (rc == 0 && found.count > 0) {
        problems_close(&found);
        rc = err_set(err, "the plan has %llu problem%s", (unsigned long long)found.count,
                     found.count == 1 ? "" : "s");
    }
    if (rc == 0) {
        BUF_AUTO struct buf normal = BUF_INIT;
        plan_write_pretix(plan, true, &normal);
        if (normal.failed || plan->texts.failed || plan->notes.failed)
            rc = err_set(err, "out of memory");
        else
            crypto_hash_sha256(plan->hash, (const unsigned char *)normal.data, normal.len);
    }
    if (rc < 0) {
        plan_destroy(plan);
        return rc;
    }
    *ret_plan = plan;
    return 0;
}

void plan_destroy(struct plan *plan)
{
    if (!plan)
        return;
    buf_finish(&plan->texts);
    buf_finish(&plan->notes);
    free(plan->categories.items);
    free(plan->zones.items);
    free(plan->rows.items);
    free(plan->seats.items);
    free(plan->extras.items);
    free(plan->groups.items);
    free(plan->shapes.items);
    free(plan->points.items);
    free(plan->slots);
    free(plan);
}

struct slice plan_name(const struct plan *plan)
{
    return model_text(plan, plan->name);
}

const uint8_t *plan_hash(const struct plan *plan)
{
    return plan->hash;
}

struct slice plan_notes(const struct plan *plan)
{
    return buf_slice(&plan->notes);
}

uint32_t plan_seat_count(const struct plan *plan)
{
    return plan->seats.count;
}

uint32_t plan_section_count(const struct plan *plan)
{
    return plan->zones.count;
}

uint32_t plan_row_count(const struct plan *plan)
{
    return plan->rows.count;
}

uint32_t plan_category_count(const struct plan *plan)
{
    return plan->categories.count;
}

uint32_t plan_largest_group(const struct plan *plan)
{
    uint32_t largest = 0;
    for (uint32_t g = 0; g < plan->groups.count; g++) {
        if (plan->groups.items[g].count > largest)
            largest = plan->groups.items[g].count;
    }
    return largest;
}

uint32_t plan_largest_group_in(const struct plan *plan, const uint32_t *price_categories,
                               uint32_t price_category)
{
    uint32_t largest = 0;
    for (uint32_t g = 0; g < plan->groups.count; g++) {
        const struct group *group = &plan->groups.items[g];
        uint32_t count = 0;
        for (uint32_t i = 0; i < group->count; i++) {
            uint8_t category = plan->seats.items[group->seats[i]].category;
            count += price_categories[category] == price_category;
        }
        largest = count > largest ? count : largest;
    }
    return largest;
}

struct slice plan_category_name(const struct plan *plan, uint32_t category)
{
    return model_text(plan, plan->categories.items[category].name);
}

struct slice plan_category_color(const struct plan *plan, uint32_t category)
{
    return model_text(plan, plan->categories.items[category].color);
}

struct slice plan_section_name(const struct plan *plan, uint32_t section)
{
    return model_text(plan, plan->zones.items[section].shown);
}

/* Reads a decimal without leading zeros below `limit`, or -1. */
static int64_t section_number(struct slice digits, uint32_t limit)
{
    uint32_t number = 0;
    if (digits.len == 0 || digits.len > 6 || (digits.len > 1 && digits.data[0] == '0'))
        return -1;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return -1;
        number = number * 10 + (uint32_t)(digits.data[i] - '0');
    }
    return number < limit ? (int64_t)number : -1;
}

int64_t plan_section_find(const struct plan *plan, struct slice id)
{
    if (id.len > 1 && id.data[0] == 's') {
        int64_t found = section_number(slice_make(id.data + 1, id.len - 1), plan->zones.count);
        if (found >= 0)
            return found;
    }
    if (id.len == 0)
        return -1;
    for (uint32_t z = 0; z < plan->zones.count; z++) {
        const struct zone *zone = &plan->zones.items[z];
        if (slice_equal(id, model_text(plan, zone->uuid)) ||
            slice_equal(id, model_text(plan, zone->zone_id)))
            return z;
    }
    return section_number(id, plan->zones.count);
}

void plan_section_seats(const struct plan *plan, uint32_t section, uint32_t *ret_first,
                        uint32_t *ret_count)
{
    const struct zone *zone = &plan->zones.items[section];
    uint32_t first = plan->seats.count, count = 0;
    for (uint32_t r = 0; r < zone->row_count; r++) {
        const struct row *row = &plan->rows.items[zone->first_row + r];
        if (r == 0)
            first = row->first_seat;
        count += row->seat_count;
    }
    *ret_first = first;
    *ret_count = count;
}

struct plan_seat plan_seat(const struct plan *plan, uint32_t seat)
{
    const struct seat *s = &plan->seats.items[seat];
    const struct row *row = &plan->rows.items[s->row];
    return (struct plan_seat){
        .guid = model_text(plan, s->guid),
        .section = model_text(plan, plan->zones.items[row->zone].shown),
        .row = model_text(plan, row->number),
        .number = model_text(plan, s->number),
        .section_index = row->zone,
        .category = s->category,
    };
}

struct point model_seat_place(const struct plan *plan, uint32_t seat)
{
    const struct seat *s = &plan->seats.items[seat];
    const struct row *row = &plan->rows.items[s->row];
    const struct zone *zone = &plan->zones.items[row->zone];
    return (struct point){zone->at.x + row->at.x + s->at.x, zone->at.y + row->at.y + s->at.y};
}

bool index_create(struct plan *plan)
{
    uint32_t slots = 16;
    while (slots < plan->seats.count * 2)
        slots *= 2;
    plan->slots = calloc(slots, sizeof *plan->slots);
    plan->slot_mask = slots - 1;
    return plan->slots != NULL;
}

/* The slot that holds `guid`, or the free one where it would go. */
static uint32_t index_slot(const struct plan *plan, struct slice guid, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    uint32_t slot = (uint32_t)hash & plan->slot_mask;
    while (plan->slots[slot].seat) {
        const struct seat *other = &plan->seats.items[plan->slots[slot].seat - 1];
        if (plan->slots[slot].tag == tag && slice_equal(model_text(plan, other->guid), guid))
            break;
        slot = (slot + 1) & plan->slot_mask;
    }
    return slot;
}

int64_t guid_index_find(const struct plan *plan, struct slice guid)
{
    if (guid.len == 0)
        return -1;
    uint32_t slot = index_slot(plan, guid, hash64_of(guid.data, guid.len, 0));
    return (int64_t)plan->slots[slot].seat - 1;
}

int64_t guid_index_add(struct plan *plan, uint32_t seat)
{
    struct slice guid = model_text(plan, plan->seats.items[seat].guid);
    uint64_t hash = hash64_of(guid.data, guid.len, 0);
    uint32_t slot = index_slot(plan, guid, hash);
    if (plan->slots[slot].seat)
        return (int64_t)plan->slots[slot].seat - 1;
    plan->slots[slot] = (struct guid_slot){seat + 1, (uint32_t)(hash >> 32)};
    return -1;
}

int64_t plan_seat_find(const struct plan *plan, struct slice guid)
{
    return guid_index_find(plan, guid);
}
