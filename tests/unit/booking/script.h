/*
 * script: tests of the box office machine as text. A script is lines; "#" begins a comment.
 *
 *   event KEY VALUE ...                 rows seats area price fee per_buyer per_hold hold pay opens
 * closes NAME = hold WHO SEAT...             also: hold WHO area AREA QUANTITY..., hold WHO best
 * CATEGORY QUANTITY release WHO NAME NAME = order WHO HOLD EMAIL cancel WHO ORDER news ORDER KIND
 * [INTENT|AMOUNT|CODE] change KEY VALUE ...                sale per_buyer per_hold price fee block
 * SEAT... / unblock SEAT... tick / credit SECONDS / wait SECONDS expect unit SEAT STATE | order
 * NAME STATE | hold NAME live|ended | left AREA N | gross C AMOUNT | ...
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
