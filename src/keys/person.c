#include "keys/person.h"

#include "base/utf8.h"
#include "keys/internal.h"

#define PERSON_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define PERSON_TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PERSON_PLAIN_VERSION 1
#define PERSON_PLAIN_HEAD 5
#define PERSON_PLAIN_STEP 64 /* padding hides how long a name was, for after the erasure */
#define PERSON_PLAIN_MAX 512
#define PERSON_DOMAIN "onsale contact v1"
#define PERSON_AAD_BYTES (sizeof PERSON_DOMAIN + 8)

_Static_assert(PERSON_PLAIN_HEAD + LIMIT_EMAIL_BYTES + LIMIT_NAME_BYTES <= PERSON_PLAIN_MAX,
               "the longest e-mail and name fit");
_Static_assert(PERSON_PLAIN_MAX % PERSON_PLAIN_STEP == 0, "padding ends within");
_Static_assert(PERSON_NONCE + PERSON_TAG + PERSON_PLAIN_MAX <= LIMIT_CONTACT_BYTES,
               "a contact fits in its entry");

bool person_name_valid(struct slice name, const char **ret_reason)
{
    const char *fault = NULL;
    if (name.len > LIMIT_NAME_BYTES)
        fault = "the name is longer than 200 bytes";
    else if (!utf8_valid(name))
        fault = "the name is not valid UTF-8";
    for (size_t i = 0; i < name.len && !fault; i++) {
        unsigned char c = (unsigned char)name.data[i];
        unsigned char next = i + 1 < name.len ? (unsigned char)name.data[i + 1] : 0;
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0))
            fault = "the name has a control character";
    }
    if (fault && ret_reason)
        *ret_reason = fault;
    return !fault;
}

/* read_lock is held. */
static void person_hash_locked(struct keys *keys, struct slice form, struct hash16 *ret_hash)
{
    uint8_t tag[MAC_BYTES];
    mac_compute(keys->email_mac, "onsale e-mail v1", form, tag);
    memcpy(ret_hash->bytes, tag, sizeof ret_hash->bytes);
}

void person_email_hash(struct keys *keys, struct slice email, struct hash16 *ret_hash)
{
    char normal[LIMIT_EMAIL_BYTES];
    size_t len = email_normalise(email, normal);
    pthread_mutex_lock(&keys->read_lock);
    person_hash_locked(keys, slice_make(normal, len), ret_hash);
    pthread_mutex_unlock(&keys->read_lock);
}

/* Steps a bound look-up of (id, key). Returns 1 when found, 0 when not, or a failure. */
static int person_step(struct keys *keys, sqlite3_stmt *find, uint64_t *ret_person,
                       uint8_t ret_key[KEYS_SECRET_BYTES], struct err *err)
{
    int result = 0;
    int step = sqlite3_step(find);
    if (step == SQLITE_ROW && sqlite3_column_bytes(find, 1) == KEYS_SECRET_BYTES) {
        *ret_person = (uint64_t)sqlite3_column_int64(find, 0);
        memcpy(ret_key, sqlite3_column_blob(find, 1), KEYS_SECRET_BYTES);
        result = 1;
    } else if (step == SQLITE_ROW) {
        result = err_set(err, "keys.db: a person's key has the wrong length");
    } else if (step != SQLITE_DONE) {
        result = err_set(err, "keys.db: %s", sqlite3_errmsg(keys->reader));
    }
    store_reset(find);
    return result;
}

/* The person of an e-mail hash, made now when there is none. read_lock is held. */
static int person_of_email(struct keys *keys, struct hash16 email_hash,
                           struct pending_person *ret_person, bool *ret_durable, struct err *err)
{
    for (unsigned i = 0; i < keys->pending_count; i++) {
        if (hash16_equal(keys->pending[i].email_hash, email_hash)) {
            *ret_person = keys->pending[i];
            *ret_durable = false;
            return 0;
        }
    }
    sqlite3_stmt *find = keys->read[READ_PERSON_BY_EMAIL];
    struct pending_person person = {.email_hash = email_hash};
    sqlite3_bind_blob(find, 1, email_hash.bytes, sizeof email_hash.bytes, SQLITE_STATIC);
    int found = person_step(keys, find, &person.person, person.key, err);
    if (found < 0)
        return found;
    if (found == 0) {
        if (keys->pending_count == LIMIT_PEOPLE_PENDING)
            return err_set(err, "%u new people wait for the disk already", LIMIT_PEOPLE_PENDING);
        person.person = keys_random_u64() >> 1 | 1; /* SQLite's integers are signed; never 0 */
        keys_random(person.key, sizeof person.key);
        keys->pending[keys->pending_count++] = person;
    }
    *ret_person = person;
    *ret_durable = found == 1;
    sodium_memzero(&person, sizeof person);
    return 0;
}

