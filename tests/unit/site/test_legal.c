#include "page.h"

static const char text[] =
    "<h1>Imprint</h1>\n<dl><dd>{name}</dd>\n<dd>{address}</dd>\n<dd>{email}</dd>\n"
    "<dt>VAT</dt><dd>{vat}</dd>\n<dd>{host}</dd></dl>";

static void the_operators_own_is_laid_in_escaped(void **state)
{
    (void)state;
    struct site_page page = {.still = false};
    const struct site_operator operator_ = {.name = "Fox & <b>Sons</b>",
                                            .address = "1 High Street; Ham",
                                            .email = "",
                                            .phone = "",
                                            .register_entry = "",
                                            .vat = ""};
    site_legal(&english, &operator_, SITE_IMPRINT, slice_from_string(text), &page);
    assert_has(&page.content, "<dd>Fox &amp; &lt;b&gt;Sons&lt;/b&gt;</dd>");
    assert_has(&page.content, "<dd>1 High Street<br>Ham</dd>");
    assert_has(&page.content, "<dd><i>not given by the operator</i></dd>");
    assert_has_not(&page.content, "VAT");
    assert_has(&page.content, "<dd>tickets.example</dd>");
    assert_has_not(&page.content, "demonstration");
    assert_has(&page.title, "Imprint · Onsale");
    assert_has(&page.head, "href=\"https://tickets.example/imprint\"");
    assert_true(page.still);
    site_page_finish(&page);
}

static void the_demo_says_that_it_is_one(void **state)
{
    (void)state;
    for (unsigned language = 0; language < SITE_LANGUAGES; language++) {
        struct site_page page = {.still = false};
        struct site_context context = english;
        const struct site_operator operator_ = {.name = "",
                                                .address = "",
                                                .email = "",
                                                .phone = "",
                                                .register_entry = "",
                                                .vat = "",
                                                .demo = true};
        context.language = language;
        site_legal(&context, &operator_, SITE_TERMS, slice_from_string(text), &page);
        assert_has(&page.content, "<p class=\"note\">");
        site_page_finish(&page);
    }
}

/* The texts that come with the house name only what can be filled in. */
static void the_houses_own_texts_leave_no_place_open(void **state)
{
    (void)state;
    static const char *const tags[SITE_LANGUAGES] = {"en", "de", "es", "fr"};
    for (unsigned i = 0; i < SITE_LANGUAGES * SITE_LEGAL_PAGES; i++) {
        char path[4096], own[65536];
        (void)snprintf(path, sizeof path, "%s/web/public/.legal/%s.%s.html", getenv("ONSALE_TOP"),
                       site_legal_names[i / SITE_LANGUAGES], tags[i % SITE_LANGUAGES]);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        size_t len = fread(own, 1, sizeof own, file);
        assert_int_equal(fclose(file), 0);
        struct site_page page = {.still = false};
        struct site_context context = english;
        const struct site_operator operator_ = {.name = "N",
                                                .address = "A",
                                                .email = "E",
                                                .phone = "P",
                                                .register_entry = "R",
                                                .vat = "V"};
        context.language = i % SITE_LANGUAGES;
        site_legal(&context, &operator_, (enum site_legal)(i / SITE_LANGUAGES),
                   slice_make(own, len), &page);
        assert_true(len > 100);
        assert_has_not(&page.content, "{");
        assert_true(page.title.len > strlen(" · Onsale"));
        site_page_finish(&page);
    }
}

static void robots_are_told_where_the_map_is(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    site_robots(&english, &out);
    assert_has(&out, "Disallow: /api/\n");
    assert_has(&out, "\nSitemap: https://tickets.example/sitemap.xml\n");
}

static void the_sitemap_names_each_event_and_nothing_else(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    json_t *ids = json_pack("[s,s,i]", "evt_1", "<evil>&", 7);
    site_sitemap(&english, ids, &out);
    assert_has(&out, "<loc>https://tickets.example/events/evt_1</loc>");
    assert_has(&out, "<loc>https://tickets.example/terms</loc>");
    assert_has_not(&out, "evil");
    json_decref(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_operators_own_is_laid_in_escaped),
        cmocka_unit_test(the_demo_says_that_it_is_one),
        cmocka_unit_test(the_houses_own_texts_leave_no_place_open),
        cmocka_unit_test(robots_are_told_where_the_map_is),
        cmocka_unit_test(the_sitemap_names_each_event_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
