/*
 * together: seats that are sold with others. Resolves x_group and x_companion_of into seat numbers
 * and names what the box office could not sell: a group of one seat or of more than a hold may
 * have, a companion of nobody, of itself or of another companion.
 */
#include "plan/model.h"

#include "base/json.h"

#include <stdlib.h>

static struct seat_extra *extra_of(const struct plan *plan, uint32_t seat)
{
    uint32_t extra = plan->seats.items[seat].extra;
    return extra ? &plan->extras.items[extra - 1] : NULL;
}

/* Seat "...": x_group "name" <what>. */
static void complain(const struct plan *plan, uint32_t seat, const char *key, struct text name,
                     const char *what, struct problems *problems)
{
    BUF_AUTO struct buf shown = BUF_INIT;
    if (problems->count < LIMIT_PLAN_PROBLEMS && problems->lines)
        json_escape(&shown, model_text(plan, name));
    problems_add_seat(problems, plan, seat, "%s %.*s %s", key, SLICE_ARG(buf_slice(&shown)), what);
}

/* ---- groups ---- */

struct member {
    struct slice group;
    uint32_t seat;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *p = a, *q = b;
    size_t len = p->group.len < q->group.len ? p->group.len : q->group.len;
    int order = memcmp(p->group.data, q->group.data, len);
    if (order != 0)
        return order;
    if (p->group.len != q->group.len)
        return p->group.len < q->group.len ? -1 : 1;
    return p->seat < q->seat ? -1 : p->seat > q->seat;
}

/* Groups stand in the order of their first seats. */
static int compare_groups(const void *a, const void *b)
{
    const struct group *p = a, *q = b;
    return p->seats[0] < q->seats[0] ? -1 : p->seats[0] > q->seats[0];
}

static bool take_group(struct plan *plan, const struct member *members, uint32_t count,
                       struct problems *problems)
{
    uint32_t first = members[0].seat;
    struct text name = extra_of(plan, first)->group;
    if (count == 1) {
        complain(plan, first, "x_group", name, "has no other seat", problems);
        return true;
    }
    if (count > LIMIT_HOLD_UNITS) {
        char what[80];
        (void)snprintf(what, sizeof what, "has %u seats, at most %u are sold together", count,
                       LIMIT_HOLD_UNITS);
        complain(plan, first, "x_group", name, what, problems);
        return true;
    }
    struct group *group = LIST_ADD(&plan->groups);
    if (!group)
        return false;
    group->count = count;
    for (uint32_t i = 0; i < count; i++)
        group->seats[i] = members[i].seat;
    return true;
}

static int find_groups(struct plan *plan, struct problems *problems, struct err *err)
{
    struct member *members = calloc((size_t)plan->extras.count + 1, sizeof *members);
    uint32_t count = 0;
    bool good = members != NULL;
    for (uint32_t s = 0; good && s < plan->seats.count; s++) {
        const struct seat_extra *extra = extra_of(plan, s);
        if (extra && extra->group.len > 0)
            members[count++] = (struct member){model_text(plan, extra->group), s};
    }
    if (good)
        qsort(members, count, sizeof *members, compare_members);
    for (uint32_t from = 0, to; good && from < count; from = to) {
        for (to = from + 1; to < count && slice_equal(members[to].group, members[from].group);)
            to++;
        good = take_group(plan, members + from, to - from, problems);
    }
    free(members);
    if (!good)
        return err_set(err, "out of memory");
    if (plan->groups.count > 0)
        qsort(plan->groups.items, plan->groups.count, sizeof *plan->groups.items, compare_groups);
    return 0;
}

/* ---- companions ---- */

static const char *companion_fault(const struct plan *plan, uint32_t seat, int64_t of)
{
    if (plan->seats.items[seat].kind != SEAT_COMPANION)
        return "on a seat whose x_kind is not companion";
    if (of < 0)
        return "is no seat of this plan";
    if (of == seat)
        return "is the seat itself";
    return plan->seats.items[of].kind == SEAT_COMPANION ? "is a companion itself" : NULL;
}

static void find_companions(struct plan *plan, struct problems *problems)
{
    for (uint32_t s = 0; s < plan->seats.count; s++) {
        struct seat_extra *extra = extra_of(plan, s);
        if (!extra || extra->companion_of.len == 0)
            continue;
        int64_t of = guid_index_find(plan, model_text(plan, extra->companion_of));
        const char *fault = companion_fault(plan, s, of);
        if (fault)
            complain(plan, s, "x_companion_of", extra->companion_of, fault, problems);
        else
            extra->companion_seat = (uint32_t)of + 1;
    }
}

int64_t model_companion_of(const struct plan *plan, uint32_t seat)
{
    const struct seat_extra *extra = extra_of(plan, seat);
    return extra ? (int64_t)extra->companion_seat - 1 : -1;
}

int together_find(struct plan *plan, struct problems *problems, struct err *err)
{
    if (plan->extras.count == 0)
        return 0;
    find_companions(plan, problems);
    return find_groups(plan, problems, err);
}
