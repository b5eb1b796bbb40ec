/*
 * records: the one definition of all commands and entries of the box office machine. The lists
 * below make the structs, the codec's tables (records.c) and the dump. Numbers are never reused;
 * fields are only added at the end (architecture 14).
 *
 * Shared meanings: `*_random` is the secret half of an id and never 0; `session` is the hash of the
 * buyer's session; `key` with `request` is the idempotency key's hash (all zero: none) and the hash
 * of the request it came with; `units` are unit numbers of inventory.h, rising; lists of categories
 * have one item per price category. Amounts are minor units of the event's currency, times
 * microseconds.
 */
#ifndef ONSALE_BOOKING_RECORDS_H
#define ONSALE_BOOKING_RECORDS_H

#include "base/codec.h"

/* ---- entries: facts ---- */

#define ENTRY_EVENT_CREATED(F)                                                                    \
    F(U64, event_random)                                                                          \
    F(U64, organiser_random)                                                                      \
    F(BYTES, payment_account)                                                                     \
    F(BYTES, currency)                                                                            \
    F(U64, opens_at_us)                                                                           \
    F(U64, closes_at_us) /* 0: never */                                                           \
    F(U32, hold_seconds)                                                                          \
    F(U32, pay_seconds)                                                                           \
    F(U32, per_buyer)                                                                             \
    F(U32, per_hold)                                                                              \
    F(U64S, prices)                                                                               \
    F(U64S, fees)                                                                                 \
    F(BYTES, inventory)   /* booking/inventory.h */                                               \
    F(U32S, blocked)      /* units not for sale from the start */                                 \
    F(U32S, per_category) /* units one buyer may have of each category; 0: no limit of its own */ \
    F(U8, singles)        /* enum booking_singles; 0: allowed */                                  \
    F(U32S, tax_bp)       /* tax inside prices and fees, basis points; empty: none */             \
    F(U8, fee_bearer)     /* enum booking_bearer; 0: the buyer */                                 \
    F(U32, payment_methods)    /* a set of enum booking_method; 0: cards */                       \
    F(U32, processing_seconds) /* how long seats wait for a payment that takes days */

/* Sale states: 0 unchanged, 1 open, 2 paused, 3 closed. Numbers 0 and empty lists: unchanged. */
#define ENTRY_EVENT_CHANGED(F) \
    F(U8, sale)                \
    F(U32, per_buyer)          \
    F(U32, per_hold)           \
    F(U64S, prices)            \
    F(U64S, fees)              \
    F(U32S, per_category)      \
    F(U8, singles)

#define ENTRY_UNITS_BLOCKED(F) F(U32S, units)
#define ENTRY_UNITS_UNBLOCKED(F) F(U32S, units)

#define ENTRY_UNITS_HELD(F)                                                        \
    F(U32, hold)                                                                   \
    F(U64, hold_random)                                                            \
    F(HASH, session)                                                               \
    F(U64, expires_at_us)                                                          \
    F(U32S, units)                                                                 \
    F(HASH, key)                                                                   \
    F(U64, request)                                                                \
    F(U32, code)       /* slot + 1 of the access code it was made with; 0: none */ \
    F(U8, choice)      /* why these: enum booking_choice; 0: the buyer chose */    \
    F(U32S, discounts) /* off each unit's list price; empty: none */

#define ENTRY_HOLD_RELEASED(F) F(U32, hold)
#define ENTRY_HOLD_EXPIRED(F) F(U32, hold)

#define ENTRY_ORDER_PLACED(F)                                                \
    F(U32, order)                                                            \
    F(U64, order_random)                                                     \
    F(U32, hold)                                                             \
    F(HASH, session)                                                         \
    F(HASH, email_hash) /* keyed, of the normalised address */               \
    F(U64, person)                                                           \
    F(BYTES, contact) /* name and e-mail, encrypted with the person's key */ \
    F(I64, total_minor)                                                      \
    F(U64, expires_at_us) /* of the hold, extended for paying */             \
    F(HASH, key)                                                             \
    F(U64, request)                                                          \
    F(U8, provider) /* which of the house's providers: 0 the first, 1 the other */

