/* The events' ticket keys: kept in keys.db, the signing ones in memory. */
#include "keys/base64url.h"
#include "keys/internal.h"
#include "keys/signature.h"
#include "keys/ticket.h"

struct ticket_key_list {
    unsigned count; /* keys 1..count */
    uint8_t public_keys[LIMIT_TICKET_KEYS][TICKET_PUBLIC_KEY_BYTES];
    uint8_t newest_secret[SIGNATURE_SECRET_BYTES];
};

/* Reads all keys of an event. read_lock is held. */
static int ticket_keys_read(struct keys *keys, uint32_t partition, struct ticket_key_list *ret_list,
                            struct err *err)
{
    sqlite3_stmt *find = keys->read[READ_TICKET_KEYS];
    int step;
    ret_list->count = 0;
    sqlite3_bind_int64(find, 1, partition);
    while ((step = sqlite3_step(find)) == SQLITE_ROW) {
        if (ret_list->count == LIMIT_TICKET_KEYS ||
            sqlite3_column_int64(find, 0) != (int)ret_list->count + 1 ||
            sqlite3_column_bytes(find, 1) != KEYS_SECRET_BYTES) {
            step = SQLITE_CORRUPT;
            break;
        }
        signature_keys(sqlite3_column_blob(find, 1), ret_list->public_keys[ret_list->count],
                       ret_list->newest_secret);
        ret_list->count++;
    }
    store_reset(find);
    if (step == SQLITE_DONE)
        return 0;
    sodium_memzero(ret_list->newest_secret, sizeof ret_list->newest_secret);
    return err_set(err, "keys.db: the ticket keys of event %u cannot be read: %s",
                   (unsigned)partition, sqlite3_errstr(step));
}

static int ticket_keys_load(struct keys *keys, uint32_t partition, struct ticket_key_list *ret_list,
                            struct err *err)
{
    pthread_mutex_lock(&keys->read_lock);
    int result = ticket_keys_read(keys, partition, ret_list, err);
    pthread_mutex_unlock(&keys->read_lock);
    return result;
}

/* Puts the newest key of the list where ticket_sign finds it. */
static void ticket_keys_remember(struct keys *keys, uint32_t partition,
                                 const struct ticket_key_list *list)
{
    pthread_mutex_lock(&keys->read_lock);
    struct cached_ticket_key *place = &keys->ticket_keys[partition % KEYS_TICKET_CACHE];
    /* A list read before another thread's rotation must not bring the older key back. */
    if (place->partition != partition || place->key_id < list->count) {
        place->partition = partition;
        place->key_id = (uint8_t)list->count;
        memcpy(place->secret, list->newest_secret, sizeof place->secret);
    }
    pthread_mutex_unlock(&keys->read_lock);
}

/* Makes and stores the key that follows `list`; adds it to the list. write_lock is held. */
static int ticket_key_add(struct keys *keys, uint32_t partition, struct ticket_key_list *list,
                          struct err *err)
{
    sqlite3_stmt *insert = keys->write[WRITE_TICKET_KEY];
    uint8_t seed[KEYS_SECRET_BYTES];
    if (list->count == LIMIT_TICKET_KEYS)
        return err_set(err, "event %u has had %u ticket keys, the most there can be",
                       (unsigned)partition, LIMIT_TICKET_KEYS);
    keys_random(seed, sizeof seed);
    int result = store_begin(keys, err);
    if (result == 0) {
        sqlite3_bind_int64(insert, 1, partition);
        sqlite3_bind_int64(insert, 2, list->count + 1);
        sqlite3_bind_blob(insert, 3, seed, sizeof seed, SQLITE_STATIC);
        result = store_run(keys->writer, insert, err);
        if (result == 0)
            result = store_commit(keys, err);
        else
            store_rollback(keys);
    }
    if (result == 0) {
        signature_keys(seed, list->public_keys[list->count], list->newest_secret);
        list->count++;
    }
    sodium_memzero(seed, sizeof seed);
    return result;
}

/* All keys of the event; a first one, or one more, is made as asked. The newest is in memory
 * afterwards. */
