#include "sandbox/books.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

/* Version 1 of the file. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS intent(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " secret TEXT NOT NULL, currency TEXT NOT NULL, manual INTEGER NOT NULL,"
    " status INTEGER NOT NULL, amount INTEGER NOT NULL, capturable INTEGER NOT NULL,"
    " received INTEGER NOT NULL, refunded INTEGER NOT NULL, created_s INTEGER NOT NULL,"
    " canceled_s INTEGER NOT NULL, reason TEXT NOT NULL, method TEXT NOT NULL,"
    " charge TEXT NOT NULL, card INTEGER NOT NULL, failed INTEGER NOT NULL,"
    " failure INTEGER NOT NULL, metadata TEXT NOT NULL,"
    " CHECK(0 <= refunded AND refunded <= received AND received <= amount));"
    "CREATE TABLE IF NOT EXISTS refund(id TEXT PRIMARY KEY, intent INTEGER NOT NULL,"
    " amount INTEGER NOT NULL, created_s INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS reply(key TEXT PRIMARY KEY, request INTEGER NOT NULL,"
    " status INTEGER NOT NULL, body BLOB NOT NULL, created_s INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS event(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " intent INTEGER NOT NULL, created_s INTEGER NOT NULL, body BLOB NOT NULL);"
    "PRAGMA user_version=1;";

#define INTENT_COLUMNS                                                                    \
    "row,id,secret,currency,manual,status,amount,capturable,received,refunded,created_s," \
    "canceled_s,reason,method,charge,card,failed,failure,metadata"

enum statement {
    S_BEGIN,
    S_COMMIT,
    S_SETTING_GET,
    S_SETTING_PUT,
    S_INTENT_PUT,
    S_INTENT_GET,
    S_INTENT_EACH,
    S_INTENT_NEWEST,
    S_REFUND_PUT,
    S_REPLY_GET,
    S_REPLY_PUT,
    S_EVENT_PUT,
    S_EVENT_GET,
    S_EVENT_DONE,
    S_EVENT_EACH,
    S_TOTALS,
    S_COUNT
};

static const char *const statements[S_COUNT] = {
    [S_BEGIN] = "BEGIN IMMEDIATE",
    [S_COMMIT] = "COMMIT",
    [S_SETTING_GET] = "SELECT value FROM setting WHERE name=?1",
    [S_SETTING_PUT] = "INSERT OR REPLACE INTO setting VALUES(?1,?2)",
    [S_INTENT_PUT] = "INSERT OR REPLACE INTO intent(" INTENT_COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,"
                     "?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)",
    [S_INTENT_GET] = "SELECT " INTENT_COLUMNS " FROM intent WHERE id=?1",
    [S_INTENT_EACH] = "SELECT " INTENT_COLUMNS " FROM intent WHERE row>?1 ORDER BY row",
    [S_INTENT_NEWEST] =
        "SELECT " INTENT_COLUMNS " FROM intent WHERE row<?1 ORDER BY row DESC LIMIT ?2",
    [S_REFUND_PUT] = "INSERT INTO refund VALUES(?1,?2,?3,?4)",
    [S_REPLY_GET] = "SELECT request,status,body FROM reply WHERE key=?1",
    [S_REPLY_PUT] = "INSERT OR REPLACE INTO reply VALUES(?1,?2,?3,?4,?5)",
    [S_EVENT_PUT] = "INSERT INTO event(intent,created_s,body) VALUES(?1,?2,?3)",
    [S_EVENT_GET] = "SELECT body FROM event WHERE seq=?1",
    [S_EVENT_DONE] = "DELETE FROM event WHERE seq=?1",
    [S_EVENT_EACH] = "SELECT seq,intent,created_s FROM event ORDER BY seq",
    [S_TOTALS] = "SELECT count(*),coalesce(sum(status=4),0),coalesce(sum(status=5),0),"
                 "coalesce(sum(status=6),0),(SELECT count(*) FROM event) FROM intent",
};

struct books {
    sqlite3 *db;
    sqlite3_stmt *s[S_COUNT];
    bool open; /* a transaction */
    bool broken;
    char why[256];
};

