/* event: one event's page: what, when, where, how much, and the way to the seats. */
#include "site/parts.h"

#include "base/limits.h"
#include "base/money.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>

struct event_page {
    const struct site_context *context;
    const json_t *told, *event;
    char path[PARTS_PATH_MAX];
};

static const json_t *category_of(const struct event_page *e, size_t i)
{
    return json_array_get(json_object_get(e->event, "price_categories"), i);
}

static size_t category_count(const struct event_page *e)
{
    return json_array_size(json_object_get(e->event, "price_categories"));
}

/* Whether anybody can have a place of the category. */
static bool on_offer(const struct event_page *e, size_t i)
{
    return json_is_true(json_array_get(json_object_get(e->told, "on_offer"), i));
}

/* What a place of the category costs, fee included. */
static int64_t full_price(const json_t *category)
{
    return parts_number(json_object_get(category, "price"), "amount") +
           parts_number(json_object_get(category, "fee"), "amount");
}

/* The lowest full price on offer, or -1. */
static int64_t price_from(const struct event_page *e)
{
    int64_t lowest = -1;
    for (size_t i = 0; i < category_count(e); i++) {
        int64_t price = full_price(category_of(e, i));
        if (on_offer(e, i) && (lowest < 0 || price < lowest))
            lowest = price;
    }
    return lowest;
}

static bool is_state(const struct event_page *e, const char *state)
{
    return slice_equal(parts_text(json_object_get(e->event, "sale"), "state"),
                       slice_from_string(state));
}

static bool is_past(const struct event_page *e)
{
    return slice_equal(parts_text(e->event, "status"), SLICE("past"));
}

/* ---- title and description ---- */

static void write_title(const struct event_page *e, struct site_page *page)
{
    struct slice city = parts_text(json_object_get(e->event, "venue"), "city");
    BUF_AUTO struct buf day = BUF_INIT;
    buf_append_slice(&page->title, parts_text(e->event, "name"));
    if (city.len) {
        buf_append_text(&page->title, ", ");
        buf_append_slice(&page->title, city);
    }
    words_day(&day, e->context->language, parts_text(e->event, "starts_local"));
    if (day.len) {
        buf_append_text(&page->title, ", ");
        buf_append_slice(&page->title, buf_slice(&day));
    }
    page->title.failed |= day.failed;
    parts_title_end(page);
}

static void write_description(const struct event_page *e, struct site_page *page)
{
    BUF_AUTO struct buf when = BUF_INIT, where = BUF_INIT, price = BUF_INIT;
    unsigned language = e->context->language;
    int64_t lowest = is_past(e) ? -1 : price_from(e);
    words_date(&when, language, parts_text(e->event, "starts_local"));
    parts_where(e->event, &where);
    const struct word_value values[] = {{"name", parts_text(e->event, "name")},
                                        {"when", buf_slice(&when)},
                                        {"where", buf_slice(&where)}};
    words_fill(&page->description, words_say(language, WORD_ABOUT_EVENT), values, 3);
    if (lowest > 0) {
        words_money(&price, language, lowest, parts_text(e->event, "currency"));
        const struct word_value value = {"price", buf_slice(&price)};
        buf_append_char(&page->description, ' ');
        words_fill(&page->description, words_say(language, WORD_ABOUT_PRICE), &value, 1);
    }
    page->description.failed |= when.failed || where.failed || price.failed;
}

/* ---- linked data: https://schema.org/Event ---- */

/* "2026-12-11T19:30:00+01:00": the venue's own time with its distance from UTC. */
static void put_start(struct json *j, const struct event_page *e)
{
    struct slice local = parts_text(e->event, "starts_local");
    uint64_t utc_us, local_us;
    char as_utc[TIME_TEXT_MAX], text[48];
    int len = local.len < sizeof as_utc - 1
                  ? snprintf(as_utc, sizeof as_utc, "%.*sZ", SLICE_ARG(local))
                  : 0;
    if (len <= 0 || !time_parse(slice_make(as_utc, (size_t)len), &local_us) ||
        !time_parse(parts_text(e->event, "starts_at"), &utc_us)) {
        json_put_text(j, "startDate", parts_text(e->event, "starts_at"));
        return;
    }
    int64_t minutes = ((int64_t)local_us - (int64_t)utc_us) / (int64_t)(60 * TIME_SECOND_US);
    uint64_t ahead = (uint64_t)llabs(minutes);
    len = snprintf(text, sizeof text, "%.*s%c%02u:%02u", SLICE_ARG(local), minutes < 0 ? '-' : '+',
                   (unsigned)(ahead / 60 % 100), (unsigned)(ahead % 60));
    json_put_text(j, "startDate", slice_make(text, (size_t)len));
}

