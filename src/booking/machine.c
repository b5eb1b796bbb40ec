#include "booking/state.h"

/* The machine's two doors: which command is decided where, which entry is applied where. */

void booking_decide(const struct booking *b, const struct booking_command *command, uint64_t ts_us,
                    struct booking_decision *d)
{
    assert(ts_us > b->s->last_ts_us);
    d->refusal = BOOKING_OK;
    d->entry_count = 0;
    d->hold = BOOKING_NONE;
    d->order = BOOKING_NONE;
    d->repeated = false;
    d->choice = BOOKING_CHOICE_BUYERS;
    d->culprit_count = 0;
    d->categories = 0;
    d->text_used = 0;
    switch ((enum booking_command_number)command->number) {
    case BOOKING_COMMAND_hold: decide_hold(b, &command->hold, ts_us, d); break;
    case BOOKING_COMMAND_release_hold:
        decide_release_hold(b, &command->release_hold, ts_us, d);
        break;
    case BOOKING_COMMAND_place_order: decide_place_order(b, &command->place_order, ts_us, d); break;
    case BOOKING_COMMAND_cancel_order:
        decide_cancel_order(b, &command->cancel_order, ts_us, d);
        break;
    case BOOKING_COMMAND_payment_news:
        decide_payment_news(b, &command->payment_news, ts_us, d);
        break;
    case BOOKING_COMMAND_change_event:
        decide_change_event(b, &command->change_event, ts_us, d);
        break;
    case BOOKING_COMMAND_change_allocation:
        decide_change_allocation(b, &command->change_allocation, ts_us, d);
        break;
    case BOOKING_COMMAND_change_hold: decide_change_hold(b, &command->change_hold, ts_us, d); break;
    case BOOKING_COMMAND_change_plan: decide_change_plan(b, &command->change_plan, ts_us, d); break;
    case BOOKING_COMMAND_change_price_plan:
        decide_change_price_plan(b, &command->change_price_plan, ts_us, d);
        break;
    case BOOKING_COMMAND_change_promos: decide_change_promos(b, &command->change_promos, d); break;
    case BOOKING_COMMAND_quote_hold: decide_quote_hold(b, &command->quote_hold, ts_us, d); break;
    case BOOKING_COMMAND_extend_hold: decide_extend_hold(b, &command->extend_hold, ts_us, d); break;
    case BOOKING_COMMAND_refund: decide_refund(b, &command->refund, d); break;
    case BOOKING_COMMAND_resolve_case: decide_resolve_case(b, &command->resolve_case, d); break;
    case BOOKING_COMMAND_tick: decide_tick(b, ts_us, d); break;
    case BOOKING_COMMAND_credit_outage:
        decision_entry(d, BOOKING_ENTRY_outage_credited)->outage_credited.outage_us =
            command->credit_outage.outage_us;
        break;
    case BOOKING_COMMAND_create_event: /* a partition begins with booking_init */
    case BOOKING_COMMAND_COUNT_PLUS_ONE: assert(false);
    }
    assert(d->refusal == BOOKING_OK || d->entry_count == 0);
}

static void apply_hold_expired(struct booking *b, uint32_t hold, uint64_t ts_us,
                               struct booking_touched *touched)
{
    apply_hold_end(b, hold, HOLD_EXPIRED, ts_us, touched);
    if (b->holds[hold].order != BOOKING_NONE)
        order_hold_expired(b, b->holds[hold].order, ts_us);
}

