#include "views/views.h"

#include "base/limits.h"
#include "booking/records.h"
#include "directory/records.h"
#include "views/schema.h"
#include "views/zone.h"

#include <assert.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unicode/ucasemap.h>
#include <unistd.h>

/* The stamp is written at least this often (rows), so that a start has little to read again. */
#define STAMP_EVERY 20000u

enum statement {
    BEGIN,
    COMMIT,
    STAMP,
    PUT_EVENT,
    REVISE_EVENT,
    PUT_CONTACT,
    GET_CONTACT,
    PUT_MONEY,
    GET_MONEY,
    LIST_EVENTS,
    ALL_EVENTS,
    STATEMENT_COUNT
};

static const char *const statement_texts[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN",
    [COMMIT] = "COMMIT",
    [STAMP] = "INSERT OR REPLACE INTO stamp VALUES(1, ?, ?, ?, ?)",
    [PUT_EVENT] = "INSERT OR REPLACE INTO event VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [REVISE_EVENT] = "UPDATE event SET starts = ?3, document = ?4, folded = ?5, city = ?6,"
                     " category = ?7, performers = ?8, venue = ?9, venue_id = ?10"
                     " WHERE partition = ?1 AND ?2 = 0",
    [PUT_CONTACT] = "INSERT OR REPLACE INTO contact VALUES(?, ?, ?, ?, ?)",
    [GET_CONTACT] = "SELECT random, person, sealed FROM contact WHERE partition = ? AND slot = ?",
    [PUT_MONEY] = "INSERT INTO money VALUES(?, ?, ?, ?)",
    [GET_MONEY] = "SELECT ts, entry FROM money WHERE partition = ? AND slot = ? AND ts >= ?"
                  " ORDER BY ts, rowid",
    [LIST_EVENTS] = "SELECT partition, random, starts, document, folded FROM event"
                    " WHERE (starts, partition) > (?1, ?2) AND starts >= ?3 AND starts <= ?4"
                    " AND (?5 = x'' OR city = ?5) AND (?6 = x'' OR category = ?6)"
                    " AND (?7 = x'' OR instr(performers, ?7) > 0)"
                    " AND (?8 = x'' OR venue = ?8 OR venue_id = ?9)"
                    " ORDER BY starts, partition",
    [ALL_EVENTS] = "SELECT partition, random, starts, document FROM event ORDER BY partition",
};

struct views {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    uint64_t seq, stamped_seq, ts_us;
    bool in_transaction;
    bool failed;
    struct err failure;
};

static int view_error(const struct views *v, const char *doing, struct err *err)
{
    return err_set(err, "views.db: %s: %s", doing, v->db ? sqlite3_errmsg(v->db) : "no memory");
}

static void finish(struct views *v)
{
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(v->statements[i]);
    sqlite3_close(v->db);
    memset(v->statements, 0, sizeof v->statements);
    v->db = NULL;
}

/* Everything goes on without the view; the next start makes it anew. */
static void give_up(struct views *v, const char *doing)
{
    if (v->failed)
        return;
    (void)view_error(v, doing, &v->failure);
    v->failed = true;
}

static int open_database(struct views *v, const char *path, struct err *err)
{
    if (sqlite3_open_v2(path, &v->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
        return view_error(v, "cannot be opened", err);
    /* Derived data: whatever a crash does to it, it can be made again. */
    if (sqlite3_exec(v->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;", NULL, NULL, NULL) !=
        SQLITE_OK)
        return view_error(v, "cannot be set up", err);
    return 0;
}

/* True when the file is a view of this version, zone data and journal. */
static bool read_stamp(struct views *v, uint64_t last_seq)
{
    sqlite3_stmt *query;
    bool good = false;
    if (sqlite3_prepare_v2(v->db, "SELECT version, zones, seq, ts FROM stamp", -1, &query, NULL) !=
        SQLITE_OK)
        return false;
    if (sqlite3_step(query) == SQLITE_ROW && sqlite3_column_int(query, 0) == VIEWS_VERSION &&
        sqlite3_column_text(query, 1) &&
        strcmp((const char *)sqlite3_column_text(query, 1), zone_data_version()) == 0) {
        v->seq = v->stamped_seq = (uint64_t)sqlite3_column_int64(query, 2);
        v->ts_us = (uint64_t)sqlite3_column_int64(query, 3);
        good = v->seq <= last_seq;
    }
    sqlite3_finalize(query);
    if (!good)
        v->seq = v->stamped_seq = v->ts_us = 0;
    return good;
}

static void remove_files(const char *path)
{
    char name[4096];
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (snprintf(name, sizeof name, "%s%s", path, ends[i]) < (int)sizeof name)
            (void)unlink(name);
    }
}

static int prepare_all(struct views *v, struct err *err)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        if (sqlite3_prepare_v3(v->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &v->statements[i], NULL) != SQLITE_OK)
            return view_error(v, "has another form", err);
    }
    return 0;
}

