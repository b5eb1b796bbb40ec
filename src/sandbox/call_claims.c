/* call_claims: refunds and disputes (calls.h). */
#include "sandbox/calls_internal.h"

#define NO_ID slice_make("", 0)

/* The intent of a refund or dispute; it is there as long as they are. */
static bool intent_of(struct call *call, int64_t row, struct intent *ret_intent)
{
    return books_find_intent(call->books, NO_ID, row, ret_intent);
}

static bool by_card(const struct intent *intent)
{
    return !intent->method || intent->method->kind == METHOD_CARD;
}

/* ---- refunds ---- */

static void write_refund(struct call *call, struct json *j, const struct refund *refund,
                         const struct intent *intent)
{
    struct books_text first = books_movement_of(call->books, refund->id, false);
    struct books_text last = books_movement_of(call->books, refund->id, true);
    wire_refund(j, NULL,
                &(struct wire_refund){
                    .refund = refund, .intent = intent, .first = first.text, .last = last.text});
}

static void answer_refund(struct call *call, const struct refund *refund,
                          const struct intent *intent)
{
    struct json j = call_answer(call);
    write_refund(call, &j, refund, intent);
}

static void emit_refund(struct call *call, const char *type, const struct refund *refund,
                        const struct intent *intent)
{
    BUF_AUTO struct buf object = BUF_INIT;
    struct json j;
    json_begin(&j, &object);
    write_refund(call, &j, refund, intent);
    call_emit(call, type, intent->row, buf_slice(&object));
}

/* A charge that a bank has taken back, or is taking back, cannot be refunded as well. */
static bool note_dispute(void *context, const struct dispute *dispute)
{
    bool *disputed = context;
    if (!dispute_inquiry(dispute) && dispute->status != DISPUTE_WON)
        *disputed = true;
    return !*disputed;
}

static bool is_disputed(struct call *call, const struct intent *intent)
{
    bool disputed = false;
    books_each_dispute(call->books, &(struct books_query){.intent_row = intent->row}, note_dispute,
                       &disputed);
    return disputed;
}

/* The intent that a new refund is of; false: answered. */
static bool find_refundable(struct call *call, struct intent *ret_intent)
{
    struct slice id = call_field(call, "payment_intent"), charge = call_field(call, "charge");
    char message[160];
    if (id.len == 0 && charge.len == 0) {
        call_refuse(call, "parameter_missing", "charge",
                    "One of the following params should be provided for this request: "
                    "payment_intent or charge.");
        return false;
    }
    if (id.len ? !books_find_intent(call->books, id, 0, ret_intent)
               : !books_find_charge(call->books, charge, ret_intent)) {
        call_missing(call, id.len ? "payment_intent" : "charge",
                     id.len ? "payment_intent" : "charge", id.len ? id : charge);
        return false;
    }
    if (!is_disputed(call, ret_intent))
        return true;
    (void)snprintf(message, sizeof message,
                   "Charge %s has been charged back; cannot issue a refund.", ret_intent->charge);
    call_refuse(call, "charge_disputed", NULL, message);
    return false;
}

static bool read_refund(struct call *call, const struct intent *intent, struct refund *refund)
{
    static const char *const reasons[] = {"", "duplicate", "fraudulent", "requested_by_customer"};
    struct slice amount = call_field(call, "amount"), reason = call_field(call, "reason");
    bool known = false;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        known = known || slice_equal(reason, slice_from_string(reasons[i]));
    refund->amount = intent_left(intent);
    (void)snprintf(refund->metadata, sizeof refund->metadata, "{}");
    if (!known)
        call_refuse(call, NULL, "reason",
                    "Invalid reason: must be one of duplicate, fraudulent, or "
                    "requested_by_customer");
    else if (amount.len && (!call_integer(amount, &refund->amount) || refund->amount == 0))
        call_refuse(call, "parameter_invalid_integer", "amount",
                    "This value must be greater than or equal to 1.");
    else {
        (void)snprintf(refund->reason, sizeof refund->reason, "%.*s", SLICE_ARG(reason));
        return call_merge(call, "metadata", sizeof refund->metadata, refund->metadata);
    }
    return false;
}

