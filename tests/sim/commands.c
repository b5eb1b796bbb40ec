#include "commands.h"

#include "clients.h"
#include "process.h"

#include <stdlib.h>

struct hash16 hash_of(uint64_t kind, uint64_t number)
{
    uint64_t words[2] = {kind, number};
    struct hash128 wide = hash128_of(words, sizeof words);
    struct hash16 hash;
    memcpy(hash.bytes, &wide, sizeof hash.bytes);
    return hash;
}

/* ---- commands ---- */

static void fill_hold(struct request *r, struct booking_command *c, const uint32_t *areas)
{
    c->number = BOOKING_COMMAND_hold;
    c->hold.hold_random = random_secret(&sim_present->entropy);
    c->hold.session = r->session;
    if (r->seat_count)
        c->hold.seats = (struct u32s){r->seats, r->seat_count};
    if (r->area_quantity)
        c->hold.areas = (struct u32s){areas, 2};
    c->hold.best_categories = r->best_categories;
    c->hold.best_price_min = r->best_price_min;
    c->hold.best_price_below = r->best_price_below;
    c->hold.best_accessible = r->best_accessible;
    c->hold.best_section = r->best_section;
    c->hold.code = r->code;
    c->hold.best_quantity = r->best_quantity;
    c->hold.key = r->key;
    c->hold.request = r->request;
}

static void fill_order(struct request *r, struct booking_command *c, uint64_t *randoms)
{
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        randoms[i] = random_secret(&sim_present->entropy);
    c->number = BOOKING_COMMAND_place_order;
    c->place_order = (struct command_place_order){
        .order_random = random_secret(&sim_present->entropy),
        .hold = r->hold.slot,
        .hold_random = r->hold.random,
        .session = r->session,
        .email_hash = r->buyer->email,
        .person = r->buyer->number,
        .contact = SLICE("sealed"),
        .ticket_randoms = {randoms, LIMIT_HOLD_UNITS},
        .key = r->key,
        .request = r->request,
        .promo = r->promo,
    };
}

static void fill_change(struct request *r, struct booking_command *c)
{
    c->number = BOOKING_COMMAND_change_event;
    c->change_event.sale = r->change.sale;
    c->change_event.per_buyer = r->change.per_buyer;
    c->change_event.per_hold = r->change.per_hold;
    c->change_event.prices = (struct u64s){r->prices, r->change.prices.count};
    c->change_event.fees = (struct u64s){r->fees, r->change.fees.count};
    c->change_event.block = (struct u32s){r->block, r->block_count};
    c->change_event.unblock = (struct u32s){r->unblock, r->unblock_count};
    c->change_event.per_category = (struct u32s){r->per_category, r->per_category_count};
    c->change_event.singles = r->change.singles;
    c->change_event.set_quotas = r->set_quotas;
    c->change_event.quota_categories = (struct u64s){r->quota_categories, r->quota_count};
    c->change_event.quota_limits = (struct u32s){r->quota_limits, r->quota_count};
}

static void fill_allotment(struct request *r, struct booking_command *c)
{
    c->number = BOOKING_COMMAND_change_allocation;
    c->change_allocation = (struct command_change_allocation){
        .allocation = r->allot.allocation,
        .id = r->allot.id,
        .name = SLICE("kept back"),
        .kind = r->allot.kind,
        .opens_at_us = r->allot.opens_at_us,
        .releases_at_us = r->allot.releases_at_us,
        .release = r->release,
        .add = {r->add, r->add_count},
        .add_areas = {r->add_area, r->add_areas},
        .remove = {r->remove, r->remove_count},
        .remove_areas = {r->remove_area, r->remove_areas},
        .codes = {(const char *)r->codes, r->code_count * sizeof r->codes[0]},
        .code_limit = r->code_limit,
        .revoke = {(const char *)r->revoke, r->revoke_count * sizeof r->revoke[0]},
    };
}

static void fill_prices(struct request *r, struct booking_command *c)
{
    struct price_plan *p = &r->price_plan;
    c->number = BOOKING_COMMAND_change_price_plan;
    c->change_price_plan = (struct command_change_price_plan){
        .rule_categories = {p->rule_categories, p->rule_count},
        .rule_from_us = {p->from_us, p->rule_count},
        .rule_until_us = {p->until_us, p->rule_count},
        .rule_sold_from = {p->sold_from, p->rule_count},
        .rule_sold_below = {p->sold_below, p->rule_count},
        .rule_prices = {p->prices, p->rule_count},
        .ceilings = {p->ceilings, p->ceiling_count},
        .package_categories = {p->package_categories, p->package_count},
        .package_sizes = {p->package_sizes, p->package_count},
        .package_paid = {p->package_paid, p->package_count},
    };
}

static void fill_promos(struct request *r, struct booking_command *c)
{
    c->number = BOOKING_COMMAND_change_promos;
    c->change_promos = (struct command_change_promos){
        .codes = {(const char *)r->codes, r->code_count * sizeof r->codes[0]},
        .kind = r->terms.kind,
        .value = r->terms.value,
        .categories = r->terms.categories,
        .uses = r->terms.uses,
        .budget = r->terms.budget,
        .from_us = r->terms.from_us,
        .until_us = r->terms.until_us,
        .max_units = r->terms.max_units,
        .revoke = {(const char *)r->revoke, r->revoke_count * sizeof r->revoke[0]},
    };
}