static const char *type_of(const json_t *event)
{
    static const char *const types[][2] = {
        {"concert", "MusicEvent"},   {"music", "MusicEvent"},           {"festival", "Festival"},
        {"theatre", "TheaterEvent"}, {"theater", "TheaterEvent"},       {"comedy", "ComedyEvent"},
        {"dance", "DanceEvent"},     {"football", "SportsEvent"},       {"sport", "SportsEvent"},
        {"sports", "SportsEvent"},   {"exhibition", "ExhibitionEvent"},
    };
    struct slice category = parts_text(event, "category");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (slice_equal(category, slice_from_string(types[i][0])))
            return types[i][1];
    }
    return "Event";
}

static const char *availability_of(const struct event_page *e, size_t category)
{
    if (is_past(e) || is_state(e, "closed"))
        return "https://schema.org/Discontinued";
    if (!on_offer(e, category))
        return "https://schema.org/SoldOut";
    if (is_state(e, "upcoming"))
        return "https://schema.org/PreOrder";
    return is_state(e, "open") ? "https://schema.org/InStock" : "https://schema.org/OutOfStock";
}

static void put_offers(struct json *j, const struct event_page *e, struct slice url)
{
    struct slice currency = parts_text(e->event, "currency");
    struct slice opens = parts_text(json_object_get(e->event, "sale"), "opens_at");
    struct slice closes = parts_text(json_object_get(e->event, "sale"), "closes_at");
    json_put_array(j, "offers");
    for (size_t i = 0; i < category_count(e); i++) {
        const json_t *category = category_of(e, i);
        char text[MONEY_TEXT_MAX];
        size_t len =
            currency.len == 3 ? money_format(full_price(category), currency.data, text) : 0;
        if (len <= 4)
            continue;
        json_put_object(j, NULL);
        json_put_string(j, "@type", "Offer");
        json_put_text(j, "name", parts_text(category, "name"));
        json_put_text(j, "price", slice_make(text, len - 4)); /* without " EUR" */
        json_put_text(j, "priceCurrency", currency);
        json_put_string(j, "availability", availability_of(e, i));
        if (opens.len)
            json_put_text(j, "validFrom", opens);
        if (closes.len)
            json_put_text(j, "validThrough", closes);
        json_put_text(j, "url", url);
        json_end(j);
    }
    json_end(j);
}

static void put_place(struct json *j, const json_t *event)
{
    const json_t *venue = json_object_get(event, "venue");
    struct slice city = parts_text(venue, "city"), country = parts_text(venue, "country");
    json_put_object(j, "location");
    json_put_string(j, "@type", "Place");
    json_put_text(j, "name", parts_text(venue, "name"));
    json_put_object(j, "address");
    json_put_string(j, "@type", "PostalAddress");
    if (city.len)
        json_put_text(j, "addressLocality", city);
    if (country.len)
        json_put_text(j, "addressCountry", country);
    json_end(j);
    json_end(j);
}

static void put_performers(struct json *j, const json_t *event)
{
    const json_t *performers = json_object_get(event, "performers");
    if (json_array_size(performers) == 0)
        return;
    json_put_array(j, "performer");
    for (size_t i = 0; i < json_array_size(performers); i++) {
        const json_t *name = json_array_get(performers, i);
        json_put_object(j, NULL);
        json_put_string(j, "@type", "PerformingGroup");
        json_put_text(j, "name", slice_make(json_string_value(name), json_string_length(name)));
        json_end(j);
    }
    json_end(j);
}

static void write_linked_data(const struct event_page *e, struct site_page *page)
{
    BUF_AUTO struct buf url = BUF_INIT, text = BUF_INIT;
    struct json j;
    parts_url(e->context, e->path, &url);
    json_begin(&j, &text);
    json_put_object(&j, NULL);
    json_put_string(&j, "@context", "https://schema.org");
    json_put_string(&j, "@type", type_of(e->event));
    json_put_text(&j, "name", parts_text(e->event, "name"));
    json_put_text(&j, "description", buf_slice(&page->description));
    json_put_text(&j, "url", buf_slice(&url));
    put_start(&j, e);
    json_put_string(&j, "eventStatus", "https://schema.org/EventScheduled");
    json_put_string(&j, "eventAttendanceMode", "https://schema.org/OfflineEventAttendanceMode");
    put_place(&j, e->event);
    put_performers(&j, e->event);
    if (*e->context->image) {
        BUF_AUTO struct buf image = BUF_INIT;
        buf_append_format(&image, "%s%s", e->context->base_url, e->context->image);
        json_put_text(&j, "image", buf_slice(&image));
    }
    if (*e->context->organiser) {
        json_put_object(&j, "organizer");
        json_put_string(&j, "@type", "Organization");
        json_put_string(&j, "name", e->context->organiser);
        json_put_string(&j, "url", e->context->base_url);
        json_end(&j);
    }
    put_offers(&j, e, buf_slice(&url));
    json_end(&j);
    parts_linked_data(page, buf_slice(&text));
    page->head.failed |= url.failed || text.failed;
}

