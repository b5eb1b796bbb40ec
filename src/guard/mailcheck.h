/*
 * mailcheck: is an e-mail address at a host that gives throw-away mailboxes to anybody?
 *
 * A short list of well-known ones is built in (mailcheck_domains.c): kept by hand, so never
 * complete. The public lists have tens of thousands and change weekly, so they are no part of the
 * program: the operator names a file and it is read at the start, one domain a line, "#" begins a
 * comment. A domain stands for its subdomains too.
 *
 * What a hit means is the organiser's to say: privacy relays of browsers and phones (iCloud,
 * Firefox, DuckDuckGo) belong to real buyers and are not on the list.
 *
 * Thread: any once it is made.
 */
#ifndef ONSALE_GUARD_MAILCHECK_H
#define ONSALE_GUARD_MAILCHECK_H

#include "base/err.h"
#include "base/slice.h"

#define MAILCHECK_DOMAINS_MAX 1000000u
#define MAILCHECK_DOMAIN_BYTES 253u

struct mailcheck;

/* The built-in list and the lines of `more` (a file's content, may be empty; copied). On success
 * the caller owns *ret (mailcheck_destroy); on failure the detail names the first wrong line. */
MUST_USE int mailcheck_create(struct slice more, struct mailcheck **ret_mailcheck, struct err *err);
void mailcheck_destroy(struct mailcheck *mailcheck); /* NULL is fine */
size_t mailcheck_count(const struct mailcheck *mailcheck);

/* `email` is valid (keys/email.h) or at least has an @; without one the answer is no. ASCII letters
 * count alike. */
bool mailcheck_is_disposable(const struct mailcheck *mailcheck, struct slice email);

/* The built-in list: lower case, sorted bytewise, `mailcheck_built_in_count` of them. */
extern const char *const mailcheck_built_in[];
extern const size_t mailcheck_built_in_count;

#endif
