/* books: the file, its transaction, and everything in it but money (books.h). */
#include "sandbox/books_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define VERSION 2

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS intent(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " secret TEXT NOT NULL, currency TEXT NOT NULL, manual INTEGER NOT NULL,"
    " status INTEGER NOT NULL, amount INTEGER NOT NULL, capturable INTEGER NOT NULL,"
    " received INTEGER NOT NULL, refunded INTEGER NOT NULL, created_s INTEGER NOT NULL,"
    " canceled_s INTEGER NOT NULL, reason TEXT NOT NULL, method TEXT NOT NULL,"
    " charge TEXT NOT NULL, card INTEGER NOT NULL, failed INTEGER NOT NULL,"
    " failure INTEGER NOT NULL, metadata TEXT NOT NULL, card_manual INTEGER NOT NULL DEFAULT 0,"
    " kinds INTEGER NOT NULL DEFAULT 2, disputed INTEGER NOT NULL DEFAULT 0,"
    " settles_badly INTEGER NOT NULL DEFAULT 0, bank_url TEXT NOT NULL DEFAULT '',"
    " return_url TEXT NOT NULL DEFAULT '', order_id TEXT NOT NULL DEFAULT '',"
    " CHECK(0 <= refunded AND refunded <= received AND received <= amount));"
    "CREATE INDEX IF NOT EXISTS intent_order ON intent(order_id);"
    "CREATE INDEX IF NOT EXISTS intent_charge ON intent(charge);"
    "CREATE TABLE IF NOT EXISTS refund(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " intent INTEGER NOT NULL, amount INTEGER NOT NULL, created_s INTEGER NOT NULL,"
    " status INTEGER NOT NULL, reason TEXT NOT NULL, failure TEXT NOT NULL,"
    " metadata TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS refund_intent ON refund(intent);"
    "CREATE TABLE IF NOT EXISTS dispute(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " intent INTEGER NOT NULL, amount INTEGER NOT NULL, created_s INTEGER NOT NULL,"
    " status INTEGER NOT NULL, reason TEXT NOT NULL, submissions INTEGER NOT NULL,"
    " evidence TEXT NOT NULL, metadata TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS dispute_intent ON dispute(intent);"
    "CREATE TABLE IF NOT EXISTS payout(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " amount INTEGER NOT NULL, created_s INTEGER NOT NULL, currency TEXT NOT NULL,"
    " status INTEGER NOT NULL, automatic INTEGER NOT NULL, metadata TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS movement(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " intent INTEGER NOT NULL, amount INTEGER NOT NULL, created_s INTEGER NOT NULL,"
    " currency TEXT NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS movement_source ON movement(source);"
    "CREATE TABLE IF NOT EXISTS reply(key TEXT PRIMARY KEY, request INTEGER NOT NULL,"
    " status INTEGER NOT NULL, body BLOB NOT NULL, created_s INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS event(row INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, intent INTEGER NOT NULL,"
    " created_s INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS delivery(row INTEGER PRIMARY KEY AUTOINCREMENT,"
    " event INTEGER NOT NULL, intent INTEGER NOT NULL, created_s INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS delivery_event ON delivery(event);"
    "CREATE TABLE IF NOT EXISTS later(row INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind INTEGER NOT NULL, subject INTEGER NOT NULL, detail INTEGER NOT NULL);";

/* Version 1 had refunds that had always succeeded, no movements, and events only until they were
 * delivered. `later` gets the intents that were processing (kind 1 of agenda.h). */
static const char from_1_before[] =
    "ALTER TABLE intent ADD COLUMN card_manual INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE intent ADD COLUMN kinds INTEGER NOT NULL DEFAULT 2;"
    "ALTER TABLE intent ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE intent ADD COLUMN settles_badly INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE intent ADD COLUMN bank_url TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE intent ADD COLUMN return_url TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE intent ADD COLUMN order_id TEXT NOT NULL DEFAULT '';"
    "UPDATE intent SET order_id=coalesce(json_extract(metadata,'$.order_id'),'');"
    "ALTER TABLE refund RENAME TO refund_1;"
    "ALTER TABLE event RENAME TO event_1;";
static const char from_1_after[] =
    "INSERT INTO refund(id,intent,amount,created_s,status,reason,failure,metadata)"
    " SELECT id,intent,amount,created_s,2,'','','{}' FROM refund_1 ORDER BY created_s,id;"
    "INSERT OR IGNORE INTO event(id,type,intent,created_s,body)"
    " SELECT json_extract(CAST(body AS TEXT),'$.id'),json_extract(CAST(body AS TEXT),'$.type'),"
    " intent,created_s,body FROM event_1 ORDER BY seq;"
    "INSERT INTO delivery(event,intent,created_s) SELECT event.row,e.intent,e.created_s"
    " FROM event_1 AS e JOIN event ON event.id=json_extract(CAST(e.body AS TEXT),'$.id')"
    " ORDER BY e.seq;"
    "INSERT INTO movement(id,intent,amount,created_s,currency,type,source)"
    " SELECT 'txn_'||substr(charge,4),row,received,created_s,currency,'charge',charge"
    " FROM intent WHERE received>0;"
    "INSERT INTO movement(id,intent,amount,created_s,currency,type,source)"
    " SELECT 'txn_re'||substr(r.id,4),r.intent,-r.amount,r.created_s,i.currency,'refund',r.id"
    " FROM refund AS r JOIN intent AS i ON i.row=r.intent;"
    "INSERT INTO later(kind,subject,detail) SELECT 1,row,0 FROM intent WHERE status=3;"
    "DROP TABLE refund_1;DROP TABLE event_1;";

#define INTENT_COLUMNS                                                                    \
    "row,id,secret,currency,manual,status,amount,capturable,received,refunded,created_s," \
    "canceled_s,reason,method,charge,card,failed,failure,metadata,card_manual,kinds,"     \
    "disputed,settles_badly,bank_url,return_url,order_id"
#define REFUND_COLUMNS "row,id,intent,amount,created_s,status,reason,failure,metadata"
#define DISPUTE_COLUMNS "row,id,intent,amount,created_s,status,reason,submissions,evidence,metadata"
#define PAYOUT_COLUMNS "row,id,amount,created_s,currency,status,automatic,metadata"
#define MOVEMENT_COLUMNS "row,id,intent,amount,created_s,currency,type,source"
#define EVENT_COLUMNS \
    "row,id,type,intent,created_s,EXISTS(SELECT 1 FROM delivery WHERE event=event.row),body"

/* The parameters that every list has: books_bind_query. */
#define LIST(columns, table, intent, word)                                       \
    "SELECT " columns " FROM " table " WHERE row<?1 AND (?2=0 OR " intent "=?2)" \
    " AND created_s>=?3 AND created_s<=?4 AND (?5='' OR " word "=?5) ORDER BY row DESC LIMIT ?6"
#define OLDEST(columns, table, intent, word)                                     \
    "SELECT " columns " FROM " table " WHERE row<?1 AND (?2=0 OR " intent "=?2)" \
    " AND created_s>=?3 AND created_s<=?4 AND (?5='' OR " word "=?5) ORDER BY row LIMIT ?6"
#define OF_INTENT(columns, table)                                  \
    "SELECT " columns " FROM " table " WHERE intent=?2 AND row<?1" \
    " AND created_s>=?3 AND created_s<=?4 AND (?5='' OR id=?5) ORDER BY row DESC LIMIT ?6"
#define GET(columns, table) "SELECT " columns " FROM " table " WHERE id=?1 OR row=?2"

static const char *const statements[S_COUNT] = {
    [S_BEGIN] = "BEGIN IMMEDIATE",
    [S_COMMIT] = "COMMIT",
    [S_SETTING_GET] = "SELECT value FROM setting WHERE name=?1",
    [S_SETTING_PUT] = "INSERT OR REPLACE INTO setting VALUES(?1,?2)",
    [S_REPLY_GET] = "SELECT request,status,body FROM reply WHERE key=?1",
    [S_REPLY_PUT] = "INSERT OR REPLACE INTO reply VALUES(?1,?2,?3,?4,?5)",
    [S_EVENT_PUT] = "INSERT INTO event(id,type,intent,created_s,body) VALUES(?1,?2,?3,?4,?5)",
    [S_EVENT_GET] = "SELECT row,body FROM event WHERE id=?1",
    [S_EVENT_EACH] = LIST(EVENT_COLUMNS, "event", "intent", "type"),
    [S_EVENT_TRIM] = "DELETE FROM event WHERE row<=?1 AND NOT EXISTS(SELECT 1 FROM delivery"
                     " WHERE event=event.row)",
    [S_DELIVERY_PUT] = "INSERT INTO delivery(event,intent,created_s) VALUES(?1,?2,?3)",
    [S_DELIVERY_BODY] = "SELECT body FROM event WHERE row=(SELECT event FROM delivery"
                        " WHERE row=?1)",
    [S_DELIVERY_DONE] = "DELETE FROM delivery WHERE row=?1",
    [S_DELIVERY_EACH] = "SELECT row,event,intent,created_s FROM delivery ORDER BY row",
    [S_LATER_PUT] = "INSERT INTO later(kind,subject,detail) VALUES(?1,?2,?3)",
    [S_LATER_DONE] = "DELETE FROM later WHERE row=?1",
    [S_LATER_EACH] = "SELECT row,kind,subject,detail FROM later ORDER BY row",
    [S_INTENT_PUT] = "INSERT OR REPLACE INTO intent(" INTENT_COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,"
                     "?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,"
                     "?26)",
    [S_INTENT_GET] = GET(INTENT_COLUMNS, "intent"),
    [S_INTENT_CHARGE] = "SELECT " INTENT_COLUMNS " FROM intent WHERE charge=?1 LIMIT 1",
    [S_INTENT_EACH] = LIST(INTENT_COLUMNS, "intent", "row", "order_id"),
    [S_INTENT_OLDEST] = OLDEST(INTENT_COLUMNS, "intent", "row", "order_id"),
    [S_REFUND_PUT] =
        "INSERT OR REPLACE INTO refund(" REFUND_COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [S_REFUND_GET] = GET(REFUND_COLUMNS, "refund"),
    [S_REFUND_EACH] = LIST(REFUND_COLUMNS, "refund", "intent", "id"),
    [S_REFUND_OLDEST] = OLDEST(REFUND_COLUMNS, "refund", "intent", "id"),
    [S_REFUND_OF] = OF_INTENT(REFUND_COLUMNS, "refund"),
    [S_DISPUTE_PUT] = "INSERT OR REPLACE INTO dispute(" DISPUTE_COLUMNS ") VALUES(?1,?2,?3,?4,?5,"
                      "?6,?7,?8,?9,?10)",
    [S_DISPUTE_GET] = GET(DISPUTE_COLUMNS, "dispute"),
    [S_DISPUTE_EACH] = LIST(DISPUTE_COLUMNS, "dispute", "intent", "id"),
    [S_DISPUTE_OLDEST] = OLDEST(DISPUTE_COLUMNS, "dispute", "intent", "id"),
    [S_DISPUTE_OF] = OF_INTENT(DISPUTE_COLUMNS, "dispute"),
    [S_PAYOUT_PUT] =
        "INSERT OR REPLACE INTO payout(" PAYOUT_COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
    [S_PAYOUT_GET] = GET(PAYOUT_COLUMNS, "payout"),
    [S_PAYOUT_EACH] = LIST(PAYOUT_COLUMNS, "payout", "0", "id"),
    [S_PAYOUT_OLDEST] = OLDEST(PAYOUT_COLUMNS, "payout", "0", "id"),
    [S_MOVEMENT_PUT] =
        "INSERT OR REPLACE INTO movement(" MOVEMENT_COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
    [S_MOVEMENT_GET] = GET(MOVEMENT_COLUMNS, "movement"),
    [S_MOVEMENT_EACH] = LIST(MOVEMENT_COLUMNS, "movement", "intent", "type"),
    [S_MOVEMENT_OLDEST] = OLDEST(MOVEMENT_COLUMNS, "movement", "intent", "type"),
    [S_MOVEMENT_FIRST] = "SELECT id FROM movement WHERE source=?1 ORDER BY row LIMIT 1",
    [S_MOVEMENT_LAST] = "SELECT id FROM movement WHERE source=?1 ORDER BY row DESC LIMIT 1",
    [S_BALANCE] =
        "SELECT currency,sum(captured),sum(refunded),sum(disputed),sum(paid_out),sum(balance)"
        " FROM (SELECT currency,received AS captured,refunded,disputed,0 AS paid_out,0 AS balance"
        " FROM intent UNION ALL SELECT currency,0,0,0,amount,0 FROM payout WHERE status<>3"
        " UNION ALL SELECT currency,0,0,0,0,amount FROM movement) GROUP BY currency",
    [S_TOTALS] = "SELECT count(*),coalesce(sum(status=4),0),coalesce(sum(status=5),0),"
                 "coalesce(sum(status=6),0),(SELECT count(*) FROM refund),(SELECT count(*) FROM "
                 "dispute),(SELECT count(*) FROM payout),(SELECT count(*) FROM delivery) FROM "
                 "intent",
};

/* ---- the file ---- */

static int prepare_all(struct books *books)
{
    for (int i = 0; i < S_COUNT; i++)
        if (sqlite3_prepare_v3(books->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &books->s[i], NULL) != SQLITE_OK)
            return -1;
    return 0;
}

static int execute(struct books *books, const char *text)
{
    return sqlite3_exec(books->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int version_of(struct books *books)
{
    sqlite3_stmt *s = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(books->db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        version = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return version;
}

/* Makes the tables, or brings an earlier file's up to date, all at once or not at all. */
static int prepare_file(struct books *books, const char *path, struct err *err)
{
    if (execute(books, "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;BEGIN IMMEDIATE") < 0)
        return err_set(err, "cannot open the sandbox's books %s: %s", path,
                       sqlite3_errmsg(books->db));
    int version = version_of(books);
    if (version > VERSION)
        return err_set(err,
                       "the sandbox's books %s are of version %d, this program knows %d: use a "
                       "newer one, or move the file away to begin new books",
                       path, version, VERSION);
    char stamp[64];
    (void)snprintf(stamp, sizeof stamp, "PRAGMA user_version=%d;COMMIT", VERSION);
    if (version < 0 || (version == 1 && execute(books, from_1_before) < 0) ||
        execute(books, schema) < 0 || (version == 1 && execute(books, from_1_after) < 0) ||
        execute(books, stamp) < 0 || prepare_all(books) < 0)
        return err_set(err, "cannot open the sandbox's books %s: %s", path,
                       sqlite3_errmsg(books->db));
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
    int opened = 0;
    if (sqlite3_open_v2(path, &books->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(books->db, 2000) != SQLITE_OK)
        opened =
            err_set(err, "cannot open the sandbox's books %s: %s", path, sqlite3_errmsg(books->db));
    if (opened < 0 || prepare_file(books, path, err) < 0) {
        books_close(books);
        return -1;
    }
    *ret_books = books;
    return 0;
}

static void break_down(struct books *books)
{
    if (!books->broken)
        (void)snprintf(books->why, sizeof books->why, "%s", sqlite3_errmsg(books->db));
    books->broken = true;
}

/* Runs a statement that gives no rows. */
static void run(struct books *books, enum books_statement which)
{
    if (sqlite3_step(books->s[which]) != SQLITE_DONE)
        break_down(books);
    sqlite3_reset(books->s[which]);
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

/* ---- values and rows ---- */

sqlite3_stmt *books_bind(struct books *books, enum books_statement which,
                         const struct books_value *values, size_t count)
{
    sqlite3_stmt *s = books->s[which];
    for (size_t i = 0; i < count; i++) {
        const struct books_value *v = &values[i];
        const char *bytes = v->text.data ? v->text.data : "";
        int at = (int)i + 1;
        switch (v->kind) {
        case VALUE_NUMBER: sqlite3_bind_int64(s, at, v->number); break;
        case VALUE_TEXT: sqlite3_bind_text(s, at, bytes, (int)v->text.len, SQLITE_STATIC); break;
        case VALUE_BYTES: sqlite3_bind_blob(s, at, bytes, (int)v->text.len, SQLITE_STATIC); break;
        case VALUE_NULL: sqlite3_bind_null(s, at); break;
        }
    }
    return s;
}

int64_t books_write(struct books *books, enum books_statement which,
                    const struct books_value *values, size_t count)
{
    if (!books->open && !books->broken) {
        run(books, S_BEGIN);
        books->open = true;
    }
    books_bind(books, which, values, count);
    run(books, which);
    return sqlite3_last_insert_rowid(books->db);
}

int64_t books_number(struct books_row *row)
{
    return sqlite3_column_int64(row->s, row->at++);
}

void books_text_column(struct books_row *row, size_t size, char *ret_text)
{
    size_t len = (size_t)sqlite3_column_bytes(row->s, row->at);
    if (len >= size)
        len = size - 1;
    if (len)
        memcpy(ret_text, sqlite3_column_text(row->s, row->at), len);
    ret_text[len] = '\0';
    row->at++;
}

sqlite3_stmt *books_bind_query(struct books *books, enum books_statement newest,
                               const struct books_query *query)
{
    bool indexed = newest == S_REFUND_EACH || newest == S_DISPUTE_EACH;
    enum books_statement which = query->oldest_first            ? newest + 1
                                 : query->intent_row && indexed ? newest + 2
                                                                : newest;
    return BIND(books, which, NUMBER(query->before ? query->before : INT64_MAX),
                NUMBER(query->intent_row), NUMBER(query->from_s),
                NUMBER(query->to_s ? query->to_s : INT64_MAX), SLICED(query->word),
                NUMBER(query->limit ? (int64_t)query->limit : -1));
}

static void append_bytes(sqlite3_stmt *s, int at, struct buf *body)
{
    const void *bytes = sqlite3_column_blob(s, at);
    if (bytes)
        buf_append(body, bytes, (size_t)sqlite3_column_bytes(s, at));
}

/* ---- settings ---- */

void books_setting_put(struct books *books, const char *name, const char *value)
{
    WRITE(books, S_SETTING_PUT, TEXT(name), TEXT(value));
}

struct books_text books_setting(struct books *books, const char *name, const char *make)
{
    struct books_text value = {""};
    sqlite3_stmt *s = BIND(books, S_SETTING_GET, TEXT(name));
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        books_text_column(&(struct books_row){s, 0}, sizeof value.text, value.text);
    sqlite3_reset(s);
    if (!found) {
        (void)snprintf(value.text, sizeof value.text, "%s", make);
        books_setting_put(books, name, value.text);
    }
    return value;
}

/* ---- answers by key ---- */

bool books_reply_find(struct books *books, struct slice key, uint64_t *ret_request, int *ret_status,
                      struct buf *body)
{
    sqlite3_stmt *s = BIND(books, S_REPLY_GET, SLICED(key));
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        *ret_request = (uint64_t)sqlite3_column_int64(s, 0);
        *ret_status = sqlite3_column_int(s, 1);
        append_bytes(s, 2, body);
    }
    sqlite3_reset(s);
    return found;
}

void books_reply_save(struct books *books, const struct books_reply *reply)
{
    WRITE(books, S_REPLY_PUT, SLICED(reply->key), NUMBER(reply->request), NUMBER(reply->status),
          BYTES(reply->body), NUMBER(reply->created_s));
}

/* ---- events ---- */

void books_event_add(struct books *books, struct books_event *event)
{
    event->row = WRITE(books, S_EVENT_PUT, TEXT(event->id), TEXT(event->type),
                       NUMBER(event->intent_row), NUMBER(event->created_s), BYTES(event->body));
    if (event->row % 1024 == 0 && event->row > BOOKS_EVENTS_KEPT)
        WRITE(books, S_EVENT_TRIM, NUMBER(event->row - BOOKS_EVENTS_KEPT));
}

bool books_event_find(struct books *books, struct slice id, int64_t *ret_row, struct buf *body)
{
    sqlite3_stmt *s = BIND(books, S_EVENT_GET, SLICED(id));
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        *ret_row = sqlite3_column_int64(s, 0);
        append_bytes(s, 1, body);
    }
    sqlite3_reset(s);
    return found;
}

void books_each_event(struct books *books, const struct books_query *query,
                      bool (*each)(void *context, const struct books_event *event), void *context)
{
    sqlite3_stmt *s = books_bind_query(books, S_EVENT_EACH, query);
    struct books_event event;
    bool more = true;
    while (more && sqlite3_step(s) == SQLITE_ROW) {
        struct books_row row = {s, 0};
        event.row = books_number(&row);
        READ_TEXT(&row, event.id);
        READ_TEXT(&row, event.type);
        event.intent_row = books_number(&row);
        event.created_s = books_number(&row);
        event.pending = books_number(&row) != 0;
        event.body =
            slice_make(sqlite3_column_blob(s, row.at), (size_t)sqlite3_column_bytes(s, row.at));
        more = each(context, &event);
    }
    sqlite3_reset(s);
}

void books_delivery_add(struct books *books, struct books_delivery *delivery)
{
    delivery->row = WRITE(books, S_DELIVERY_PUT, NUMBER(delivery->event_row),
                          NUMBER(delivery->intent_row), NUMBER(delivery->created_s));
}

bool books_delivery_body(struct books *books, int64_t row, struct buf *body)
{
    sqlite3_stmt *s = BIND(books, S_DELIVERY_BODY, NUMBER(row));
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        append_bytes(s, 0, body);
    sqlite3_reset(s);
    return found;
}

void books_delivery_done(struct books *books, int64_t row)
{
    WRITE(books, S_DELIVERY_DONE, NUMBER(row));
}

void books_each_delivery(struct books *books,
                         void (*each)(void *context, const struct books_delivery *delivery),
                         void *context)
{
    sqlite3_stmt *s = books->s[S_DELIVERY_EACH];
    while (sqlite3_step(s) == SQLITE_ROW) {
        struct books_row row = {s, 0};
        struct books_delivery delivery;
        delivery.row = books_number(&row);
        delivery.event_row = books_number(&row);
        delivery.intent_row = books_number(&row);
        delivery.created_s = books_number(&row);
        each(context, &delivery);
    }
    sqlite3_reset(s);
}

/* ---- later ---- */

void books_later_add(struct books *books, struct books_later *later)
{
    later->row = WRITE(books, S_LATER_PUT, NUMBER(later->kind), NUMBER(later->subject),
                       NUMBER(later->detail));
}

void books_later_done(struct books *books, int64_t row)
{
    WRITE(books, S_LATER_DONE, NUMBER(row));
}

void books_each_later(struct books *books,
                      void (*each)(void *context, const struct books_later *later), void *context)
{
    sqlite3_stmt *s = books->s[S_LATER_EACH];
    while (sqlite3_step(s) == SQLITE_ROW) {
        struct books_row row = {s, 0};
        struct books_later later;
        later.row = books_number(&row);
        later.kind = books_number(&row);
        later.subject = books_number(&row);
        later.detail = books_number(&row);
        each(context, &later);
    }
    sqlite3_reset(s);
}