static int write_stamp(struct views *v)
{
    sqlite3_stmt *s = v->statements[STAMP];
    sqlite3_reset(s);
    sqlite3_bind_int(s, 1, VIEWS_VERSION);
    sqlite3_bind_text(s, 2, zone_data_version(), -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)v->seq);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)v->ts_us);
    return sqlite3_step(s) == SQLITE_DONE ? 0 : -1;
}

int views_open(const char *path, uint64_t last_seq, struct views **ret_views, struct err *err)
{
    struct views *v = calloc(1, sizeof *v);
    if (!v)
        return err_set(err, "no memory");
    int result = 0;
    struct err first;
    if (open_database(v, path, &first) < 0 || !read_stamp(v, last_seq) ||
        prepare_all(v, &first) < 0) {
        finish(v);
        v->seq = v->stamped_seq = v->ts_us = 0;
        remove_files(path);
        result = open_database(v, path, err);
        if (result == 0 && sqlite3_exec(v->db, VIEWS_SCHEMA, NULL, NULL, NULL) != SQLITE_OK)
            result = view_error(v, "cannot be made", err);
        if (result == 0)
            result = prepare_all(v, err);
        if (result == 0 && write_stamp(v) < 0)
            result = view_error(v, "cannot be written", err);
    }
    if (result < 0) {
        views_close(v);
        return result;
    }
    *ret_views = v;
    return 0;
}

void views_close(struct views *v)
{
    if (!v)
        return;
    if (v->db && v->statements[STAMP]) {
        v->stamped_seq = 0; /* so that the last rows are stamped */
        views_flush(v, v->seq, v->ts_us);
    }
    finish(v);
    free(v);
}

uint64_t views_seq(const struct views *v)
{
    return v->seq;
}

uint64_t views_as_of_us(const struct views *v)
{
    return v->ts_us;
}

const char *views_failed(const struct views *v)
{
    return v->failed ? v->failure.detail : NULL;
}

/* ---- taking entries ---- */

static bool step(struct views *v, enum statement which)
{
    sqlite3_stmt *s = v->statements[which];
    bool done = sqlite3_step(s) == SQLITE_DONE;
    if (!done)
        give_up(v, "cannot be written");
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return done;
}

static bool begin(struct views *v)
{
    if (!v->in_transaction)
        v->in_transaction = step(v, BEGIN);
    return v->in_transaction;
}

static struct slice text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? slice_make(json_string_value(value), json_string_length(value))
                                 : SLICE("");
}

void views_fold(struct slice text, struct buf *out)
{
    /* Folding makes at most three times as many bytes; what is cut off is not searched. */
    char folded[2000];
    UErrorCode status = U_ZERO_ERROR;
    UCaseMap *folding = ucasemap_open("", 0, &status);
    int32_t len = U_FAILURE(status) ? 0
                                    : ucasemap_utf8FoldCase(folding, folded, (int32_t)sizeof folded,
                                                            text.data, (int32_t)text.len, &status);
    ucasemap_close(folding);
    if (U_FAILURE(status)) {
        buf_append(out, text.data, text.len < sizeof folded ? text.len : sizeof folded);
        return;
    }
    buf_append(out, folded, (size_t)len);
}

/* A never-null blob: SQLite takes a NULL pointer for NULL. */
static void bind_blob(sqlite3_stmt *s, int at, struct slice bytes)
{
    sqlite3_bind_blob(s, at, bytes.len ? bytes.data : "", (int)bytes.len, SQLITE_TRANSIENT);
}

static void bind_folded(sqlite3_stmt *s, int at, struct slice text)
{
    BUF_AUTO struct buf folded = BUF_INIT;
    views_fold(text, &folded);
    bind_blob(s, at, buf_slice(&folded));
}

static void put_event(struct views *v, enum statement which, uint32_t partition, uint64_t random,
                      struct slice document)
{
    json_t *root = json_loadb(document.data, document.len, 0, NULL);
    if (!begin(v)) {
        json_decref(root);
        return;
    }
    const json_t *venue = json_object_get(root, "venue");
    const json_t *performers = json_object_get(root, "performers");
    uint64_t starts_us = 0;
    (void)zone_to_utc(text_of(root, "timezone"), text_of(root, "starts_local"), &starts_us);

    BUF_AUTO struct buf names = BUF_INIT;
    BUF_AUTO struct buf folded = BUF_INIT;
    for (size_t i = 0; i < json_array_size(performers); i++) {
        const json_t *name = json_array_get(performers, i);
        buf_append_char(&names, '\n');
        views_fold(slice_from_string(json_string_value(name)), &names);
        buf_append_char(&names, '\n');
    }
    views_fold(text_of(root, "name"), &folded);
    buf_append_slice(&folded, buf_slice(&names));
    views_fold(text_of(venue, "name"), &folded);
    buf_append_char(&folded, '\n');
    views_fold(text_of(venue, "city"), &folded);

