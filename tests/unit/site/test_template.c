#include "page.h"

static const char built[] = "<html lang=\"en\"><head>"
                            "<meta name=\"description\" content=\"What it was\" />"
                            "<title>Onsale</title>"
                            "<script type=\"module\" src=\"/assets/index.js\"></script>"
                            "<link rel=\"modulepreload\" href=\"/assets/en.js\" />"
                            "</head><body><div id=\"app\"><!--skip--><!--nav--><!--page--></div>"
                            "<noscript><p>Script!</p></noscript></body></html>";

static void fill(const struct site_page *page, struct buf *out)
{
    struct site_template document;
    struct err err;
    assert_int_equal(site_template_parse(slice_from_string(built), &document, &err), 0);
    site_template_fill(&document, page, out);
}

static void an_empty_page_takes_the_documents_own_words_out(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    const struct site_page page = {.still = false};
    fill(&page, &out);
    assert_string_equal(text_of(&out), "<html lang=\"en\"><head>"
                                       "<meta name=\"description\" content=\"\" /><title></title>"
                                       "<script type=\"module\" src=\"/assets/index.js\"></script>"
                                       "<link rel=\"modulepreload\" href=\"/assets/en.js\" />"
                                       "</head><body><div id=\"app\"></div></body></html>");
}

static void a_page_is_laid_in_where_it_belongs(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct site_page page = {.still = false};
    buf_append_text(&page.title, "A & B");
    buf_append_text(&page.description, "\"quoted\"");
    buf_append_text(&page.head, "<link>");
    buf_append_text(&page.content, "<main></main>");
    buf_append_text(&page.given, "{\"a\":\"</script>\"}");
    fill(&page, &out);
    assert_has(&out, "<title>A &amp; B</title>");
    assert_has(&out, "content=\"&quot;quoted&quot;\" />");
    assert_has(&out, "<link></head>");
    assert_has(&out, "<div id=\"app\"><main></main></div>");
    assert_has(&out, "<script type=\"application/json\" id=\"given\">{\"a\":\"\\u003c/script>\"}"
                     "</script>\n</body>");
    site_page_finish(&page);
}

static void a_still_page_has_no_script(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    const struct site_page page = {.still = true};
    fill(&page, &out);
    assert_has_not(&out, "<script");
    assert_has_not(&out, "modulepreload");
}

static void a_document_without_a_mark_is_refused_by_name(void **state)
{
    (void)state;
    const char *const marks[] = {"<title>",    "<meta name=\"description\" content=\"",
                                 "</head>",    "<!--skip-->",
                                 "<!--nav-->", "<!--page-->",
                                 "</body>"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        char text[sizeof built];
        struct site_template document;
        struct err err;
        memcpy(text, built, sizeof built);
        memset(strstr(text, marks[i]), 'x', strlen(marks[i]));
        assert_int_equal(site_template_parse(slice_from_string(text), &document, &err), -1);
        assert_non_null(strstr(err.detail, marks[i]));
    }
}

static void a_mark_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    char text[2 * sizeof built];
    struct site_template document;
    struct err err;
    (void)snprintf(text, sizeof text, "%s%s", built, built);
    assert_int_equal(site_template_parse(slice_from_string(text), &document, &err), -1);
    assert_int_equal(site_template_parse(SLICE("<title>without an end"), &document, &err), -1);
}

static void more_marks_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    BUF_AUTO struct buf text = BUF_INIT;
    struct site_template document;
    struct err err;
    for (int i = 0; i < 100; i++)
        buf_append_text(&text, "<noscript></noscript>");
    buf_append_text(&text, built);
    assert_int_equal(site_template_parse(buf_slice(&text), &document, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_page_takes_the_documents_own_words_out),
        cmocka_unit_test(a_page_is_laid_in_where_it_belongs),
        cmocka_unit_test(a_still_page_has_no_script),
        cmocka_unit_test(a_document_without_a_mark_is_refused_by_name),
        cmocka_unit_test(a_mark_that_is_there_twice_is_refused),
        cmocka_unit_test(more_marks_than_there_is_room_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
