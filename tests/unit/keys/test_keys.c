#include "unit/keys/support.h"

#include "keys/keys.h"

#include <fcntl.h>

static const char *const secret_files[] = {"keys/session.key", "keys/email.key", "keys/queue.key",
                                           "keys/keys.db"};

static void open_or_fail(const char *dir, struct keys **ret_keys)
{
    struct err err;
    if (keys_open(dir, ret_keys, &err))
        fail_msg("%s", err.detail);
}

/* keys_open must fail with a detail that has `part` in it and leave *ret alone. */
static void expect_refusal(const char *dir, const char *part)
{
    struct keys *untouched = (struct keys *)(uintptr_t)16, *keys = untouched;
    struct err err = {""};
    assert_true(keys_open(dir, &keys, &err) < 0);
    assert_ptr_equal(keys, untouched);
    if (!strstr(err.detail, part))
        fail_msg("\"%s\" does not say \"%s\"", err.detail, part);
}

static void everything_made_is_for_its_owner_only(void **state)
{
    struct keys *keys = NULL;
    struct stat st;
    const char *dir = path_in(*state, "keys");
    mode_t mask = umask(0);
    open_or_fail(dir, &keys);
    umask(mask);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    char command[PATH_ROOM * 2];
    snprintf(command, sizeof command, "test -z \"$(find '%s' -type f ! -perm 600)\"", dir);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "test $(find '%s' -type f -name '*.*' | wc -l) -ge 3", dir);
    assert_int_equal(system(command), 0);
    keys_close(keys);
}

static void a_narrow_umask_does_not_lock_the_owner_out(void **state)
{
    struct keys *keys = NULL;
    assert_int_equal(mkdir(path_in(*state, "keys"), 0700), 0);
    mode_t mask = umask(0277);
    open_or_fail(path_in(*state, "keys"), &keys);
    umask(mask);
    keys_close(keys);
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
}

static void the_second_start_finds_the_same_secrets(void **state)
{
    struct keys *keys = NULL;
    uint8_t first[32], second[32];
    for (int i = 0; i < 2; i++) {
        open_or_fail(path_in(*state, "keys"), &keys);
        keys_close(keys);
        FILE *file = fopen(path_in(*state, "keys/session.key"), "rb");
        assert_non_null(file);
        assert_int_equal(fread(i ? second : first, 1, 32, file), 32);
        assert_int_equal(fgetc(file), EOF);
        fclose(file);
    }
    assert_memory_equal(first, second, 32);
}

static void what_others_may_read_is_refused_by_name(void **state)
{
    struct keys *keys = NULL;
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
    for (size_t i = 0; i < 4; i++) {
        for (unsigned bit = 1; bit <= 040; bit <<= 1) {
            assert_int_equal(chmod(path_in(*state, secret_files[i]), (mode_t)(0600 | bit)), 0);
            expect_refusal(path_in(*state, "keys"), secret_files[i]);
        }
        assert_int_equal(chmod(path_in(*state, secret_files[i]), 0600), 0);
    }
    assert_int_equal(chmod(path_in(*state, "keys"), 0750), 0);
    expect_refusal(path_in(*state, "keys"), "mode 0750");
    assert_int_equal(chmod(path_in(*state, "keys"), 0700), 0);
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
}

static void a_secret_of_the_wrong_size_is_refused(void **state)
{
    struct keys *keys = NULL;
    for (size_t i = 0; i < 3; i++) {
        open_or_fail(path_in(*state, "keys"), &keys);
        keys_close(keys);
        assert_int_equal(truncate(path_in(*state, secret_files[i]), 31), 0);
        expect_refusal(path_in(*state, "keys"), "31 bytes");
        assert_int_equal(truncate(path_in(*state, secret_files[i]), 32), 0);
    }
}

