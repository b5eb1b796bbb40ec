/*
 * internal: what the files of this folder share and nobody else includes: the body of struct keys
 * and how its parts are locked.
 *
 * Locks, taken in this order: `write_lock` guards the writing connection and what is being
 * committed; `read_lock` guards the reading connection, the e-mail MAC, the pending people and the
 * ticket keys in memory. The disk is waited for under write_lock only, so whoever needs read_lock
 * alone (the loop) never waits for an fsync. The MACs of sessions and queue tokens belong to the
 * loop.
 */
#ifndef ONSALE_KEYS_INTERNAL_H
#define ONSALE_KEYS_INTERNAL_H

#include "base/codec.h"
#include "base/limits.h"
#include "keys/keys.h"
#include "keys/mac.h"
#include "keys/session.h"
#include "keys/signature.h"

#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>

#define KEYS_SECRET_BYTES 32
#define KEYS_SESSION_CACHE 16384 /* verified session tokens that are remembered; power of two */
#define KEYS_TICKET_CACHE 1024   /* events whose signing key stays in memory */
#define KEYS_QUEUE_DAYS 64       /* days whose queue token key stays in memory */

_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEYS_SECRET_BYTES, "one key size");
_Static_assert(SIGNATURE_SEED_BYTES == KEYS_SECRET_BYTES, "one key size");

struct pending_person {
    struct hash16 email_hash;
    uint64_t person;
    uint8_t key[KEYS_SECRET_BYTES];
};

/* Direct-mapped by partition; key_id 0 is an empty place. */
struct cached_ticket_key {
    uint32_t partition;
    uint8_t key_id;
    uint8_t secret[SIGNATURE_SECRET_BYTES];
};

/* Direct-mapped by the day; no mac: an empty place. */
struct cached_queue_key {
    uint32_t day;
    struct mac *mac;
};

/* Direct-mapped by the token's hash. Only what was verified gets in. */
struct cached_session {
    bool used;
    char token[SESSION_TOKEN_CHARS];
    struct session session;
};

enum keys_read { READ_PERSON_BY_EMAIL, READ_PERSON_BY_ID, READ_TICKET_KEYS, READ_COUNT };
enum keys_write {
    WRITE_PERSON,
    WRITE_PERSON_BLANK,
    WRITE_PERSON_GONE,
    WRITE_TICKET_KEY,
    WRITE_COUNT
};

struct keys {
    int lock_fd; /* session.key, locked */
    struct mac *session_mac, *email_mac, *queue_mac;
    pthread_mutex_t write_lock, read_lock;
    sqlite3 *writer, *reader;
    sqlite3_stmt *read[READ_COUNT], *write[WRITE_COUNT];
    unsigned pending_count;
    struct pending_person pending[LIMIT_PEOPLE_PENDING];    /* read_lock */
    struct pending_person committing[LIMIT_PEOPLE_PENDING]; /* write_lock */
    struct cached_ticket_key ticket_keys[KEYS_TICKET_CACHE];
    struct cached_session sessions[KEYS_SESSION_CACHE];  /* the loop's */
    struct cached_queue_key queue_keys[KEYS_QUEUE_DAYS]; /* the loop's */
};

/* Opens (and makes) keys.db at `path`, both connections and their statements. On failure
 * store_close cleans up. */
MUST_USE int store_open(struct keys *keys, const char *path, struct err *err);
void store_close(struct keys *keys);

/* Transactions on the writing connection; write_lock is held. A failed commit is rolled back. */
MUST_USE int store_begin(struct keys *keys, struct err *err);
MUST_USE int store_commit(struct keys *keys, struct err *err);
void store_rollback(struct keys *keys);

/* Runs a bound statement that returns no row, then resets it and forgets what was bound. */
MUST_USE int store_run(sqlite3 *db, sqlite3_stmt *statement, struct err *err);
/* Resets a statement and forgets what was bound. */
void store_reset(sqlite3_stmt *statement);

#endif
