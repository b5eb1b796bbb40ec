"""The planted bugs, and the searches that have to find them.

A mutant: a name, what it breaks, its edits (file, text that stands there exactly once, text instead), and
the searches that may find it, in the order in which they are tried. Most are the mistakes that people make
who build a box office; each was chosen because it would lose somebody's money, seat or trust.
"""
import subprocess

SIM_SEEDS = 400


def _hash_again(program, text):
    """A trace must not depend on where memory lies or on anything but the seed: asked twice, told twice."""
    runs = [subprocess.run([program, "--seeds", "12", "--hash", "--quiet"], capture_output=True, text=True,
                           timeout=600).stdout for _ in range(4)]
    different = [a for a in runs[1:] if a != runs[0]]
    return ("the same seed told another story" if different else text), bool(different)


SEARCHES = {
    "sim": {
        "target": "tests/sim/onsale-sim", "program": "tests/sim/onsale-sim",
        "arguments": ["--seeds", str(SIM_SEEDS)], "seconds": 900,
        "seed": r"seed (\d+)", "why": r"BROKEN: ([^\n]+)",
    },
    "twice": {
        "target": "tests/sim/onsale-sim", "program": "tests/sim/onsale-sim",
        "arguments": ["--seeds", "12", "--hash", "--quiet"], "seconds": 900,
        "seed": r"seed (\d+)", "why": r"(the same seed told another story)", "compare": _hash_again,
    },
    "lockstep": {
        "target": "tests/model/onsale-lockstep", "program": "tests/model/onsale-lockstep",
        "arguments": ["200000"], "seconds": 600,
        "seed": r"seed (\d+)", "why": r"(?m)^(?:FAIL|lockstep)[^\n]*",
    },
    "rooms": {  # the waiting room's machine beside its model
        "target": "tests/queue_test_lockstep", "program": "tests/queue_test_lockstep",
        "arguments": [], "seconds": 600,
        "seed": r"seed (\d+)", "why": r"(?m)^(?:\[  ERROR   \] --- )?(.*(?: != |Assertion|draw|place|session|call).*)$",
    },
}


def mutant(name, story, *edits, by=("sim",)):
    return {"name": name, "story": story, "edits": list(edits), "by": list(by)}


ENGINE = "src/engine/engine.c"
RECOVERY = "src/engine/recovery.c"
SNAPSHOTS = "src/engine/snapshots.c"
CASHIER = "src/cashier/cashier.c"
PAYMENTS = "src/effects/payments.c"
ANSWER = "src/effects/payments_answer.c"
STRIPE = "src/effects/stripe.c"
HOLD, ORDER, PAYMENT = "src/booking/hold.c", "src/booking/order.c", "src/booking/payment.c"
CHANGE, STATE, UNIT = "src/booking/change.c", "src/booking/state.h", "src/booking/unit.c"
LIFE, ALLOCATION, LIMIT = "src/booking/life.c", "src/booking/allocation.c", "src/booking/limit.c"
PARTY, BEST, CHOOSE = "src/booking/party.c", "src/booking/best.c", "src/booking/choose.c"
SWAP, DECISION, LOOK = "src/booking/change_hold.c", "src/booking/decision.c", "src/booking/look.c"
QUOTE, PROMO, PRICE, LEDGER = "src/booking/quote.c", "src/booking/promo.c", "src/booking/price.c", "src/booking/ledger.c"
REFUND, DISPUTE, CASE = "src/booking/refund.c", "src/booking/dispute.c", "src/booking/case.c"
BOTH = ("sim", "lockstep")
WAITING, ROOM, ENTER = "src/engine/waiting.c", "src/queue/machine.c", "src/queue/apply.c"
SEE, ROOM_LIFE = "src/queue/look.c", "src/queue/life.c"
QUEUE = ("sim", "rooms")

