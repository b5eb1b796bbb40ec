/*
 * words: what the pages say besides what they are told, in the shop's four languages, and how these
 * write dates and money. The script's texts are web/src/i18n; these are the few that stand in a
 * document before it runs. Thread: any.
 */
#ifndef ONSALE_SITE_WORDS_H
#define ONSALE_SITE_WORDS_H

#include "base/buf.h"
#include "base/slice.h"

enum word {
    WORD_HOME_TITLE,
    WORD_HOME_LEAD,
    WORD_HOME_SEARCH,
    WORD_HOME_EVERYWHERE,
    WORD_HOME_DATES,
    WORD_HOME_NONE,
    WORD_FROM, /* {price} */
    WORD_FREE,
    WORD_PRICES,
    WORD_FEE, /* {fee} */
    WORD_FEES_INCLUDED,
    WORD_SOLD_OUT,
    WORD_CHOOSE_SEATS,
    WORD_CHOOSE_TICKETS,
    WORD_ENTER_ROOM,
    WORD_ROOM,
    WORD_OPENS, /* {when} */
    WORD_PAUSED,
    WORD_ALL_SOLD,
    WORD_CLOSED,
    WORD_PAST,
    WORD_STATUS_UPCOMING,
    WORD_STATUS_ON_SALE,
    WORD_STATUS_PAUSED,
    WORD_STATUS_CLOSED,
    WORD_STATUS_PAST,
    WORD_ABOUT_EVENT, /* {name} {when} {where} */
    WORD_ABOUT_PRICE, /* {price} */
    WORD_NEEDS_SCRIPT,
    WORD_MISSING_TITLE,
    WORD_MISSING_TEXT,
    WORD_ALL_EVENTS,
    WORD_MY_TICKETS,
    WORD_SKIP,
    WORD_PROMISE,
    WORD_IMPRINT,
    WORD_TERMS,
    WORD_PRIVACY,
    WORD_DEMO_LEGAL,
    WORD_NOT_GIVEN,
    WORDS
};

/* `language` is below SITE_LANGUAGES. */
const char *words_say(unsigned language, enum word which);
const char *words_tag(unsigned language);      /* "de" */
const char *words_own_name(unsigned language); /* "Deutsch" */
const char *words_locale(unsigned language);   /* "de_DE", as Open Graph has it */

/* Values for the {name} places of a text, in pairs. */
struct word_value {
    const char *name;
    struct slice value;
};
/* The text with its places filled; plain text, nothing is escaped. Places without a value stay. */
void words_fill(struct buf *out, const char *text, const struct word_value *values, size_t count);

/* "Friday, 11 December 2026, 19:30", of "2026-12-11T19:30:00"; nothing when it is no such date. */
void words_date(struct buf *out, unsigned language, struct slice local);
void words_day(struct buf *out, unsigned language, struct slice local); /* "11 December 2026" */
struct word_date {
    int year, month, day, weekday, hour, minute; /* month and day from 1, Sunday is 0 */
};
bool words_date_read(struct slice local, struct word_date *ret_date);
const char *words_weekday_short(unsigned language, int weekday); /* "Fri" */
const char *words_month_short(unsigned language, int month);     /* "Dec" */

/* "£68.50", "68,50 £": the amount in the currency's minor unit; free is a word. */
void words_money(struct buf *out, unsigned language, int64_t amount_minor, struct slice currency);

#endif
