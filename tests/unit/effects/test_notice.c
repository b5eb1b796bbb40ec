/* What buyers are told: the exact words of the commonest, and that each kind is whole and safe. */
#include "effects/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct slice places[] = {SLICE("Row 12 seat 8"), SLICE("Row 12\nseat 9")};

static struct notice sample(enum notice_kind kind)
{
    return (struct notice){.kind = kind,
                           .name = SLICE("Ada"),
                           .order = SLICE("ord_1"),
                           .event = SLICE("Metal Night"),
                           .venue = SLICE("Metalist Stadium, Kharkiv"),
                           .starts_at = SLICE("Saturday, 12 June 2027, 18:30"),
                           .places = places,
                           .place_count = 2,
                           .total = SLICE("125.50 EUR, fees included"),
                           .amount = SLICE("62.75 EUR"),
                           .until = SLICE("2027-06-01 20:30 (Europe/Kyiv)"),
                           .url = SLICE("http://127.0.0.1:8080/orders/ord_1")};
}

struct written {
    struct buf subject, text, html;
};

static struct written write_notice(const struct notice *notice)
{
    struct written w = {BUF_INIT, BUF_INIT, BUF_INIT};
    notice_write(notice, &notice_en, &w.subject, &w.text, &w.html);
    buf_append_char(&w.subject, '\0');
    buf_append_char(&w.text, '\0');
    buf_append_char(&w.html, '\0');
    assert_false(w.subject.failed || w.text.failed || w.html.failed);
    return w;
}

static void finish(struct written *w)
{
    buf_finish(&w->subject);
    buf_finish(&w->text);
    buf_finish(&w->html);
}

static void a_paid_order_s_mail_says_what_was_bought(void **state)
{
    (void)state;
    struct notice notice = sample(NOTICE_PAID);
    notice.amount = notice.until = SLICE("");
    struct written w = write_notice(&notice);
    assert_string_equal(w.subject.data, "Your tickets: Metal Night");
    assert_string_equal(
        w.text.data, "Hello Ada,\n\n"
                     "thank you, your order is paid. These places are yours:\n\n"
                     "  Metal Night\n  Metalist Stadium, Kharkiv\n  Saturday, 12 June 2027, 18:30\n"
                     "\n  - Row 12 seat 8\n  - Row 12 seat 9\n\n"
                     "Total: 125.50 EUR, fees included\nOrder: ord_1\n\n"
                     "Your tickets with their QR codes are here:\n"
                     "http://127.0.0.1:8080/orders/ord_1\n"
                     "(Open it in the browser that you bought with.)\n\n"
                     "At the door, show the code on your phone or on paper. Each code admits one "
                     "person, once,\nso keep it to yourself until then.\n");
    assert_non_null(strstr(w.html.data, "<li>Row 12 seat 9</li>"));
    assert_non_null(strstr(w.html.data, "<a href=\"http://127.0.0.1:8080/orders/ord_1\">"));
    finish(&w);
}

static void one_free_ticket_is_spoken_of_as_one(void **state)
{
    (void)state;
    struct notice notice = sample(NOTICE_FREE);
    notice.name = notice.total = notice.amount = SLICE("");
    notice.place_count = 1;
    struct written w = write_notice(&notice);
    assert_string_equal(w.subject.data, "Your ticket: Metal Night");
    assert_non_null(strstr(w.text.data, "Hello,\n\nthank you for your order. This place is"));
    assert_non_null(strstr(w.text.data, "Total: free of charge\n"));
    finish(&w);
}

static void every_kind_has_all_its_words_and_fills_them_in(void **state)
{
    (void)state;
    for (int kind = 0; kind < NOTICE_KINDS; kind++) {
        struct notice notice = sample((enum notice_kind)kind);
        struct written w = write_notice(&notice);
        assert_non_null(strstr(w.subject.data, "Metal Night"));
        assert_null(strchr(w.subject.data, '{'));
        assert_null(strchr(w.text.data, '{'));
        assert_null(strchr(w.text.data, '}'));
        assert_non_null(strstr(w.text.data, "Order: ord_1\n"));
        assert_non_null(strstr(w.text.data, "http://127.0.0.1:8080/orders/ord_1\n"));
        assert_non_null(strstr(w.html.data, "lang=\"en\""));
        finish(&w);
    }
}

static void money_that_goes_back_is_named(void **state)
{
    (void)state;
    static const enum notice_kind kinds[] = {NOTICE_TOO_LATE, NOTICE_REFUND_BEGUN,
                                             NOTICE_REFUND_DONE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct notice notice = sample(kinds[i]);
        struct written w = write_notice(&notice);
        assert_non_null(strstr(w.text.data, "62.75 EUR"));
        finish(&w);
    }
}

static void who_waits_for_tickets_is_told_by_when_it_is_settled(void **state)
{
    (void)state;
    const struct notice notice = sample(NOTICE_REVIEW);
    struct written w = write_notice(&notice);
    assert_non_null(strstr(w.text.data, "by 2027-06-01 20:30 (Europe/Kyiv) at the latest"));
    finish(&w);
    const struct notice ended = sample(NOTICE_ENDED_REVIEW);
    w = write_notice(&ended);
    assert_null(strstr(w.text.data, "2027-06-01 20:30"));
    assert_non_null(strstr(w.text.data, "no longer kept"));
    finish(&w);
}

static void nothing_in_a_name_becomes_a_mark_or_a_line(void **state)
{
    (void)state;
    struct notice notice = sample(NOTICE_DECLINED);
    notice.event = SLICE("<b>\"A\" & {amount}\r\nB</b>");
    notice.name = SLICE("<script>\n");
    struct written w = write_notice(&notice);
    assert_string_equal(w.subject.data, "Your payment did not succeed: <b>\"A\" & {amount}  B</b>");
    assert_non_null(strstr(w.html.data, "&lt;b&gt;&quot;A&quot; &amp; {amount}  B&lt;/b&gt;"));
    assert_null(strstr(w.html.data, "<script>"));
    assert_non_null(strstr(w.text.data, "Hello <script> ,\n"));
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paid_order_s_mail_says_what_was_bought),
        cmocka_unit_test(one_free_ticket_is_spoken_of_as_one),
        cmocka_unit_test(every_kind_has_all_its_words_and_fills_them_in),
        cmocka_unit_test(money_that_goes_back_is_named),
        cmocka_unit_test(who_waits_for_tickets_is_told_by_when_it_is_settled),
        cmocka_unit_test(nothing_in_a_name_becomes_a_mark_or_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
