/*
 * language: which of the shop's languages a page is sent in. The reader's own choice comes first (a
 * cookie that the page's switch sets), then what the browser asks for (Accept-Language), then
 * English. web/src/i18n/choice.ts says the same in the browser; both must agree, or a page would
 * change its language while it loads.
 *
 * Whoever answers by it says so: `Vary: LANGUAGE_VARY`. Thread: any, values only.
 */
#ifndef ONSALE_APP_LANGUAGE_H
#define ONSALE_APP_LANGUAGE_H

#include "base/slice.h"

/* In the order of `language_tags`; English is what is left when nothing fits. */
enum language { LANGUAGE_EN, LANGUAGE_DE, LANGUAGE_ES, LANGUAGE_FR, LANGUAGES };

#define LANGUAGE_COOKIE "onsale_language"
#define LANGUAGE_VARY "Accept-Language, Cookie"

/* "en", "de", ...: as in <html lang> and in the names of built files. */
extern const char *const language_tags[LANGUAGES];

/* `chosen` is the cookie's value, `accept` the field Accept-Language; both may be empty or
 * nonsense. A tag counts by its language alone (de-AT is de); of equal weights the first wins. */
enum language language_choose(struct slice chosen, struct slice accept);

struct http_exchange;
/* The same for a request. */
enum language language_of(const struct http_exchange *x);

#endif
