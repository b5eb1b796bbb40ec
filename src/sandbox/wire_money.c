/* wire_money: refunds, disputes, payouts, movements, events and lines of the books (wire.h). */
#include "sandbox/wire.h"

/* When a bank wants its answer. */
#define DISPUTE_ANSWER_S (7 * 86400)

void wire_refund(struct json *j, const char *key, const struct wire_refund *view)
{
    const struct refund *refund = view->refund;
    const char *kind = view->intent->method ? method_kind_word(view->intent->method->kind) : "card";
    bool gone = refund->status == REFUND_FAILED || refund->status == REFUND_CANCELED;
    json_put_object(j, key);
    json_put_string(j, "id", refund->id);
    json_put_string(j, "object", "refund");
    json_put_i64(j, "amount", refund->amount);
    wire_text(j, "balance_transaction", view->first);
    json_put_string(j, "charge", view->intent->charge);
    json_put_i64(j, "created", refund->created_s);
    json_put_string(j, "currency", view->intent->currency);
    json_put_object(j, "destination_details");
    json_put_object(j, kind);
    json_end(j);
    json_put_string(j, "type", kind);
    json_end(j);
    if (gone)
        wire_text(j, "failure_balance_transaction", view->last);
    if (refund->status == REFUND_FAILED)
        wire_text(j, "failure_reason", refund->failure_reason);
    json_put_raw(j, "metadata", slice_from_string(refund->metadata));
    json_put_string(j, "payment_intent", view->intent->id);
    if (refund->status == REFUND_PENDING)
        json_put_string(j, "pending_reason", "processing");
    wire_text(j, "reason", refund->reason);
    json_put_null(j, "receipt_number");
    json_put_null(j, "source_transfer_reversal");
    json_put_string(j, "status", refund_status_word(refund->status));
    json_put_null(j, "transfer_reversal");
    json_end(j);
}

static void put_evidence_details(struct json *j, const struct dispute *dispute)
{
    json_put_object(j, "evidence_details");
    if (dispute_open(dispute))
        json_put_i64(j, "due_by", dispute->created_s + DISPUTE_ANSWER_S);
    else
        json_put_null(j, "due_by");
    json_put_bool(j, "has_evidence", strcmp(dispute->evidence, "{}") != 0);
    json_put_bool(j, "past_due", false);
    json_put_i64(j, "submission_count", dispute->submissions);
    json_end(j);
}

void wire_dispute(struct json *j, const char *key, const struct wire_dispute *view)
{
    const struct dispute *dispute = view->dispute;
    const struct method *method = view->intent->method;
    json_put_object(j, key);
    json_put_string(j, "id", dispute->id);
    json_put_string(j, "object", "dispute");
    json_put_i64(j, "amount", dispute->amount);
    json_put_array(j, "balance_transactions");
    for (size_t i = 0; i < view->movement_count; i++)
        wire_movement(j, NULL, &view->movements[i]);
    json_end(j);
    json_put_string(j, "charge", view->intent->charge);
    json_put_i64(j, "created", dispute->created_s);
    json_put_string(j, "currency", view->intent->currency);
    json_put_raw(j, "evidence", slice_from_string(dispute->evidence));
    put_evidence_details(j, dispute);
    json_put_bool(j, "is_charge_refundable", dispute_inquiry(dispute));
    json_put_bool(j, "livemode", false);
    json_put_raw(j, "metadata", slice_from_string(dispute->metadata));
    json_put_string(j, "payment_intent", view->intent->id);
    if (method) {
        json_put_object(j, "payment_method_details");
        json_put_object(j, method_kind_word(method->kind));
        if (method->kind == METHOD_CARD) {
            json_put_string(j, "brand", method->brand);
            json_put_string(j, "case_type", dispute_inquiry(dispute) ? "inquiry" : "chargeback");
        }
        json_end(j);
        json_put_string(j, "type", method_kind_word(method->kind));
        json_end(j);
    }
    json_put_string(j, "reason", dispute->reason);
    json_put_string(j, "status", dispute_status_word(dispute->status));
    json_end(j);
}

static const char *payout_word(enum payout_status status)
{
    switch (status) {
    case PAYOUT_PENDING: return "pending";
    case PAYOUT_PAID: return "paid";
    case PAYOUT_FAILED: return "failed";
    }
    return "unknown";
}

void wire_payout(struct json *j, const char *key, const struct payout *payout, const char *movement)
{
    bool failed = payout->status == PAYOUT_FAILED;
    json_put_object(j, key);
    json_put_string(j, "id", payout->id);
    json_put_string(j, "object", "payout");
    json_put_i64(j, "amount", payout->amount);
    json_put_i64(j, "arrival_date", payout->created_s);
    json_put_bool(j, "automatic", payout->automatic);
    wire_text(j, "balance_transaction", movement);
    json_put_i64(j, "created", payout->created_s);
    json_put_string(j, "currency", payout->currency);
    json_put_null(j, "description");
    json_put_string(j, "failure_code", failed ? "account_closed" : NULL);
    json_put_string(j, "failure_message", failed ? "The bank account has been closed." : NULL);
    json_put_bool(j, "livemode", false);
    json_put_raw(j, "metadata", slice_from_string(payout->metadata));
    json_put_string(j, "method", "standard");
    json_put_string(j, "source_type", "card");
    json_put_null(j, "statement_descriptor");
    json_put_string(j, "status", payout_word(payout->status));
    json_put_string(j, "type", "bank_account");
    json_end(j);
}