static void break_down(struct books *books)
{
    if (!books->broken)
        (void)snprintf(books->why, sizeof books->why, "%s", sqlite3_errmsg(books->db));
    books->broken = true;
}

/* Runs a statement that gives no rows. */
static void run(struct books *books, enum statement which)
{
    if (sqlite3_step(books->s[which]) != SQLITE_DONE)
        break_down(books);
    sqlite3_reset(books->s[which]);
}

static int prepare_all(struct books *books)
{
    for (int i = 0; i < S_COUNT; i++)
        if (sqlite3_prepare_v3(books->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &books->s[i], NULL) != SQLITE_OK)
            return -1;
    return 0;
}

int books_open(const char *folder, struct books **ret_books, struct err *err)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/sandbox.db", folder);
    struct books *books = calloc(1, sizeof *books);
    if (!books || len < 0 || (size_t)len >= sizeof path) {
        free(books);
        return err_set(err, "cannot open the sandbox's books: no memory or too long a path");
    }
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); /* it holds secrets */
    if (file >= 0)
        close(file);
    if (sqlite3_open_v2(path, &books->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(books->db, 2000) != SQLITE_OK ||
        sqlite3_exec(books->db, "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;", NULL, NULL,
                     NULL) != SQLITE_OK ||
        sqlite3_exec(books->db, schema, NULL, NULL, NULL) != SQLITE_OK || prepare_all(books) < 0) {
        err_set(err, "cannot open the sandbox's books %s: %s", path, sqlite3_errmsg(books->db));
        books_close(books);
        return -1;
    }
    *ret_books = books;
    return 0;
}

void books_close(struct books *books)
{
    if (!books)
        return;
    if (books->open && !books->broken)
        run(books, S_COMMIT);
    for (int i = 0; i < S_COUNT; i++)
        sqlite3_finalize(books->s[i]);
    sqlite3_close(books->db);
    free(books);
}

/* Before each write. */
static void open_transaction(struct books *books)
{
    if (books->open || books->broken)
        return;
    run(books, S_BEGIN);
    books->open = true;
}

bool books_dirty(const struct books *books)
{
    return books->open;
}

int books_commit(struct books *books, struct err *err)
{
    if (books->open && !books->broken) {
        run(books, S_COMMIT);
        books->open = false;
    }
    return books->broken ? err_set(err, "the sandbox's books failed: %s", books->why) : 0;
}

bool books_broken(const struct books *books, const char **ret_why)
{
    if (books->broken && ret_why)
        *ret_why = books->why;
    return books->broken;
}

