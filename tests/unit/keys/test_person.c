#include "unit/keys/support.h"

#include "base/utf8.h"
#include "keys/person.h"
#include "keys/ticket.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

static struct keys *open_keys(const char *folder)
{
    struct keys *keys = NULL;
    struct err err;
    if (keys_open(path_in(folder, "keys"), &keys, &err))
        fail_msg("%s", err.detail);
    return keys;
}

static void seal(struct keys *keys, const char *email, const char *name,
                 struct person_sealed *ret_sealed)
{
    struct err err;
    if (person_seal(keys, slice_from_string(email), slice_from_string(name), ret_sealed, &err))
        fail_msg("%s: %s", email, err.detail);
}

static void commit(struct keys *keys)
{
    struct err err;
    if (person_commit(keys, &err))
        fail_msg("%s", err.detail);
}

static int reopen(struct keys *keys, const struct person_sealed *sealed,
                  struct person_contact *ret_contact)
{
    struct err err = {""};
    int found = person_open(keys, sealed->person, person_sealed_contact(sealed), ret_contact, &err);
    if (found < 0)
        print_message("# %s\n", err.detail);
    return found;
}

static void a_sealed_contact_opens_again_also_after_a_restart(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed sealed;
    struct person_contact contact;
    seal(keys, " Ada@Example.org ", "Ada Lovelace", &sealed);
    assert_true(sealed.person > 0 && sealed.person <= INT64_MAX);
    assert_false(sealed.durable);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(reopen(keys, &sealed, &contact), PERSON_FOUND);
        assert_string_equal(contact.email, "Ada@Example.org");
        assert_int_equal(contact.email_len, 15);
        assert_string_equal(contact.name, "Ada Lovelace");
        assert_int_equal(contact.name_len, 12);
        if (i == 0)
            commit(keys);
        if (i == 1) {
            keys_close(keys);
            keys = open_keys(*state);
        }
    }
    keys_close(keys);
}

static void a_person_never_committed_is_gone_after_a_restart(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed sealed;
    struct person_contact contact;
    seal(keys, "ada@example.org", "", &sealed);
    keys_close(keys);
    keys = open_keys(*state);
    assert_int_equal(reopen(keys, &sealed, &contact), PERSON_ERASED);
    keys_close(keys);
}

static void tags_make_other_people_who_share_one_limit(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed plain, tagged, other;
    seal(keys, "ada@example.org", "Ada", &plain);
    seal(keys, "Ada+second@example.org", "Ada", &tagged);
    seal(keys, "eve@example.org", "Eve", &other);
    assert_int_not_equal(plain.person, tagged.person);
    assert_false(hash16_equal(plain.email_hash, tagged.email_hash));
    assert_true(hash16_equal(plain.limit_hash, tagged.limit_hash));
    assert_false(hash16_equal(plain.limit_hash, other.limit_hash));
    /* What older entries hold for a plain address is what it still counts under. */
    assert_true(hash16_equal(plain.limit_hash, plain.email_hash));
    keys_close(keys);
}

static void one_address_is_one_person_however_it_is_spelt(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed first, second, third, other;
    struct person_contact contact;
    struct hash16 hash;
    seal(keys, "ada@example.org", "Ada", &first);
    seal(keys, "ADA@example.ORG", "A. Lovelace", &second); /* while it waits for the disk */
    assert_false(second.durable);
    commit(keys);
    seal(keys, "Ada@Example.Org", "", &third);
    assert_true(third.durable);
    seal(keys, "eve@example.org", "Eve", &other);
    assert_int_equal(first.person, second.person);
    assert_int_equal(first.person, third.person);
    assert_true(hash16_equal(first.email_hash, third.email_hash));
    person_email_hash(keys, SLICE("aDA@example.org"), &hash);
    assert_true(hash16_equal(first.email_hash, hash));
    assert_int_not_equal(first.person, other.person);
    assert_false(hash16_equal(first.email_hash, other.email_hash));
    assert_int_equal(reopen(keys, &second, &contact), PERSON_FOUND);
    assert_string_equal(contact.email, "ADA@example.ORG");
    assert_string_equal(contact.name, "A. Lovelace");
    keys_close(keys);
}

static void the_same_contact_never_gives_the_same_bytes(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed first, second;
    seal(keys, "ada@example.org", "Ada", &first);
    seal(keys, "ada@example.org", "Ada", &second);
    assert_int_equal(first.contact_len, second.contact_len);
    assert_memory_not_equal(first.contact, second.contact, first.contact_len);
    seal(keys, "ada@example.org", "Augusta Ada King", &second); /* nor does the length tell */
    assert_int_equal(first.contact_len, second.contact_len);
    keys_close(keys);
}

