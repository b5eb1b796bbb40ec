#include "demo/demo.h"

#include "base/json.h"
#include "base/time.h"

#include <stdio.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define DAY_US (86400 * TIME_SECOND_US)

struct price {
    const char *name;
    int64_t price_minor, fee_minor;
};

struct area {
    const char *id, *name;
    uint32_t capacity;
    const char *category;
};

/* Seats first .. last of a row, kept for those with a code. */
struct kept {
    const char *name, *code, *prefix;
    int first, last;
};

/* So many of a category for the price of less. */
struct package {
    const char *name, *category;
    uint32_t size, paid;
};

struct event {
    const char *name, *timezone, *venue, *city, *country;
    const char *performers[3];
    const char *category, *currency;
    void (*plan)(struct buf *out); /* NULL: areas only */
    struct area areas[3];
    struct price prices[8];
    uint64_t opens_in_us; /* 0: the sale is open already */
    struct kept kept;
    struct package package;
    const char *methods[4]; /* beside cards */
    uint32_t tax_bp, processing_seconds;
    int days_ahead;
    uint32_t per_buyer, per_hold;
    bool no_singles;   /* nobody may leave a single seat between others */
    bool promo;        /* has the promo code */
    bool waiting_room; /* a lobby until the sale opens, then a line */
};

static const struct event events[] = {
    {.name = "Hanse Athletic v Meridian FC",
     .timezone = "Europe/Berlin",
     .venue = "Nordhafen Stadium",
     .city = "Hamburg",
     .country = "DE",
     .performers = {"Hanse Athletic", "Meridian FC"},
     .category = "football",
     .currency = "EUR",
     .plan = demo_plan_stadium,
     .prices = {{"VIP", 24000, 1200},
                {"Premium", 12500, 750},
                {"Category 1", 8900, 550},
                {"Category 2", 6400, 400},
                {"Category 3", 4500, 300},
                {"Category 4", 2900, 250}},
     .methods = {"ideal", "bancontact", "sepa_debit"},
     .tax_bp = 1900,
     .processing_seconds = 5 * 86400,
     .days_ahead = 34,
     .per_buyer = 8,
     .per_hold = 8},
    {.name = DEMO_CODE_EVENT,
     .timezone = "Europe/London",
     .venue = "The Larkspur Theatre",
     .city = "London",
     .country = "GB",
     .performers = {"The Larkspur Company"},
     .category = "theatre",
     .currency = "GBP",
     .plan = demo_plan_theatre,
     .prices = {{"Stalls", 6850, 350},
                {"Dress Circle", 5400, 300},
                {"Upper Circle", 3200, 200},
                {"Box", 9500, 450},
                {"Restricted view", 1800, 150}},
     .days_ahead = 19,
     .per_buyer = 10,
     .per_hold = 10,
     .no_singles = true,
     .kept = {"Friends of the theatre", DEMO_CODE, "stalls-F-", 9, 22}},
    {.name = DEMO_PROMO_EVENT,
     .timezone = "America/New_York",
     .venue = "The Foundry Room",
     .city = "New York",
     .country = "US",
     .performers = {"Velvet Static", "Mara Quill"},
     .category = "concert",
     .currency = "USD",
     .areas = {{"floor", "Floor", 2000, "Floor"}, {"balcony", "Balcony", 500, "Balcony"}},
     .prices = {{"Floor", 4200, 650}, {"Balcony", 5800, 800}},
     .package = {"Night crew", "Floor", 4, 3},
     .promo = true,
     .days_ahead = 26,
     .per_buyer = 6,
     .per_hold = 6},
    {.name = "Aurora Vale: Long Light",
     .timezone = "Asia/Tokyo",
     .venue = "Minato Dome",
     .city = "Tokyo",
     .country = "JP",
     .performers = {"Aurora Vale"},
     .category = "concert",
     .currency = "JPY",
     .plan = demo_plan_arena,
     .prices = {{"Front floor", 18000, 900},
                {"Floor", 14000, 700},
                {"Lower tier", 11000, 600},
                {"Upper tier", 7500, 400}},
     .days_ahead = 61,
     .opens_in_us = 120 * TIME_SECOND_US,
     .per_buyer = 4,
     .per_hold = 4},
    {.name = DEMO_WAITING_EVENT,
     .timezone = "Europe/Lisbon",
     .venue = "Armazém Nove",
     .city = "Lisbon",
     .country = "PT",
     .performers = {"Ines Corvo"},
     .category = "concert",
     .currency = "EUR",
     .areas = {{"room", "The room", 120, "The room"}},
     .prices = {{"The room", 3800, 300}},
     .days_ahead = 75,
     .opens_in_us = 120 * TIME_SECOND_US,
     .per_buyer = 4,
     .per_hold = 4,
     .waiting_room = true},
};

size_t demo_event_count(void)
{
    return sizeof events / sizeof events[0];
}

/* Half past seven in the evening at the venue, `days` from now. Without ICU's zone data it is half
 * past seven UTC: a demo's date need not be more than plausible. */