/* ---- content ---- */

static void write_head(const struct event_page *e, struct buf *out)
{
    BUF_AUTO struct buf when = BUF_INIT, where = BUF_INIT;
    words_date(&when, e->context->language, parts_text(e->event, "starts_local"));
    parts_where(e->event, &where);
    buf_append_text(out,
                    "<header class=\"event-head\">\n<p class=\"event-when\"><time datetime=\"");
    html_text(out, parts_text(e->event, "starts_at"));
    buf_append_text(out, "\">");
    html_text(out, buf_slice(&when));
    buf_append_text(out, "</time></p>\n<h1>");
    html_text(out, parts_text(e->event, "name"));
    buf_append_text(out, "</h1>\n<p class=\"lead\">");
    if (parts_performers(e->event, out))
        buf_append_text(out, "<br>");
    html_text(out, buf_slice(&where));
    buf_append_text(out, "</p>\n</header>\n");
    out->failed |= when.failed || where.failed;
}

/* The picture of the hall has its room from the beginning: nothing moves when it is drawn. */
static void write_hall(const struct event_page *e, struct buf *out)
{
    buf_append_text(out, "<div class=\"event-hall\">");
    if (parts_text(e->event, "plan_url").len)
        buf_append_text(out, "<span class=\"hall\"><canvas></canvas></span>");
    buf_append_text(out, "</div>\n");
}

static void write_sum(const struct event_page *e, const json_t *category, struct buf *out)
{
    BUF_AUTO struct buf sum = BUF_INIT, fee = BUF_INIT, text = BUF_INIT;
    struct slice currency = parts_text(e->event, "currency");
    unsigned language = e->context->language;
    int64_t fee_minor = parts_number(json_object_get(category, "fee"), "amount");
    if (full_price(category) == 0)
        buf_append_text(&sum, words_say(language, WORD_FREE));
    else
        words_money(&sum, language, full_price(category), currency);
    buf_append_text(out, "<span class=\"prices-sum\"><b class=\"figure\">");
    html_text(out, buf_slice(&sum));
    buf_append_text(out, "</b>");
    if (fee_minor > 0) {
        words_money(&fee, language, fee_minor, currency);
        const struct word_value value = {"fee", buf_slice(&fee)};
        words_fill(&text, words_say(language, WORD_FEE), &value, 1);
        buf_append_text(out, "<span class=\"quiet figure\">");
        html_text(out, buf_slice(&text));
        buf_append_text(out, "</span>");
    }
    buf_append_text(out, "</span>");
    out->failed |= sum.failed || fee.failed || text.failed;
}

static void write_price(const struct event_page *e, size_t i, struct buf *out)
{
    bool gone = !on_offer(e, i);
    buf_append_format(out,
                      "<li data-gone=\"%s\"><span class=\"swatch\"></span>"
                      "<span class=\"prices-name\">",
                      gone ? "yes" : "no");
    html_text(out, parts_text(category_of(e, i), "name"));
    buf_append_text(out, "<span class=\"quiet\">");
    if (gone)
        parts_word(e->context, WORD_SOLD_OUT, out);
    else
        buf_append_text(out, "&#160;");
    buf_append_text(out, "</span></span>");
    write_sum(e, category_of(e, i), out);
    buf_append_text(out, "</li>\n");
}

/* Whether category `a` stands above `b`: the dearer one first, as the script has them. */
static bool stands_above(const struct event_page *e, size_t a, size_t b)
{
    int64_t price_a = full_price(category_of(e, a)), price_b = full_price(category_of(e, b));
    return price_a > price_b || (price_a == price_b && a < b);
}