static void each_single_bit_change_of_a_contact_is_refused(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed sealed, other;
    struct person_contact contact = {.name_len = 77};
    struct err err;
    seal(keys, "ada@example.org", "Ada", &sealed);
    seal(keys, "eve@example.org", "Eve", &other);
    commit(keys);
    for (size_t bit = 0; bit < sealed.contact_len * 8u; bit++) {
        sealed.contact[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(
            person_open(keys, sealed.person, person_sealed_contact(&sealed), &contact, &err) < 0);
        sealed.contact[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < sealed.contact_len; len++)
        assert_true(
            person_open(keys, sealed.person, slice_make(sealed.contact, len), &contact, &err) < 0);
    /* One person's contact is not another's. */
    assert_true(person_open(keys, other.person, person_sealed_contact(&sealed), &contact, &err) <
                0);
    assert_int_equal(contact.name_len, 77);
    keys_close(keys);
}

/* Whether any file of the folder has these bytes in it. */
static bool folder_has(const char *path, const void *bytes, size_t len)
{
    char folder[PATH_ROOM];
    snprintf(folder, sizeof folder, "%s", path); /* path_in reuses its places */
    bool found = false;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));) {
        FILE *file = fopen(path_in(folder, entry->d_name), "rb");
        struct stat st;
        if (!file || fstat(fileno(file), &st) || !S_ISREG(st.st_mode) || st.st_size == 0) {
            if (file)
                fclose(file);
            continue;
        }
        char *content = malloc((size_t)st.st_size);
        assert_non_null(content);
        size_t got = fread(content, 1, (size_t)st.st_size, file);
        found = found || memmem(content, got, bytes, len);
        free(content);
        fclose(file);
    }
    closedir(listing);
    return found;
}