static void person_aad(uint64_t person, uint8_t ret_aad[PERSON_AAD_BYTES])
{
    memcpy(ret_aad, PERSON_DOMAIN, sizeof PERSON_DOMAIN);
    for (int i = 0; i < 8; i++)
        ret_aad[sizeof PERSON_DOMAIN + (size_t)i] = (uint8_t)(person >> (56 - 8 * i));
}

static size_t person_encrypt(const struct pending_person *person, struct slice email,
                             struct slice name, uint8_t *ret_contact)
{
    uint8_t plain[PERSON_PLAIN_MAX] = {PERSON_PLAIN_VERSION}, aad[PERSON_AAD_BYTES];
    size_t len = PERSON_PLAIN_HEAD + email.len + name.len;
    unsigned long long written = 0;
    plain[1] = (uint8_t)(email.len >> 8);
    plain[2] = (uint8_t)email.len;
    plain[3] = (uint8_t)(name.len >> 8);
    plain[4] = (uint8_t)name.len;
    memcpy(plain + PERSON_PLAIN_HEAD, email.data, email.len);
    if (name.len)
        memcpy(plain + PERSON_PLAIN_HEAD + email.len, name.data, name.len);
    len = (len + PERSON_PLAIN_STEP - 1) / PERSON_PLAIN_STEP * PERSON_PLAIN_STEP;
    keys_random(ret_contact, PERSON_NONCE);
    person_aad(person->person, aad);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret_contact + PERSON_NONCE, &written, plain, len,
                                               aad, sizeof aad, NULL, ret_contact, person->key);
    sodium_memzero(plain, sizeof plain);
    return PERSON_NONCE + (size_t)written;
}

int person_seal(struct keys *keys, struct slice email, struct slice name,
                struct person_sealed *ret_sealed, struct err *err)
{
    const char *reason = NULL;
    struct pending_person person;
    struct hash16 email_hash, limit_hash;
    char normal[LIMIT_EMAIL_BYTES], limit[LIMIT_EMAIL_BYTES];
    bool durable = false;
    if (!email_valid(email, &reason) || !person_name_valid(name, &reason))
        return err_set(err, "%s", reason);
    size_t normal_len = email_normalise(email, normal), limit_len = email_limit_form(email, limit);
    pthread_mutex_lock(&keys->read_lock);
    person_hash_locked(keys, slice_make(normal, normal_len), &email_hash);
    person_hash_locked(keys, slice_make(limit, limit_len), &limit_hash);
    int result = person_of_email(keys, email_hash, &person, &durable, err);
    pthread_mutex_unlock(&keys->read_lock);
    if (result < 0)
        return result;
    ret_sealed->person = person.person;
    ret_sealed->email_hash = email_hash;
    ret_sealed->limit_hash = limit_hash;
    ret_sealed->durable = durable;
    ret_sealed->contact_len =
        (uint16_t)person_encrypt(&person, email_trim(email), name, ret_sealed->contact);
    sodium_memzero(&person, sizeof person);
    return 0;
}

/* Takes `pending` entries [at, at + count) out. read_lock is held. */
static void person_pending_drop(struct keys *keys, unsigned at, unsigned count)
{
    unsigned behind = keys->pending_count - at - count;
    memmove(keys->pending + at, keys->pending + at + count, behind * sizeof *keys->pending);
    keys->pending_count -= count;
    sodium_memzero(keys->pending + keys->pending_count, count * sizeof *keys->pending);
}

/* One transaction for committing[0..count). write_lock is held. */
static int person_write(struct keys *keys, unsigned count, struct err *err)
{
    sqlite3_stmt *insert = keys->write[WRITE_PERSON];
    if (store_begin(keys, err))
        return -1;
    for (unsigned i = 0; i < count; i++) {
        const struct pending_person *person = &keys->committing[i];
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)person->person);
        sqlite3_bind_blob(insert, 2, person->email_hash.bytes, 16, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 3, person->key, sizeof person->key, SQLITE_STATIC);
        if (store_run(keys->writer, insert, err)) {
            store_rollback(keys);
            return -1;
        }
    }
    return store_commit(keys, err);
}

int person_commit(struct keys *keys, struct err *err)
{
    int result = 0;
    pthread_mutex_lock(&keys->write_lock);
    pthread_mutex_lock(&keys->read_lock);
    unsigned count = keys->pending_count;
    memcpy(keys->committing, keys->pending, count * sizeof *keys->pending);
    pthread_mutex_unlock(&keys->read_lock);
    if (count > 0) {
        result = person_write(keys, count, err);
        sodium_memzero(keys->committing, count * sizeof *keys->committing);
        if (result == 0) {
            /* Only holders of write_lock take from the front, so these are still the first. */
            pthread_mutex_lock(&keys->read_lock);
            person_pending_drop(keys, 0, count);
            pthread_mutex_unlock(&keys->read_lock);
        }
    }
    pthread_mutex_unlock(&keys->write_lock);
    return result;
}