static void fill_refund(struct request *r, struct booking_command *c)
{
    c->number = BOOKING_COMMAND_refund;
    c->refund = (struct command_refund){.order = r->order.slot,
                                        .order_random = r->order.random,
                                        .units = {r->units, r->unit_count},
                                        .block = r->block_units,
                                        .by = SLICE("the box office"),
                                        .note = SLICE("ill"),
                                        .key = r->key,
                                        .request = r->request};
}

static void fill_resolution(struct request *r, struct booking_command *c)
{
    c->number = BOOKING_COMMAND_resolve_case;
    c->resolve_case = (struct command_resolve_case){.order = r->order.slot,
                                                    .order_random = r->order.random,
                                                    .action = r->action,
                                                    .amount_minor = r->amount_minor,
                                                    .by = SLICE("the box office"),
                                                    .note = SLICE("seen")};
}

/* ---- what the house answers (inside the process) ---- */

static void read_hold(struct request *r, const struct booking *b, uint32_t slot)
{
    r->answer_hold_id = (struct id){r->event, slot, booking_hold_random(b, slot)};
    r->found = booking_hold_get(b, slot, r->answer_hold_id.random, &r->answer_hold);
}

static void read_order(struct request *r, const struct booking *b, uint32_t slot, uint64_t random)
{
    r->answer_order_id = (struct id){r->event, slot, random};
    r->found = booking_order_get(b, slot, random, &r->answer_order);
    if (!r->found)
        return;
    struct booking_order *o = &r->answer_order;
    if (o->intent.len)
        memcpy(r->intent, o->intent.data, o->intent.len);
    if (o->client_secret.len)
        memcpy(r->secret, o->client_secret.data, o->client_secret.len);
    for (uint32_t i = 0; i < o->unit_count; i++) {
        struct booking_ticket ticket;
        uint64_t secret = booking_ticket_random(b, o->units[i]);
        r->valid_tickets += secret && booking_ticket_get(b, o->units[i], secret, &ticket) &&
                            ticket.valid && ticket.order == slot;
    }
}

static void perform_look(struct sim *s, struct request *r)
{
    struct engine *engine = host_engine(s);
    const struct booking *b = engine_booking(engine, r->event);
    r->ask.barrier = engine_barrier(engine);
    r->decided_us = engine_now(engine);
    r->no_event = !b;
    if (b && r->what == LOOK_ORDER)
        read_order(r, b, r->order.slot, r->order.random);
    if (b && r->what == LOOK_HOLD)
        r->found = booking_hold_get(b, r->hold.slot, r->hold.random, &r->answer_hold);
}

/* False: there is nothing more to read. */
static bool read_result(struct request *r, const struct engine_result *result)
{
    r->ask.barrier = result->barrier;
    r->no_event = result->no_event;
    r->busy = result->no_space;
    if (r->busy || r->no_event)
        return false;
    r->refusal = result->refusal;
    r->decided_us = result->ts_us;
    r->repeated = result->decision->repeated;
    return r->refusal == BOOKING_OK;
}

/* The plan as it is, without one seat and with some more. */
static void perform_plan(struct sim *s, struct request *r)
{
    static uint32_t units[PLAN_SEATS_MAX];
    struct plan *plan = &s->clients->plans[r->event - 1];
    const struct booking *b = engine_booking(host_engine(s), r->event);
    struct engine_result result;
    uint32_t count = 0;
    BUF_AUTO struct buf inventory = BUF_INIT;
    r->no_event = !b;
    if (!b)
        return;
    struct booking_event event = booking_event(b);
    for (uint32_t seat = 0; seat < event.seat_count; seat++)
        if (seat != r->plan_drops || event.seat_count == 1)
            units[count++] = booking_seat_unit(b, seat);
    for (uint32_t i = 0; i < r->plan_adds && count < PLAN_SEATS_MAX; i++)
        units[count++] = event.unit_count + i;
    plan_write(plan, units, count, &inventory);
    if (inventory.failed) { /* no memory for it */
        r->busy = true;
        r->ask.barrier = engine_barrier(host_engine(s));
        return;
    }
    struct command_change_plan change = {.inventory = buf_slice(&inventory),
                                         .units = {units, count}};
    engine_change_plan(host_engine(s), r->event, &change, SLICE("{\"name\":\"Another plan\"}"),
                       &result);
    if (read_result(r, &result))
        plan->unit_count = booking_event(result.booking).unit_count;
}

static void perform_revise(struct sim *s, struct request *r)
{
    r->ask.barrier = engine_barrier(host_engine(s));
    r->busy = !engine_revise_event(host_engine(s), r->event, SLICE("{\"name\":\"Renamed\"}"),
                                   &r->ask.barrier);
}