/* The key of a person, read from the database as anybody who has the disk could. */
static void stolen_key(const char *folder, uint64_t person, uint8_t ret_key[32])
{
    sqlite3 *db = NULL;
    sqlite3_stmt *find = NULL;
    assert_int_equal(sqlite3_open(path_in(folder, "keys/keys.db"), &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT key FROM person WHERE id = ?1", -1, &find, NULL), SQLITE_OK);
    sqlite3_bind_int64(find, 1, (sqlite3_int64)person);
    assert_int_equal(sqlite3_step(find), SQLITE_ROW);
    assert_int_equal(sqlite3_column_bytes(find, 0), 32);
    memcpy(ret_key, sqlite3_column_blob(find, 0), 32);
    sqlite3_finalize(find);
    sqlite3_close(db);
}

static void an_erased_person_leaves_no_key_in_any_file(void **state)
{
    struct keys *keys = open_keys(*state);
    static struct person_sealed sealed[300];
    struct person_sealed again;
    struct person_contact contact;
    struct err err;
    uint8_t key[300][32];
    for (int i = 0; i < 300; i++) {
        char email[32];
        snprintf(email, sizeof email, "buyer%d@example.org", i);
        seal(keys, email, "Buyer", &sealed[i]);
        if (i % 7 == 0)
            commit(keys);
    }
    commit(keys);
    for (int i = 0; i < 299; i += 23)
        stolen_key(*state, sealed[i].person, key[i]);
    for (int i = 0; i < 299; i += 23) {
        assert_true(folder_has(path_in(*state, "keys"), key[i], 32));
        assert_int_equal(person_erase(keys, sealed[i].person, &err), 0);
        assert_false(folder_has(path_in(*state, "keys"), key[i], 32));
        assert_false(folder_has(path_in(*state, "keys"), sealed[i].email_hash.bytes, 16));
        assert_int_equal(reopen(keys, &sealed[i], &contact), PERSON_ERASED);
        assert_int_equal(person_erase(keys, sealed[i].person, &err), 0);
        assert_int_equal(reopen(keys, &sealed[i + 1], &contact), PERSON_FOUND);
    }
    seal(keys, "buyer0@example.org", "Buyer", &again);
    assert_int_not_equal(again.person, sealed[0].person);
    assert_false(again.durable);
    keys_close(keys);
    keys = open_keys(*state);
    assert_int_equal(reopen(keys, &sealed[23], &contact), PERSON_ERASED);
    assert_int_equal(reopen(keys, &sealed[24], &contact), PERSON_FOUND);
    keys_close(keys);
}

static void a_person_who_waits_for_the_disk_can_be_erased(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed first, second, third;
    struct person_contact contact;
    struct err err;
    seal(keys, "a@example.org", "", &first);
    seal(keys, "b@example.org", "", &second);
    seal(keys, "c@example.org", "", &third);
    assert_int_equal(person_erase(keys, second.person, &err), 0);
    commit(keys);
    assert_int_equal(reopen(keys, &first, &contact), PERSON_FOUND);
    assert_int_equal(reopen(keys, &second, &contact), PERSON_ERASED);
    assert_int_equal(reopen(keys, &third, &contact), PERSON_FOUND);
    keys_close(keys);
}

static void the_waiting_are_bounded_and_none_is_lost(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed sealed, last;
    struct person_contact contact;
    struct err err;
    char email[32];
    for (unsigned i = 0; i < LIMIT_PEOPLE_PENDING; i++) {
        snprintf(email, sizeof email, "buyer%u@example.org", i);
        seal(keys, email, "", i ? &last : &sealed);
    }
    assert_true(person_seal(keys, SLICE("more@example.org"), SLICE(""), &sealed, &err) < 0);
    assert_non_null(strstr(err.detail, "wait for the disk"));
    seal(keys, "buyer0@example.org", "", &sealed); /* known ones need no room */
    commit(keys);
    seal(keys, "more@example.org", "", &sealed);
    commit(keys);
    keys_close(keys);
    keys = open_keys(*state);
    assert_int_equal(reopen(keys, &last, &contact), PERSON_FOUND);
    assert_int_equal(reopen(keys, &sealed, &contact), PERSON_FOUND);
    keys_close(keys);
}

/* The disk takes no more: a file of this process may not grow. */
static void disk_full(bool full)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = full ? 4096 : limit.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_commit_that_fails_keeps_everybody_for_the_next(void **state)
{
    struct keys *keys = open_keys(*state);
    static struct person_sealed sealed[200];
    struct person_contact contact;
    struct ticket ticket = {.partition = 1};
    struct err err = {""};
    uint8_t token[TICKET_BYTES];
    for (int i = 0; i < 200; i++) {
        char email[32];
        snprintf(email, sizeof email, "buyer%d@example.org", i);
        seal(keys, email, "Buyer", &sealed[i]);
    }
    disk_full(true);
    assert_true(person_commit(keys, &err) < 0);
    assert_non_null(strstr(err.detail, "keys.db"));
    assert_true(person_commit(keys, &err) < 0);
    assert_true(ticket_sign(keys, &ticket, token, &err) < 0);
    assert_int_equal(reopen(keys, &sealed[0], &contact), PERSON_FOUND);
    disk_full(false);
    commit(keys);
    assert_int_equal(ticket_sign(keys, &ticket, token, &err), 0);
    keys_close(keys);
    keys = open_keys(*state);
    for (int i = 0; i < 200; i++)
        assert_int_equal(reopen(keys, &sealed[i], &contact), PERSON_FOUND);
    keys_close(keys);
}

static void what_is_no_address_or_name_is_not_sealed(void **state)
{
    struct keys *keys = open_keys(*state);
    struct person_sealed sealed = {.contact_len = 77};
    struct err err;
    char name[LIMIT_NAME_BYTES + 1], email[300];
    memset(name, 'n', sizeof name);
    memset(email, 'e', sizeof email);
    assert_true(person_seal(keys, SLICE("ada"), SLICE(""), &sealed, &err) < 0);
    assert_string_equal(err.detail, "the @ is missing");
    assert_true(person_seal(keys, SLICE("a@b"), slice_make(name, sizeof name), &sealed, &err) < 0);
    assert_string_equal(err.detail, "the name is longer than 200 bytes");
    assert_true(person_seal(keys, SLICE("a@b"), SLICE("A\nB"), &sealed, &err) < 0);
    assert_string_equal(err.detail, "the name has a control character");
    assert_true(person_seal(keys, SLICE("a@b"), SLICE("\xff"), &sealed, &err) < 0);
    assert_string_equal(err.detail, "the name is not valid UTF-8");
    assert_int_equal(sealed.contact_len, 77);
    /* The longest of both fit. */
    memcpy(email + 60, "@", 1);
    for (size_t i = 110; i < 254; i += 50)
        email[i] = '.';
    assert_int_equal(person_seal(keys, slice_make(email, 254), slice_make(name, LIMIT_NAME_BYTES),
                                 &sealed, &err),
                     0);
    assert_true(sealed.contact_len <= LIMIT_CONTACT_BYTES);
    struct person_contact contact;
    assert_int_equal(reopen(keys, &sealed, &contact), PERSON_FOUND);
    assert_int_equal(contact.email_len, 254);
    assert_int_equal(contact.name_len, LIMIT_NAME_BYTES);
    assert_memory_equal(contact.email, email, 254);
    keys_close(keys);
}

static void naughty_strings_come_back_whole_or_are_refused_with_a_reason(void **state)
{
    json_t *list = shared_json("naughty_strings/blns.json"), *item;
    struct keys *keys = open_keys(*state);
    size_t at, whole = 0, refused = 0;
    json_array_foreach(list, at, item)
    {
        struct slice text = slice_make(json_string_value(item), json_string_length(item));
        struct person_sealed sealed;
        struct person_contact contact;
        struct err err = {""};
        char email[400];
        int result = person_seal(keys, SLICE("ada@example.org"), text, &sealed, &err);
        const char *reason = NULL;
        assert_int_equal(result == 0, person_name_valid(text, &reason));
        if (result == 0) {
            assert_int_equal(reopen(keys, &sealed, &contact), PERSON_FOUND);
            assert_int_equal(contact.name_len, text.len);
            assert_memory_equal(contact.name, text.data ? text.data : "", text.len);
            whole++;
        } else {
            assert_string_equal(err.detail, reason);
            refused++;
        }
        if (text.len > 300)
            continue;
        memcpy(email, text.data, text.len);
        memcpy(email + text.len, "@example.org", 12);
        struct slice address = slice_make(email, text.len + 12);
        if (person_seal(keys, address, SLICE(""), &sealed, &err) == 0) {
            assert_int_equal(reopen(keys, &sealed, &contact), PERSON_FOUND);
            assert_true(
                slice_equal(slice_make(contact.email, contact.email_len), email_trim(address)));
        }
        if (at % 100 == 99)
            commit(keys);
    }
    print_message("# %zu names whole, %zu refused\n", whole, refused);
    assert_true(whole > 300);
    keys_close(keys);
    json_decref(list);
}

/* Threads seal and commit at once, with addresses that overlap: everybody is durable when his
 * commit returns, and each address is one person. */
enum { CROWD = 4, CROWD_EACH = 60, CROWD_ADDRESSES = 90 };

struct crowd {
    struct keys *keys;
    unsigned number;
    struct person_sealed sealed[CROWD_EACH];
    unsigned failures;
};

static void *crowd_run(void *argument)
{
    struct crowd *crowd = argument;
    for (unsigned i = 0; i < CROWD_EACH; i++) {
        char email[32];
        struct person_contact contact;
        struct person_sealed *sealed = &crowd->sealed[i];
        snprintf(email, sizeof email, "b%u@x.org", (crowd->number * 29 + i) % CROWD_ADDRESSES);
        if (person_seal(crowd->keys, slice_from_string(email), SLICE("B"), sealed, NULL) ||
            (!sealed->durable && person_commit(crowd->keys, NULL)) ||
            person_open(crowd->keys, sealed->person, person_sealed_contact(sealed), &contact,
                        NULL) != PERSON_FOUND)
            crowd->failures++;
    }
    return NULL;
}

static void many_threads_share_commits_and_people(void **state)
{
    static struct crowd crowds[CROWD];
    pthread_t threads[CROWD];
    struct keys *keys = open_keys(*state);
    for (unsigned i = 0; i < CROWD; i++) {
        crowds[i] = (struct crowd){.keys = keys, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_run, &crowds[i]), 0);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(crowds[i].failures, 0);
    }
    keys_close(keys);
    keys = open_keys(*state);
    uint64_t people[CROWD_ADDRESSES] = {0};
    for (unsigned i = 0; i < CROWD; i++) {
        for (unsigned k = 0; k < CROWD_EACH; k++) {
            struct person_contact contact;
            uint64_t *person = &people[(i * 29 + k) % CROWD_ADDRESSES];
            assert_int_equal(reopen(keys, &crowds[i].sealed[k], &contact), PERSON_FOUND);
            if (*person == 0)
                *person = crowds[i].sealed[k].person;
            assert_int_equal(*person, crowds[i].sealed[k].person);
        }
    }
    keys_close(keys);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_sealed_contact_opens_again_also_after_a_restart),
        WITH_FOLDER(a_person_never_committed_is_gone_after_a_restart),
        WITH_FOLDER(tags_make_other_people_who_share_one_limit),
        WITH_FOLDER(one_address_is_one_person_however_it_is_spelt),
        WITH_FOLDER(the_same_contact_never_gives_the_same_bytes),
        WITH_FOLDER(each_single_bit_change_of_a_contact_is_refused),
        WITH_FOLDER(an_erased_person_leaves_no_key_in_any_file),
        WITH_FOLDER(a_person_who_waits_for_the_disk_can_be_erased),
        WITH_FOLDER(the_waiting_are_bounded_and_none_is_lost),
        WITH_FOLDER(a_commit_that_fails_keeps_everybody_for_the_next),
        WITH_FOLDER(what_is_no_address_or_name_is_not_sealed),
        WITH_FOLDER(naughty_strings_come_back_whole_or_are_refused_with_a_reason),
        WITH_FOLDER(many_threads_share_commits_and_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