/* What the method or a fault makes of a refund that has begun. */
static void plan_refund(struct call *call, const struct intent *intent, struct refund *refund)
{
    enum method_after after = intent->method ? intent->method->after : AFTER_NOTHING;
    bool slow = !by_card(intent) || after == AFTER_REFUND_PENDING;
    bool fails = call->fault.kind == FAULT_FAIL || after == AFTER_REFUND_FAILS;
    bool by_fault = call->fault.kind == FAULT_FAIL || call->fault.kind == FAULT_PENDING;
    uint32_t ms = by_fault ? call->fault.ms : call->times->refund_ms;
    bool pending = slow || call->fault.kind == FAULT_PENDING;
    refund->status = pending ? REFUND_PENDING : REFUND_SUCCEEDED;
    books_save_refund(call->books, refund);
    if (fails)
        agenda_add(call->agenda, AGENDA_REFUND_FAILS, refund->row, 0, ms);
    else if (pending)
        agenda_add(call->agenda, AGENDA_REFUND_SUCCEEDS, refund->row, 0, ms);
}

void calls_refund_create(struct call *call)
{
    struct intent intent;
    struct refund refund = {.created_s = call_now_s()};
    if (!KNOWS(call, "payment_intent", "charge", "amount", "reason", "metadata[", "metadata",
               "instructions_email", "refund_application_fee", "reverse_transfer") ||
        !find_refundable(call, &intent) || !read_refund(call, &intent, &refund))
        return;
    call->keep = true;
    if (!intent_refund(&intent, refund.amount)) {
        bool gone = intent.received > 0 && intent_left(&intent) == 0;
        call_refuse(call, gone ? "charge_already_refunded" : NULL, "amount",
                    gone ? "The charge has already been refunded."
                         : "Refund amount is greater than the unrefunded amount of the charge");
        return;
    }
    calls_make_id("re_", 24, sizeof refund.id, refund.id);
    refund.intent_row = intent.row;
    books_save_intent(call->books, &intent);
    plan_refund(call, &intent, &refund);
    call_move(call, &(struct call_movement){.type = by_card(&intent) ? "refund" : "payment_refund",
                                            .source = refund.id,
                                            .currency = intent.currency,
                                            .intent_row = intent.row,
                                            .amount = -refund.amount});
    emit_refund(call, "refund.created", &refund, &intent);
    call_emit_charge(call, "charge.refunded", &intent);
    answer_refund(call, &refund, &intent);
}

/* Moves a refund on, with what follows; false: not possible. */
static bool move_refund(struct call *call, struct refund *refund, struct intent *intent,
                        enum refund_status to)
{
    if (!refund_move(refund, to))
        return false;
    if (to == REFUND_FAILED)
        (void)snprintf(refund->failure_reason, sizeof refund->failure_reason,
                       "expired_or_canceled_card");
    books_save_refund(call->books, refund);
    if (to != REFUND_SUCCEEDED) {
        intent_unrefund(intent, refund->amount);
        books_save_intent(call->books, intent);
        call_move(call, &(struct call_movement){.type = by_card(intent) ? "refund_failure"
                                                                        : "payment_failure_refund",
                                                .source = refund->id,
                                                .currency = intent->currency,
                                                .intent_row = intent->row,
                                                .amount = refund->amount});
    }
    emit_refund(call, "refund.updated", refund, intent);
    emit_refund(call, "charge.refund.updated", refund, intent);
    if (to == REFUND_FAILED)
        emit_refund(call, "refund.failed", refund, intent);
    return true;
}

void call_refund_due(struct call *call, int64_t refund_row, bool fine)
{
    struct refund refund;
    struct intent intent;
    if (books_find_refund(call->books, NO_ID, refund_row, &refund) &&
        intent_of(call, refund.intent_row, &intent))
        (void)move_refund(call, &refund, &intent, fine ? REFUND_SUCCEEDED : REFUND_FAILED);
}

static bool find_refund(struct call *call, struct refund *ret_refund, struct intent *ret_intent)
{
    if (books_find_refund(call->books, call->id, 0, ret_refund) &&
        intent_of(call, ret_refund->intent_row, ret_intent))
        return true;
    call_missing(call, "refund", "id", call->id);
    return false;
}

void calls_refund_retrieve(struct call *call)
{
    struct refund refund;
    struct intent intent;
    if (find_refund(call, &refund, &intent))
        answer_refund(call, &refund, &intent);
}

