/* `onsale plan` as people call it: exit codes and files. */
#include "support.h"

#include "plan/cli.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/onsale-plan-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void read_text(const char *name, char text[4096])
{
    FILE *file = fopen(path_of(name), "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, 4095, file);
    text[len] = '\0';
    assert_int_equal(fclose(file), 0);
}

/* Runs the command in the folder with its output in "out" and "err". */
static int run(const char *words)
{
    char copy[512], *argv[16];
    int argc = 0;
    (void)snprintf(copy, sizeof copy, "%s", words);
    for (char *save, *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    argv[argc] = NULL;
    (void)fflush(NULL);
    int old[2] = {dup(1), dup(2)};
    const char *const names[2] = {"out", "err"};
    for (int i = 0; i < 2; i++) {
        int file = open(path_of(names[i]), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_true(file >= 0 && dup2(file, i + 1) >= 0);
        (void)close(file);
    }
    assert_int_equal(chdir(folder), 0);
    int code = plan_cli(argc, argv);
    (void)fflush(NULL);
    for (int i = 0; i < 2; i++) {
        assert_true(dup2(old[i], i + 1) >= 0);
        (void)close(old[i]);
    }
    return code;
}

#define PLAN(guid)                                                                       \
    "{\"name\":\"P\",\"size\":{\"width\":9,\"height\":9},\"x_stage\":{\"x\":1,\"y\":1}," \
    "\"categories\":[{\"name\":\"A\"},{\"name\":\"B\"}],\"zones\":[{\"name\":\"Z\","     \
    "\"position\":{\"x\":0,\"y\":0},\"rows\":[{\"row_number\":\"1\",\"seats\":["         \
    "{\"seat_guid\":\"a\",\"seat_number\":\"1\",\"position\":{\"x\":0,\"y\":0},"         \
    "\"category\":\"A\"},{\"seat_guid\":\"" guid                                         \
    "\",\"seat_number\":\"2\",\"position\":{\"x\":5,\"y\":0},\"category\":\"B\"}]}]}]}"

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    write_text("good.json", PLAN("b"));
    write_text("twice.json", PLAN("a"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"good.json", "twice.json", "out", "err", "new.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)unlink(path_of(names[i]));
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void check_counts_seats_by_section_and_category(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(run("check good.json"), 0);
    read_text("out", text);
    assert_string_equal(text, "P: 2 seats, 1 section, 1 row, 2 categories\n"
                              "  category A: 1\n"
                              "  category B: 1\n"
                              "  section Z: 1 A, 1 B\n");
    read_text("err", text);
    assert_string_equal(text, "");
}

static void check_names_the_culprits_and_fails(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(run("check twice.json"), 1);
    read_text("err", text);
    assert_string_equal(text, "zone \"Z\" row \"1\" seat \"2\": seat_guid \"a\" was already used "
                              "by zone \"Z\" row \"1\" seat \"1\"\n"
                              "onsale plan: twice.json: the plan has 1 problem\n");
    read_text("out", text);
    assert_string_equal(text, "");
}

static void renumbering_is_told_and_done(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(run("import twice.json --renumber -o new.json"), 0);
    read_text("err", text);
    assert_string_equal(text, "zone \"Z\" row \"1\" seat \"2\": seat_guid \"a\" was repeated and "
                              "is now \"a-2\"\n");
    assert_int_equal(run("check new.json"), 0);
    read_text("new.json", text);
    assert_non_null(strstr(text, "\"x_stage\""));
    assert_int_equal(run("import twice.json --renumber --plain -o new.json"), 0);
    read_text("new.json", text);
    assert_null(strstr(text, "\"x_stage\""));
}

static void import_writes_what_it_can_read_again(void **state)
{
    (void)state;
    char first[4096], second[4096];
    assert_int_equal(run("import good.json -o new.json"), 0);
    read_text("new.json", first);
    assert_int_equal(run("import new.json"), 0);
    read_text("out", second);
    assert_string_equal(first, second);
}

static void wrong_usage_is_told_with_code_2(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "check",
                                        "import",
                                        "draw good.json",
                                        "check good.json more.json",
                                        "check good.json --fast",
                                        "check good.json -o new.json",
                                        "import good.json -o"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[4096];
        assert_int_equal(run(wrong[i]), 2);
        read_text("err", text);
        assert_true(strlen(text) > 0);
    }
    assert_int_equal(run("--help"), 0);
}

static void a_file_that_cannot_be_opened_is_named(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(run("check nothing.json"), 1);
    read_text("err", text);
    assert_string_equal(text, "onsale plan: cannot open nothing.json: No such file or directory\n");
    assert_int_equal(run("import good.json -o no/such/folder"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_counts_seats_by_section_and_category),
        cmocka_unit_test(check_names_the_culprits_and_fails),
        cmocka_unit_test(renumbering_is_told_and_done),
        cmocka_unit_test(import_writes_what_it_can_read_again),
        cmocka_unit_test(wrong_usage_is_told_with_code_2),
        cmocka_unit_test(a_file_that_cannot_be_opened_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