static int ticket_keys_ensure(struct keys *keys, uint32_t partition, bool one_more,
                              struct ticket_key_list *ret_list, struct err *err)
{
    int result = one_more ? 0 : ticket_keys_load(keys, partition, ret_list, err);
    if (result == 0 && (one_more || ret_list->count == 0)) {
        pthread_mutex_lock(&keys->write_lock);
        result = ticket_keys_load(keys, partition, ret_list, err); /* another may have been first */
        if (result == 0 && (one_more || ret_list->count == 0))
            result = ticket_key_add(keys, partition, ret_list, err);
        if (result == 0)
            ticket_keys_remember(keys, partition, ret_list);
        pthread_mutex_unlock(&keys->write_lock);
    } else if (result == 0) {
        ticket_keys_remember(keys, partition, ret_list);
    }
    return result;
}

int ticket_key_prepare(struct keys *keys, uint32_t partition, struct err *err)
{
    struct ticket_key_list list;
    int result = ticket_keys_ensure(keys, partition, false, &list, err);
    sodium_memzero(list.newest_secret, sizeof list.newest_secret);
    return result;
}

int ticket_key_rotate(struct keys *keys, uint32_t partition, uint8_t *ret_key_id, struct err *err)
{
    struct ticket_key_list list;
    int result = ticket_keys_ensure(keys, partition, true, &list, err);
    sodium_memzero(list.newest_secret, sizeof list.newest_secret);
    if (result == 0)
        *ret_key_id = (uint8_t)list.count;
    return result;
}

/* Copies the signing key from memory; false when it is not there. */
static bool ticket_key_recall(struct keys *keys, uint32_t partition,
                              struct cached_ticket_key *ret_key)
{
    pthread_mutex_lock(&keys->read_lock);
    const struct cached_ticket_key *place = &keys->ticket_keys[partition % KEYS_TICKET_CACHE];
    bool found = place->key_id != 0 && place->partition == partition;
    if (found)
        *ret_key = *place;
    pthread_mutex_unlock(&keys->read_lock);
    return found;
}

int ticket_sign(struct keys *keys, const struct ticket *ticket, uint8_t ret_token[TICKET_BYTES],
                struct err *err)
{
    struct cached_ticket_key key;
    if (ticket->flags != 0)
        return err_set(err, "version 1 of the ticket knows no flags");
    if (!ticket_key_recall(keys, ticket->partition, &key)) {
        struct ticket_key_list list;
        if (ticket_keys_ensure(keys, ticket->partition, false, &list, err))
            return -1;
        key.key_id = (uint8_t)list.count;
        memcpy(key.secret, list.newest_secret, sizeof key.secret);
        sodium_memzero(list.newest_secret, sizeof list.newest_secret);
    }
    ticket_sign_with(ticket, key.key_id, key.secret, ret_token);
    sodium_memzero(&key, sizeof key);
    return 0;
}

int ticket_sign_text(struct keys *keys, const struct ticket *ticket, char ret_text[TICKET_TEXT_MAX],
                     struct err *err)
{
    uint8_t token[TICKET_BYTES];
    if (ticket_sign(keys, ticket, token, err))
        return -1;
    ticket_encode(token, ret_text);
    return 0;
}

int ticket_key_public(struct keys *keys, uint32_t partition, uint8_t key_id,
                      uint8_t ret_public_key[TICKET_PUBLIC_KEY_BYTES], struct err *err)
{
    struct ticket_key_list list;
    if (ticket_keys_load(keys, partition, &list, err))
        return -1;
    sodium_memzero(list.newest_secret, sizeof list.newest_secret);
    if (key_id == 0 || key_id > list.count)
        return err_set(err, "event %u has no ticket key %u", (unsigned)partition, key_id);
    memcpy(ret_public_key, list.public_keys[key_id - 1], TICKET_PUBLIC_KEY_BYTES);
    return 0;
}

int ticket_keys_public(struct keys *keys, uint32_t partition, struct json *j, const char *name,
                       struct err *err)
{
    struct ticket_key_list list;
    if (ticket_keys_ensure(keys, partition, false, &list, err))
        return -1;
    sodium_memzero(list.newest_secret, sizeof list.newest_secret);
    json_put_array(j, name);
    for (unsigned i = 0; i < list.count; i++) {
        char text[BASE64URL_CHARS(TICKET_PUBLIC_KEY_BYTES)];
        struct slice key = slice_make(list.public_keys[i], TICKET_PUBLIC_KEY_BYTES);
        json_put_object(j, NULL);
        json_put_u64(j, "kid", i + 1);
        json_put_string(j, "alg", "Ed25519");
        json_put_text(j, "public_key", slice_make(text, base64url_encode(key, text)));
        json_end(j);
    }
    json_end(j);
    return 0;
}
