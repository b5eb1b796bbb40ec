/* home: the list of events, and the pages that have nothing of their own to show. */
#include "site/parts.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the list ---- */

static void write_row_date(const struct site_context *context, const json_t *event, struct buf *out)
{
    struct word_date date;
    buf_append_text(out, "<time datetime=\"");
    html_text(out, parts_text(event, "starts_at"));
    buf_append_text(out, "\">");
    if (words_date_read(parts_text(event, "starts_local"), &date))
        buf_append_format(out,
                          "<span class=\"event-day figure\">%d</span><span class=\"event-month\">"
                          "%s %d<br>%s %02d:%02d</span>",
                          date.day, words_month_short(context->language, date.month), date.year,
                          words_weekday_short(context->language, date.weekday), date.hour,
                          date.minute);
    buf_append_text(out, "</time>\n");
}

static void write_row_price(const struct site_context *context, const json_t *event,
                            struct buf *out)
{
    static const struct {
        const char *status;
        enum word said;
    } statuses[] = {{"upcoming", WORD_STATUS_UPCOMING}, {"on_sale", WORD_STATUS_ON_SALE},
                    {"paused", WORD_STATUS_PAUSED},     {"sold_out", WORD_SOLD_OUT},
                    {"closed", WORD_STATUS_CLOSED},     {"past", WORD_STATUS_PAST}};
    const json_t *price = json_object_get(event, "price_from");
    struct slice status = parts_text(event, "status");
    buf_append_text(out, "<p class=\"event-price\">");
    if (json_is_object(price) && !slice_equal(status, SLICE("sold_out"))) {
        BUF_AUTO struct buf sum = BUF_INIT, text = BUF_INIT;
        int64_t amount = parts_number(price, "amount");
        words_money(&sum, context->language, amount, parts_text(price, "currency"));
        const struct word_value value = {"price", buf_slice(&sum)};
        words_fill(&text, words_say(context->language, amount ? WORD_FROM : WORD_FREE), &value, 1);
        buf_append_text(out, "<b class=\"figure\">");
        html_text(out, buf_slice(&text));
        buf_append_text(out, "</b>");
        out->failed |= sum.failed || text.failed;
    }
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (!slice_equal(status, slice_from_string(statuses[i].status)))
            continue;
        buf_append_format(out, "<span class=\"status\" data-status=\"%s\">", statuses[i].status);
        parts_word(context, statuses[i].said, out);
        buf_append_text(out, "</span>");
    }
    buf_append_text(out, "</p>\n");
}

static void write_row(const struct site_context *context, const json_t *event, struct buf *out)
{
    BUF_AUTO struct buf where = BUF_INIT;
    char path[PARTS_PATH_MAX];
    parts_event_path(parts_text(event, "id"), path);
    parts_where(event, &where);
    buf_append_text(out, "<li class=\"event-row\" data-status=\"");
    html_text(out, parts_text(event, "status"));
    buf_append_text(out, "\">\n");
    write_row_date(context, event, out);
    buf_append_text(out, "<div class=\"event-what\"><h3><a href=\"");
    html_string(out, path);
    buf_append_text(out, "\">");
    html_text(out, parts_text(event, "name"));
    buf_append_text(out, "</a></h3><p>");
    if (parts_performers(event, out))
        buf_append_text(out, " · ");
    html_text(out, buf_slice(&where));
    buf_append_text(out, "</p></div>\n");
    write_row_price(context, event, out);
    buf_append_text(out, "</li>\n");
    out->failed |= where.failed;
}

static void write_site_data(const struct site_context *context, struct site_page *page)
{
    BUF_AUTO struct buf text = BUF_INIT;
    struct json j;
    json_begin(&j, &text);
    json_put_object(&j, NULL);
    json_put_string(&j, "@context", "https://schema.org");
    json_put_string(&j, "@type", "WebSite");
    json_put_string(&j, "name", "Onsale");
    json_put_string(&j, "url", context->base_url);
    if (*context->organiser) {
        json_put_object(&j, "publisher");
        json_put_string(&j, "@type", "Organization");
        json_put_string(&j, "name", context->organiser);
        json_end(&j);
    }
    json_end(&j);
    parts_linked_data(page, buf_slice(&text));
    page->head.failed |= text.failed;
}

