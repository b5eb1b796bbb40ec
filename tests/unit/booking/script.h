/*
 * script: tests of the box office machine as text. A script is lines; "#" begins a comment.
 *
 *   event KEY VALUE ...
 *       rows seats price fee per_buyer per_hold hold pay opens closes categories sections: numbers
 *       area CAPACITY,...       limits N,... of each category     singles allowed|refused
 *       accessible SEAT,... restricted SEAT,... vip SEAT,... companion SEAT,... or
 *       SEAT:ITS_SEAT,...       group SEAT,... grade SEAT:CATEGORY,... as often as wanted
 *   NAME = hold WHO SEAT...
 *   NAME = hold WHO area AREA QUANTITY...
 *   NAME = hold WHO best any|CATEGORY,... QUANTITY [min N] [max N] [accessible N] [section N]
 *       each may end with: code C, then key K
 *   change_hold WHO HOLD SEAT... [code C]
 *   release WHO HOLD
 *   NAME = order WHO HOLD EMAIL [key K]      cancel WHO ORDER
 *   news ORDER KIND [INTENT|AMOUNT|CODE [INTENT]] [card C]
 *   change KEY VALUE ...
 *       sale per_buyer per_hold, price and fee once a category, limits N,... singles WORD,
 *       quota CATEGORY,...:LIMIT as often as wanted, no_quotas 1, odd_quota LIMIT
 *   allocation NUMBER KEY VALUE ...
 *       id name kind opens releases (seconds), release 1, add UNIT,... areas AREA:QUANTITY,...
 *       remove UNIT,... remove_areas AREA:QUANTITY,... codes C,... limit N revoke C,... half_code C
 *   block UNIT...   unblock UNIT...   block_all
 *   tick   credit SECONDS   wait SECONDS   until HOLD [MICROSECONDS before its end]
 *   at SECONDS [MICROSECONDS before]
 *   expect unit UNIT STATE | order NAME STATE... | hold NAME live|ended [SECONDS]
 *       | units NAME UNIT... | choice NAME buyers|adjacent|companions|area [restricted] [single]
 *       | total NAME AMOUNT
 *       | allocation NUMBER KEY VALUE... | code C ALLOCATION [LEFT|any] | quota NUMBER USED
 *       | reached CATEGORY... (whose limit or quota the last command met)
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

/* Runs it; fails the cmocka test with the line's number and what happened instead. */
void script_run(const char *name, const char *script);

#endif