/* A call to the provider is owed. Kinds: enum booking_call. `call_key` is sent as the
 * provider's idempotency key, `body` are the exact bytes to send. */
#define ENTRY_PAYMENT_REQUESTED(F) \
    F(U32, order)                  \
    F(U8, kind)                    \
    F(U8, attempt)                 \
    F(BYTES, call_key)             \
    F(BYTES, body)

#define ENTRY_PAYMENT_CREATED(F) \
    F(U32, order)                \
    F(BYTES, intent)             \
    F(BYTES, client_secret)

#define ENTRY_PAYMENT_DECLINED(F) \
    F(U32, order)                 \
    F(BYTES, code)                \
    F(U64, expires_at_us) /* of the hold, when the payment was processing; 0: as it was */

#define ENTRY_PAYMENT_AUTHORISED(F) F(U32, order) F(I64, amount_minor)

/* The pivot: seats sold, tickets made, ledger posted. `randoms` has one item per unit. */
#define ENTRY_ORDER_SOLD(F) \
    F(U32, order)           \
    F(U32S, units)          \
    F(U64S, randoms)        \
    F(HASH, card) /* that pays, keyed and of this event only; zero: unknown, or for nothing */

#define ENTRY_PAYMENT_CAPTURED(F) F(U32, order) F(I64, amount_minor)

/* The provider confirmed that the intent can never be paid. */
#define ENTRY_PAYMENT_CANCELLED(F) F(U32, order)

/* Reasons: enum booking_end. The hold, if it still lives, is released by it. */
#define ENTRY_ORDER_ENDED(F) F(U32, order) F(U8, reason)

/* Somebody has to look: enum booking_case. */
#define ENTRY_CASE_OPENED(F) F(U32, order) F(U8, reason) F(BYTES, detail)

#define ENTRY_TIME_PASSED(F) F(U8, reserved)
#define ENTRY_OUTAGE_CREDITED(F) F(U64, outage_us)

/* An allocation is made or redefined. Numbers begin with 1. Times: 0 `opens_at_us`: with the sale;
 * 0 `releases_at_us`: never by itself. */
#define ENTRY_ALLOCATION_SET(F)                    \
    F(U32, allocation)                             \
    F(BYTES, id)                                   \
    F(BYTES, name)                                 \
    F(U8, kind) /* enum booking_allocation_kind */ \
    F(U64, opens_at_us)                            \
    F(U64, releases_at_us)

/* Units now belong to this allocation; 0: to everybody. None of them is held or sold. */
#define ENTRY_UNITS_MOVED(F) F(U32, allocation) F(U32S, units)

/* Its units are everybody's from now on. */
#define ENTRY_ALLOCATION_RELEASED(F) F(U32, allocation)

/* These codes open the allocation (0: nothing, they are revoked), each for at most `limit` units in
 * all (0: no limit). `codes` are hashes of 16 bytes, one behind the other. */
#define ENTRY_CODES_SET(F) F(U32, allocation) F(U32, limit) F(BYTES, codes)

/* All quotas anew: at most `limits[i]` units of the categories in the set `categories[i]` (a bit
 * each) may be held or sold. */
#define ENTRY_QUOTAS_SET(F) F(U64S, categories) F(U32S, limits)

/* The hold now lists these units instead. */
#define ENTRY_HOLD_CHANGED(F)                                                 \
    F(U32, hold)                                                              \
    F(U32S, units)                                                            \
    F(U32, code)                                                              \
    F(U32S, discounts)  /* off each unit's price; empty: none */              \
    F(U32, promo)       /* slot + 1 of its promo code from now on; 0: none */ \
    F(U64, promo_spent) /* of the discounts, what the promo code takes off */

/* The seats are another plan's from now on. `units` tells for each seat of the new plan which unit
 * it is: an old one, or a new one (numbers on from the last unit, rising). Seats that are in no
 * plan any more stay units, removed for ever. Areas stay. */