void calls_refund_update(struct call *call)
{
    struct refund refund;
    struct intent intent;
    if (!KNOWS(call, "metadata[", "metadata") || !find_refund(call, &refund, &intent) ||
        !call_merge(call, "metadata", sizeof refund.metadata, refund.metadata))
        return;
    call->keep = true;
    books_save_refund(call->books, &refund);
    emit_refund(call, "refund.updated", &refund, &intent);
    answer_refund(call, &refund, &intent);
}

void calls_refund_decide(struct call *call)
{
    struct refund refund;
    struct intent intent;
    struct slice word = call_field(call, "outcome");
    enum refund_status to = slice_equal(word, SLICE("succeeded"))  ? REFUND_SUCCEEDED
                            : slice_equal(word, SLICE("failed"))   ? REFUND_FAILED
                            : slice_equal(word, SLICE("canceled")) ? REFUND_CANCELED
                                                                   : REFUND_PENDING;
    if (to == REFUND_PENDING)
        call_refuse(call, NULL, "outcome", "The outcome must be succeeded, failed or canceled.");
    else if (!find_refund(call, &refund, &intent))
        return;
    else if (!move_refund(call, &refund, &intent, to))
        call_refuse(call, NULL, "outcome", "Not possible for a refund in this state.");
    else
        answer_refund(call, &refund, &intent);
}

static bool list_refund(void *context, const struct refund *refund)
{
    struct call_list *list = context;
    struct intent intent;
    if (!call_list_room(list))
        return false;
    if (intent_of(list->call, refund->intent_row, &intent))
        write_refund(list->call, &list->j, refund, &intent);
    return true;
}

void calls_refund_list(struct call *call)
{
    struct call_list list;
    struct refund last;
    bool found = books_find_refund(call->books, call_field(call, "starting_after"), 0, &last);
    if (!call_list_begin(call, found, found ? last.row : 0, &list))
        return;
    books_each_refund(call->books, &list.query, list_refund, &list);
    call_list_end(&list, "/v1/refunds");
}

/* ---- disputes ---- */

static void write_dispute(struct call *call, struct json *j, const struct dispute *dispute,
                          const struct intent *intent)
{
    struct movement movements[2];
    struct books_text first = books_movement_of(call->books, dispute->id, false);
    struct books_text last = books_movement_of(call->books, dispute->id, true);
    size_t count = 0;
    if (books_find_movement(call->books, slice_from_string(first.text), &movements[0]))
        count = 1;
    if (count && strcmp(first.text, last.text) != 0 &&
        books_find_movement(call->books, slice_from_string(last.text), &movements[1]))
        count = 2;
    wire_dispute(
        j, NULL,
        &(struct wire_dispute){
            .dispute = dispute, .intent = intent, .movements = movements, .movement_count = count});
}

static void answer_dispute(struct call *call, const struct dispute *dispute,
                           const struct intent *intent)
{
    struct json j = call_answer(call);
    write_dispute(call, &j, dispute, intent);
}

static void emit_dispute(struct call *call, const char *type, const struct dispute *dispute,
                         const struct intent *intent)
{
    BUF_AUTO struct buf object = BUF_INIT;
    struct json j;
    json_begin(&j, &object);
    write_dispute(call, &j, dispute, intent);
    call_emit(call, type, intent->row, buf_slice(&object));
}

static void move_for(struct call *call, const struct dispute *dispute, const struct intent *intent,
                     int64_t amount)
{
    call_move(call, &(struct call_movement){.type = "adjustment",
                                            .source = dispute->id,
                                            .currency = intent->currency,
                                            .intent_row = intent->row,
                                            .amount = amount});
}

/* Opens a dispute that has its amount, reason and first status; false: there is not so much left.
 */