static void write_prices(const struct event_page *e, struct buf *out)
{
    size_t order[LIMIT_PRICE_CATEGORIES], count = 0;
    for (size_t i = 0; i < category_count(e) && i < LIMIT_PRICE_CATEGORIES; i++) {
        size_t at = count++;
        for (; at > 0 && stands_above(e, i, order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    buf_append_text(out, "<div class=\"event-side\"><section class=\"prices\">\n<h2>");
    parts_word(e->context, WORD_PRICES, out);
    buf_append_text(out, "</h2>\n<ul class=\"prices-list\">\n");
    for (size_t i = 0; i < count; i++)
        write_price(e, order[i], out);
    buf_append_text(out, "</ul>\n<p class=\"quiet\">");
    parts_word(e->context, WORD_FEES_INCLUDED, out);
    buf_append_text(out, "</p>\n</section></div>\n");
}

static void write_opening(const struct event_page *e, struct buf *out)
{
    BUF_AUTO struct buf when = BUF_INIT, text = BUF_INIT;
    words_date(&when, e->context->language, parts_text(e->told, "opens_local"));
    if (when.len == 0) {
        buf_append_text(out, "<p>");
        parts_word(e->context, WORD_STATUS_UPCOMING, out);
        buf_append_text(out, "</p>\n");
        return;
    }
    const struct word_value value = {"when", buf_slice(&when)};
    words_fill(&text, words_say(e->context->language, WORD_OPENS), &value, 1);
    buf_append_text(out, "<p>");
    html_text(out, buf_slice(&text));
    buf_append_text(out, "</p>\n");
    out->failed |= when.failed || text.failed;
}

/* Why nothing can be bought right now; nothing when it can. */
static void write_state(const struct event_page *e, struct buf *out)
{
    static const struct {
        const char *state;
        enum word said;
    } states[] = {{"paused", WORD_PAUSED}, {"sold_out", WORD_ALL_SOLD}, {"closed", WORD_CLOSED}};
    if (!is_past(e) && is_state(e, "upcoming")) {
        write_opening(e, out);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (!is_past(e) && !is_state(e, states[i].state))
            continue;
        buf_append_text(out, "<p>");
        parts_word(e->context, is_past(e) ? WORD_PAST : states[i].said, out);
        buf_append_text(out, "</p>\n");
        return;
    }
}

static void write_way(const struct event_page *e, const char *behind, enum word said,
                      struct buf *out)
{
    buf_append_text(out, "<a class=\"button primary large\" href=\"");
    html_string(out, e->path);
    buf_append_format(out, "/%s\">", behind);
    parts_word(e->context, said, out);
    buf_append_text(out, "</a>\n");
}

static void write_next(const struct event_page *e, struct buf *out)
{
    bool waits = json_is_true(json_object_get(json_object_get(e->event, "queue"), "active"));
    bool sells = is_state(e, "open") || is_state(e, "paused") || is_state(e, "sold_out");
    buf_append_text(out, "<section class=\"event-next\">\n");
    write_state(e, out);
    if (!is_past(e) && waits) {
        buf_append_text(out, "<p>");
        parts_word(e->context, WORD_ROOM, out);
        buf_append_text(out, "</p>\n");
        write_way(e, "queue", WORD_ENTER_ROOM, out);
    } else if (!is_past(e) && sells) {
        bool seats = parts_text(e->event, "plan_url").len > 0;
        write_way(e, "seats", seats ? WORD_CHOOSE_SEATS : WORD_CHOOSE_TICKETS, out);
    }
    parts_needs_script(e->context, out);
    buf_append_text(out, "</section>\n");
}

/* What the script begins with: the event as the API tells it, but for what is the asker's own. */
static void write_given(json_t *event, struct site_page *page)
{
    (void)json_object_del(event, "payment");
    char *text = json_dumps(event, JSON_COMPACT);
    if (text)
        buf_append_format(&page->given, "{\"event\":%s}", text);
    free(text);
}

void site_event(const struct site_context *context, json_t *told, struct site_page *ret_page)
{
    json_t *event = json_object_get(told, "event");
    struct event_page e = {.context = context, .told = told, .event = event};
    struct buf *out = &ret_page->content;
    parts_event_path(parts_text(event, "id"), e.path);
    write_title(&e, ret_page);
    write_description(&e, ret_page);
    parts_head(context, e.path, ret_page);
    write_linked_data(&e, ret_page);
    buf_append_text(out, "<main id=\"main\" class=\"page event\">\n");
    write_head(&e, out);
    write_hall(&e, out);
    write_prices(&e, out);
    write_next(&e, out);
    buf_append_text(out, "</main>\n");
    parts_foot(context, e.path, out);
    write_given(event, ret_page);
}