#define ENTRY_PLAN_CHANGED(F) F(BYTES, inventory) F(U32S, units)

/* These prices are in force from now on, with the fees as they are. */
#define ENTRY_PRICES_STEPPED(F) F(U64S, prices)

/* What makes prices, all together (MONEY.md). Rules, one item each: category, times (0: none),
 * units sold (0: any number), price. Ceilings: one a category (0: none), or empty. Packages: `paid`
 * of `size` units of the categories are paid. */
#define ENTRY_PRICE_PLAN_SET(F) \
    F(U32S, rule_categories)    \
    F(U64S, rule_from_us)       \
    F(U64S, rule_until_us)      \
    F(U32S, rule_sold_from)     \
    F(U32S, rule_sold_below)    \
    F(U64S, rule_prices)        \
    F(U64S, ceilings)           \
    F(U64S, package_categories) \
    F(U32S, package_sizes)      \
    F(U32S, package_paid)

/* These promo codes (hashes of 16 bytes, one behind the other) have these terms from now on. Kinds:
 * enum booking_promo. 0 in a bound: none. */
#define ENTRY_PROMOS_SET(F) \
    F(BYTES, codes)         \
    F(U8, kind)             \
    F(U64, value)           \
    F(U64, categories)      \
    F(U32, uses)            \
    F(U64, budget)          \
    F(U64, from_us)         \
    F(U64, until_us)        \
    F(U32, max_units)
#define ENTRY_PROMOS_REVOKED(F) F(BYTES, codes)

/* The hold has this promo code (slot + 1, 0: none) and these discounts from now on. */
#define ENTRY_HOLD_QUOTED(F) F(U32, hold) F(U32, promo) F(U32S, discounts) F(U64, promo_spent)
#define ENTRY_HOLD_EXTENDED(F) F(U32, hold) F(U64, expires_at_us)

/* The buyer has paid in a way that takes time; the hold waits. `until_us`: how long for this order,
 * however often it processes. */
#define ENTRY_PAYMENT_PROCESSING(F) F(U32, order) F(U64, expires_at_us) F(U64, until_us)
/* Money was taken and nothing is sold for it: it has to go back. */
#define ENTRY_PAYMENT_TAKEN(F) F(U32, order) F(I64, amount_minor)
/* What was sold and never captured is not: no tickets, and the units are free. */
#define ENTRY_ORDER_VOIDED(F) F(U32, order)

/* `refund` counts from 1 in each order. No units: money taken for nothing goes back. `by` and
 * `note` are the person's who wants it, as they gave them; who asks tells repeats by the key. */
#define ENTRY_REFUND_REQUESTED(F)                                   \
    F(U32, order)                                                   \
    F(U8, refund)                                                   \
    F(U32S, units)                                                  \
    F(I64, amount_minor)                                            \
    F(U8, block) /* 1: the units are blocked, not for sale again */ \
    F(BYTES, by)                                                    \
    F(BYTES, note)                                                  \
    F(HASH, key)                                                    \
    F(U64, request)
/* `attempt`: the one that was paid (as in its PaymentRequested); 0: none was. */
#define ENTRY_REFUND_DONE(F)                         \
    F(U32, order)                                    \
    F(U8, refund)                                    \
    F(I64, amount_minor)                             \
    F(U8, settled) /* 1: paid back from elsewhere */ \
    F(U8, attempt)
/* The provider took a refund back that was done: the buyer's bank refused it. */
#define ENTRY_REFUND_FAILED(F) F(U32, order) F(U8, refund) F(I64, amount_minor)

/* `dispute` is the provider's id; `due_at_us`: when evidence has to be there, 0: unknown. */
#define ENTRY_DISPUTE_OPENED(F) \
    F(U32, order)               \
    F(BYTES, dispute)           \
    F(I64, amount_minor)        \
    F(U64, due_at_us)           \
    F(BYTES, reason)
#define ENTRY_DISPUTE_CLOSED(F) F(U32, order) F(U8, won)

/* Actions: enum booking_action. `by`: who, empty: its time was over. `by_hand_minor`: what somebody
 * refunded at the provider, into the books (negative: out of them, it was too much). */
