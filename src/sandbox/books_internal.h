/* books_internal: what books.c and books_money.c share. Thread: as books.h. */
#ifndef ONSALE_SANDBOX_BOOKS_INTERNAL_H
#define ONSALE_SANDBOX_BOOKS_INTERNAL_H

#include "sandbox/books.h"

#include <sqlite3.h>

enum books_statement {
    S_BEGIN,
    S_COMMIT,
    S_SETTING_GET,
    S_SETTING_PUT,
    S_REPLY_GET,
    S_REPLY_PUT,
    S_EVENT_PUT,
    S_EVENT_GET,
    S_EVENT_EACH,
    S_EVENT_TRIM,
    S_DELIVERY_PUT,
    S_DELIVERY_BODY,
    S_DELIVERY_DONE,
    S_DELIVERY_EACH,
    S_LATER_PUT,
    S_LATER_DONE,
    S_LATER_EACH,
    S_INTENT_PUT,
    S_INTENT_GET,
    S_INTENT_CHARGE,
    S_INTENT_EACH,
    S_INTENT_OLDEST,
    S_REFUND_PUT,
    S_REFUND_GET,
    S_REFUND_EACH,
    S_REFUND_OLDEST,
    S_REFUND_OF,
    S_DISPUTE_PUT,
    S_DISPUTE_GET,
    S_DISPUTE_EACH,
    S_DISPUTE_OLDEST,
    S_DISPUTE_OF,
    S_PAYOUT_PUT,
    S_PAYOUT_GET,
    S_PAYOUT_EACH,
    S_PAYOUT_OLDEST,
    S_MOVEMENT_PUT,
    S_MOVEMENT_GET,
    S_MOVEMENT_EACH,
    S_MOVEMENT_OLDEST,
    S_MOVEMENT_FIRST,
    S_MOVEMENT_LAST,
    S_BALANCE,
    S_TOTALS,
    S_COUNT
};

struct books {
    sqlite3 *db;
    sqlite3_stmt *s[S_COUNT];
    bool open; /* a transaction */
    bool broken;
    char why[256];
};

/* A value for a statement: a text, bytes or a number. */
struct books_value {
    enum { VALUE_NUMBER, VALUE_TEXT, VALUE_BYTES, VALUE_NULL } kind;
    int64_t number;
    struct slice text; /* borrowed until the statement ran */
};
#define NUMBER(n)                   \
    {                               \
        VALUE_NUMBER, (int64_t)(n), \
        {                           \
            NULL, 0                 \
        }                           \
    }
#define TEXT(t)                             \
    {                                       \
        VALUE_TEXT, 0, slice_from_string(t) \
    }
#define SLICED(s)          \
    {                      \
        VALUE_TEXT, 0, (s) \
    }
#define BYTES(s)            \
    {                       \
        VALUE_BYTES, 0, (s) \
    }
#define ROW(r)                                \
    {                                         \
        (r) ? VALUE_NUMBER : VALUE_NULL, (r), \
        {                                     \
            NULL, 0                           \
        }                                     \
    }

/* Binds and gives the statement; the caller steps and resets it. */
sqlite3_stmt *books_bind(struct books *books, enum books_statement which,
                         const struct books_value *values, size_t count);
#define BIND(books, which, ...)                                         \
    books_bind(books, which, (const struct books_value[]){__VA_ARGS__}, \
               sizeof((const struct books_value[]){__VA_ARGS__}) / sizeof(struct books_value))

/* Binds and runs a statement that writes; opens the transaction before. Returns the last row. */
int64_t books_write(struct books *books, enum books_statement which,
                    const struct books_value *values, size_t count);
#define WRITE(books, which, ...)                                         \
    books_write(books, which, (const struct books_value[]){__VA_ARGS__}, \
                sizeof((const struct books_value[]){__VA_ARGS__}) / sizeof(struct books_value))

/* Reads the columns of a row one after another. */
struct books_row {
    sqlite3_stmt *s;
    int at;
};
int64_t books_number(struct books_row *row);
void books_text_column(struct books_row *row, size_t size, char *ret_text);
#define READ_TEXT(row, field) books_text_column(row, sizeof(field), field)

/* Binds a list's statement, newest first or what the query wants instead: behind S_X_EACH stands
 * S_X_OLDEST, and behind that for some S_X_OF, which goes by the index of intents. */
sqlite3_stmt *books_bind_query(struct books *books, enum books_statement newest,
                               const struct books_query *query);

#endif
