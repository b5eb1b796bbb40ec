/* Whatever names an event has, its page is the same page: the same elements with the same
 * attributes in the same order, and data that reads back as it was. Names are made of pieces that
 * have ended other people's elements, by a generator with a fixed seed. */
#include "base/utf8.h"
#include "page.h"

#define ROUNDS 4000

static const char *const pieces[] = {
    "</script>",
    "<script>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "\"",
    "'",
    "`",
    ">",
    "<",
    "&",
    "&amp;",
    "&#60;",
    "&lt",
    "\\",
    "\\u003c",
    "\\\"",
    "{name}",
    "{",
    "}",
    "%s",
    "%n",
    "$&",
    "</title>",
    "</main>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\" onload=\"x",
    "' onload='x",
    "<!--page-->",
    "</head>",
    "</body>",
    "\n",
    "\t",
    "\x7f",
    "\xC2\x85",
    "\xC2\xA0",
    "\u202e",
    "\u2028",
    "\u2029",
    "\ufeff",
    "\ufffe",
    "\U0001F3BB",
    "e\u0301",
    "שלום",
    "東京",
    "Łódź",
    "a",
    " ",
    "",
    "0",
};
#define PIECES (sizeof pieces / sizeof pieces[0])

static uint64_t seed;

static uint32_t random_below(uint32_t bound)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % bound;
}

/* Begins with a word of its own, so that no text is empty or part of another. */
static json_t *text(const char *word, bool nasty)
{
    char made[512];
    (void)snprintf(made, sizeof made, "%s ", word);
    for (uint32_t n = nasty ? random_below(8) : 0; n > 0; n--)
        (void)strcat(made, pieces[random_below(PIECES)]);
    json_t *json = json_string(made);
    assert_non_null(json);
    return json;
}

static json_t *event(bool nasty)
{
    json_t *whole = json_pack(
        "{s:{s:s,s:o,s:s,s:s,s:o,s:{s:o,s:o,s:o},s:[o,o],s:s,s:{s:s,s:o},s:{s:b},s:o,s:s,"
        "s:[{s:o,s:{s:i},s:{s:i}},{s:o,s:{s:i},s:{s:i}}]},s:o,s:[b,b]}",
        "event", "id", "evt_1", "name", text("name", nasty), "starts_at",
        "2027-06-12T18:30:00.000Z", "starts_local", "2027-06-12T20:30:00", "category",
        text("category", nasty), "venue", "name", text("venue", nasty), "city", text("city", nasty),
        "country", text("country", nasty), "performers", text("first", nasty),
        text("second", nasty), "status", "on_sale", "sale", "state", "open", "opens_at",
        text("opens", nasty), "queue", "active", 0, "plan_url", text("plan", nasty), "currency",
        "EUR", "price_categories", "name", text("stalls", nasty), "price", "amount", 100, "fee",
        "amount", 5, "name", text("gods", nasty), "price", "amount", 200, "fee", "amount", 5,
        "opens_local", text("local", nasty), "on_offer", 1, 0);
    assert_non_null(whole);
    return whole;
}

/* Appends the elements and their attributes without values, in their order, as a browser would find
 * them; what stands in an element of a script is passed over. */
static void outline(struct slice html, struct buf *out)
{
    const char *at = html.data, *end = html.data + html.len;
    while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        const char *name = at + 1;
        char quote = 0;
        buf_append_char(out, '<');
        for (at = name; at < end && (quote || *at != '>'); at++) {
            if (quote) {
                quote = *at == quote ? 0 : quote;
                continue;
            }
            if (*at == '"' || *at == '\'')
                quote = *at;
            buf_append_char(out, *at);
        }
        assert_true(at < end);
        if (strncmp(name, "script", 6) == 0) {
            at = memmem(at, (size_t)(end - at), "</script>", 9);
            assert_non_null(at);
        }
    }
}

static void make(bool nasty, json_t **ret_told, struct buf *document, struct buf *shape)
{
    static const char built[] =
        "<html><head><meta name=\"description\" content=\"\" /><title></title>"
        "</head><body><div><!--skip--><!--nav--><!--page--></div></body></html>";
    struct site_template template_;
    struct err err;
    struct site_page page = {.still = false};
    assert_int_equal(site_template_parse(slice_from_string(built), &template_, &err), 0);
    *ret_told = event(nasty);
    site_event(&english, *ret_told, &page);
    site_template_fill(&template_, &page, document);
    assert_false(site_page_failed(&page) || document->failed);
    outline(buf_slice(document), shape);
    site_page_finish(&page);
}

static void expect_as_told(const struct buf *document, const json_t *told)
{
    const json_t *event_told = json_object_get(told, "event");
    json_t *data = json_in(document, "application/ld+json");
    json_t *given = json_in(document, "application/json");
    assert_true(json_equal(json_object_get(data, "name"), json_object_get(event_told, "name")));
    assert_true(json_equal(json_object_get(given, "event"), event_told));
    json_decref(data);
    json_decref(given);
}

static void a_page_keeps_its_shape_whatever_the_names_are(void **state)
{
    (void)state;
    BUF_AUTO struct buf plain = BUF_INIT, shape = BUF_INIT;
    json_t *told;
    make(false, &told, &plain, &shape);
    expect_as_told(&plain, told);
    json_decref(told);
    for (seed = 0; seed < ROUNDS; seed++) {
        BUF_AUTO struct buf nasty = BUF_INIT, nasty_shape = BUF_INIT;
        uint64_t round = seed;
        make(true, &told, &nasty, &nasty_shape);
        if (!slice_equal(buf_slice(&nasty_shape), buf_slice(&shape)))
            fail_msg("round %llu: %s", (unsigned long long)round, text_of(&nasty));
        assert_true(utf8_valid(buf_slice(&nasty)));
        expect_as_told(&nasty, told);
        json_decref(told);
        seed = round;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_keeps_its_shape_whatever_the_names_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