#define ENTRY_CASE_CLOSED(F) \
    F(U32, order)            \
    F(U8, action)            \
    F(BYTES, by)             \
    F(BYTES, note)           \
    F(I64, by_hand_minor)

/* number, struct tag, name as shown, field list */
#define BOOKING_ENTRIES(R)                                                    \
    R(1, event_created, EventCreated, ENTRY_EVENT_CREATED)                    \
    R(2, event_changed, EventChanged, ENTRY_EVENT_CHANGED)                    \
    R(3, units_blocked, UnitsBlocked, ENTRY_UNITS_BLOCKED)                    \
    R(4, units_unblocked, UnitsUnblocked, ENTRY_UNITS_UNBLOCKED)              \
    R(5, units_held, UnitsHeld, ENTRY_UNITS_HELD)                             \
    R(6, hold_released, HoldReleased, ENTRY_HOLD_RELEASED)                    \
    R(7, hold_expired, HoldExpired, ENTRY_HOLD_EXPIRED)                       \
    R(8, order_placed, OrderPlaced, ENTRY_ORDER_PLACED)                       \
    R(9, payment_requested, PaymentRequested, ENTRY_PAYMENT_REQUESTED)        \
    R(10, payment_created, PaymentCreated, ENTRY_PAYMENT_CREATED)             \
    R(11, payment_declined, PaymentDeclined, ENTRY_PAYMENT_DECLINED)          \
    R(12, payment_authorised, PaymentAuthorised, ENTRY_PAYMENT_AUTHORISED)    \
    R(13, order_sold, OrderSold, ENTRY_ORDER_SOLD)                            \
    R(14, payment_captured, PaymentCaptured, ENTRY_PAYMENT_CAPTURED)          \
    R(15, payment_cancelled, PaymentCancelled, ENTRY_PAYMENT_CANCELLED)       \
    R(16, order_ended, OrderEnded, ENTRY_ORDER_ENDED)                         \
    R(17, case_opened, CaseOpened, ENTRY_CASE_OPENED)                         \
    R(18, time_passed, TimePassed, ENTRY_TIME_PASSED)                         \
    R(19, outage_credited, OutageCredited, ENTRY_OUTAGE_CREDITED)             \
    R(20, allocation_set, AllocationSet, ENTRY_ALLOCATION_SET)                \
    R(21, units_moved, UnitsMoved, ENTRY_UNITS_MOVED)                         \
    R(22, allocation_released, AllocationReleased, ENTRY_ALLOCATION_RELEASED) \
    R(23, codes_set, CodesSet, ENTRY_CODES_SET)                               \
    R(24, quotas_set, QuotasSet, ENTRY_QUOTAS_SET)                            \
    R(25, hold_changed, HoldChanged, ENTRY_HOLD_CHANGED)                      \
    R(26, plan_changed, PlanChanged, ENTRY_PLAN_CHANGED)                      \
    R(27, prices_stepped, PricesStepped, ENTRY_PRICES_STEPPED)                \
    R(28, price_plan_set, PricePlanSet, ENTRY_PRICE_PLAN_SET)                 \
    R(29, promos_set, PromosSet, ENTRY_PROMOS_SET)                            \
    R(30, promos_revoked, PromosRevoked, ENTRY_PROMOS_REVOKED)                \
    R(31, hold_quoted, HoldQuoted, ENTRY_HOLD_QUOTED)                         \
    R(32, hold_extended, HoldExtended, ENTRY_HOLD_EXTENDED)                   \
    R(33, payment_processing, PaymentProcessing, ENTRY_PAYMENT_PROCESSING)    \
    R(34, payment_taken, PaymentTaken, ENTRY_PAYMENT_TAKEN)                   \
    R(35, order_voided, OrderVoided, ENTRY_ORDER_VOIDED)                      \
    R(36, refund_requested, RefundRequested, ENTRY_REFUND_REQUESTED)          \
    R(37, refund_done, RefundDone, ENTRY_REFUND_DONE)                         \
    R(38, refund_failed, RefundFailed, ENTRY_REFUND_FAILED)                   \
    R(39, dispute_opened, DisputeOpened, ENTRY_DISPUTE_OPENED)                \
    R(40, dispute_closed, DisputeClosed, ENTRY_DISPUTE_CLOSED)                \
    R(41, case_closed, CaseClosed, ENTRY_CASE_CLOSED)