void wire_movement(struct json *j, const char *key, const struct movement *movement)
{
    json_put_object(j, key);
    json_put_string(j, "id", movement->id);
    json_put_string(j, "object", "balance_transaction");
    json_put_i64(j, "amount", movement->amount);
    json_put_i64(j, "available_on", movement->created_s);
    json_put_i64(j, "created", movement->created_s);
    json_put_string(j, "currency", movement->currency);
    json_put_null(j, "description");
    json_put_null(j, "exchange_rate");
    json_put_i64(j, "fee", 0); /* play money is free */
    json_put_array(j, "fee_details");
    json_end(j);
    json_put_i64(j, "net", movement->amount);
    json_put_string(j, "reporting_category",
                    strcmp(movement->type, "adjustment") == 0 ? "dispute" : movement->type);
    json_put_string(j, "source", movement->source);
    json_put_string(j, "status", "available");
    json_put_string(j, "type", movement->type);
    json_end(j);
}

void wire_event(struct buf *out, const struct wire_event *event)
{
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_string(&j, "id", event->id);
    json_put_string(&j, "object", "event");
    json_put_string(&j, "api_version", WIRE_API_VERSION);
    json_put_i64(&j, "created", event->created_s);
    json_put_object(&j, "data");
    json_put_raw(&j, "object", event->object);
    json_end(&j);
    json_put_bool(&j, "livemode", false);
    json_put_u64(&j, "pending_webhooks", 1);
    json_put_object(&j, "request");
    json_put_null(&j, "id");
    if (event->idempotency_key.len)
        json_put_text(&j, "idempotency_key", event->idempotency_key);
    else
        json_put_null(&j, "idempotency_key");
    json_end(&j);
    json_put_string(&j, "type", event->type);
    json_end(&j);
}

/* ---- lines of the books ---- */

void wire_intent_line(struct json *j, const struct intent *intent)
{
    json_put_object(j, NULL);
    json_put_string(j, "id", intent->id);
    json_put_string(j, "status", intent_status_word(intent->status));
    json_put_i64(j, "amount", intent->amount);
    json_put_i64(j, "amount_capturable", intent->capturable);
    json_put_i64(j, "amount_captured", intent->received);
    json_put_i64(j, "amount_refunded", intent->refunded);
    json_put_i64(j, "amount_disputed", intent->disputed);
    json_put_string(j, "currency", intent->currency);
    json_put_i64(j, "created", intent->created_s);
    json_put_string(j, "method", intent->method ? method_kind_word(intent->method->kind) : NULL);
    json_put_raw(j, "metadata", slice_from_string(intent->metadata));
    json_end(j);
}

static void begin_line(struct json *j, const char *id, const char *status, int64_t amount,
                       const char *currency, int64_t created_s)
{
    json_put_object(j, NULL);
    json_put_string(j, "id", id);
    json_put_string(j, "status", status);
    json_put_i64(j, "amount", amount);
    json_put_string(j, "currency", currency);
    json_put_i64(j, "created", created_s);
}

static void put_intent(struct json *j, const struct intent *intent)
{
    json_put_string(j, "intent", intent->id);
    wire_text(j, "order", intent->order);
}

void wire_refund_line(struct json *j, const struct refund *refund, const struct intent *intent)
{
    begin_line(j, refund->id, refund_status_word(refund->status), refund->amount, intent->currency,
               refund->created_s);
    put_intent(j, intent);
    wire_text(j, "failure_reason", refund->failure_reason);
    json_put_raw(j, "metadata", slice_from_string(refund->metadata));
    json_end(j);
}

void wire_dispute_line(struct json *j, const struct dispute *dispute, const struct intent *intent)
{
    begin_line(j, dispute->id, dispute_status_word(dispute->status), dispute->amount,
               intent->currency, dispute->created_s);
    put_intent(j, intent);
    json_put_string(j, "reason", dispute->reason);
    json_put_i64(j, "submissions", dispute->submissions);
    json_end(j);
}

void wire_payout_line(struct json *j, const struct payout *payout)
{
    begin_line(j, payout->id, payout_word(payout->status), payout->amount, payout->currency,
               payout->created_s);
    json_put_bool(j, "automatic", payout->automatic);
    json_end(j);
}

void wire_balance_line(struct json *j, const struct books_balance *balance)
{
    json_put_object(j, NULL);
    json_put_string(j, "currency", balance->currency);
    json_put_i64(j, "captured", balance->captured);
    json_put_i64(j, "refunded", balance->refunded);
    json_put_i64(j, "disputed", balance->disputed);
    json_put_i64(j, "paid_out", balance->paid_out);
    json_put_i64(j, "balance", balance->balance);
    json_put_bool(j, "balanced",
                  balance->captured - balance->refunded - balance->disputed - balance->paid_out ==
                      balance->balance);
    json_end(j);
}
