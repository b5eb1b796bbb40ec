/*
 * check: what pretix's schema cannot say. Each culprit is named together with the seat it clashes
 * with. Only repeated guids are ever repaired, and only when asked; seats are never merged.
 */
#include "plan/model.h"

#include "base/hash.h"
#include "base/json.h"

#include <math.h>
#include <stdlib.h>

static void check_categories(const struct plan *plan, struct problems *problems)
{
    for (uint32_t c = 0; c < plan->categories.count; c++) {
        struct slice name = plan_category_name(plan, c);
        if (name.len == 0) {
            problems_add(problems, "category %u: name is empty", c + 1);
            continue;
        }
        for (uint32_t other = 0; other < c; other++) {
            if (!slice_equal(name, plan_category_name(plan, other)))
                continue;
            BUF_AUTO struct buf shown = BUF_INIT;
            json_escape(&shown, name);
            problems_add(problems, "category %u: name %.*s was already used by category %u", c + 1,
                         SLICE_ARG(buf_slice(&shown)), other + 1);
            break;
        }
    }
}

/* Gives the seat a guid nobody has: its own, a dash and the smallest number that is free. */
static bool renumber_seat(struct plan *plan, uint32_t seat, uint32_t *next)
{
    struct text old = plan->seats.items[seat].guid;
    char guid[LIMIT_SEAT_GUID_BYTES + 1];
    for (;; (*next)++) {
        char tail[16];
        int tail_len = snprintf(tail, sizeof tail, "-%u", *next);
        size_t keep = old.len;
        if (keep + (size_t)tail_len > LIMIT_SEAT_GUID_BYTES)
            keep = LIMIT_SEAT_GUID_BYTES - (size_t)tail_len;
        const char *from = plan->texts.data + old.at;
        while (keep > 0 && keep < old.len && ((unsigned char)from[keep] & 0xc0) == 0x80)
            keep--; /* not within a letter of UTF-8 */
        memcpy(guid, from, keep);
        memcpy(guid + keep, tail, (size_t)tail_len);
        size_t len = keep + (size_t)tail_len;
        if (guid_index_find(plan, slice_make(guid, len)) >= 0)
            continue;
        (*next)++;
        plan->seats.items[seat].guid = (struct text){(uint32_t)plan->texts.len, (uint32_t)len};
        buf_append(&plan->texts, guid, len);
        return !plan->texts.failed;
    }
}

static void note_renumbered(struct plan *plan, uint32_t seat, struct slice old)
{
    char where[NAME_TEXT_MAX];
    model_name_seat(plan, seat, where);
    buf_append_text(&plan->notes, where);
    buf_append_text(&plan->notes, ": seat_guid ");
    json_escape(&plan->notes, old);
    buf_append_text(&plan->notes, " was repeated and is now ");
    json_escape(&plan->notes, plan_seat(plan, seat).guid);
    buf_append_char(&plan->notes, '\n');
}

static void complain_guid(const struct plan *plan, uint32_t seat, uint32_t first,
                          struct problems *problems)
{
    char other[NAME_TEXT_MAX] = "";
    BUF_AUTO struct buf guid = BUF_INIT;
    if (problems->count < LIMIT_PLAN_PROBLEMS && problems->lines) {
        model_name_seat(plan, first, other);
        json_escape(&guid, plan_seat(plan, seat).guid);
    }
    problems_add_seat(problems, plan, seat, "seat_guid %.*s was already used by %s",
                      SLICE_ARG(buf_slice(&guid)), other);
}

/* Fills the guid table. First all seats go in, so that no repaired guid takes one that stands
 * further down in the file. */