/* ---- commands: requests ---- */

#define COMMAND_CREATE_EVENT(F) ENTRY_EVENT_CREATED(F)
#define COMMAND_CHANGE_EVENT(F)                                               \
    ENTRY_EVENT_CHANGED(F)                                                    \
    F(U32S, block)                                                            \
    F(U32S, unblock)                                                          \
    F(U8, set_quotas) /* 1: the two lists below are all quotas from now on */ \
    F(U64S, quota_categories)                                                 \
    F(U32S, quota_limits)

/* Makes the allocation with the next number, or redefines one. `areas` lists: pairs of area number
 * and quantity, the machine chooses free units. `release`: 1, give all back to everybody now. */
#define COMMAND_CHANGE_ALLOCATION(F) \
    ENTRY_ALLOCATION_SET(F)          \
    F(U8, release)                   \
    F(U32S, add)                     \
    F(U32S, add_areas)               \
    F(U32S, remove)                  \
    F(U32S, remove_areas)            \
    F(BYTES, codes)                  \
    F(U32, code_limit)               \
    F(BYTES, revoke)

/* Exactly one of: `seats`; `areas` (pairs of area number and quantity); `best_quantity`, with what
 * the buyer wants: a set of categories (a bit each; 0: any), a price range of each unit with its
 * fee (from min on, and below; 0: no bound), places for accessible needs among the quantity, a
 * section (number + 1; 0: any). `code`: hash of an access code, or zero. */
#define COMMAND_HOLD(F)      \
    F(U64, hold_random)      \
    F(HASH, session)         \
    F(U32S, seats)           \
    F(U32S, areas)           \
    F(U32, best_quantity)    \
    F(U64, best_categories)  \
    F(I64, best_price_min)   \
    F(I64, best_price_below) \
    F(U32, best_accessible)  \
    F(U32, best_section)     \
    F(HASH, code)            \
    F(HASH, key)             \
    F(U64, request)

/* The hold shall list these seats instead: a swap in one step. Its time and prices stay. */
#define COMMAND_CHANGE_HOLD(F) \
    F(U32, hold)               \
    F(U64, hold_random)        \
    F(HASH, session)           \
    F(U32S, seats)             \
    F(HASH, code)

#define COMMAND_RELEASE_HOLD(F) F(U32, hold) F(U64, hold_random) F(HASH, session)

/* `ticket_randoms`: LIMIT_HOLD_UNITS numbers, used when the total is zero (sold at once). */
#define COMMAND_PLACE_ORDER(F)                                  \
    F(U64, order_random)                                        \
    F(U32, hold)                                                \
    F(U64, hold_random)                                         \
    F(HASH, session)                                            \
    F(HASH, email_hash)                                         \
    F(U64, person)                                              \
    F(BYTES, contact)                                           \
    F(U64S, ticket_randoms)                                     \
    F(HASH, key)                                                \
    F(U64, request)                                             \
    F(HASH, promo) /* hash of a promo code; zero: the hold's */ \
    F(U8, provider)                                             \
    F(I64, least_minor) /* that the provider charges; 0: none */

#define COMMAND_CANCEL_ORDER(F) F(U32, order) F(U64, order_random) F(HASH, session)

/* What the provider told us, by answer or webhook. `kind` is enum booking_payment; states only
 * advance, so repeats and late news are harmless. `ticket_randoms` as above, used when it leads to
 * a sale. */