static void a_link_in_place_of_a_secret_is_refused(void **state)
{
    struct keys *keys = NULL;
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
    const char *path = path_in(*state, "keys/session.key");
    assert_int_equal(rename(path, path_in(*state, "elsewhere")), 0);
    assert_int_equal(symlink("../elsewhere", path), 0);
    expect_refusal(path_in(*state, "keys"), "session.key");
    assert_int_equal(symlink("keys", path_in(*state, "linked")), 0);
    expect_refusal(path_in(*state, "linked"), "linked");
}

static void a_lost_email_key_is_not_replaced_silently(void **state)
{
    struct keys *keys = NULL;
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
    assert_int_equal(unlink(path_in(*state, "keys/email.key")), 0);
    expect_refusal(path_in(*state, "keys"), "email.key");
    assert_int_equal(access(path_in(*state, "keys/email.key"), F_OK), -1);
}

static void a_damaged_database_is_refused(void **state)
{
    struct keys *keys = NULL;
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
    FILE *file = fopen(path_in(*state, "keys/keys.db"), "r+b");
    assert_non_null(file);
    for (int i = 0; i < 64; i++)
        fputs("this is no database ", file);
    fclose(file);
    expect_refusal(path_in(*state, "keys"), "keys.db");
}

static void a_folder_that_cannot_be_is_refused(void **state)
{
    expect_refusal("", "empty");
    expect_refusal(path_in(*state, "no/such/parent"), "cannot be made");
    FILE *file = fopen(path_in(*state, "plain"), "w");
    assert_non_null(file);
    fclose(file);
    expect_refusal(path_in(*state, "plain"), "folder");
}

static void a_second_process_is_told_that_the_first_is_there(void **state)
{
    struct keys *keys = NULL;
    open_or_fail(path_in(*state, "keys"), &keys);
    expect_refusal(path_in(*state, "keys"), "in use");
    keys_close(keys);
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
}

static void a_draft_left_by_a_crash_is_in_nobodys_way(void **state)
{
    struct keys *keys = NULL;
    assert_int_equal(mkdir(path_in(*state, "keys"), 0700), 0);
    int fd = open(path_in(*state, "keys/session.key.0123456789abcdef"), O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    fd = open(path_in(*state, "keys/keys.db"), O_CREAT | O_WRONLY, 0600); /* made, never filled */
    assert_true(fd >= 0);
    close(fd);
    expect_refusal(path_in(*state, "keys"), "email.key");
    assert_int_equal(unlink(path_in(*state, "keys/keys.db")), 0);
    open_or_fail(path_in(*state, "keys"), &keys);
    keys_close(keys);
}

static void equal_texts_and_no_others_are_equal(void **state)
{
    (void)state;
    assert_true(keys_constant_equal(SLICE("secret"), SLICE("secret")));
    assert_true(keys_constant_equal(SLICE(""), slice_make(NULL, 0)));
    assert_false(keys_constant_equal(SLICE("secret"), SLICE("secres")));
    assert_false(keys_constant_equal(SLICE("secret"), SLICE("secre")));
    assert_false(keys_constant_equal(SLICE("secret"), SLICE("secret\0")));
    assert_false(keys_constant_equal(SLICE("secret"), SLICE("")));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(everything_made_is_for_its_owner_only),
        WITH_FOLDER(a_narrow_umask_does_not_lock_the_owner_out),
        WITH_FOLDER(the_second_start_finds_the_same_secrets),
        WITH_FOLDER(what_others_may_read_is_refused_by_name),
        WITH_FOLDER(a_secret_of_the_wrong_size_is_refused),
        WITH_FOLDER(a_link_in_place_of_a_secret_is_refused),
        WITH_FOLDER(a_lost_email_key_is_not_replaced_silently),
        WITH_FOLDER(a_damaged_database_is_refused),
        WITH_FOLDER(a_folder_that_cannot_be_is_refused),
        WITH_FOLDER(a_second_process_is_told_that_the_first_is_there),
        WITH_FOLDER(a_draft_left_by_a_crash_is_in_nobodys_way),
        cmocka_unit_test(equal_texts_and_no_others_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