static void perform_command(struct sim *s, struct request *r)
{
    struct booking_command c = {0};
    uint64_t randoms[LIMIT_HOLD_UNITS];
    uint32_t areas[2] = {r->area, r->area_quantity};
    struct engine_result result;
    switch (r->what) {
    case HOLD: fill_hold(r, &c, areas); break;
    case ORDER:
        fill_order(r, &c, randoms);
        r->unavailable = !host_checkout(s, &c.place_order.provider);
        if (r->unavailable) {
            r->ask.barrier = engine_barrier(host_engine(s));
            return;
        }
        break;
    case PRICES: fill_prices(r, &c); break;
    case PROMOS: fill_promos(r, &c); break;
    case REFUND: fill_refund(r, &c); break;
    case RESOLVE: fill_resolution(r, &c); break;
    case QUOTE:
        c.number = BOOKING_COMMAND_quote_hold;
        c.quote_hold =
            (struct command_quote_hold){r->hold.slot, r->hold.random, r->session, r->promo};
        break;
    case EXTEND:
        c.number = BOOKING_COMMAND_extend_hold;
        c.extend_hold =
            (struct command_extend_hold){r->hold.slot, r->hold.random, r->session, r->seconds};
        break;
    case CHANGE: fill_change(r, &c); break;
    case ALLOT: fill_allotment(r, &c); break;
    case SWAP:
        c.number = BOOKING_COMMAND_change_hold;
        c.change_hold = (struct command_change_hold){.hold = r->hold.slot,
                                                     .hold_random = r->hold.random,
                                                     .session = r->session,
                                                     .seats = {r->seats, r->seat_count},
                                                     .code = r->code};
        break;
    case RELEASE:
        c.number = BOOKING_COMMAND_release_hold;
        c.release_hold = (struct command_release_hold){r->hold.slot, r->hold.random, r->session};
        break;
    default:
        c.number = BOOKING_COMMAND_cancel_order;
        c.cancel_order = (struct command_cancel_order){r->order.slot, r->order.random, r->session};
    }
    engine_submit(host_engine(s), r->event, &c, &result);
    if (!read_result(r, &result))
        return;
    if (r->what == HOLD || r->what == SWAP || r->what == QUOTE || r->what == EXTEND)
        read_hold(r, result.booking, result.decision->hold);
    if (r->what == ORDER)
        read_order(r, result.booking, result.decision->order,
                   booking_order_random(result.booking, result.decision->order));
}

static void perform_list(struct sim *s, struct request *r)
{
    struct plan *plan = &s->clients->plans[r->event - 1];
    struct engine_listing listing = {
        .listed = {.event_random = plan->secret,
                   .organiser_random = 2,
                   .document = SLICE("{\"name\":\"An evening\"}"),
                   .key = plan->key,
                   .request = 1},
        .created = {.event_random = plan->secret,
                    .organiser_random = 2,
                    .currency = SLICE("EUR"),
                    .hold_seconds = plan->hold_seconds,
                    .pay_seconds = plan->pay_seconds,
                    .per_buyer = plan->per_buyer,
                    .per_hold = plan->per_hold,
                    .prices = {plan->prices, plan->category_count},
                    .fees = {plan->fees, plan->category_count},
                    .per_category = {plan->per_category, plan->per_category_count},
                    .singles = plan->singles,
                    .tax_bp = {plan->tax_bp, plan->tax_count},
                    .fee_bearer = plan->fee_bearer,
                    .payment_methods = plan->payment_methods,
                    .processing_seconds = plan->processing_seconds,
                    .inventory = buf_slice(&plan->inventory)},
    };
    enum directory_refusal refusal;
    struct err err;
    uint32_t number = 0;
    r->busy = engine_list_event(host_engine(s), &listing, &refusal, &number, &r->repeated,
                                &r->ask.barrier, &err) != 0;
    if (!r->busy && refusal != DIRECTORY_OK)
        sim_broken(s, "an event can be listed", "refusal %u", refusal);
    if (r->busy)
        r->ask.barrier = engine_barrier(host_engine(s));
    else
        plan->number = number;
}

void request_perform(struct sim *s, struct ask *ask)
{
    struct request *r = (struct request *)ask;
    r->busy = r->no_event = r->found = r->repeated = r->unavailable = false;
    r->refusal = BOOKING_OK;
    r->valid_tickets = 0;
    memset(r->intent, 0, sizeof r->intent);
    memset(r->secret, 0, sizeof r->secret);
    if (r->what == LIST)
        perform_list(s, r);
    else if (r->what == PLAN)
        perform_plan(s, r);
    else if (r->what == REVISE)
        perform_revise(s, r);
    else if (r->what == LOOK_HOLD || r->what == LOOK_ORDER)
        perform_look(s, r);
    else
        perform_command(s, r);
}

struct request *request_make(struct sim *s, struct buyer *b, enum what what)
{
    struct request *r = sim_new(s, sizeof *r);
    r->ask = (struct ask){.perform = request_perform, .answered = client_answered};
    r->what = what;
    r->buyer = b;
    if (b) {
        r->event = b->event;
        r->session = b->session;
        r->hold = b->hold;
        r->order = b->order;
    }
    return r;
}