static bool open_dispute(struct call *call, struct dispute *dispute, struct intent *intent)
{
    bool takes = !dispute_inquiry(dispute);
    if (takes ? !intent_dispute(intent, dispute->amount)
              : intent->status != INTENT_SUCCEEDED || dispute->amount <= 0 ||
                    dispute->amount > intent_left(intent))
        return false;
    calls_make_id("du_", 24, sizeof dispute->id, dispute->id);
    dispute->intent_row = intent->row;
    dispute->created_s = call_now_s();
    (void)snprintf(dispute->evidence, sizeof dispute->evidence, "{}");
    (void)snprintf(dispute->metadata, sizeof dispute->metadata, "{}");
    books_save_dispute(call->books, dispute);
    books_save_intent(call->books, intent);
    if (takes)
        move_for(call, dispute, intent, -dispute->amount);
    emit_dispute(call, "charge.dispute.created", dispute, intent);
    if (takes)
        emit_dispute(call, "charge.dispute.funds_withdrawn", dispute, intent);
    return true;
}

/* False: it is over already. */
static bool decide_dispute(struct call *call, struct dispute *dispute, struct intent *intent,
                           bool won)
{
    bool takes = !dispute_inquiry(dispute);
    if (!dispute_decide(dispute, won))
        return false;
    books_save_dispute(call->books, dispute);
    if (takes && won) {
        intent_undispute(intent, dispute->amount);
        books_save_intent(call->books, intent);
        move_for(call, dispute, intent, dispute->amount);
    }
    emit_dispute(call, "charge.dispute.closed", dispute, intent);
    if (takes && won)
        emit_dispute(call, "charge.dispute.funds_reinstated", dispute, intent);
    return true;
}

void call_dispute_due(struct call *call, int64_t intent_row, enum agenda_dispute what)
{
    struct intent intent;
    struct dispute dispute = {.status = what == AGENDA_INQUIRY ? DISPUTE_WARNING_NEEDS_RESPONSE
                                                               : DISPUTE_NEEDS_RESPONSE};
    if (!intent_of(call, intent_row, &intent))
        return;
    dispute.amount = intent_left(&intent);
    (void)snprintf(dispute.reason, sizeof dispute.reason, "%s",
                   what == AGENDA_NOT_RECEIVED ? "product_not_received"
                   : what == AGENDA_DEBIT_LOST ? "debit_not_authorized"
                                               : "fraudulent");
    if (!open_dispute(call, &dispute, &intent))
        return; /* all was refunded in the meantime */
    if (what == AGENDA_DEBIT_LOST)
        (void)decide_dispute(call, &dispute, &intent, false);
    else if (what == AGENDA_FRAUD_WON || what == AGENDA_FRAUD_LOST)
        agenda_add(call->agenda,
                   what == AGENDA_FRAUD_WON ? AGENDA_DISPUTE_WON : AGENDA_DISPUTE_LOST, dispute.row,
                   0, call->times->dispute_ms);
}

void call_dispute_judged(struct call *call, int64_t dispute_row, bool won)
{
    struct dispute dispute;
    struct intent intent;
    if (books_find_dispute(call->books, NO_ID, dispute_row, &dispute) &&
        intent_of(call, dispute.intent_row, &intent))
        (void)decide_dispute(call, &dispute, &intent, won);
}

static bool find_dispute(struct call *call, struct dispute *ret_dispute, struct intent *ret_intent)
{
    if (books_find_dispute(call->books, call->id, 0, ret_dispute) &&
        intent_of(call, ret_dispute->intent_row, ret_intent))
        return true;
    call_missing(call, "dispute", "id", call->id);
    return false;
}

static void refuse_closed(struct call *call)
{
    call_refuse(call, NULL, NULL, "This dispute is already closed.");
}

void calls_dispute_retrieve(struct call *call)
{
    struct dispute dispute;
    struct intent intent;
    if (find_dispute(call, &dispute, &intent))
        answer_dispute(call, &dispute, &intent);
}

/* The evidence that Stripe's test mode understands: 1 wins, -1 loses, 0 is read by nobody. */
static int verdict_of(const struct call *call)
{
    struct slice name, value;
    for (size_t at = 0; form_next_in(&call->form, "evidence", &at, &name, &value);) {
        if (slice_equal(value, SLICE("winning_evidence")))
            return 1;
        if (slice_equal(value, SLICE("losing_evidence")))
            return -1;
    }
    return 0;
}