/* Index in `pending`, or pending_count. read_lock is held. */
static unsigned person_pending_find(const struct keys *keys, uint64_t person)
{
    unsigned i = 0;
    while (i < keys->pending_count && keys->pending[i].person != person)
        i++;
    return i;
}

/* 1 with the key, 0 when there is none, or a failure. */
static int person_key(struct keys *keys, uint64_t person, uint8_t ret_key[KEYS_SECRET_BYTES],
                      struct err *err)
{
    int found = 1;
    uint64_t same = 0;
    pthread_mutex_lock(&keys->read_lock);
    unsigned at = person_pending_find(keys, person);
    if (at < keys->pending_count) {
        memcpy(ret_key, keys->pending[at].key, KEYS_SECRET_BYTES);
    } else {
        sqlite3_stmt *find = keys->read[READ_PERSON_BY_ID];
        sqlite3_bind_int64(find, 1, (sqlite3_int64)person);
        found = person_step(keys, find, &same, ret_key, err);
    }
    pthread_mutex_unlock(&keys->read_lock);
    return found;
}

/* Reads what person_encrypt wrote; false when the lengths do not add up. */
static bool person_parse(const uint8_t *plain, size_t len, struct person_contact *ret_contact)
{
    if (len < PERSON_PLAIN_HEAD || plain[0] != PERSON_PLAIN_VERSION)
        return false;
    size_t email_len = (size_t)plain[1] << 8 | plain[2],
           name_len = (size_t)plain[3] << 8 | plain[4];
    if (email_len > LIMIT_EMAIL_BYTES || name_len > LIMIT_NAME_BYTES ||
        PERSON_PLAIN_HEAD + email_len + name_len > len)
        return false;
    *ret_contact =
        (struct person_contact){.email_len = (uint16_t)email_len, .name_len = (uint16_t)name_len};
    memcpy(ret_contact->email, plain + PERSON_PLAIN_HEAD, email_len);
    memcpy(ret_contact->name, plain + PERSON_PLAIN_HEAD + email_len, name_len);
    return true;
}

int person_open(struct keys *keys, uint64_t person, struct slice contact,
                struct person_contact *ret_contact, struct err *err)
{
    uint8_t key[KEYS_SECRET_BYTES], plain[PERSON_PLAIN_MAX], aad[PERSON_AAD_BYTES];
    const uint8_t *bytes = (const uint8_t *)contact.data;
    unsigned long long len = 0;
    if (contact.len < PERSON_NONCE + PERSON_TAG ||
        contact.len > PERSON_NONCE + PERSON_TAG + PERSON_PLAIN_MAX)
        return err_set(err, "%zu bytes cannot be a contact", contact.len);
    int found = person_key(keys, person, key, err);
    if (found <= 0)
        return found == 0 ? PERSON_ERASED : found;
    person_aad(person, aad);
    int result = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &len, NULL, bytes + PERSON_NONCE,
                                                            contact.len - PERSON_NONCE, aad,
                                                            sizeof aad, bytes, key);
    sodium_memzero(key, sizeof key);
    if (result != 0 || !person_parse(plain, (size_t)len, ret_contact))
        result = err_set(err, "the contact was not sealed for this person");
    sodium_memzero(plain, sizeof plain);
    return result < 0 ? result : PERSON_FOUND;
}

static int person_run_with_id(struct keys *keys, enum keys_write which, uint64_t person,
                              struct err *err)
{
    sqlite3_bind_int64(keys->write[which], 1, (sqlite3_int64)person);
    return store_run(keys->writer, keys->write[which], err);
}

/* write_lock is held. */
static int person_erase_stored(struct keys *keys, uint64_t person, struct err *err)
{
    if (store_begin(keys, err))
        return -1;
    if (person_run_with_id(keys, WRITE_PERSON_BLANK, person, err) ||
        person_run_with_id(keys, WRITE_PERSON_GONE, person, err)) {
        store_rollback(keys);
        return -1;
    }
    if (store_commit(keys, err))
        return -1;
    /* The log still has pages with the key: copy the new ones over the old and empty it. */
    if (sqlite3_wal_checkpoint_v2(keys->writer, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL))
        return err_set(err, "keys.db: erased, but the log is not empty yet: %s",
                       sqlite3_errmsg(keys->writer));
    return 0;
}

int person_erase(struct keys *keys, uint64_t person, struct err *err)
{
    pthread_mutex_lock(&keys->write_lock);
    pthread_mutex_lock(&keys->read_lock);
    unsigned at = person_pending_find(keys, person);
    if (at < keys->pending_count)
        person_pending_drop(keys, at, 1);
    pthread_mutex_unlock(&keys->read_lock);
    int result = person_erase_stored(keys, person, err);
    pthread_mutex_unlock(&keys->write_lock);
    return result;
}
