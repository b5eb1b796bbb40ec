#include "provider_private.h"

#include <stdlib.h>

/* The provider's lists of all that it has, for whoever compares books: newest first, in pages of
 * any size that it likes. */

#define PAGE_MOST 100u /* that may be asked for */

struct page {
    const struct provider *p;
    enum stripe_list list;
    uint8_t house;
    uint64_t since_s;
};

static uint32_t list_length(const struct page *page)
{
    switch (page->list) {
    case STRIPE_LIST_INTENTS: return page->p->intent_count;
    case STRIPE_LIST_REFUNDS: return page->p->refund_count;
    case STRIPE_LIST_DISPUTES: break;
    }
    return page->p->dispute_count;
}

/* Whether object `number` is in the list. */
static bool is_listed(const struct page *page, uint32_t number)
{
    const struct provider *p = page->p;
    bool hidden = false;
    uint64_t created_s = 0;
    uint32_t intent = number;
    switch (page->list) {
    case STRIPE_LIST_INTENTS:
        hidden = p->intents[number].hidden;
        created_s = p->intents[number].created_s;
        break;
    case STRIPE_LIST_REFUNDS:
        hidden = p->refunds[number].hidden;
        created_s = p->refunds[number].created_s;
        intent = p->refunds[number].intent;
        break;
    case STRIPE_LIST_DISPUTES:
        hidden = p->disputes[number].hidden;
        created_s = p->disputes[number].created_s;
        intent = p->disputes[number].intent;
        break;
    }
    return !hidden && created_s >= page->since_s && p->intents[intent].house == page->house;
}

static void write_object(const struct page *page, uint32_t number, char *to, size_t size)
{
    switch (page->list) {
    case STRIPE_LIST_INTENTS:
        provider_write_intent(&page->p->intents[number], false, to, size);
        break;
    case STRIPE_LIST_REFUNDS: provider_write_refund(page->p, number, to, size); break;
    case STRIPE_LIST_DISPUTES: provider_write_dispute(page->p, number, to, size); break;
    }
}

/* "re_sim17" is object 17; behind it the list goes on. An empty text: from the beginning. */
static uint32_t list_begins(struct sim *s, const struct page *page, struct slice after)
{
    static const char *const prefixes[] = {"pi_sim", "re_sim", "dp_sim"};
    char text[40];
    if (after.len == 0)
        return list_length(page);
    REQUIRE(s,
            after.len > 6 && after.len < sizeof text &&
                memcmp(after.data, prefixes[page->list], 6) == 0,
            "the provider is asked as the contract says", "a list behind %.*s", SLICE_ARG(after));
    (void)snprintf(text, sizeof text, "%.*s", SLICE_ARG(after));
    uint32_t number = (uint32_t)strtoul(text + 6, NULL, 10);
    REQUIRE(s, number < list_length(page), "the provider is asked as the contract says",
            "a list behind %s", text);
    return number;
}

void provider_list(struct sim *s, struct parcel *parcel, enum stripe_list list, const char *query)
{
    struct provider *p = s->provider;
    int64_t since_s = provider_form_number(query, "created%5Bgte%5D");
    const struct page page = {p, list, parcel->house, since_s > 0 ? (uint64_t)since_s : 0};
    uint32_t count = list_length(&page), low = 1 + count / 16;
    uint64_t size = random_magnitude(&p->random, low < PAGE_MOST ? low : PAGE_MOST, PAGE_MOST);
    bool more = false;
    BUF_AUTO struct buf out = BUF_INIT;
    REQUIRE(s, !parcel->post && slice_equal(provider_form_field(query, "limit"), SLICE("100")),
            "the provider is asked as the contract says", "a list is read by %s", parcel->path);
    buf_append_text(&out, "{\"object\":\"list\",\"data\":[");
    uint32_t number = list_begins(s, &page, provider_form_field(query, "starting_after"));
    for (uint32_t written = 0; number-- > 0 && !more;) {
        char object[PROVIDER_BODY_MAX];
        if (!is_listed(&page, number))
            continue;
        more = written == size;
        if (more)
            break;
        write_object(&page, number, object, sizeof object);
        if (written++ > 0)
            buf_append_char(&out, ',');
        buf_append_text(&out, object);
    }
    buf_append_text(&out, more ? "],\"has_more\":true}" : "],\"has_more\":false}");
    buf_append(&out, "", 1);
    if (out.failed)
        abort();
    parcel->status = 200;
    parcel->list = sim_new(s, out.len + sizeof parcel->reply);
    memcpy(parcel->list, out.data, out.len);
}
