#include "model/model.h"

#include "booking/inventory.h"
#include "model/house.h"

#include <stdlib.h>

/* Which command goes where; how a house begins and ends. */

static enum booking_refusal tick(struct model *m)
{
    uint64_t since_us = m->ts_us - m->last_us;
    bool any = false;
    for (uint32_t i = 0; i < m->deals[HOLDS].count; i++)
        any = any || m->deals[HOLDS].all[i].state == LIVE;
    house_mark(m, CHOSEN);
    house_release_due(m);
    house_sweep(m, LIMIT_TICK_EXPIRIES);
    house_step(m);
    house_release_cases(m);
    bool note = any && since_us >= SECOND_US;
    for (uint32_t i = 0; i < m->deals[ORDERS].count; i++)
        note = note || (m->deals[ORDERS].all[i].state == BOOKING_ORDER_SOLD &&
                        m->deals[ORDERS].all[i].reason != 0 && since_us >= 60 * SECOND_US);
    if (m->out->entry_count == 0 && note)
        house_fact(m, BOOKING_ENTRY_time_passed);
    return BOOKING_OK;
}

static enum booking_refusal credit_outage(struct model *m, uint64_t outage_us)
{
    house_fact(m, BOOKING_ENTRY_outage_credited);
    for (uint32_t i = 0; i < m->deals[HOLDS].count; i++)
        if (m->deals[HOLDS].all[i].state == LIVE)
            m->deals[HOLDS].all[i].expires_at_us += outage_us;
    for (uint32_t i = 0; i < m->deals[ORDERS].count; i++) {
        struct deal *o = &m->deals[ORDERS].all[i];
        if (o->reason != 0)
            o->case_at_us += outage_us;
        if (o->state == BOOKING_ORDER_PLACED && o->processes_until_us != 0)
            o->processes_until_us += outage_us;
    }
    return BOOKING_OK;
}

static enum booking_refusal decide(struct model *m, const struct booking_command *c)
{
    switch ((enum booking_command_number)c->number) {
    case BOOKING_COMMAND_hold: return model_hold(m, &c->hold);
    case BOOKING_COMMAND_change_hold: return model_change_hold(m, &c->change_hold);
    case BOOKING_COMMAND_release_hold: return model_release_hold(m, &c->release_hold);
    case BOOKING_COMMAND_place_order: return model_place_order(m, &c->place_order);
    case BOOKING_COMMAND_cancel_order: return model_cancel_order(m, &c->cancel_order);
    case BOOKING_COMMAND_payment_news: return model_payment_news(m, &c->payment_news);
    case BOOKING_COMMAND_change_event: return model_change_event(m, &c->change_event);
    case BOOKING_COMMAND_change_allocation:
        return model_change_allocation(m, &c->change_allocation);
    case BOOKING_COMMAND_change_plan: return model_change_plan(m, &c->change_plan);
    case BOOKING_COMMAND_change_price_plan:
        return model_change_price_plan(m, &c->change_price_plan);
    case BOOKING_COMMAND_change_promos: return model_change_promos(m, &c->change_promos);
    case BOOKING_COMMAND_quote_hold: return model_quote_hold(m, &c->quote_hold);
    case BOOKING_COMMAND_extend_hold: return model_extend_hold(m, &c->extend_hold);
    case BOOKING_COMMAND_refund: return model_refund(m, &c->refund);
    case BOOKING_COMMAND_resolve_case: return model_resolve_case(m, &c->resolve_case);
    case BOOKING_COMMAND_tick: return tick(m);
    case BOOKING_COMMAND_credit_outage: return credit_outage(m, c->credit_outage.outage_us);
    case BOOKING_COMMAND_create_event:
    case BOOKING_COMMAND_COUNT_PLUS_ONE: break;
    }
    abort();
}

void model_decide_and_apply(struct model *m, const struct booking_command *command, uint64_t ts_us,
                            const struct booking_decision *machine,
                            struct model_outcome *ret_outcome)
{
    *ret_outcome = (struct model_outcome){.hold = BOOKING_NONE, .order = BOOKING_NONE};
    m->out = ret_outcome;
    m->ts_us = m->next_us = ts_us;
    m->machine = machine;
    m->who = (struct audience){.everybody = true};
    house_mark(m, UNTOUCHED);
    ret_outcome->refusal = decide(m, command);
}

struct model *model_create(const struct entry_event_created *created, uint64_t ts_us)
{
    static const struct booking_decision nothing;
    static uint64_t scratch[LIMIT_UNITS / 64];
    static uint32_t numbers[LIMIT_UNITS];
    struct model *m = house_grow(NULL, 0, sizeof *m);
    struct inventory v = {0};
    if (inventory_read(created->inventory, scratch, &v) != INVENTORY_OK)
        abort();
    m->opens_at_us = created->opens_at_us;
    m->closes_at_us = created->closes_at_us;
    m->hold_seconds = created->hold_seconds;
    m->pay_seconds = created->pay_seconds;
    m->category_count = v.category_count;
    m->organiser_bears = created->fee_bearer == BOOKING_BEARER_ORGANISER;
    m->payment_methods =
        created->payment_methods ? created->payment_methods : (uint32_t)BOOKING_METHOD_CARD;
    m->processing_seconds = created->processing_seconds;
    for (uint32_t i = 0; i < created->tax_bp.count; i++)
        m->tax_bp[i] = u32s_at(created->tax_bp, i);
    m->area_count = v.area_count;
    for (; m->unit_count < v.unit_count; m->unit_count++) {
        m->units = house_grow(m->units, m->unit_count, sizeof *m->units);
        m->units[m->unit_count].area = BOOKING_NONE;
        numbers[m->unit_count] = m->unit_count;
    }
    for (uint32_t area = 0, unit = v.seat_count; area < v.area_count; area++) {
        m->areas[area].first = unit;
        m->areas[area].size = inventory_word(v.areas, 2 * area);
        m->areas[area].category = inventory_word(v.areas, 2 * area + 1);
        for (uint32_t i = 0; i < m->areas[area].size; i++, unit++) {
            m->units[unit].area = area;
            m->units[unit].category = m->areas[area].category;
        }
    }
    house_read_plan(m, &v, (struct u32s){numbers, v.seat_count});
    /* Its terms are a first change of none. */
    struct model_outcome outcome;
    struct booking_command terms = {.number = BOOKING_COMMAND_change_event};
    terms.change_event = (struct command_change_event){
        .sale = BOOKING_SALES_OPEN,
        .singles = created->singles ? created->singles : (uint8_t)BOOKING_SINGLES_ALLOWED,
        .per_buyer = created->per_buyer,
        .per_hold = created->per_hold,
        .prices = created->prices,
        .fees = created->fees,
        .per_category = created->per_category,
        .block = created->blocked};
    model_decide_and_apply(m, &terms, ts_us, &nothing, &outcome);
    if (outcome.refusal != BOOKING_OK)
        abort();
    m->prices[0] = m->base;
    m->revisions = 1;
    m->revision = 0;
    m->last_us = ts_us;
    return m;
}

void model_destroy(struct model *m)
{
    if (!m)
        return;
    free(m->units);
    free(m->deals[HOLDS].all);
    free(m->deals[ORDERS].all);
    free(m->codes);
    free(m->promos);
    free(m->disputes);
    free(m);
}