/* Whether they take place in more than one city: the script offers a choice then. */
static bool has_cities(const json_t *items)
{
    struct slice first = SLICE("");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *venue = json_object_get(json_array_get(items, i), "venue");
        struct slice city = parts_text(venue, "city");
        if (first.len && city.len && !slice_equal(first, city))
            return true;
        first = city.len ? city : first;
    }
    return false;
}

/* Search and the choice of a city are the script's; what they need of room is there before, so that
 * nothing moves. */
static void write_head(const struct site_context *context, const json_t *items, struct buf *out)
{
    buf_append_text(out, "<div class=\"home-head\"><h1>");
    parts_word(context, WORD_HOME_TITLE, out);
    buf_append_text(out, "</h1><p class=\"lead\">");
    parts_word(context, WORD_HOME_LEAD, out);
    buf_append_text(out, "</p>\n<form role=\"search\"><label><span class=\"hidden\">");
    parts_word(context, WORD_HOME_SEARCH, out);
    buf_append_text(out, "</span><input type=\"search\" disabled placeholder=\"");
    parts_word(context, WORD_HOME_SEARCH, out);
    buf_append_text(out, "\"></label></form>\n");
    if (has_cities(items)) {
        buf_append_text(out, "<div class=\"places\" aria-hidden=\"true\"><span class=\"chip\">");
        parts_word(context, WORD_HOME_EVERYWHERE, out);
        buf_append_text(out, "</span></div>\n");
    }
    buf_append_text(out, "</div>\n");
}

void site_home(const struct site_context *context, json_t *told, struct site_page *ret_page)
{
    const json_t *items = json_object_get(told, "items");
    struct buf *out = &ret_page->content;
    buf_append_text(&ret_page->title, words_say(context->language, WORD_HOME_TITLE));
    parts_title_end(ret_page);
    buf_append_text(&ret_page->description, words_say(context->language, WORD_HOME_LEAD));
    parts_head(context, "/", ret_page);
    write_site_data(context, ret_page);
    buf_append_text(out, "<main id=\"main\" class=\"page home\">\n");
    write_head(context, items, out);
    buf_append_text(out, "<h2 class=\"events-title\">");
    parts_word(context, WORD_HOME_DATES, out);
    buf_append_text(out, "</h2>\n<ul class=\"events\">\n");
    for (size_t i = 0; i < json_array_size(items); i++)
        write_row(context, json_array_get(items, i), out);
    buf_append_text(out, "</ul>\n");
    if (json_array_size(items) == 0) {
        buf_append_text(out, "<p class=\"lead\">");
        parts_word(context, WORD_HOME_NONE, out);
        buf_append_text(out, "</p>\n");
    }
    buf_append_text(out, "</main>\n");
    parts_foot(context, "/", out);
    char *text = json_dumps(told, JSON_COMPACT);
    if (text)
        buf_append_format(&ret_page->given, "{\"events\":%s}", text);
    free(text);
}

/* ---- pages without anything of their own ---- */

void site_app(const struct site_context *context, struct slice event, struct site_page *ret_page)
{
    struct buf *out = &ret_page->content;
    buf_append_text(&ret_page->title, "Onsale");
    buf_append_text(&ret_page->description, words_say(context->language, WORD_HOME_LEAD));
    if (event.len) {
        char path[PARTS_PATH_MAX];
        parts_event_path(event, path);
        parts_head(context, path, ret_page);
    } else {
        parts_head_hidden(context, ret_page);
    }
    buf_append_text(out, "<main id=\"main\" class=\"page narrow\">\n");
    parts_needs_script(context, out);
    buf_append_text(out, "</main>\n");
}

void site_missing(const struct site_context *context, struct site_page *ret_page)
{
    struct buf *out = &ret_page->content;
    buf_append_text(&ret_page->title, words_say(context->language, WORD_MISSING_TITLE));
    parts_title_end(ret_page);
    buf_append_text(&ret_page->description, words_say(context->language, WORD_MISSING_TEXT));
    parts_head_hidden(context, ret_page);
    buf_append_text(out, "<main id=\"main\" class=\"page narrow\"><h1>");
    parts_word(context, WORD_MISSING_TITLE, out);
    buf_append_text(out, "</h1>\n<p class=\"lead\">");
    parts_word(context, WORD_MISSING_TEXT, out);
    buf_append_text(out, "</p>\n<p class=\"actions\"><a class=\"button primary\" href=\"/\">");
    parts_word(context, WORD_ALL_EVENTS, out);
    buf_append_text(out, "</a></p></main>\n");
    parts_foot(context, "/", out);
}