#define COMMAND_PAYMENT_NEWS(F)                                           \
    F(U32, order)                                                         \
    F(U64, order_random)                                                  \
    F(U8, kind)                                                           \
    F(BYTES, intent)                                                      \
    F(BYTES, client_secret)                                               \
    F(I64, amount_minor)                                                  \
    F(BYTES, code)                                                        \
    F(U64S, ticket_randoms)                                               \
    F(HASH, card)     /* as in OrderSold; with AUTHORISED and CAPTURED */ \
    F(U8, refund)     /* its number, with REFUNDED and REFUND_FAILED */   \
    F(U8, attempt)    /* of the refund that it tells of, with these */    \
    F(BYTES, dispute) /* the provider's id; `code` is its reason */       \
    F(U64, due_at_us)

#define COMMAND_CHANGE_PRICE_PLAN(F) ENTRY_PRICE_PLAN_SET(F)
#define COMMAND_CHANGE_PROMOS(F) ENTRY_PROMOS_SET(F) F(BYTES, revoke)
/* `promo`: hash of a promo code, or zero: none any more. */
#define COMMAND_QUOTE_HOLD(F) F(U32, hold) F(U64, hold_random) F(HASH, session) F(HASH, promo)
#define COMMAND_EXTEND_HOLD(F) F(U32, hold) F(U64, hold_random) F(HASH, session) F(U32, seconds)
/* `units`: empty, all that are left. */
#define COMMAND_REFUND(F) \
    F(U32, order)         \
    F(U64, order_random)  \
    F(U32S, units)        \
    F(U8, block)          \
    F(BYTES, by)          \
    F(BYTES, note)        \
    F(HASH, key)          \
    F(U64, request)
/* `action` is enum booking_action. `amount_minor`: with REFUND what was taken, with SETTLE of a
 * refund that nobody asked for what it was (as CaseClosed); else 0. */
#define COMMAND_RESOLVE_CASE(F) \
    F(U32, order)               \
    F(U64, order_random)        \
    F(U8, action)               \
    F(I64, amount_minor)        \
    F(BYTES, by)                \
    F(BYTES, note)

#define COMMAND_CHANGE_PLAN(F) ENTRY_PLAN_CHANGED(F)

#define COMMAND_TICK(F) F(U8, reserved)
#define COMMAND_CREDIT_OUTAGE(F) F(U64, outage_us)

#define BOOKING_COMMANDS(R)                                               \
    R(1, create_event, CreateEvent, COMMAND_CREATE_EVENT)                 \
    R(2, change_event, ChangeEvent, COMMAND_CHANGE_EVENT)                 \
    R(3, hold, Hold, COMMAND_HOLD)                                        \
    R(4, release_hold, ReleaseHold, COMMAND_RELEASE_HOLD)                 \
    R(5, place_order, PlaceOrder, COMMAND_PLACE_ORDER)                    \
    R(6, cancel_order, CancelOrder, COMMAND_CANCEL_ORDER)                 \
    R(7, payment_news, PaymentNews, COMMAND_PAYMENT_NEWS)                 \
    R(8, tick, Tick, COMMAND_TICK)                                        \
    R(9, credit_outage, CreditOutage, COMMAND_CREDIT_OUTAGE)              \
    R(10, change_allocation, ChangeAllocation, COMMAND_CHANGE_ALLOCATION) \
    R(11, change_hold, ChangeHold, COMMAND_CHANGE_HOLD)                   \
    R(12, change_plan, ChangePlan, COMMAND_CHANGE_PLAN)                   \
    R(13, change_price_plan, ChangePricePlan, COMMAND_CHANGE_PRICE_PLAN)  \
    R(14, change_promos, ChangePromos, COMMAND_CHANGE_PROMOS)             \
    R(15, quote_hold, QuoteHold, COMMAND_QUOTE_HOLD)                      \
    R(16, extend_hold, ExtendHold, COMMAND_EXTEND_HOLD)                   \
    R(17, refund, Refund, COMMAND_REFUND)                                 \
    R(18, resolve_case, ResolveCase, COMMAND_RESOLVE_CASE)

/* ---- what the lists make ---- */

#define RECORD_ENTRY_STRUCT(number, tag, name, LIST) CODEC_STRUCT(entry_##tag, LIST)
BOOKING_ENTRIES(RECORD_ENTRY_STRUCT)
#undef RECORD_ENTRY_STRUCT