MUTANTS = [
    # ---- the commit rule ----
    mutant("reply_before_commit", "an answer does not wait for the batch it is in",
           (ENGINE, "        return e->open->number;", "        return 0;")),
    mutant("reply_while_in_flight", "a look does not wait for the batch that is being written",
           (ENGINE, "    return e->inflight ? e->inflight->number : 0;", "    return 0;")),
    mutant("failed_batch_believed", "a commit that failed is told as durable",
           (ENGINE, "    if (outcome != JOURNAL_DURABLE) {",
            "    if (outcome == JOURNAL_UNKNOWN) {")),
    mutant("state_kept_after_failure", "a failed batch is forgotten, its decisions stay in memory",
           (ENGINE, "        e->dead = true;\n        CRASH_POINT(\"engine.done.failed\");\n"
                    "        e->port.fatal(e->port.context, err);\n        return;",
            "        e->inflight = NULL;\n        buf_clear(&batch->body);\n"
            "        buf_clear(&batch->changes);\n        batch_drop_pictures(batch);\n"
            "        (void)err;\n        return;")),
    mutant("unknown_taken_as_failed", "a batch whose fate is unknown is written again",
           (ENGINE, "    if (outcome == JOURNAL_NO_SPACE) {",
            "    if (outcome == JOURNAL_NO_SPACE || outcome == JOURNAL_UNKNOWN) {")),
    mutant("unknown_taken_as_done", "a batch whose fate is unknown is told as durable",
           (ENGINE, "    if (outcome != JOURNAL_DURABLE) {",
            "    if (outcome == JOURNAL_FAILED) {")),
    mutant("full_disk_forgotten", "a batch that met a full disk is dropped",
           (ENGINE, "        e->stalled = true;\n", "        e->stalled = false;\n"
            "        e->inflight = NULL;\n        buf_clear(&batch->body);\n"
            "        buf_clear(&batch->changes);\n        batch_drop_pictures(batch);\n")),
    mutant("board_before_commit", "readers see a batch that is not durable",
           (ENGINE, "    batch->ts_us = e->last_ts_us;\n",
            "    batch->ts_us = e->last_ts_us;\n    publish_boards(e, batch, batch->number);\n")),
    mutant("board_not_told", "readers never see a change",
           (ENGINE, "        board_set(partition->board, changes[i].unit,",
            "        if (changes[i].unit % 4 != 3)\n            board_set(partition->board, changes[i].unit,")),
    mutant("entries_not_told", "consumers are told all but the last entry of a batch",
           (ENGINE, "    while (frame_next(body, &at, &frame) == 1) {\n        struct engine_entry entry = {seq,",
            "    while (frame_next(body, &at, &frame) == 1 && (at < body.len || body.len < 600)) {\n"
            "        struct engine_entry entry = {seq,")),

    # ---- time, recovery ----
    mutant("clock_may_stand", "two entries may bear one time",
           (ENGINE, "    return now > e->last_ts_us ? now : e->last_ts_us + 1;",
            "    return now >= e->last_ts_us ? now : e->last_ts_us + 1;")),
    mutant("clock_may_go_back", "the clock is believed when it goes back",
           (ENGINE, "    return now > e->last_ts_us ? now : e->last_ts_us + 1;", "    return now;")),
    mutant("outage_not_credited", "the time that the house was closed is taken from the buyers",
           (ENGINE, "    credit.credit_outage.outage_us = now - from;",
            "    credit.credit_outage.outage_us = 0 * (now - from);")),
    mutant("outage_credited_twice", "an outage is given back twice",
           (ENGINE, "    credit.credit_outage.outage_us = now - from;",
            "    credit.credit_outage.outage_us = 2 * (now - from);")),
    mutant("replay_by_clock", "a start applies entries at the time of the start",
           (RECOVERY, "booking_apply(p->booking, &e->entry, f->ts_us, NULL);",
            "booking_apply(p->booking, &e->entry, e->port.now_us(e->port.context) + f->pseq, NULL);")),
    mutant("last_row_not_read", "a start leaves out the last entry of a partition",
           (RECOVERY, "    if (p && f->pseq <= p->pseq)\n        return 0;",
            "    if (p && (f->pseq <= p->pseq || f->ts_us == journal_head(e->journal).ts_us))\n        return 0;")),
    mutant("checkpoint_before_effect", "a picture is taken of what is not durable",
           (SNAPSHOTS, "    if (e->dead || e->inflight || e->open->body.len > 0)\n        return false;",
            "    if (e->dead)\n        return false;")),
    mutant("snapshot_misses_a_map", "a restored machine does not find the keys of its orders",
           (LIFE, "    restore_image((char *)b->s, image);\n",
            "    restore_image((char *)b->s, image);\n"
            "    memset(b->order_keys, 0, (b->s->key_mask + (size_t)1) * 4);\n")),
    mutant("owed_calls_forgotten", "a start does not look for what orders that end still owe",
           (CASHIER, "            if (booking_call_get(b, order, &owed, text))",
            "            if (o.state != BOOKING_ORDER_ENDING && booking_call_get(b, order, &owed, text))")),
    mutant("capture_forgotten", "a start does not look for captures that are owed",
           (CASHIER, "            if (booking_call_get(b, order, &owed, text))",
            "            if (o.state != BOOKING_ORDER_SOLD && booking_call_get(b, order, &owed, text))")),
    mutant("silence_believed", "an order whose webhook was lost is never looked at",
           (CASHIER, "    case BOOKING_ENTRY_payment_created: cashier_watch(c, entry->partition, order, &o); break;",
            "    case BOOKING_ENTRY_payment_created: break;")),

    # ---- holds ----
    mutant("greater_for_at_least", "a hold lives one tick too long for whoever wants its seat",
           (STATE, "b->holds[unit_owner(b, unit)].expires_at_us <= ts_us);",
            "b->holds[unit_owner(b, unit)].expires_at_us < ts_us);"), by=BOTH),
    mutant("paid_at_the_last_tick", "an order is taken for a hold in the tick in which it ends",
           (ORDER, "(h->state == HOLD_LIVE && h->expires_at_us <= ts_us))",
            "(h->state == HOLD_LIVE && h->expires_at_us < ts_us))"), by=BOTH),
    mutant("hold_key_not_stored", "a hold is made without its idempotency key",
           (HOLD, "    if (key_is_set(h->key))\n        index_add(b->hold_keys,",
            "    if (key_is_set(h->key) && h->count > 1)\n        index_add(b->hold_keys,")),
    mutant("order_key_not_stored", "an order is made without its idempotency key",
           (ORDER, "    if (key_is_set(o->key))\n        index_add(b->order_keys,",
            "    if (key_is_set(o->key) && o->total_minor == 0)\n        index_add(b->order_keys,")),
    mutant("other_request_same_key", "a key is enough, whatever the request",
           (HOLD, "    if (hold == BOOKING_NONE || b->holds[hold].request != c->request) {",
            "    if (hold == BOOKING_NONE) {"), by=BOTH),
    mutant("partial_hold", "a hold takes what it gets",
           (CHOOSE, "    return d->culprit_count > 0 ? BOOKING_UNIT_UNAVAILABLE : BOOKING_OK;",
            "    return d->culprit_count == seats.count ? BOOKING_UNIT_UNAVAILABLE : BOOKING_OK;")),
    mutant("limit_race", "holds that live do not count for a buyer's limit",
           (LIMIT, "    uint32_t units = (buyer ? buyer->units : 0) + quantity - (old ? old->count : 0);",
            "    uint32_t units = quantity;\n    (void)old;"), by=BOTH),
    mutant("expiry_starved", "the timer expires nothing while somebody holds",
           (CHANGE, "    (void)decision_expire_due(b, ts_us, d);", "    if (b->s->live_holds == 1)\n        (void)decision_expire_due(b, ts_us, d);")),
    mutant("heap_not_moved", "a hold that is paid for keeps its old place among those that run out",
           (ORDER, "    heap_moved(b, e->hold);\n", "")),
    mutant("price_not_kept", "a hold pays today's price",
           (QUOTE, "    struct booking_price list = revision_prices(b, revision)[category];",
            "    struct booking_price list = revision_prices(b, b->s->revision + 0 * revision)[category];"),
           by=BOTH),
    mutant("area_count_not_undone", "places of an area that come back are not counted",
           (UNIT, "        area->available++;\n", "")),
    mutant("swap_keeps_the_old", "seats that a swap gives back stay held",
           (SWAP, "        if (!units_have(h->units, h->count, was.units[i]))\n            unit_set(b, was.units[i], BOOKING_FREE, 0, touched);",
            "        if (!units_have(h->units, h->count, was.units[i]) && i > 0)\n            unit_set(b, was.units[i], BOOKING_FREE, 0, touched);")),
    mutant("swap_moves_the_end", "a swap gives a hold its time anew",
           (SWAP, "    h->choice = BOOKING_CHOICE_BUYERS;\n",
            "    h->choice = BOOKING_CHOICE_BUYERS;\n    h->expires_at_us += 1000000;\n    heap_moved_later(b, e->hold);\n"),
           by=BOTH),

    # ---- who may have which ----
    mutant("companion_left_behind", "a companion is sold without its seat",
           (PARTY, "        if (of != 0 && !units_have(units, count, of - 1))", "        if (of != 0 && count > 1 && !units_have(units, count, of - 1))")),
    mutant("group_torn", "a group is sold in parts",
           (PARTY, "        if (b->info[units[i]].kind & KIND_GROUPED)\n", "        if (b->info[units[i]].kind & KIND_GROUPED && count > 1)\n")),
    mutant("single_left_alone", "a party of two may leave a single seat",
           (PARTY, "        check_single(p, block, position + 1, d);", "        if (p->count != 2)\n            check_single(p, block, position + 1, d);"),
           by=BOTH),
    mutant("allocation_leak", "what is kept for others is sold to anybody who names it",
           (STATE, "    return (allocations >> b->info[unit].allocation & 1) != 0;",
            "    return (allocations >> b->info[unit].allocation & 1) != 0 || (allocations & 1 && unit % 8 == 5);"), by=BOTH),
    mutant("released_too_early", "an allocation with a time of release is everybody's at once",
           (ALLOCATION, "        if (b->allocations[n].releases_at_us != 0 && b->allocations[n].releases_at_us <= ts_us)",
            "        if (b->allocations[n].releases_at_us != 0)"), by=BOTH),
    mutant("presale_opens_all", "a presale's code opens the public sale too",
           (ALLOCATION, "        audience.open = 0; /* a presale: what the code opens, and nothing else */\n", ""), by=BOTH),
    mutant("code_limit_leak", "units that a code opened are not given back to it",
           ("src/booking/hold.c", "    b->codes[h->code - 1].used -= h->code_units;", "    b->codes[h->code - 1].used -= h->code_units / 2u;"), by=BOTH),
    mutant("quota_of_sold_only", "a quota does not count what is held",
           (LIMIT, "            used += b->categories[c].held + b->categories[c].sold;", "            used += b->categories[c].sold;"), by=BOTH),
    mutant("category_limit_by_session_only", "an address has no limit of a category",
           (LIMIT, "    return check_categories(b, &wanted, ADDRESS, ts_us, d);", "    (void)wanted;\n    (void)d;\n    return BOOKING_OK;"), by=BOTH),
    mutant("iteration_by_pointer", "equal choices are made by where memory lies",
           (BEST, "    return cost < s->cost[way] || (cost == s->cost[way] && first < s->first[way]);",
            "    bool odd = ((uintptr_t)s->b >> 12 & 1) != 0;\n"
            "    return cost < s->cost[way] || (odd && cost == s->cost[way] && first < s->first[way]);"),
           by=("twice", "sim", "lockstep")),

    # ---- money ----
    mutant("late_success_sells", "an authorisation that comes after the end sells the seats",
           (PAYMENT, "    if (o->state != BOOKING_ORDER_PLACED) {\n        cancel_late_intent(b, c, d); /* else sold already",
            "    if (o->state != BOOKING_ORDER_PLACED && o->state != BOOKING_ORDER_ENDING) {\n        cancel_late_intent(b, c, d); /* else sold already")),
    mutant("late_success_ignored", "a payment that is made after the end is not cancelled",
           (PAYMENT, "    learn_intent(b, c, d);\n    struct provider_call call = provider_call(b, c->order, BOOKING_CALL_CANCEL, 1);\n    decision_call(b, d, &call);",
            "    learn_intent(b, c, d);")),
    mutant("expired_not_cancelled", "an order that ran out is not cancelled at the provider",
           (DECISION, "    if (o->intent_len > 0) { /* else the cancel", "    if (o->intent_len > 0 && o->declines > 0) { /* else the cancel")),
    mutant("timeout_is_a_decline", "no answer is taken for a no",
           (STRIPE, "    struct stripe_answer answer = {.result = STRIPE_UNKNOWN,",
            "    struct stripe_answer answer = {.result = reply->status ? STRIPE_UNKNOWN : STRIPE_REFUSED,")),
    mutant("server_error_is_a_refusal", "a 500 is taken for a no",
           (STRIPE, "    bool refusal = status >= 400 && status < 500 &&", "    bool refusal = status >= 400 && status < 600 &&")),
    mutant("busy_is_a_refusal", "a 429 is taken for a no",
           (STRIPE, "    bool refusal = status >= 400 && status < 500 && !answer.busy &&", "    bool refusal = status >= 400 && status < 500 &&")),
    mutant("another_key_each_time", "a call that is asked again gets a new key",
           (ANSWER, "    if (asking && call->kind == BOOKING_CALL_CREATE && answer->stuck) {", "    if (asking && call->kind == BOOKING_CALL_CREATE) {")),
    mutant("refusal_believed", "a refused capture is not looked up: it may have been made long ago",
           (ANSWER, "    } else if (call->kind == BOOKING_CALL_CREATE || call->stage != STAGE_ASK) {", "    } else if (call->kind != KIND_WATCH) {")),
    mutant("retry_forgotten", "a call is given up after some unknown answers",
           (ANSWER, "    call->unknown++;\n", "    if (++call->unknown > 6) {\n        table_remove(p, call);\n        --*(call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed);\n        free(call);\n        return;\n    }\n")),
    mutant("news_lost_when_full", "news that cannot be taken now is dropped",
           (PAYMENTS, "        if (!p->port.news(p->port.context, &news))\n            return false;", "        (void)p->port.news(p->port.context, &news);")),
    mutant("webhook_order_trusted", "a decline that comes late ends an order that is sold",
           (PAYMENT, "    if (o->state != BOOKING_ORDER_PLACED) {\n        cancel_late_intent(b, c, d);\n        return;\n    }\n    learn_intent(b, c, d);\n    struct entry_payment_declined",
            "    if (o->state != BOOKING_ORDER_PLACED && o->state != BOOKING_ORDER_SOLD) {\n        cancel_late_intent(b, c, d);\n        return;\n    }\n    learn_intent(b, c, d);\n    struct entry_payment_declined"), by=BOTH),
    mutant("webhook_doubled", "a webhook that comes twice counts twice",
           (CASHIER, "            return true;\n    }\n    return false;\n}\n\n/* The order that was paid", "            return event.low == 0;\n    }\n    return false;\n}\n\n/* The order that was paid")),
    mutant("webhook_lost_when_full", "a webhook that cannot be taken now is acknowledged",
           (CASHIER, "    return cashier_submit(c, order.partition, &news, ret_barrier);\n", "    (void)cashier_submit(c, order.partition, &news, ret_barrier);\n    return true;\n")),
    mutant("webhook_answered_early", "a webhook is acknowledged before what it says is durable",
           (CASHIER, "    *ret_barrier = result.barrier;\n", "    *ret_barrier = 0;\n")),
    mutant("captured_twice", "the second news of a capture is booked again",
           (PAYMENT, "    case BOOKING_ORDER_CAPTURED: break;\n    case BOOKING_ORDER_ENDED:", "    case BOOKING_ORDER_CAPTURED: put_captured(c, d); break;\n    case BOOKING_ORDER_ENDED:")),
    mutant("amount_not_looked_at", "whatever was authorised is good enough",
           (PAYMENT, "    if (c->amount_minor != o->total_minor) {\n        decision_case(b, d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE(\"authorised amount\"));",
            "    if (c->amount_minor == 0 && o->total_minor != 0) {\n        decision_case(b, d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE(\"authorised amount\"));")),
    mutant("case_not_opened", "money that came after the end is nobody's business",
           (PAYMENT, "        decision_case(b, d, c->order, BOOKING_CASE_CAPTURED_AFTER_END, SLICE(\"captured unasked\"));\n", ""), by=BOTH),
    mutant("ticket_before_money", "a ticket is valid as soon as the seat is sold",
           (LOOK, ".valid = owned && o->state == BOOKING_ORDER_CAPTURED &&", ".valid = owned && o->state >= BOOKING_ORDER_SOLD &&")),
    mutant("fee_not_booked", "the platform's fees are not in the ledger",
           (LEDGER, "    l->minor[BOOKING_ACCOUNT_FEES] += sign * line->fees_share;", "    l->minor[BOOKING_ACCOUNT_FEES] += sign * line->fees_share / 2;")),
    mutant("card_limit_before_the_pivot", "what a card pays at the same moment is not seen where its sale is decided",
           (PAYMENT, "    return limits_card_reached(b, c->card, &b->orders[c->order]);",
            "    uint32_t under_way = 0;\n    for (uint32_t i = 0; i < b->s->orders_used; i++)\n"
            "        under_way += b->orders[i].state == BOOKING_ORDER_SOLD && hash16_equal(b->orders[i].card, c->card);\n"
            "    return under_way == 0 && limits_card_reached(b, c->card, &b->orders[c->order]);"), by=BOTH),
    mutant("card_count_leaks", "what a card bought is forgotten when the limits of categories change",
           (LIMIT, "        if (count > 0 && key_is_set(o->card)) {",
            "        if (count > 0 && key_is_set(o->card) && b->s->limited_categories == 0) {"), by=("lockstep", "sim")),
    mutant("sale_without_its_card", "a webhook sells although it does not say with which card",
           (CASHIER, "    bool authorised = event->type == STRIPE_EVENT_AUTHORISED;",
            "    bool authorised = event->type == STRIPE_EVENT_DECLINED;")),
    mutant("ticket_secret_kept", "all seats of an order have one ticket's secret",
           (ORDER, "        sell_unit(b, e->order, i, u64s_at(e->randoms, i), touched);", "        sell_unit(b, e->order, i, u64s_at(e->randoms, 0), touched);")),

    # ---- what it costs ----
    mutant("discount_twice", "a promo code takes off twice what it says",
           (QUOTE, "        quote->discounts[i] += (uint32_t)off;", "        quote->discounts[i] += (uint32_t)(2 * off < price ? 2 * off : off);"), by=BOTH),
    mutant("percent_rounded_down", "a percentage is rounded down",
           (QUOTE, "off = (2 * price * value + WHOLE_BP) / (2 * WHOLE_BP); break;", "off = price * value / WHOLE_BP; break;"), by=BOTH),
    mutant("fee_of_nothing", "a seat that costs nothing costs its fee",
           (QUOTE, "    bool for_nothing = list.price_minor != 0 && list.price_minor == discount;", "    bool for_nothing = list.price_minor < 0;"), by=BOTH),
    mutant("dearest_for_nothing", "a package gives away its dearest seats",
           (QUOTE, "        if (k >= groups * p->paid)", "        if (k < groups * (p->size - p->paid))"), by=BOTH),
    mutant("promo_not_given_back", "a hold that ends keeps its use of the promo code",
           (HOLD, "        promo_leave(b, h->promo, h->promo_spent);\n    }\n    h->state = (uint8_t)how;", "        if (how != HOLD_EXPIRED)\n            promo_leave(b, h->promo, h->promo_spent);\n    }\n    h->state = (uint8_t)how;"), by=BOTH),
    mutant("last_use_won_twice", "the last use of a promo code is won by two",
           (PROMO, "        (p->uses == 0 || used < p->uses) && (p->budget == 0 || spent_before + spent <= p->budget);\n    if (fits)",
            "        (p->uses == 0 || used <= p->uses) && (p->budget == 0 || spent_before + spent <= p->budget);\n    if (fits)"), by=BOTH),
    mutant("budget_not_counted", "what others spent of a promo code's budget does not count",
           (PROMO, "        (p->uses == 0 || used < p->uses) && (p->budget == 0 || spent_before + spent <= p->budget);\n    if (fits)",
            "        (p->uses == 0 || used < p->uses) && (p->budget == 0 || spent <= p->budget);\n    if (fits)"), by=BOTH),
    mutant("prices_of_yesterday", "a hold has the prices of before the step that is due",
           (PRICE, "    if (prices_equal(b, due, now) ||", "    if (prices_equal(b, due, now) || b->s->live_holds > 1 ||"), by=BOTH),

    # ---- money that comes back ----
    mutant("refund_without_fee", "a refund leaves out the fee",
           (REFUND, "        e.amount_minor += order_line(b, o, i).total_minor;", "        e.amount_minor += order_line(b, o, i).total_minor - order_line(b, o, i).fee_minor;"), by=BOTH),
    mutant("refund_key_reused", "each refund of an order has the key of the first",
           (REFUND, "        .attempt = (uint8_t)(o->refund_calls + 1),", "        .attempt = 1,")),
    mutant("refunds_side_by_side", "a second refund is asked for while the first is owed",
           (REFUND, "    if (o->call == BOOKING_CALL_NONE && !o->attention)\n        put_next(b, d, c->order, open_refunds(o) | refund_bit(e.refund), &e);",
            "    if (!o->attention)\n        put_next(b, d, c->order, open_refunds(o) | refund_bit(e.refund), &e);"), by=BOTH),
    mutant("refund_asked_anew", "a refund whose answer got lost is asked for under a new key",
           (ANSWER, "        call->stage = STAGE_LOOK;\n        call->stuck = answer->stuck;", "        next_key(call);")),
    mutant("pending_is_done", "a refund that is on its way is told as done",
           (ANSWER, "    case STRIPE_REFUND_PENDING:\n    case STRIPE_REFUND_UNKNOWN: follow(p, call, refund); break;",
            "    case STRIPE_REFUND_PENDING: settle(p, call, BOOKING_PAYMENT_REFUNDED, refund->amount_minor); break;\n    case STRIPE_REFUND_UNKNOWN: follow(p, call, refund); break;")),
    mutant("refund_back_not_heard", "a refund that comes back is nobody's business",
           (CASHIER, "    return came_back ? BOOKING_PAYMENT_REFUND_FAILED : 0;", "    return came_back ? 0 : 0;")),
    mutant("late_capture_kept", "money that comes too late is kept",
           (PAYMENT, "        learn_intent(b, c, d);\n        take_back(b, c, d);\n        return;\n    }\n    for", "        learn_intent(b, c, d);\n        return;\n    }\n    for"), by=BOTH),
    mutant("seated_again_on_others", "who pays too late gets the seat that another has",
           (PAYMENT, "        if (!unit_is_free(b, o->units[i], ts_us) || !unit_in(b,", "        if (unit_state(b, o->units[i]) == BOOKING_BLOCKED || !unit_in(b,"), by=BOTH),
    mutant("lost_keeps_its_seats", "a lost dispute leaves the tickets with the buyer",
           (DISPUTE, "    for (uint32_t i = 0; !e->won && i < o->count; i++)", "    for (uint32_t i = 0; !e->won && o->count > 2 && i < o->count; i++)"), by=BOTH),
    mutant("disputed_admits", "a ticket admits while the bank decides",
           (LOOK, "order_dispute(b, o) != BOOKING_DISPUTE_OPEN,", "order_dispute(b, o) != BOOKING_DISPUTE_LOST,"), by=BOTH),
    mutant("posting_forgotten", "money that is taken for nothing is not booked",
           (LEDGER, "    case BOOKING_ENTRY_payment_taken:\n        move(&l, refunds, provider, entry->payment_taken.amount_minor);\n        break;", "    case BOOKING_ENTRY_payment_taken: break;"), by=BOTH),
    mutant("capture_before_sold", "a capture is asked for before the seats are sold",
           (PAYMENT, "    sell(b, c, d);\n    struct provider_call call = provider_call(b, c->order, BOOKING_CALL_CAPTURE, 1);\n    decision_call(b, d, &call);",
            "    struct provider_call call = provider_call(b, c->order, BOOKING_CALL_CAPTURE, 1);\n    decision_call(b, d, &call);\n    sell(b, c, d);")),
    mutant("case_closed_by_words", "a case is closed, and what was decided is not done",
           (CASE, "        decision_take_back(b, d, c->order, slice_make(o->intent, o->intent_len), c->amount_minor);\n", ""), by=BOTH),
    mutant("case_for_ever", "a sale that cannot be captured waits for ever",
           (CASE, "        if (o->case_at_us + LIMIT_CASE_SECONDS * TIME_SECOND_US > ts_us)\n            return;", "        if (o->case_at_us <= ts_us)\n            return;")),
    mutant("bank_has_for_ever", "seats wait for a bank without end",
           (PAYMENT, "    uint64_t until = ts_us + b->s->processing_seconds * TIME_SECOND_US;", "    uint64_t until = ts_us + b->s->processing_seconds * 1000 * TIME_SECOND_US;"), by=BOTH),
    mutant("other_provider", "a call goes to the first provider, whichever has the payment",
           (CASHIER, "        .provider = o->provider,\n    };\n    CRASH_POINT(\"cashier.owe.before\");", "        .provider = 0,\n    };\n    CRASH_POINT(\"cashier.owe.before\");")),

    # ---- waiting rooms: behind the engine ----
    mutant("join_told_before_commit", "a place is told before it is durable",
           (WAITING, "    result.barrier = engine_barrier(e);\n    CRASH_POINT(\"waiting.submit.after\");",
            "    result.barrier = 0;\n    CRASH_POINT(\"waiting.submit.after\");")),
    mutant("chain_of_another_row", "after a start the draw takes the hash of a later row",
           (WAITING, "    if (entry.number == QUEUE_ENTRY_lobby_closed)\n        waiting_closed(w, row_hash);",
            "    if (queue_wants_draw(w->queue))\n        waiting_closed(w, row_hash);")),
    mutant("draw_before_durable", "the draw does not wait for the row that closed the lobby",
           (WAITING, "    if (w->has_chain_hash && queue_wants_draw(w->queue)) {", "    if (queue_wants_draw(w->queue)) {")),
    mutant("picture_while_drawing", "a picture is taken between the lobby's end and its draw",
           (SNAPSHOTS, "    return w->pseq != w->snapshot_pseq && !queue_wants_draw(w->queue) &&", "    return w->pseq != w->snapshot_pseq &&")),
    mutant("room_outage_not_credited", "who was called loses the time for which the house was closed",
           (ENGINE, "            waiting_credit(e, number, from, credit.credit_outage.outage_us);", "            (void)from;")),
    mutant("room_beginning_not_read", "a start without the room's picture does not read its beginning",
           (RECOVERY, "    *ret_from = has_queue ? 1 : 0;\n", "    *ret_from = 0;\n")),
    mutant("room_waits_for_holds", "a waiting room has ticks only while somebody holds seats",
           (ENGINE, "        if (!wants_tick && !p->waiting)", "        if (!wants_tick)")),
    mutant("room_entry_twice", "a start applies the newest pictured entry of a room again",
           (WAITING, "    if (w && f->pseq <= w->pseq)\n        return 0;", "    if (w && f->pseq < w->pseq)\n        return 0;")),

    # ---- waiting rooms: who stands where ----
    mutant("number_given_again", "who left and comes back gets the old number",
           (ROOM, "    d->number = q->s->lanes[c->lane].count;",
            "    d->number = had && place.lane == c->lane && place.state == QUEUE_PLACE_LEFT ? place.number\n"
            "                                                                        : q->s->lanes[c->lane].count;"), by=QUEUE),
    mutant("missed_place_kept", "who missed the call keeps the place by joining again",
           (ROOM, "           state == QUEUE_PLACE_CALLED;", "           state == QUEUE_PLACE_CALLED || state == QUEUE_PLACE_MISSED;"), by=QUEUE),
    mutant("two_lanes_at_once", "who moves up to the priority lane keeps the place in the lobby",
           (ROOM, "    if (moves_up)\n        write_entry(d, QUEUE_ENTRY_visitor_left)", "    if (moves_up && q->s->lobby_closed)\n        write_entry(d, QUEUE_ENTRY_visitor_left)"), by=QUEUE),
    mutant("late_join_is_drawn", "a join after the opening is still in the lobby",
           (ROOM, "    if (lobby_due(q->s, ts_us))\n        write_lobby_closed(q, d);",
            "    if (lobby_due(q->s, ts_us) && command->number != QUEUE_COMMAND_join)\n        write_lobby_closed(q, d);"), by=QUEUE),
    mutant("draw_counts_late_joins", "those who came late change the draw",
           (ROOM_LIFE, "                        q->s->lanes[lane].lobby_count, q->s->chain_hash);", "                        q->s->lanes[lane].count, q->s->chain_hash);"), by=QUEUE),
    mutant("sessions_forgotten", "after a start from a picture nobody is found any more who was drawn",
           (ROOM_LIFE, "        life_make_draws(q);\n    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)\n        restore_index(q, lane);",
            "        life_make_draws(q);\n    for (uint32_t lane = s.drawn; lane < QUEUE_LANES; lane++)\n        restore_index(q, lane);"), by=QUEUE),
    mutant("called_falls_at_restart", "after a start from a picture those called last have to wait again",
           (ROOM_LIFE, "    restore_pages((char *)q->s, image);", "    restore_pages((char *)q->s, image);\n    q->s->lanes[QUEUE_GENERAL].called -= s.lanes[QUEUE_GENERAL].called > 2;"), by=QUEUE),

    # ---- waiting rooms: who comes in ----
    mutant("claim_before_call", "the next in the line comes in without being called",
           (ROOM, "    case QUEUE_PLACE_LOBBY:\n    case QUEUE_PLACE_WAITING: return QUEUE_NOT_CALLED;",
            "    case QUEUE_PLACE_LOBBY: return QUEUE_NOT_CALLED;\n    case QUEUE_PLACE_WAITING: return place->ahead > 0 ? QUEUE_NOT_CALLED : QUEUE_OK;"), by=QUEUE),
    mutant("call_a_moment_longer", "a call still lasts in the microsecond in which it ends",
           (SEE, "    if (!call || call->closes_at_us <= time_that_counts(q->s, ts_us))", "    if (!call || call->closes_at_us < time_that_counts(q->s, ts_us))"), by=QUEUE),
    mutant("admission_a_moment_longer", "an admission still lasts in the microsecond in which it ends",
           (SEE, "time_that_counts(q->s, ts_us) < q->admissions[slot].expires_at_us;", "time_that_counts(q->s, ts_us) <= q->admissions[slot].expires_at_us;"), by=QUEUE),
    mutant("late_claim_always", "who comes late comes in however many are in",
           (ROOM, "        if (q->s->paused_at_us != 0 || active_at(q, ts_us) >= q->s->target_active)", "        if (q->s->paused_at_us != 0)"), by=QUEUE),
    mutant("admission_survives_sold", "who bought stays in while others are in, too",
           (ROOM, "    if (slot != QUEUE_NONE && admission_lives(q, slot, ts_us))", "    if (slot != QUEUE_NONE && q->s->admitted == 1 && admission_lives(q, slot, ts_us))"), by=QUEUE),
    mutant("open_leak_on_leave", "who is called and leaves is still waited for",
           (ENTER, "    (void)no_longer_open(q, e->lane, e->number);\n    place_set_mark(q, e->lane, e->number, MARK_LEFT);", "    place_set_mark(q, e->lane, e->number, MARK_LEFT);"), by=QUEUE),
    mutant("active_counts_missed", "who missed the call counts as active until a tick says so",
           (SEE, "    for (uint32_t k = 0; k < l->call_count && call_at(q, lane, k)->closes_at_us <= counts_us; k++)",
            "    for (uint32_t k = 0; k + 1 < l->call_count && call_at(q, lane, k)->closes_at_us <= counts_us; k++)"), by=QUEUE),
    mutant("priority_called_twice", "when the priority lane is called, the general one is left out",
           (ROOM, "        (void)call_lane(q, QUEUE_GENERAL, c->general, ranks, ts_us, d);",
            "        (void)call_lane(q, c->priority > 0 ? QUEUE_PRIORITY : QUEUE_GENERAL, c->general, ranks, ts_us, d);"), by=QUEUE),
    mutant("called_while_paused", "the caller goes on in a pause",
           (ROOM, "    if (phase_at(q->s, ts_us) != QUEUE_LINE || q->s->paused_at_us != 0)", "    if (phase_at(q->s, ts_us) != QUEUE_LINE)"), by=QUEUE),
    mutant("pause_not_given_back", "who was called before a pause has less time after it",
           (ENTER, "        add_time(q, ts_us - s->paused_at_us);\n", ""), by=QUEUE),
    mutant("outage_in_a_pause_twice", "an outage within a pause is given back with it and by itself",
           (ROOM, "        if (q->s->paused_at_us == 0)\n            write_entry(d, QUEUE_ENTRY_outage_credited)", "        if (ts_us > 0)\n            write_entry(d, QUEUE_ENTRY_outage_credited)"), by=QUEUE),
    mutant("close_keeps_calls", "a closed room still waits for those it called",
           (ENTER, "        while (s->lanes[lane].call_count > 0)", "        while (s->lanes[lane].call_count > 1)"), by=QUEUE),
    mutant("sale_ends_hands_pause", "what the organiser paused goes on with the sale",
           (ENTER, "    case QUEUE_SALE_GOES_ON: s->pauses &= ~(uint32_t)PAUSED_BY_SALE; break;", "    case QUEUE_SALE_GOES_ON: s->pauses = 0; break;"), by=QUEUE),

    # ---- waiting rooms: access codes ----
    mutant("code_one_too_many", "an access code leads one session more than it is good for into the priority lane",
           (ROOM, "queue_code_sessions(q, code, c->session) >= c->code_limit", "queue_code_sessions(q, code, c->session) > c->code_limit"), by=QUEUE),
    mutant("code_not_given_back", "whoever was in keeps the use of the access code for ever",
           ("src/queue/admission.c", "    place_release_code(q, a->lane, a->number);\n", ""), by=QUEUE),
    mutant("code_counted_for_the_old_place", "who missed the call and comes again has used the access code twice",
           (ENTER, "        place_release_code(q, old_lane, old);\n", ""), by=QUEUE),
    mutant("codes_forgotten_by_images", "a restart forgets who came with which access code",
           (ROOM_LIFE, "    restore_codes(q);\n", ""), by=QUEUE),
]
