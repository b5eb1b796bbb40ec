/* The sandbox's file: an earlier one is brought up to date, a later one is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/books.h"
#include "unit/files.h"

#include <sqlite3.h>

/* A file of version 1: an intent that was captured and partly refunded, one that is processing, and
 * an event that was to be delivered twice. */
static const char version_1[] =
    "CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE intent(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " secret TEXT NOT NULL, currency TEXT NOT NULL, manual INTEGER NOT NULL,"
    " status INTEGER NOT NULL, amount INTEGER NOT NULL, capturable INTEGER NOT NULL,"
    " received INTEGER NOT NULL, refunded INTEGER NOT NULL, created_s INTEGER NOT NULL,"
    " canceled_s INTEGER NOT NULL, reason TEXT NOT NULL, method TEXT NOT NULL,"
    " charge TEXT NOT NULL, card INTEGER NOT NULL, failed INTEGER NOT NULL,"
    " failure INTEGER NOT NULL, metadata TEXT NOT NULL,"
    " CHECK(0 <= refunded AND refunded <= received AND received <= amount));"
    "CREATE TABLE refund(id TEXT PRIMARY KEY, intent INTEGER NOT NULL,"
    " amount INTEGER NOT NULL, created_s INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE reply(key TEXT PRIMARY KEY, request INTEGER NOT NULL,"
    " status INTEGER NOT NULL, body BLOB NOT NULL, created_s INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE event(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " intent INTEGER NOT NULL, created_s INTEGER NOT NULL, body BLOB NOT NULL);"
    "INSERT INTO setting VALUES('secret_key','sk_test_kept');"
    "INSERT INTO intent VALUES(1,'pi_1','pi_1_secret_x','eur',1,5,1000,0,1000,300,7,0,'','pm_1',"
    "'ch_1',2,0,0,'{\"order_id\":\"ord_9\"}'),(2,'pi_2','s','eur',1,3,500,0,0,0,8,0,'','pm_2',"
    "'ch_2',2,0,0,'{}');"
    "INSERT INTO refund VALUES('re_1',1,300,9);"
    "INSERT INTO event(intent,created_s,body) VALUES"
    "(1,7,CAST('{\"id\":\"evt_1\",\"type\":\"payment_intent.succeeded\"}' AS BLOB)),"
    "(1,7,CAST('{\"id\":\"evt_1\",\"type\":\"payment_intent.succeeded\"}' AS BLOB));"
    "PRAGMA user_version=1;";

static void make_file(const char *folder, const char *text)
{
    char path[300];
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/sandbox.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void check_balance(void *context, const struct books_balance *balance)
{
    (*(int *)context)++;
    assert_string_equal(balance->currency, "eur");
    assert_int_equal(balance->captured, 1000);
    assert_int_equal(balance->refunded, 300);
    assert_int_equal(balance->balance, 700);
}

static void count_delivery(void *context, const struct books_delivery *delivery)
{
    (*(int *)context)++;
    assert_int_equal(delivery->intent_row, 1);
}

static void note_later(void *context, const struct books_later *later)
{
    *(struct books_later *)context = *later;
}

static void a_file_of_version_1_is_brought_up_to_date_and_nothing_is_lost(void **state)
{
    char folder[256];
    struct err err;
    (void)state;
    make_folder(folder);
    make_file(folder, version_1);
    for (int again = 0; again < 2; again++) { /* the second time there is nothing to do */
        struct books *books;
        struct intent intent;
        struct refund refund;
        struct books_later later = {0};
        int balances = 0, deliveries = 0;
        if (books_open(folder, &books, &err) < 0)
            fail_msg("%s", err.detail);
        assert_string_equal(books_setting(books, "secret_key", "new").text, "sk_test_kept");
        assert_true(books_find_intent(books, SLICE("pi_1"), 0, &intent));
        assert_string_equal(intent.order, "ord_9");
        assert_int_equal(intent.kinds, METHOD_BIT(METHOD_CARD));
        assert_int_equal(intent.capture, INTENT_MANUAL);
        assert_true(books_find_refund(books, SLICE("re_1"), 0, &refund));
        assert_int_equal(refund.status, REFUND_SUCCEEDED);
        books_each_balance(books, check_balance, &balances);
        assert_int_equal(balances, 1);
        books_each_delivery(books, count_delivery, &deliveries);
        assert_int_equal(deliveries, 2);
        books_each_later(books, note_later, &later);
        assert_int_equal(later.subject, 2);
        books_close(books);
    }
    remove_folder(folder);
}

static void a_file_of_a_later_version_is_refused_and_says_so(void **state)
{
    char folder[256];
    struct books *books;
    struct err err;
    (void)state;
    make_folder(folder);
    make_file(folder, "PRAGMA user_version=99;");
    assert_int_equal(books_open(folder, &books, &err), -1);
    assert_non_null(strstr(err.detail, "version 99"));
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_version_1_is_brought_up_to_date_and_nothing_is_lost),
        cmocka_unit_test(a_file_of_a_later_version_is_refused_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
