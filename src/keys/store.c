/*
 * keys.db. Write-ahead log with synchronous=FULL: one fsync a commit (a rollback journal needs
 * three), and the reading connection never waits for the writing one. Only `writer` ever writes or
 * checkpoints. secure_delete overwrites what is deleted in the database; a person's key is besides
 * overwritten in its row first, and the log is emptied after each erasure (person.c). Rows are only
 * appended (rowids rise), so a key does not get copied about by page splits.
 */
#include "keys/internal.h"

#define STORE_VERSION 1

static const char store_schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS person ("
    " slot INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, email BLOB NOT NULL UNIQUE,"
    " key BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS ticket_key ("
    " slot INTEGER PRIMARY KEY, partition INTEGER NOT NULL, key_id INTEGER NOT NULL,"
    " seed BLOB NOT NULL, UNIQUE (partition, key_id)) STRICT;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

static const char *const store_reads[READ_COUNT] = {
    [READ_PERSON_BY_EMAIL] = "SELECT id, key FROM person WHERE email = ?1",
    [READ_PERSON_BY_ID] = "SELECT id, key FROM person WHERE id = ?1",
    [READ_TICKET_KEYS] = "SELECT key_id, seed FROM ticket_key WHERE partition = ?1 ORDER BY key_id",
};

static const char *const store_writes[WRITE_COUNT] = {
    [WRITE_PERSON] = "INSERT INTO person (id, email, key) VALUES (?1, ?2, ?3)",
    [WRITE_PERSON_BLANK] = "UPDATE person SET key = zeroblob(32) WHERE id = ?1",
    [WRITE_PERSON_GONE] = "DELETE FROM person WHERE id = ?1",
    [WRITE_TICKET_KEY] = "INSERT INTO ticket_key (partition, key_id, seed) VALUES (?1, ?2, ?3)",
};

static int store_failure(sqlite3 *db, struct err *err)
{
    return err_set(err, "keys.db: %s", db ? sqlite3_errmsg(db) : "out of memory");
}

static int store_exec(sqlite3 *db, const char *sql, struct err *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_failure(db, err);
}

/* First column of the first row, as an integer. */
static int store_number(sqlite3 *db, const char *sql, int *ret_number, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int result = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        *ret_number = sqlite3_column_int(statement, 0);
        result = 0;
    } else {
        (void)store_failure(db, err);
    }
    sqlite3_finalize(statement);
    return result;
}

static int store_connect(const char *path, sqlite3 **ret_db, struct err *err)
{
    sqlite3 *db = NULL;
    /* Without CREATE: keys.c made the file with the right mode. NOMUTEX: we lock. */
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) {
        (void)store_failure(db, err);
        sqlite3_close(db);
        return -1;
    }
    sqlite3_busy_timeout(db, 5000);
    sqlite3_extended_result_codes(db, 1);
    *ret_db = db;
    return 0;
}

static int store_prepare(sqlite3 *db, const char *const *sql, int count, sqlite3_stmt **ret,
                         struct err *err)
{
    for (int i = 0; i < count; i++) {
        if (sqlite3_prepare_v3(db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &ret[i], NULL))
            return store_failure(db, err);
    }
    return 0;
}

int store_open(struct keys *keys, const char *path, struct err *err)
{
    int version = 0;
    if (store_connect(path, &keys->writer, err) ||
        store_exec(keys->writer, "PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL;", err) ||
        store_exec(keys->writer, "PRAGMA synchronous = FULL;", err) ||
        store_number(keys->writer, "PRAGMA user_version", &version, err))
        return -1;
    if (version != 0 && version != STORE_VERSION)
        return err_set(err, "keys.db has version %d, this program knows %d", version,
                       STORE_VERSION);
    if ((version == 0 && store_exec(keys->writer, store_schema, err)) ||
        store_prepare(keys->writer, store_writes, WRITE_COUNT, keys->write, err) ||
        store_connect(path, &keys->reader, err) ||
        store_exec(keys->reader, "PRAGMA query_only = ON;", err) ||
        store_prepare(keys->reader, store_reads, READ_COUNT, keys->read, err))
        return -1;
    return 0;
}

void store_close(struct keys *keys)
{
    for (int i = 0; i < READ_COUNT; i++)
        sqlite3_finalize(keys->read[i]);
    for (int i = 0; i < WRITE_COUNT; i++)
        sqlite3_finalize(keys->write[i]);
    sqlite3_close(keys->reader); /* first: the last one to close checkpoints */
    sqlite3_close(keys->writer);
}

int store_begin(struct keys *keys, struct err *err)
{
    return store_exec(keys->writer, "BEGIN IMMEDIATE", err);
}

int store_commit(struct keys *keys, struct err *err)
{
    if (store_exec(keys->writer, "COMMIT", err) == 0)
        return 0;
    store_rollback(keys);
    return -1;
}

void store_rollback(struct keys *keys)
{
    if (!sqlite3_get_autocommit(keys->writer))
        (void)sqlite3_exec(keys->writer, "ROLLBACK", NULL, NULL, NULL);
}

void store_reset(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

int store_run(sqlite3 *db, sqlite3_stmt *statement, struct err *err)
{
    int result = sqlite3_step(statement) == SQLITE_DONE ? 0 : store_failure(db, err);
    store_reset(statement);
    return result;
}