void booking_apply(struct booking *b, const struct booking_entry *e, uint64_t ts_us,
                   struct booking_touched *touched)
{
    assert(ts_us > b->s->last_ts_us);
    b->s->last_ts_us = ts_us;
    ledger_post(b, e);
    switch ((enum booking_entry_number)e->number) {
    case BOOKING_ENTRY_event_changed: apply_event_changed(b, &e->event_changed); break;
    case BOOKING_ENTRY_units_blocked:
        apply_units_blocked(b, e->units_blocked.units, true, touched);
        break;
    case BOOKING_ENTRY_units_unblocked:
        apply_units_blocked(b, e->units_unblocked.units, false, touched);
        break;
    case BOOKING_ENTRY_units_held: apply_units_held(b, &e->units_held, touched); break;
    case BOOKING_ENTRY_hold_released:
        apply_hold_end(b, e->hold_released.hold, HOLD_RELEASED, ts_us, touched);
        break;
    case BOOKING_ENTRY_hold_expired:
        apply_hold_expired(b, e->hold_expired.hold, ts_us, touched);
        break;
    case BOOKING_ENTRY_order_placed: apply_order_placed(b, &e->order_placed, ts_us); break;
    case BOOKING_ENTRY_payment_requested: apply_payment_requested(b, &e->payment_requested); break;
    case BOOKING_ENTRY_payment_created: apply_payment_created(b, &e->payment_created); break;
    case BOOKING_ENTRY_payment_declined: apply_payment_declined(b, &e->payment_declined); break;
    case BOOKING_ENTRY_payment_authorised: break; /* a fact for the books; OrderSold follows */
    case BOOKING_ENTRY_order_sold: apply_order_sold(b, &e->order_sold, ts_us, touched); break;
    case BOOKING_ENTRY_payment_captured: apply_payment_captured(b, &e->payment_captured); break;
    case BOOKING_ENTRY_payment_cancelled:
        apply_payment_cancelled(b, &e->payment_cancelled, ts_us);
        break;
    case BOOKING_ENTRY_order_ended: apply_order_ended(b, &e->order_ended, ts_us, touched); break;
    case BOOKING_ENTRY_order_voided: apply_order_voided(b, &e->order_voided, touched); break;
    case BOOKING_ENTRY_payment_processing:
        apply_payment_processing(b, &e->payment_processing);
        break;
    case BOOKING_ENTRY_payment_taken: apply_payment_taken(b, &e->payment_taken); break;
    case BOOKING_ENTRY_refund_requested:
        apply_refund_requested(b, &e->refund_requested, touched);
        break;
    case BOOKING_ENTRY_refund_done: apply_refund_done(b, &e->refund_done, ts_us); break;
    case BOOKING_ENTRY_refund_failed: apply_refund_failed(b, &e->refund_failed); break;
    case BOOKING_ENTRY_dispute_opened: apply_dispute_opened(b, &e->dispute_opened, ts_us); break;
    case BOOKING_ENTRY_dispute_closed: apply_dispute_closed(b, &e->dispute_closed, touched); break;
    case BOOKING_ENTRY_case_opened: apply_case_opened(b, &e->case_opened, ts_us); break;
    case BOOKING_ENTRY_case_closed: apply_case_closed(b, &e->case_closed); break;
    case BOOKING_ENTRY_time_passed: break;
    case BOOKING_ENTRY_outage_credited: apply_outage_credited(b, &e->outage_credited); break;
    case BOOKING_ENTRY_allocation_set: apply_allocation_set(b, &e->allocation_set); break;
    case BOOKING_ENTRY_units_moved: apply_units_moved(b, &e->units_moved, touched); break;
    case BOOKING_ENTRY_allocation_released:
        apply_allocation_released(b, &e->allocation_released, touched);
        break;
    case BOOKING_ENTRY_codes_set: apply_codes_set(b, &e->codes_set); break;
    case BOOKING_ENTRY_quotas_set: apply_quotas_set(b, &e->quotas_set); break;
    case BOOKING_ENTRY_hold_changed: apply_hold_changed(b, &e->hold_changed, touched); break;
    case BOOKING_ENTRY_prices_stepped: apply_prices_stepped(b, &e->prices_stepped); break;
    case BOOKING_ENTRY_price_plan_set: apply_price_plan_set(b, &e->price_plan_set); break;
    case BOOKING_ENTRY_promos_set: apply_promos_set(b, &e->promos_set); break;
    case BOOKING_ENTRY_promos_revoked: apply_promos_revoked(b, &e->promos_revoked); break;
    case BOOKING_ENTRY_hold_quoted: apply_hold_quoted(b, &e->hold_quoted); break;
    case BOOKING_ENTRY_hold_extended: apply_hold_extended(b, &e->hold_extended); break;
    case BOOKING_ENTRY_event_created: /* booking_init */
    case BOOKING_ENTRY_plan_changed:  /* booking_change_plan */
    case BOOKING_ENTRY_COUNT_PLUS_ONE: assert(false);
    }
}