void calls_dispute_update(struct call *call)
{
    struct dispute dispute;
    struct intent intent;
    if (!KNOWS(call, "evidence[", "evidence", "metadata[", "metadata", "submit") ||
        !find_dispute(call, &dispute, &intent))
        return;
    struct slice submit = call_field(call, "submit"), name, value;
    size_t at = 0;
    bool evidence = form_next_in(&call->form, "evidence", &at, &name, &value);
    call->keep = true;
    if (!dispute_open(&dispute) && (evidence || submit.len)) {
        refuse_closed(call);
        return;
    }
    if (!call_merge(call, "evidence", sizeof dispute.evidence, dispute.evidence) ||
        !call_merge(call, "metadata", sizeof dispute.metadata, dispute.metadata))
        return;
    bool submits = slice_equal(submit, SLICE("true")) || (evidence && submit.len == 0);
    if (submits)
        (void)dispute_submit(&dispute);
    books_save_dispute(call->books, &dispute);
    int verdict = submits ? verdict_of(call) : 0;
    if (verdict)
        agenda_add(call->agenda, verdict > 0 ? AGENDA_DISPUTE_WON : AGENDA_DISPUTE_LOST,
                   dispute.row, 0, call->times->dispute_ms);
    emit_dispute(call, "charge.dispute.updated", &dispute, &intent);
    answer_dispute(call, &dispute, &intent);
}

void calls_dispute_close(struct call *call)
{
    struct dispute dispute;
    struct intent intent;
    if (!KNOWS(call, "expand[") || !find_dispute(call, &dispute, &intent))
        return;
    call->keep = true;
    if (decide_dispute(call, &dispute, &intent, false))
        answer_dispute(call, &dispute, &intent);
    else
        refuse_closed(call);
}

static bool list_dispute(void *context, const struct dispute *dispute)
{
    struct call_list *list = context;
    struct intent intent;
    if (!call_list_room(list))
        return false;
    if (intent_of(list->call, dispute->intent_row, &intent))
        write_dispute(list->call, &list->j, dispute, &intent);
    return true;
}

void calls_dispute_list(struct call *call)
{
    struct call_list list;
    struct dispute last;
    bool found = books_find_dispute(call->books, call_field(call, "starting_after"), 0, &last);
    if (!call_list_begin(call, found, found ? last.row : 0, &list))
        return;
    books_each_dispute(call->books, &list.query, list_dispute, &list);
    call_list_end(&list, "/v1/disputes");
}

/* ---- the bank's side ---- */

void calls_dispute_open(struct call *call)
{
    struct intent intent;
    struct dispute dispute = {.status = DISPUTE_NEEDS_RESPONSE};
    struct slice id = call_field(call, "intent"), reason = call_field(call, "reason");
    struct slice amount = call_field(call, "amount");
    if (reason.len == 0)
        reason = SLICE("fraudulent");
    if (!KNOWS(call, "intent", "reason", "amount", "inquiry"))
        return;
    if (!books_find_intent(call->books, id, 0, &intent)) {
        call_missing(call, "payment_intent", "intent", id);
        return;
    }
    if (!dispute_reason_known(reason)) {
        call_refuse(call, NULL, "reason", "Stripe has no dispute reason of that name.");
        return;
    }
    (void)snprintf(dispute.reason, sizeof dispute.reason, "%.*s", SLICE_ARG(reason));
    dispute.amount = intent_left(&intent);
    if (slice_equal(call_field(call, "inquiry"), SLICE("true")))
        dispute.status = DISPUTE_WARNING_NEEDS_RESPONSE;
    if ((amount.len && !call_integer(amount, &dispute.amount)) ||
        !open_dispute(call, &dispute, &intent))
        call_refuse(call, NULL, "amount",
                    "A dispute takes back at most what was captured and is neither refunded nor "
                    "disputed.");
    else
        answer_dispute(call, &dispute, &intent);
}

void calls_dispute_decide(struct call *call)
{
    struct dispute dispute;
    struct intent intent;
    struct slice word = call_field(call, "outcome");
    bool won = slice_equal(word, SLICE("won"));
    if (!won && !slice_equal(word, SLICE("lost")))
        call_refuse(call, NULL, "outcome", "The outcome must be won or lost.");
    else if (!find_dispute(call, &dispute, &intent))
        return;
    else if (!decide_dispute(call, &dispute, &intent, won))
        refuse_closed(call);
    else
        answer_dispute(call, &dispute, &intent);
}