    sqlite3_stmt *s = v->statements[which];
    sqlite3_bind_int64(s, 1, partition);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)random);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)starts_us);
    bind_blob(s, 4, document);
    bind_blob(s, 5, buf_slice(&folded));
    bind_folded(s, 6, text_of(venue, "city"));
    bind_folded(s, 7, text_of(root, "category"));
    bind_blob(s, 8, buf_slice(&names));
    bind_folded(s, 9, text_of(venue, "name"));
    bind_blob(s, 10, text_of(venue, "id"));
    (void)step(v, which);
    json_decref(root);
}

static void take_directory(struct views *v, const struct views_entry *entry)
{
    struct directory_entry taken;
    if (!directory_entry_decode(entry->bytes, &taken))
        return;
    if (taken.number == DIRECTORY_ENTRY_event_listed)
        put_event(v, PUT_EVENT, taken.event_listed.partition, taken.event_listed.event_random,
                  taken.event_listed.document);
    else if (taken.number == DIRECTORY_ENTRY_event_revised)
        put_event(v, REVISE_EVENT, taken.event_revised.partition, 0, taken.event_revised.document);
}

static void take_contact(struct views *v, const struct views_entry *entry)
{
    struct booking_entry taken;
    if (!booking_entry_decode(entry->bytes, &taken) || !begin(v))
        return;
    const struct entry_order_placed *placed = &taken.order_placed;
    sqlite3_stmt *s = v->statements[PUT_CONTACT];
    sqlite3_bind_int64(s, 1, entry->partition);
    sqlite3_bind_int64(s, 2, placed->order);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)placed->order_random);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)placed->person);
    bind_blob(s, 5, placed->contact);
    (void)step(v, PUT_CONTACT);
}

/* The order that an entry of the kind that views_money tells is about; false: another kind. */
static bool money_order(const struct booking_entry *e, uint32_t *ret_order)
{
    switch (e->number) {
    case BOOKING_ENTRY_case_opened: *ret_order = e->case_opened.order; return true;
    case BOOKING_ENTRY_case_closed: *ret_order = e->case_closed.order; return true;
    case BOOKING_ENTRY_payment_taken: *ret_order = e->payment_taken.order; return true;
    case BOOKING_ENTRY_order_voided: *ret_order = e->order_voided.order; return true;
    case BOOKING_ENTRY_refund_requested: *ret_order = e->refund_requested.order; return true;
    case BOOKING_ENTRY_refund_done: *ret_order = e->refund_done.order; return true;
    case BOOKING_ENTRY_refund_failed: *ret_order = e->refund_failed.order; return true;
    case BOOKING_ENTRY_dispute_opened: *ret_order = e->dispute_opened.order; return true;
    case BOOKING_ENTRY_dispute_closed: *ret_order = e->dispute_closed.order; return true;
    default: return false;
    }
}

static bool is_about_money(unsigned number)
{
    return number == BOOKING_ENTRY_case_opened ||
           (number >= BOOKING_ENTRY_payment_taken && number <= BOOKING_ENTRY_case_closed);
}

static void take_money(struct views *v, const struct views_entry *entry)
{
    struct booking_entry taken;
    uint32_t order;
    if (!booking_entry_decode(entry->bytes, &taken) || !money_order(&taken, &order) || !begin(v))
        return;
    sqlite3_stmt *s = v->statements[PUT_MONEY];
    sqlite3_bind_int64(s, 1, entry->partition);
    sqlite3_bind_int64(s, 2, order);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)entry->ts_us);
    bind_blob(s, 4, entry->bytes);
    (void)step(v, PUT_MONEY);
}

void views_take(struct views *v, const struct views_entry *entry)
{
    if (v->failed || entry->bytes.len < 2)
        return;
    unsigned number =
        (unsigned char)entry->bytes.data[0] | (unsigned)(unsigned char)entry->bytes.data[1] << 8;
    if (entry->partition == 0)
        take_directory(v, entry);
    else if (number == BOOKING_ENTRY_order_placed)
        take_contact(v, entry);
    else if (is_about_money(number))
        take_money(v, entry);
}

void views_flush(struct views *v, uint64_t seq, uint64_t ts_us)
{
    if (v->failed)
        return;
    v->seq = seq;
    v->ts_us = ts_us;
    if (!v->in_transaction && seq - v->stamped_seq < STAMP_EVERY)
        return;
    if (write_stamp(v) < 0)
        give_up(v, "cannot be stamped");
    sqlite3_reset(v->statements[STAMP]);
    v->stamped_seq = seq;
    if (v->in_transaction)
        (void)step(v, COMMIT);
    v->in_transaction = false;
}

