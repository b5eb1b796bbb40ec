/*
 * script: tests of the box office machine as text. A script is lines; "#" begins a comment.
 *
 *   event KEY VALUE ...
 *       rows seats price fee per_buyer per_hold hold pay opens closes categories sections: numbers
 *       area CAPACITY,...       limits N,... of each category     singles allowed|refused
 *       prices N,... of each category (else price times 1, 2, ...)   tax BASIS_POINTS,...
 *       bearer buyer|organiser   methods N   processing SECONDS
 *       accessible SEAT,... restricted SEAT,... vip SEAT,... companion SEAT,... or
 *       SEAT:ITS_SEAT,...       group SEAT,... grade SEAT:CATEGORY,... as often as wanted
 *   NAME = hold WHO SEAT...
 *   NAME = hold WHO area AREA QUANTITY...
 *   NAME = hold WHO best any|CATEGORY,... QUANTITY [min N] [max N] [accessible N] [section N]
 *       each may end with: code C, then key K
 *   change_hold WHO HOLD SEAT... [code C]
 *   release WHO HOLD
 *   NAME = order WHO HOLD EMAIL [least AMOUNT] [promo C] [key K]      cancel WHO ORDER
 *   quote WHO HOLD C|none   extend WHO HOLD SECONDS
 *   news ORDER KIND [INTENT|AMOUNT|CODE [INTENT]] [card C]
 *   news ORDER refunded|came_back REFUND[/ATTEMPT]
 *   news ORDER disputed|won|lost DISPUTE [AMOUNT]
 *   refund ORDER [UNIT...] [block]           resolve ORDER retry|release|refund|settle [AMOUNT]
 *   change KEY VALUE ...
 *       sale per_buyer per_hold, price and fee once a category, limits N,... singles WORD,
 *       quota CATEGORY,...:LIMIT as often as wanted, no_quotas 1, odd_quota LIMIT
 *   allocation NUMBER KEY VALUE ...
 *       id name kind opens releases (seconds), release 1, add UNIT,... areas AREA:QUANTITY,...
 *       remove UNIT,... remove_areas AREA:QUANTITY,... codes C,... limit N revoke C,... half_code C
 *   prices [rule CATEGORY:PRICE [from N] [until N] [sold_from N] [sold_below N]]...
 *       [ceilings N,...] [package CATEGORY,...:SIZE:PAID]... [short LIST: one item less]
 *   same_prices      what booking_price_plan tells, set once more
 *   promos KEY VALUE ...
 *       codes C,... kind percent|amount|fixed value N categories N,... uses N budget N
 *       from N until N (seconds) max_units N revoke C,... half_code C half_revoke C
 *   many_promos N   many_revoked N: codes with numbers
 *   block UNIT...   unblock UNIT...   block_all
 *   tick   credit SECONDS   wait SECONDS   until HOLD [MICROSECONDS before its end]
 *   at SECONDS [MICROSECONDS before]
 *   expect unit UNIT STATE | order NAME STATE... | hold NAME live|ended [SECONDS]
 *       | units NAME UNIT... | choice NAME buyers|adjacent|companions|area [restricted] [single]
 *       | total NAME AMOUNT
 *       | allocation NUMBER KEY VALUE... | code C ALLOCATION [LEFT|any] | quota NUMBER USED
 *       | reached CATEGORY... (whose limit or quota the last command met)
 *       | line HOLD INDEX PRICE DISCOUNT FEE TAX [ORGANISER FEES: their shares]
 *       | order_line ORDER INDEX ... | price CATEGORY PRICE [FEE] | base CATEGORY PRICE
 *       | next_step SECONDS|now|never
 *       | discounts HOLD N... of each unit | promo C USED SPENT
 *       | books ACCOUNT AMOUNT... | refunds ORDER STATE[:AMOUNT]... | dispute ORDER STATE
 *       | case ORDER REASON | open CASES DISPUTES | taken ORDER AMOUNT | by_hand ORDER AMOUNT
 *       | left N | gross AMOUNT | ledger BUYERS PROVIDER | ticket UNIT valid | ...
 *
 * A command line ends with "-> OUTCOME WORD...": the outcome is a refusal's code, "ok" or "again"
 * (nothing new); the words are the names of the entries it made, or the culprits. "key K" before
 * the arrow gives an idempotency key.
 *
 * Every entry goes through its bytes before it is applied, every line ends with booking_check, and
 * a script ends by replaying all entries into a second machine, whose hash must be the same.
 */
#ifndef ONSALE_TESTS_BOOKING_SCRIPT_H
#define ONSALE_TESTS_BOOKING_SCRIPT_H

#include "base/buf.h"

/* Runs it; fails the cmocka test with the line's number and what happened instead. */
void script_run(const char *name, const char *script);
/* The same of one that was put together; it is empty afterwards. */
void script_run_made(const char *name, struct buf *script);

/* A test of this name, which is one script. */
#define SCRIPT(name, text)         \
    static void name(void **state) \
    {                              \
        (void)state;               \
        script_run(#name, text);   \
    }

#endif
