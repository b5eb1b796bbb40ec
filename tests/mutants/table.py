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
}


def mutant(name, story, *edits, by=("sim",)):
    return {"name": name, "story": story, "edits": list(edits), "by": list(by)}


ENGINE = "src/engine/engine.c"
RECOVERY = "src/engine/recovery.c"
SNAPSHOTS = "src/engine/snapshots.c"
CASHIER = "src/cashier/cashier.c"
PAYMENTS = "src/effects/payments.c"
STRIPE = "src/effects/stripe.c"
HOLD, ORDER, PAYMENT = "src/booking/hold.c", "src/booking/order.c", "src/booking/payment.c"
CHANGE, STATE, UNIT = "src/booking/change.c", "src/booking/state.h", "src/booking/unit.c"
LIFE, ALLOCATION, LIMIT = "src/booking/life.c", "src/booking/allocation.c", "src/booking/limit.c"
PARTY, BEST, CHOOSE = "src/booking/party.c", "src/booking/best.c", "src/booking/choose.c"
SWAP, DECISION, LOOK = "src/booking/change_hold.c", "src/booking/decision.c", "src/booking/look.c"
BOTH = ("sim", "lockstep")

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
           (ORDER, "    heap_moved_later(b, e->hold);\n", "")),
    mutant("price_not_kept", "a hold pays today's price",
           (UNIT, "    return b->prices[revision * b->s->category_count + b->info[unit].category];",
            "    return b->prices[b->s->revision * b->s->category_count + b->info[unit].category + 0 * revision];"),
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
           (PAYMENT, "    learn_intent(c, d);\n    decision_call(b, d, c->order, o->random, o->total_minor, BOOKING_CALL_CANCEL, 1);",
            "    learn_intent(c, d);")),
    mutant("expired_not_cancelled", "an order that ran out is not cancelled at the provider",
           (DECISION, "    if (o->intent_len > 0) /* else the cancel", "    if (o->intent_len > 0 && o->declines > 0) /* else the cancel")),
    mutant("timeout_is_a_decline", "no answer is taken for a no",
           (STRIPE, "    struct stripe_answer answer = {.result = STRIPE_UNKNOWN,",
            "    struct stripe_answer answer = {.result = reply->status ? STRIPE_UNKNOWN : STRIPE_REFUSED,")),
    mutant("server_error_is_a_refusal", "a 500 is taken for a no",
           (STRIPE, "    bool refusal = status >= 400 && status < 500 &&", "    bool refusal = status >= 400 && status < 600 &&")),
    mutant("busy_is_a_refusal", "a 429 is taken for a no",
           (STRIPE, "    bool refusal = status >= 400 && status < 500 && !answer.busy &&", "    bool refusal = status >= 400 && status < 500 &&")),
    mutant("another_key_each_time", "a call that is asked again gets a new key",
           (PAYMENTS, "    if (asking && call->kind == BOOKING_CALL_CREATE && answer->stuck) {", "    if (asking && call->kind == BOOKING_CALL_CREATE) {")),
    mutant("refusal_believed", "a refused capture is not looked up: it may have been made long ago",
           (PAYMENTS, "    } else if (call->kind == BOOKING_CALL_CREATE || call->stage == STAGE_LOOK) {", "    } else if (call->kind != KIND_WATCH) {")),
    mutant("retry_forgotten", "a call is given up after some unknown answers",
           (PAYMENTS, "    call->unknown++;\n", "    if (++call->unknown > 6) {\n        table_remove(p, call);\n        --*(call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed);\n        free(call);\n        return;\n    }\n")),
    mutant("news_lost_when_full", "news that cannot be taken now is dropped",
           (PAYMENTS, "        if (!p->port.news(p->port.context, &news))\n            return false;", "        (void)p->port.news(p->port.context, &news);")),
    mutant("webhook_order_trusted", "a decline that comes late ends an order that is sold",
           (PAYMENT, "    if (o->state != BOOKING_ORDER_PLACED) {\n        cancel_late_intent(b, c, d);\n        return;\n    }\n    if (o->intent_len == 0)\n        learn_intent(c, d);\n    decision_entry(d, BOOKING_ENTRY_payment_declined)",
            "    if (o->state != BOOKING_ORDER_PLACED && o->state != BOOKING_ORDER_SOLD) {\n        cancel_late_intent(b, c, d);\n        return;\n    }\n    if (o->intent_len == 0)\n        learn_intent(c, d);\n    decision_entry(d, BOOKING_ENTRY_payment_declined)"), by=BOTH),
    mutant("webhook_doubled", "a webhook that comes twice counts twice",
           (CASHIER, "            return true;\n    }\n    return false;\n}\n\nbool cashier_webhook",
            "            return event.low == 0;\n    }\n    return false;\n}\n\nbool cashier_webhook")),
    mutant("webhook_lost_when_full", "a webhook that cannot be taken now is acknowledged",
           (CASHIER, "    if (!cashier_submit(c, order.partition, &news, ret_barrier))\n        return false;", "    (void)cashier_submit(c, order.partition, &news, ret_barrier);")),
    mutant("webhook_answered_early", "a webhook is acknowledged before what it says is durable",
           (CASHIER, "    *ret_barrier = result.barrier;\n", "    *ret_barrier = 0;\n")),
    mutant("captured_twice", "the second news of a capture is booked again",
           (PAYMENT, "    if (o->state == BOOKING_ORDER_CAPTURED)\n        return;\n    if (o->state != BOOKING_ORDER_SOLD) {",
            "    if (o->state != BOOKING_ORDER_SOLD && o->state != BOOKING_ORDER_CAPTURED) {")),
    mutant("amount_not_looked_at", "whatever was authorised is good enough",
           (PAYMENT, "    if (c->amount_minor != o->total_minor) {\n        open_case(d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE(\"authorised amount\"));",
            "    if (c->amount_minor == 0 && o->total_minor != 0) {\n        open_case(d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE(\"authorised amount\"));")),
    mutant("case_not_opened", "money that came after the end is nobody's business",
           (PAYMENT, "            open_case(d, c->order, BOOKING_CASE_CAPTURED_AFTER_END, SLICE(\"captured unasked\"));\n", "            (void)d;\n")),
    mutant("ticket_before_money", "a ticket is valid as soon as the seat is sold",
           (LOOK, ".valid = b->orders[t->order].state == BOOKING_ORDER_CAPTURED", ".valid = b->orders[t->order].state >= BOOKING_ORDER_SOLD")),
    mutant("fee_not_booked", "the platform's fees are not in the ledger",
           (ORDER, "        b->s->ledger[LEDGER_FEES] -= price.fee_minor;", "        b->s->ledger[LEDGER_FEES] -= price.fee_minor / 2;")),
    mutant("ticket_secret_kept", "a seat's ticket is not made anew when it is sold",
           (ORDER, "        t->random = u64s_at(e->randoms, i);", "        t->random = u64s_at(e->randoms, 0);")),
]