/* ---- queries ---- */

static struct slice column_slice(sqlite3_stmt *s, int at)
{
    const void *bytes = sqlite3_column_blob(s, at);
    return slice_make(bytes ? bytes : "", (size_t)sqlite3_column_bytes(s, at));
}

static struct views_event column_event(sqlite3_stmt *s)
{
    return (struct views_event){
        .partition = (uint32_t)sqlite3_column_int64(s, 0),
        .random = (uint64_t)sqlite3_column_int64(s, 1),
        .starts_at_us = (uint64_t)sqlite3_column_int64(s, 2),
        .document = column_slice(s, 3),
    };
}

/* Each blank-separated word occurs in the folded text. */
static bool words_match(struct slice words, struct slice folded)
{
    size_t at = 0;
    while (at < words.len) {
        size_t end = at;
        while (end < words.len && words.data[end] != ' ')
            end++;
        if (end > at && !memmem(folded.data, folded.len, words.data + at, end - at))
            return false;
        at = end + 1;
    }
    return true;
}

int views_events(struct views *v, const struct views_query *query, views_visit_fn *visit,
                 void *context, struct err *err)
{
    if (v->failed)
        return err_set(err, "%s", v->failure.detail);
    sqlite3_stmt *s = v->statements[LIST_EVENTS];
    BUF_AUTO struct buf words = BUF_INIT;
    views_fold(query->words, &words);
    sqlite3_bind_int64(s, 1, (sqlite3_int64)query->after_starts_us);
    sqlite3_bind_int64(s, 2, query->after_partition);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)query->from_us);
    sqlite3_bind_int64(s, 4, query->to_us ? (sqlite3_int64)query->to_us : INT64_MAX);
    bind_folded(s, 5, query->city);
    bind_folded(s, 6, query->category);
    BUF_AUTO struct buf performer = BUF_INIT;
    if (query->performer.len) {
        buf_append_char(&performer, '\n');
        views_fold(query->performer, &performer);
        buf_append_char(&performer, '\n');
    }
    bind_blob(s, 7, buf_slice(&performer));
    bind_folded(s, 8, query->venue);
    bind_blob(s, 9, query->venue);

    int count = 0, code = SQLITE_ROW;
    while ((uint32_t)count < query->limit && (code = sqlite3_step(s)) == SQLITE_ROW) {
        if (!words_match(buf_slice(&words), column_slice(s, 4)))
            continue;
        struct views_event event = column_event(s);
        visit(context, &event);
        count++;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        count = view_error(v, "cannot be read", err);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return count;
}

int views_all_events(struct views *v, views_visit_fn *visit, void *context, struct err *err)
{
    if (v->failed)
        return err_set(err, "%s", v->failure.detail);
    sqlite3_stmt *s = v->statements[ALL_EVENTS];
    int count = 0, code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        struct views_event event = column_event(s);
        visit(context, &event);
        count++;
    }
    if (code != SQLITE_DONE)
        count = view_error(v, "cannot be read", err);
    sqlite3_reset(s);
    return count;
}

int views_contact(struct views *v, uint32_t partition, uint32_t order,
                  struct views_contact *ret_contact, struct buf *out, struct err *err)
{
    if (v->failed)
        return err_set(err, "%s", v->failure.detail);
    sqlite3_stmt *s = v->statements[GET_CONTACT];
    sqlite3_bind_int64(s, 1, partition);
    sqlite3_bind_int64(s, 2, order);
    int code = sqlite3_step(s), result = 0;
    if (code == SQLITE_ROW) {
        ret_contact->order_random = (uint64_t)sqlite3_column_int64(s, 0);
        ret_contact->person = (uint64_t)sqlite3_column_int64(s, 1);
        buf_append_slice(out, column_slice(s, 2));
        result = 1;
    } else if (code != SQLITE_DONE) {
        result = view_error(v, "cannot be read", err);
    }
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return result;
}

int views_money(struct views *v, uint32_t partition, uint32_t order, uint64_t from_us,
                views_money_fn *visit, void *context, struct err *err)
{
    if (v->failed)
        return err_set(err, "%s", v->failure.detail);
    sqlite3_stmt *s = v->statements[GET_MONEY];
    sqlite3_bind_int64(s, 1, partition);
    sqlite3_bind_int64(s, 2, order);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)from_us);
    int count = 0, code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        struct booking_entry entry;
        if (!booking_entry_decode(column_slice(s, 1), &entry))
            continue;
        visit(context, (uint64_t)sqlite3_column_int64(s, 0), &entry);
        count++;
    }
    if (code != SQLITE_DONE)
        count = view_error(v, "cannot be read", err);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return count;
}