#define RECORD_COMMAND_STRUCT(number, tag, name, LIST) CODEC_STRUCT(command_##tag, LIST)
BOOKING_COMMANDS(RECORD_COMMAND_STRUCT)
#undef RECORD_COMMAND_STRUCT

#define RECORD_ENTRY_NUMBER(number, tag, name, LIST) BOOKING_ENTRY_##tag = number,
enum booking_entry_number { BOOKING_ENTRIES(RECORD_ENTRY_NUMBER) BOOKING_ENTRY_COUNT_PLUS_ONE };
#undef RECORD_ENTRY_NUMBER

#define RECORD_COMMAND_NUMBER(number, tag, name, LIST) BOOKING_COMMAND_##tag = number,
enum booking_command_number {
    BOOKING_COMMANDS(RECORD_COMMAND_NUMBER) BOOKING_COMMAND_COUNT_PLUS_ONE
};
#undef RECORD_COMMAND_NUMBER

#define RECORD_MEMBER(number, tag, name, LIST) struct entry_##tag tag;
struct booking_entry {
    uint16_t number; /* enum booking_entry_number */
    union {
        BOOKING_ENTRIES(RECORD_MEMBER)
    };
};
#undef RECORD_MEMBER

#define RECORD_MEMBER(number, tag, name, LIST) struct command_##tag tag;
struct booking_command {
    uint16_t number; /* enum booking_command_number */
    union {
        BOOKING_COMMANDS(RECORD_MEMBER)
    };
};
#undef RECORD_MEMBER

/* The record of a number, or NULL when there is none. */
const struct codec_record *booking_entry_record(uint16_t number);
const struct codec_record *booking_command_record(uint16_t number);

/* Entries as bytes: u16 number, then the fields. `to` has room for booking_entry_size. */
size_t booking_entry_size(const struct booking_entry *entry);
size_t booking_entry_encode(const struct booking_entry *entry, void *to);
/* False: cut short, or a number this build does not know. Lists point into `bytes`. */
bool booking_entry_decode(struct slice bytes, struct booking_entry *ret_entry);

size_t booking_command_size(const struct booking_command *command);
size_t booking_command_encode(const struct booking_command *command, void *to);
bool booking_command_decode(struct slice bytes, struct booking_command *ret_command);

enum booking_sale {
    BOOKING_SALES_UNCHANGED,
    BOOKING_SALES_OPEN,
    BOOKING_SALES_PAUSED,
    BOOKING_SALES_CLOSED
};

/* May a buyer leave a single free seat between others? */
enum booking_singles {
    BOOKING_SINGLES_UNCHANGED,
    BOOKING_SINGLES_ALLOWED,
    BOOKING_SINGLES_REFUSED
};

/* What an allocation is for; all kinds work alike. */
enum booking_allocation_kind {
    BOOKING_ALLOCATION_HOLDBACK = 1, /* kept back: for the artist, the press, the house */
    BOOKING_ALLOCATION_PARTNER,
    BOOKING_ALLOCATION_PRESALE,
    BOOKING_ALLOCATION_VIP,
};

/* Why the machine chose these units: one of the first, and flags. */
enum booking_choice {
    BOOKING_CHOICE_BUYERS = 0,     /* the buyer named them */
    BOOKING_CHOICE_ADJACENT = 1,   /* side by side in one row, the best place there is */
    BOOKING_CHOICE_COMPANIONS = 2, /* accessible places with their companions, not in one run */
    BOOKING_CHOICE_AREA = 3,       /* places of a standing area */
    BOOKING_CHOICE_WAY = 0x0f,
    BOOKING_CHOICE_RESTRICTED = 0x10,    /* some have a restricted view: nothing else was left */
    BOOKING_CHOICE_LEAVES_SINGLE = 0x20, /* a single seat stays alone: there was no other way */
};

enum booking_call {
    BOOKING_CALL_NONE,
    BOOKING_CALL_CREATE,
    BOOKING_CALL_CAPTURE,
    BOOKING_CALL_CANCEL,
    BOOKING_CALL_REFUND
};