static void bind_slice(sqlite3_stmt *s, int at, struct slice text)
{
    sqlite3_bind_text(s, at, text.data ? text.data : "", (int)text.len, SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
    sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

static void column_text(sqlite3_stmt *s, int at, size_t size, char *ret_text)
{
    size_t len = (size_t)sqlite3_column_bytes(s, at);
    if (len >= size)
        len = size - 1;
    if (len)
        memcpy(ret_text, sqlite3_column_text(s, at), len);
    ret_text[len] = '\0';
}

struct books_text books_setting(struct books *books, const char *name, const char *make)
{
    struct books_text value = {""};
    sqlite3_stmt *get = books->s[S_SETTING_GET], *put = books->s[S_SETTING_PUT];
    bind_text(get, 1, name);
    bool found = sqlite3_step(get) == SQLITE_ROW;
    if (found)
        column_text(get, 0, sizeof value.text, value.text);
    sqlite3_reset(get);
    if (found)
        return value;
    open_transaction(books);
    (void)snprintf(value.text, sizeof value.text, "%s", make);
    bind_text(put, 1, name);
    bind_text(put, 2, value.text);
    run(books, S_SETTING_PUT);
    return value;
}

/* ---- intents ---- */

void books_save(struct books *books, struct intent *intent)
{
    sqlite3_stmt *s = books->s[S_INTENT_PUT];
    open_transaction(books);
    if (intent->row)
        sqlite3_bind_int64(s, 1, intent->row);
    else
        sqlite3_bind_null(s, 1);
    bind_text(s, 2, intent->id);
    bind_text(s, 3, intent->secret);
    bind_text(s, 4, intent->currency);
    sqlite3_bind_int(s, 5, intent->manual);
    sqlite3_bind_int(s, 6, (int)intent->status);
    sqlite3_bind_int64(s, 7, intent->amount);
    sqlite3_bind_int64(s, 8, intent->capturable);
    sqlite3_bind_int64(s, 9, intent->received);
    sqlite3_bind_int64(s, 10, intent->refunded);
    sqlite3_bind_int64(s, 11, intent->created_s);
    sqlite3_bind_int64(s, 12, intent->canceled_s);
    bind_text(s, 13, intent->cancellation_reason);
    bind_text(s, 14, intent->method);
    bind_text(s, 15, intent->charge);
    sqlite3_bind_int(s, 16, intent->card ? card_index(intent->card) : -1);
    sqlite3_bind_int(s, 17, intent->failed);
    sqlite3_bind_int(s, 18, (int)intent->failure);
    bind_text(s, 19, intent->metadata);
    run(books, S_INTENT_PUT);
    if (!intent->row)
        intent->row = sqlite3_last_insert_rowid(books->db);
}

static void read_intent(sqlite3_stmt *s, struct intent *intent)
{
    intent->row = sqlite3_column_int64(s, 0);
    column_text(s, 1, sizeof intent->id, intent->id);
    column_text(s, 2, sizeof intent->secret, intent->secret);
    column_text(s, 3, sizeof intent->currency, intent->currency);
    intent->manual = sqlite3_column_int(s, 4) != 0;
    intent->status = (enum intent_status)sqlite3_column_int(s, 5);
    intent->amount = sqlite3_column_int64(s, 6);
    intent->capturable = sqlite3_column_int64(s, 7);
    intent->received = sqlite3_column_int64(s, 8);
    intent->refunded = sqlite3_column_int64(s, 9);
    intent->created_s = sqlite3_column_int64(s, 10);
    intent->canceled_s = sqlite3_column_int64(s, 11);
    column_text(s, 12, sizeof intent->cancellation_reason, intent->cancellation_reason);
    column_text(s, 13, sizeof intent->method, intent->method);
    column_text(s, 14, sizeof intent->charge, intent->charge);
    intent->card = card_at(sqlite3_column_int(s, 15));
    intent->failed = sqlite3_column_int(s, 16) != 0;
    int failure = sqlite3_column_int(s, 17);
    intent->failure = failure > 0 && failure < CARD_FAILURE_COUNT ? (enum card_failure)failure
                                                                  : CARD_GENERIC_DECLINE;
    column_text(s, 18, sizeof intent->metadata, intent->metadata);
}

bool books_find(struct books *books, struct slice id, struct intent *ret_intent)
{
    sqlite3_stmt *s = books->s[S_INTENT_GET];
    bind_slice(s, 1, id);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        read_intent(s, ret_intent);
    sqlite3_reset(s);
    return found;
}

static void each_intent(sqlite3_stmt *s, bool (*each)(void *context, const struct intent *intent),
                        void *context)
{
    struct intent intent;
    while (sqlite3_step(s) == SQLITE_ROW) {
        read_intent(s, &intent);
        if (!each(context, &intent))
            break;
    }
    sqlite3_reset(s);
}

void books_each(struct books *books, int64_t after,
                bool (*each)(void *context, const struct intent *intent), void *context)
{
    sqlite3_bind_int64(books->s[S_INTENT_EACH], 1, after);
    each_intent(books->s[S_INTENT_EACH], each, context);
}

void books_newest(struct books *books, int64_t before, uint32_t limit,
                  bool (*each)(void *context, const struct intent *intent), void *context)
{
    sqlite3_bind_int64(books->s[S_INTENT_NEWEST], 1, before ? before : INT64_MAX);
    sqlite3_bind_int64(books->s[S_INTENT_NEWEST], 2, limit);
    each_intent(books->s[S_INTENT_NEWEST], each, context);
}

void books_save_refund(struct books *books, const struct books_refund *refund)
{
    sqlite3_stmt *s = books->s[S_REFUND_PUT];
    open_transaction(books);
    bind_text(s, 1, refund->id);
    sqlite3_bind_int64(s, 2, refund->intent_row);
    sqlite3_bind_int64(s, 3, refund->amount);
    sqlite3_bind_int64(s, 4, refund->created_s);
    run(books, S_REFUND_PUT);
}

/* ---- answers by key ---- */

bool books_reply_find(struct books *books, struct slice key, uint64_t *ret_request, int *ret_status,
                      struct buf *body)
{
    sqlite3_stmt *s = books->s[S_REPLY_GET];
    bind_slice(s, 1, key);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        *ret_request = (uint64_t)sqlite3_column_int64(s, 0);
        *ret_status = sqlite3_column_int(s, 1);
        const void *bytes = sqlite3_column_blob(s, 2);
        if (bytes)
            buf_append(body, bytes, (size_t)sqlite3_column_bytes(s, 2));
    }
    sqlite3_reset(s);
    return found;
}

void books_reply_save(struct books *books, const struct books_reply *reply)
{
    sqlite3_stmt *s = books->s[S_REPLY_PUT];
    open_transaction(books);
    bind_slice(s, 1, reply->key);
    sqlite3_bind_int64(s, 2, (int64_t)reply->request);
    sqlite3_bind_int(s, 3, reply->status);
    sqlite3_bind_blob(s, 4, reply->body.data, (int)reply->body.len, SQLITE_STATIC);
    sqlite3_bind_int64(s, 5, reply->created_s);
    run(books, S_REPLY_PUT);
}

/* ---- events ---- */

void books_event_add(struct books *books, struct books_event *event)
{
    sqlite3_stmt *s = books->s[S_EVENT_PUT];
    open_transaction(books);
    sqlite3_bind_int64(s, 1, event->intent_row);
    sqlite3_bind_int64(s, 2, event->created_s);
    sqlite3_bind_blob(s, 3, event->body.data, (int)event->body.len, SQLITE_STATIC);
    run(books, S_EVENT_PUT);
    event->seq = sqlite3_last_insert_rowid(books->db);
}

bool books_event_body(struct books *books, int64_t seq, struct buf *body)
{
    sqlite3_stmt *s = books->s[S_EVENT_GET];
    sqlite3_bind_int64(s, 1, seq);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        buf_append(body, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
    sqlite3_reset(s);
    return found;
}

void books_event_done(struct books *books, int64_t seq)
{
    sqlite3_stmt *s = books->s[S_EVENT_DONE];
    open_transaction(books);
    sqlite3_bind_int64(s, 1, seq);
    run(books, S_EVENT_DONE);
}

void books_events_pending(struct books *books,
                          void (*each)(void *context, const struct books_event *event),
                          void *context)
{
    sqlite3_stmt *s = books->s[S_EVENT_EACH];
    while (sqlite3_step(s) == SQLITE_ROW) {
        const struct books_event event = {.seq = sqlite3_column_int64(s, 0),
                                          .intent_row = sqlite3_column_int64(s, 1),
                                          .created_s = sqlite3_column_int64(s, 2)};
        each(context, &event);
    }
    sqlite3_reset(s);
}

struct books_totals books_totals(struct books *books)
{
    sqlite3_stmt *s = books->s[S_TOTALS];
    struct books_totals totals = {0};
    if (sqlite3_step(s) == SQLITE_ROW) {
        totals.intents = (uint64_t)sqlite3_column_int64(s, 0);
        totals.authorised = (uint64_t)sqlite3_column_int64(s, 1);
        totals.captured = (uint64_t)sqlite3_column_int64(s, 2);
        totals.canceled = (uint64_t)sqlite3_column_int64(s, 3);
        totals.events_pending = (uint64_t)sqlite3_column_int64(s, 4);
    }
    sqlite3_reset(s);
    return totals;
}
