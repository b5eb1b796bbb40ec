#include "site/html.h"

#include "page.h"

static void expect(struct slice in, const char *wanted)
{
    BUF_AUTO struct buf out = BUF_INIT;
    html_text(&out, in);
    assert_string_equal(text_of(&out), wanted);
}

static void markup_in_a_text_stays_text(void **state)
{
    (void)state;
    expect(SLICE("<b>\"Tom\" & 'Jerry'</b>"),
           "&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jerry&#39;&lt;/b&gt;");
    expect(SLICE("&lt;"), "&amp;lt;");
    expect(SLICE(""), "");
}

static void letters_of_all_alphabets_stay(void **state)
{
    (void)state;
    expect(SLICE("Grüße, Ольга, 東京, 🎻, שלום"), "Grüße, Ольга, 東京, 🎻, שלום");
    expect(SLICE("a\tb\nc"), "a\tb\nc");
}

static void what_html_does_not_allow_is_replaced(void **state)
{
    (void)state;
    expect(SLICE("a\0b"), "a\xEF\xBF\xBD"
                          "b");
    expect(SLICE("\x01\x1b\x7f"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    expect(SLICE("\xc2\x85"), "\xEF\xBF\xBD");
    expect(SLICE("\xef\xbf\xbe\xef\xbf\xbf"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    expect(SLICE("\xc3("), "\xEF\xBF\xBD(");
    expect(SLICE("\xf0\x9f\x8e"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    expect(SLICE("\xc0\xbcscript"), "\xEF\xBF\xBD\xEF\xBF\xBDscript");
}

static void json_cannot_end_its_element(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    html_json(&out, SLICE("{\"a\":\"</script><!--\"}"));
    assert_string_equal(text_of(&out), "{\"a\":\"\\u003c/script>\\u003c!--\"}");
}

static void an_empty_meta_is_not_written(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    html_meta(&out, "name", "robots", SLICE(""));
    assert_int_equal(out.len, 0);
    html_meta(&out, "property", "og:title", SLICE("\"><script>"));
    assert_string_equal(text_of(&out),
                        "<meta property=\"og:title\" content=\"&quot;&gt;&lt;script&gt;\">\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_in_a_text_stays_text),
        cmocka_unit_test(letters_of_all_alphabets_stay),
        cmocka_unit_test(what_html_does_not_allow_is_replaced),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(json_cannot_end_its_element),
        cmocka_unit_test(an_empty_meta_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