enum booking_payment {
    BOOKING_PAYMENT_CREATED = 1,    /* intent exists: intent, client_secret */
    BOOKING_PAYMENT_DECLINED = 2,   /* one attempt failed, another may follow: code */
    BOOKING_PAYMENT_AUTHORISED = 3, /* amount reserved, not taken: amount_minor, card */
    BOOKING_PAYMENT_CAPTURED = 4,   /* amount taken: amount_minor, card */
    BOOKING_PAYMENT_CANCELLED = 5,  /* intent can never be paid again */
    BOOKING_PAYMENT_REFUSED = 6,    /* our own call was refused for good: code (detail) */
    BOOKING_PAYMENT_PROCESSING = 7, /* the buyer did all there is to do, the bank takes its time */
    BOOKING_PAYMENT_REFUNDED = 8,   /* a refund that was asked for is done: refund, amount_minor */
    BOOKING_PAYMENT_REFUND_FAILED = 9,   /* one that was done came back: refund, amount_minor */
    BOOKING_PAYMENT_REFUND_UNASKED = 10, /* somebody refunded at the provider: code (detail) */
    BOOKING_PAYMENT_DISPUTED = 11,       /* dispute, amount_minor, due_at_us, code (reason) */
    BOOKING_PAYMENT_DISPUTE_WON = 12,    /* dispute */
    BOOKING_PAYMENT_DISPUTE_LOST = 13,   /* dispute, amount_minor, code */
    BOOKING_PAYMENT_DIFFERS = 14, /* the provider's books and ours do not agree: code (detail) */
};

enum booking_end {
    BOOKING_END_CANCELLED = 1, /* by the buyer */
    BOOKING_END_EXPIRED = 2,   /* not paid in time */
    BOOKING_END_FAILED = 3, /* the provider refused to create the payment, or too many declines */
    BOOKING_END_VOIDED = 4, /* the amount was not the order's: nothing is kept */
    BOOKING_END_CARD_LIMIT = 5, /* the card that pays has all that one buyer may have */
    BOOKING_END_RELEASED = 6,   /* sold and never captured: given up by a person or in time */
};

enum booking_case {
    BOOKING_CASE_CAPTURE_REFUSED = 1, /* of an order sold; or a cancel */
    BOOKING_CASE_CAPTURED_AFTER_END = 2,
    BOOKING_CASE_AMOUNT_DIFFERS = 3,
    BOOKING_CASE_REFUND_REFUSED = 4,
    BOOKING_CASE_REFUND_FAILED = 5,  /* it was done and came back */
    BOOKING_CASE_REFUND_UNASKED = 6, /* at the provider, not by us */
    BOOKING_CASE_DIFFERS = 7,        /* found by reconciliation */
    BOOKING_CASE_DISPUTES_FULL = 8,  /* a dispute for which there is no room */
    BOOKING_CASE_CANCEL_REFUSED = 9,
};

/* What a person does about a case. */
enum booking_action {
    BOOKING_ACTION_RETRY = 1, /* the call again, under the next attempt */
    BOOKING_ACTION_RELEASE,   /* give up the sale that is not captured */
    BOOKING_ACTION_REFUND,    /* give back what was taken */
    BOOKING_ACTION_SETTLE,    /* it was put in order elsewhere */
};

/* Who bears the platform's fee. */
enum booking_bearer { BOOKING_BEARER_BUYER = 1, BOOKING_BEARER_ORGANISER };

/* Ways to pay, bits of a set. */
enum booking_method {
    BOOKING_METHOD_CARD = 1,
    BOOKING_METHOD_IDEAL = 2,
    BOOKING_METHOD_BANCONTACT = 4,
    BOOKING_METHOD_SEPA_DEBIT = 8,
    BOOKING_METHODS = 15
};

enum booking_promo { BOOKING_PROMO_PERCENT = 1, BOOKING_PROMO_AMOUNT, BOOKING_PROMO_FIXED };

#endif