static uint64_t evening_us(uint64_t now_us, int days, const char *timezone)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar zone[64];
    u_uastrncpy(zone, timezone, 64);
    uint64_t fallback =
        (now_us / DAY_US + (unsigned long long)days) * DAY_US + 70200 * TIME_SECOND_US;
    UCalendar *calendar = ucal_open(zone, -1, "en", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return fallback;
    ucal_setMillis(calendar, (double)(now_us / 1000), &status);
    ucal_add(calendar, UCAL_DAY_OF_MONTH, days, &status);
    ucal_set(calendar, UCAL_HOUR_OF_DAY, 19);
    ucal_set(calendar, UCAL_MINUTE, 30);
    ucal_set(calendar, UCAL_SECOND, 0);
    ucal_set(calendar, UCAL_MILLISECOND, 0);
    double millis = ucal_getMillis(calendar, &status);
    ucal_close(calendar);
    return U_FAILURE(status) || millis < 0 ? fallback : (uint64_t)millis * 1000;
}

static void write_lists(struct json *j, const struct event *e)
{
    json_put_array(j, "performers");
    for (size_t i = 0; e->performers[i]; i++)
        json_put_string(j, NULL, e->performers[i]);
    json_end(j);
    json_put_array(j, "areas");
    for (const struct area *a = e->areas; a->id; a++) {
        json_put_object(j, NULL);
        json_put_string(j, "id", a->id);
        json_put_string(j, "name", a->name);
        json_put_u64(j, "capacity", a->capacity);
        json_put_string(j, "price_category", a->category);
        json_end(j);
    }
    json_end(j);
    json_put_array(j, "price_categories");
    for (const struct price *p = e->prices; p->name; p++) {
        json_put_object(j, NULL);
        json_put_string(j, "name", p->name);
        json_put_i64(j, "price", p->price_minor);
        json_put_i64(j, "fee", p->fee_minor);
        json_end(j);
    }
    json_end(j);
}

static void write_kept(struct json *j, const struct kept *kept)
{
    json_put_array(j, "allocations");
    if (kept->name) {
        json_put_object(j, NULL);
        json_put_string(j, "id", "friends");
        json_put_string(j, "name", kept->name);
        json_put_string(j, "code", kept->code);
        json_put_array(j, "seats");
        for (int seat = kept->first; seat <= kept->last; seat++) {
            char guid[40];
            (void)snprintf(guid, sizeof guid, "%s%d", kept->prefix, seat);
            json_put_string(j, NULL, guid);
        }
        json_end(j);
        json_end(j);
    }
    json_end(j);
}

static void write_terms(struct json *j, const struct event *e)
{
    json_put_object(j, "tax");
    json_put_u64(j, "rate_bp", e->tax_bp);
    json_end(j);
    json_put_array(j, "payment_methods");
    json_put_string(j, NULL, "card");
    for (size_t i = 0; i < 3 && e->methods[i]; i++)
        json_put_string(j, NULL, e->methods[i]);
    json_end(j);
    json_put_u64(j, "processing_seconds", e->processing_seconds);
    json_put_array(j, "packages");
    if (e->package.name) {
        json_put_object(j, NULL);
        json_put_string(j, "name", e->package.name);
        json_put_array(j, "categories");
        json_put_string(j, NULL, e->package.category);
        json_end(j);
        json_put_u64(j, "size", e->package.size);
        json_put_u64(j, "paid", e->package.paid);
        json_end(j);
    }
    json_end(j);
}

/* So small that two browsers are a crowd: one is let in at a time. */
static void write_queue(struct json *j, uint64_t now_us)
{
    json_put_object(j, "queue");
    json_put_time(j, "lobby_opens_at", now_us);
    json_put_u64(j, "target_active", 1);
    json_put_u64(j, "per_minute", 60);
    json_put_u64(j, "claim_seconds", 60);
    json_put_u64(j, "admission_seconds", 300);
    json_end(j);
}

void demo_event_json(size_t index, uint64_t now_us, struct buf *out)
{
    const struct event *e = &events[index];
    uint64_t starts_us = evening_us(now_us, e->days_ahead, e->timezone);
    uint64_t opens_us = e->opens_in_us ? now_us + e->opens_in_us : now_us - DAY_US;
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_string(&j, "name", e->name);
    json_put_time(&j, "starts_at", starts_us);
    json_put_string(&j, "timezone", e->timezone);
    json_put_object(&j, "venue");
    json_put_string(&j, "name", e->venue);
    json_put_string(&j, "city", e->city);
    json_put_string(&j, "country", e->country);
    json_end(&j);
    json_put_string(&j, "category", e->category);
    json_put_string(&j, "currency", e->currency);
    write_lists(&j, e);
    write_terms(&j, e);
    json_put_object(&j, "sale");
    json_put_time(&j, "opens_at", opens_us);
    json_put_time(&j, "closes_at", starts_us);
    json_end(&j);
    json_put_object(&j, "limits");
    json_put_u64(&j, "per_buyer", e->per_buyer);
    json_put_u64(&j, "per_hold", e->per_hold);
    json_put_string(&j, "single_seats", e->no_singles ? "refused" : "allowed");
    json_end(&j);
    write_kept(&j, &e->kept);
    if (e->waiting_room)
        write_queue(&j, now_us);
    json_put_u64(&j, "hold_seconds", 600);
    json_put_u64(&j, "pay_seconds", 900);
    if (e->plan) {
        BUF_AUTO struct buf plan = BUF_INIT;
        e->plan(&plan);
        out->failed = out->failed || plan.failed;
        json_put_raw(&j, "plan", buf_slice(&plan));
    }
    json_end(&j);
}

void demo_promo_json(size_t index, struct buf *out)
{
    if (!events[index].promo)
        return;
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_string(&j, "code", DEMO_PROMO);
    json_put_string(&j, "kind", "percent");
    json_put_u64(&j, "value", DEMO_PROMO_PERCENT * 100);
    json_end(&j);
}
