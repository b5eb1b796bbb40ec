/*
 * notice: what buyers are told by mail, one kind for each outcome of an order. The words stand in a
 * catalogue of a language (notice_en.c); a language more is a file more. Words have the
 * placeholders {event}, {amount} and {until}; layout, facts and the HTML twin are made here, from
 * the same words. Thread: any.
 */
#ifndef ONSALE_EFFECTS_NOTICE_H
#define ONSALE_EFFECTS_NOTICE_H

#include "base/buf.h"

enum notice_kind {
    NOTICE_PAID,           /* with tickets */
    NOTICE_FREE,           /* the same, of what costs nothing */
    NOTICE_PROCESSING,     /* the bank takes its time */
    NOTICE_DECLINED,       /* after that: it did not succeed, and can be tried again */
    NOTICE_FAILED,         /* ended without a payment */
    NOTICE_EXPIRED,        /* not paid in time */
    NOTICE_TOO_LATE,       /* paid for what is sold no more: it goes back */
    NOTICE_REFUND_BEGUN,   /* tickets given back */
    NOTICE_REFUND_DONE,    /* paid back */
    NOTICE_REVIEW,         /* a case: a person looks at the payment, and tickets wait for it */
    NOTICE_ENDED_REVIEW,   /* the same of an order that has ended: it is about money alone */
    NOTICE_REFUND_REVIEW,  /* a person looks at the refund */
    NOTICE_RELEASED,       /* the sale was given up, nothing was taken */
    NOTICE_DISPUTE_OPENED, /* tickets suspended */
    NOTICE_DISPUTE_WON,    /* valid again */
    NOTICE_DISPUTE_LOST,   /* void */
    NOTICE_KINDS
};

struct notice_text {
    const char *subject, *opening;
    const char *places;    /* in front of the list of places; NULL: none are listed */
    const char *link;      /* in front of the order's address */
    const char *link_note; /* behind it; NULL: nothing */
    const char *closing;   /* at the end; NULL: nothing */
};

/* All words of a language. `one` is for one place; a NULL subject there: the same as for many. */
struct notice_catalogue {
    const char *language; /* BCP 47 */
    struct notice_text many[NOTICE_KINDS], one[NOTICE_KINDS];
    const char *hello, *total, *amount, *free_of_charge, *order;
};
extern const struct notice_catalogue notice_en;

struct notice {
    enum notice_kind kind;
    struct slice name;          /* of the buyer; may be empty */
    struct slice order;         /* order id */
    struct slice event;         /* event's name */
    struct slice venue;         /* "Metalist Stadium, Kharkiv"; may be empty */
    struct slice starts_at;     /* local time in words; may be empty */
    const struct slice *places; /* what it is about: "Row 12 seat 8", one a ticket */
    size_t place_count;
    struct slice total;  /* of the order: "125.50 EUR, fees included"; empty: not told */
    struct slice amount; /* that is given back; empty: not told */
    struct slice until;  /* until when something can be done, in words; may be empty */
    struct slice url;    /* of the order's page */
};

/* Appends subject, text and HTML in the catalogue's language. Whatever names are, lines stay lines
 * and text stays text. */
void notice_write(const struct notice *notice, const struct notice_catalogue *words,
                  struct buf *ret_subject, struct buf *ret_text, struct buf *ret_html);

#endif