static int check_guids(struct plan *plan, bool renumber, struct problems *problems, struct err *err)
{
    uint32_t *next = NULL; /* by first seat of a guid: the number to try next */
    uint32_t noted = 0;
    int rc = 0;
    if (!index_create(plan))
        return err_set(err, "out of memory");
    uint32_t *clash = calloc((size_t)plan->seats.count + 1, sizeof *clash);
    if (renumber)
        next = calloc((size_t)plan->seats.count + 1, sizeof *next);
    if (!clash || (renumber && !next))
        rc = err_set(err, "out of memory");
    for (uint32_t s = 0; s < plan->seats.count && rc == 0; s++) {
        if (plan->seats.items[s].guid.len > 0)
            clash[s] = (uint32_t)(guid_index_add(plan, s) + 1);
    }
    for (uint32_t s = 0; s < plan->seats.count && rc == 0; s++) {
        if (clash[s] == 0)
            continue;
        uint32_t first = clash[s] - 1;
        if (!renumber) {
            complain_guid(plan, s, first, problems);
            continue;
        }
        if (next[first] == 0)
            next[first] = 2;
        if (!renumber_seat(plan, s, &next[first]) || guid_index_add(plan, s) >= 0)
            rc = err_set(err, "out of memory");
        else if (noted++ < LIMIT_PLAN_PROBLEMS)
            note_renumbered(plan, s, plan_seat(plan, first).guid);
    }
    if (noted > LIMIT_PLAN_PROBLEMS)
        buf_append_format(&plan->notes, "... and %u more seats\n", noted - LIMIT_PLAN_PROBLEMS);
    free(clash);
    free(next);
    return rc;
}

struct place {
    int64_t x, y; /* tenths of a unit, as the seat map has them */
    uint32_t seat;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->seat < q->seat ? -1 : p->seat > q->seat;
}

static int compare_clashes(const void *a, const void *b)
{
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

/* Two seats in one place: the seat map could not show them apart. Told in the order of the file. */
static int check_places(const struct plan *plan, struct problems *problems, struct err *err)
{
    uint32_t count = plan->seats.count, found = 0;
    struct place *places = calloc((size_t)count + 1, sizeof *places);
    uint32_t(*clashes)[2] = calloc((size_t)count + 1, sizeof *clashes);
    if (!places || !clashes) {
        free(places);
        free(clashes);
        return err_set(err, "out of memory");
    }
    for (uint32_t s = 0; s < count; s++) {
        struct point at = model_seat_place(plan, s);
        places[s] = (struct place){llround(at.x * 10), llround(at.y * 10), s};
    }
    qsort(places, count, sizeof *places, compare_places);
    for (uint32_t i = 1, first = 0; i < count; i++) {
        if (places[i].x != places[first].x || places[i].y != places[first].y) {
            first = i;
            continue;
        }
        clashes[found][0] = places[i].seat;
        clashes[found++][1] = places[first].seat;
    }
    qsort(clashes, found, sizeof *clashes, compare_clashes);
    for (uint32_t i = 0; i < found; i++) {
        char other[NAME_TEXT_MAX] = "";
        if (problems->count < LIMIT_PLAN_PROBLEMS && problems->lines)
            model_name_seat(plan, clashes[i][1], other);
        problems_add_seat(problems, plan, clashes[i][0], "stands in the same place as %s", other);
    }
    free(places);
    free(clashes);
    return 0;
}

/* Works out a missing size, and notes seats that a plan of its size would not show. */
static void check_size(struct plan *plan)
{
    double right = 1, bottom = 1;
    uint32_t outside = 0;
    for (uint32_t s = 0; s < plan->seats.count; s++) {
        struct point at = model_seat_place(plan, s);
        right = fmax(right, at.x);
        bottom = fmax(bottom, at.y);
        if (at.x < 0 || at.y < 0 || at.x > plan->width || at.y > plan->height)
            outside++;
    }
    if (plan->width == 0) {
        double most = LIMIT_PLAN_COORDINATE;
        plan->width = (uint32_t)fmin(ceil(right) + 20, most);
        plan->height = (uint32_t)fmin(ceil(bottom) + 20, most);
        buf_append_format(&plan->notes, "size is missing: taken as %u x %u\n", plan->width,
                          plan->height);
    } else if (outside > 0) {
        buf_append_format(&plan->notes, "%u seat%s outside of the plan's size\n", outside,
                          outside == 1 ? " lies" : "s lie");
    }
}

int check_plan(struct plan *plan, const struct plan_options *options, struct problems *problems,
               struct err *err)
{
    check_categories(plan, problems);
    if (plan->seats.count == 0)
        problems_add(problems, "plan: no seat");
    int rc = check_guids(plan, options && options->renumber, problems, err);
    if (rc == 0)
        rc = check_places(plan, problems, err);
    struct problems passed_over = {0};
    if (rc == 0)
        rc = together_find(plan, options && options->stored ? &passed_over : problems, err);
    if (rc == 0)
        check_size(plan);
    return rc;
}
