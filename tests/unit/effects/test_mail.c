#include "unit/keys/support.h"

#include "effects/mail.h"
#include "keys/email.h"

#include <dirent.h>

#define DATE_US 1812954600000000ull /* 2027-06-14T06:30:00Z */

static struct mail_message sample(void)
{
    return (struct mail_message){.id = SLICE("ord_0123456789abcdefghjkmnpqrs"),
                                 .to = SLICE("ada@example.org"),
                                 .to_name = SLICE("Ada Lovelace"),
                                 .subject = SLICE("Your tickets: Metal Night"),
                                 .text = SLICE("Hello Ada,\n\nthey are yours.\n"),
                                 .date_us = DATE_US};
}

static void format(const struct mail_message *message, struct buf *out)
{
    struct err err;
    if (mail_format(message, out, &err))
        fail_msg("%s", err.detail);
}

static void a_plain_message_is_the_known_text(void **state)
{
    (void)state;
    struct mail_message message = sample();
    BUF_AUTO struct buf out = BUF_INIT;
    format(&message, &out);
    buf_append_char(&out, '\0');
    assert_string_equal(out.data, "From: \"Onsale\" <tickets@onsale.invalid>\r\n"
                                  "To: \"Ada Lovelace\"\r\n"
                                  " <ada@example.org>\r\n"
                                  "Subject: Your tickets: Metal Night\r\n"
                                  "Date: Mon, 14 Jun 2027 06:30:00 +0000\r\n"
                                  "Message-ID: <ord_0123456789abcdefghjkmnpqrs@onsale.invalid>\r\n"
                                  "Auto-Submitted: auto-generated\r\n"
                                  "MIME-Version: 1.0\r\n"
                                  "Content-Type: text/plain; charset=utf-8\r\n"
                                  "Content-Transfer-Encoding: quoted-printable\r\n"
                                  "\r\n"
                                  "Hello Ada,\r\n\r\nthey are yours.\r\n");
}

/* RFC 5322 2.1.1 and 2047 2 on every line, and exactly the headers that mail_format writes. */
static void check_form(struct slice mail)
{
    static const char *const names[] = {
        "From: ",         "To: ",           "Subject: ",
        "Date: ",         "Message-ID: ",   "Auto-Submitted: ",
        "MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};
    size_t headers = 0;
    bool body = false;
    for (size_t at = 0; at < mail.len;) {
        const char *end = memmem(mail.data + at, mail.len - at, "\r\n", 2);
        assert_non_null(end);
        struct slice line = {mail.data + at, (size_t)(end - mail.data) - at};
        assert_true(line.len <= (body ? 76 : 300));
        if (body && line.len) /* blanks at a line's end get lost on the way */
            assert_true(line.data[line.len - 1] != ' ' && line.data[line.len - 1] != '\t');
        for (size_t i = 0; i < line.len; i++) {
            unsigned char c = (unsigned char)line.data[i];
            assert_true(c == '\t' || (c >= 0x20 && c != 0x7f));
            assert_true(!body || c < 0x7f);
        }
        if (!body && line.len == 0) {
            body = true;
        } else if (!body && line.data[0] != ' ') {
            assert_true(headers < 9);
            assert_true(slice_starts_with(line, slice_from_string(names[headers])));
            headers++;
        }
        at = (size_t)(end - mail.data) + 2;
    }
    assert_true(body);
    assert_int_equal(headers, 9);
}

static json_t *parsed(const struct buf *out)
{
    json_error_t error;
    json_t *root = json_loadb(out->data, out->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!root)
        fail_msg("%s in %.*s", error.text, SLICE_ARG(buf_slice(out)));
    return root;
}

/* Writes the message and reads it back: the caller owns the object. */
static json_t *there_and_back(const char *dir, const struct mail_message *message)
{
    BUF_AUTO struct buf raw = BUF_INIT, out = BUF_INIT;
    struct json j;
    struct err err;
    if (mail_write(dir, message, &err))
        fail_msg("%s", err.detail);
    assert_int_equal(mailbox_read_raw(dir, message->id, &raw, &err), 0);
    check_form(buf_slice(&raw));
    json_begin(&j, &out);
    assert_int_equal(mailbox_read(dir, message->id, &j, NULL, &err), 0);
    return parsed(&out);
}

static void expect_text(const json_t *object, const char *key, struct slice right)
{
    struct slice is = json_slice(object, key);
    if (!slice_equal(is, right))
        fail_msg("%s is \"%.*s\", not \"%.*s\"", key, SLICE_ARG(is), SLICE_ARG(right));
}

static void what_is_written_is_read_back(void **state)
{
    struct mail_message message = sample();
    message.to = SLICE("j\xc3\xbcrgen@example.org");
    message.to_name = SLICE("J\xc3\xbcrgen \"Jojo\" O'Neil \\ Sons <x@y> \xf0\x9f\x8e\xab");
    message.subject =
        SLICE("Ihre Karten: Blo\xc3\x9f nicht =?UTF-8?Q?=0D=0A?= verpassen_jetzt, ein "
              "sehr langer Name f\xc3\xbcr einen Abend mit vielen W\xc3\xb6rtern");
    message.text =
        SLICE("Gr\xc3\xbc\xc3\x9f Gott,\n\n=3D is not =\n trailing blank \nand tab\t\n."
              "\nFrom here\n0123456789012345678901234567890123456789012345678901234567890"
              "123456789 and on and \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\r and \x01\n");
    json_t *mail = there_and_back(path_in(*state, "mailbox"), &message);
    expect_text(mail, "id", message.id);
    expect_text(mail, "to", message.to);
    expect_text(mail, "to_name", message.to_name);
    expect_text(mail, "subject", message.subject);
    expect_text(mail, "date", SLICE("2027-06-14T06:30:00.000Z"));
    expect_text(mail, "text", message.text);
    json_decref(mail);
}

static void nothing_in_a_name_or_subject_becomes_a_header(void **state)
{
    struct mail_message message = sample();
    message.to_name = SLICE("Ada\r\nBcc: eve@example.org");
    message.subject = SLICE("Tickets\r\n\r\n<html>\nX: y\r");
    json_t *mail = there_and_back(path_in(*state, "mailbox"), &message);
    expect_text(mail, "to_name", SLICE("Ada  Bcc: eve@example.org"));
    expect_text(mail, "subject", SLICE("Tickets    <html> X: y "));
    json_decref(mail);
}

static void what_cannot_be_a_mail_is_refused(void **state)
{
    (void)state;
    static char long_text[MAIL_TEXT_MAX + 1];
    memset(long_text, 'x', sizeof long_text);
    struct mail_message rows[12];
    for (size_t i = 0; i < 12; i++)
        rows[i] = sample();
    rows[0].id = SLICE("");
    rows[1].id = SLICE("../../etc/passwd");
    rows[2].id = SLICE("ORD");
    rows[3].id = slice_make(long_text, MAIL_ID_MAX + 1);
    rows[4].to = SLICE("ada");
    rows[5].to = SLICE("ada@example.org>\r\nBcc: <eve@example.org");
    rows[6].subject = slice_make(long_text, MAIL_SUBJECT_MAX + 1);
    rows[7].text = slice_make(long_text, sizeof long_text);
    rows[8].subject = SLICE("\xff");
    rows[9].to_name = SLICE("\xc3");
    rows[10].text = SLICE("\xed\xa0\x80");
    rows[11].id = SLICE("a\0b");
    for (size_t i = 0; i < 12; i++) {
        BUF_AUTO struct buf out = BUF_INIT;
        struct err err = {""};
        if (mail_format(&rows[i], &out, &err) >= 0 || out.len || !err.detail[0])
            fail_msg("row %zu", i);
    }
}

static size_t count_files(const char *dir)
{
    size_t count = 0;
    DIR *listing = opendir(dir);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));)
        count += entry->d_name[0] != '.' || entry->d_name[1] == 'd';
    closedir(listing);
    return count;
}

static void writing_twice_leaves_the_first_file_alone(void **state)
{
    struct mail_message message = sample();
    char dir[PATH_ROOM];
    struct stat st;
    struct err err;
    snprintf(dir, sizeof dir, "%s/mailbox", (const char *)*state);
    assert_int_equal(mail_write(dir, &message, &err), 0);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    message.subject = SLICE("Another subject");
    json_t *mail = there_and_back(dir, &message);
    expect_text(mail, "subject", SLICE("Your tickets: Metal Night"));
    json_decref(mail);
    assert_int_equal(count_files(dir), 1); /* drafts (.draft-...) are counted too */
}

static void the_list_shows_the_newest_first_and_is_bounded(void **state)
{
    char dir[PATH_ROOM], id[16];
    struct err err;
    snprintf(dir, sizeof dir, "%s/mailbox", (const char *)*state);
    for (unsigned i = 0; i < MAILBOX_LIST_MAX + 10; i++) {
        struct mail_message message = sample();
        message.id = slice_make(id, (size_t)snprintf(id, sizeof id, "m%u", i));
        assert_int_equal(mail_write(dir, &message, &err), 0);
        struct timespec times[2] = {{1000 + (time_t)(i * 37 % 211), 0},
                                    {1000 + (time_t)(i * 37 % 211), 0}};
        char name[32];
        snprintf(name, sizeof name, "%s.eml", id);
        assert_int_equal(utimensat(-1, path_in(dir, name), times, 0), 0);
    }
    FILE *stranger = fopen(path_in(dir, "README"), "w");
    assert_non_null(stranger);
    fclose(stranger);
    assert_int_equal(symlink("/etc/passwd", path_in(dir, "link.eml")), 0);
    assert_int_equal(mkdir(path_in(dir, "folder.eml"), 0700), 0);
    for (size_t limit = 0; limit <= 1000; limit = limit * 5 + 1) {
        BUF_AUTO struct buf out = BUF_INIT;
        struct json j;
        size_t expected = limit < MAILBOX_LIST_MAX ? limit : MAILBOX_LIST_MAX, at;
        json_t *item;
        unsigned before = 211;
        json_begin(&j, &out);
        json_put_object(&j, NULL);
        assert_int_equal(mailbox_list(dir, limit, &j, "items", &err), 0);
        json_end(&j);
        json_t *root = parsed(&out);
        assert_int_equal(json_array_size(json_object_get(root, "items")), expected);
        json_array_foreach(json_object_get(root, "items"), at, item)
        {
            unsigned i = (unsigned)atoi(json_slice(item, "id").data + 1);
            assert_true(i * 37 % 211 < before);
            before = i * 37 % 211;
            expect_text(item, "to", SLICE("ada@example.org"));
            expect_text(item, "subject", SLICE("Your tickets: Metal Night"));
            expect_text(item, "date", SLICE("2027-06-14T06:30:00.000Z"));
        }
        json_decref(root);
    }
}

static void a_mailbox_that_is_not_there_is_empty(void **state)
{
    BUF_AUTO struct buf out = BUF_INIT;
    struct json j;
    struct err err;
    json_begin(&j, &out);
    assert_int_equal(mailbox_list(path_in(*state, "none"), 10, &j, NULL, &err), 0);
    assert_true(slice_equal(buf_slice(&out), SLICE("[]")));
    assert_int_equal(mailbox_read(path_in(*state, "none"), SLICE("m1"), &j, NULL, &err), 1);
}

static void an_id_from_outside_reaches_no_other_file(void **state)
{
    static const struct slice ids[] = {SLICE(""),         SLICE("../secret"), SLICE("."),
                                       SLICE("secret\0"), SLICE("link"),      SLICE("nobody")};
    BUF_AUTO struct buf out = BUF_INIT;
    struct mail_message message = sample();
    char dir[PATH_ROOM];
    struct err err;
    snprintf(dir, sizeof dir, "%s/mailbox", (const char *)*state);
    assert_int_equal(mail_write(dir, &message, &err), 0);
    FILE *secret = fopen(path_in(*state, "secret.eml"), "w");
    assert_non_null(secret);
    fputs("secret", secret);
    fclose(secret);
    assert_int_equal(symlink("../secret.eml", path_in(dir, "link.eml")), 0);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_int_equal(mailbox_read_raw(dir, ids[i], &out, &err), 1);
    assert_int_equal(out.len, 0);
}

static void a_foreign_or_broken_file_is_shown_as_far_as_understood(void **state)
{
    static const char *const files[] = {"",
                                        "\r\n\r\n",
                                        "Subject: =?UTF-8?Q?=C3",
                                        "Subject: =?UTF-8?Q?=C3=?=",
                                        "To: <",
                                        "To: \"a\\\" <b>",
                                        "Date: Mon, 99 Foo 0 0:0:0",
                                        "Subject: x\n y\n\nbody",
                                        "To: >\r\nSubject:  =?UTF-8?Q?"
                                        "?= =?UTF-8?Q?a?=\r\n\r\n=",
                                        "Subject: \xff\r\n\r\n=4"};
    assert_int_equal(mkdir(path_in(*state, "mailbox"), 0700), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        BUF_AUTO struct buf out = BUF_INIT;
        struct json j;
        struct err err;
        FILE *file = fopen(path_in(*state, "mailbox/m.eml"), "w");
        assert_non_null(file);
        fputs(files[i], file);
        fclose(file);
        json_begin(&j, &out);
        assert_int_equal(mailbox_read(path_in(*state, "mailbox"), SLICE("m"), &j, NULL, &err), 0);
        json_decref(parsed(&out));
        buf_clear(&out);
        json_begin(&j, &out);
        assert_int_equal(mailbox_list(path_in(*state, "mailbox"), 5, &j, NULL, &err), 0);
        json_decref(parsed(&out));
    }
}

static void naughty_strings_go_through_or_are_refused(void **state)
{
    json_t *list = shared_json("naughty_strings/blns.json"), *item;
    size_t at, whole = 0;
    char dir[PATH_ROOM], id[16];
    snprintf(dir, sizeof dir, "%s/mailbox", (const char *)*state);
    json_array_foreach(list, at, item)
    {
        struct mail_message message = sample();
        struct slice text = slice_make(json_string_value(item), json_string_length(item));
        message.id = slice_make(id, (size_t)snprintf(id, sizeof id, "n%zu", at));
        message.text = text;
        message.subject = text.len <= MAIL_SUBJECT_MAX ? text : message.subject;
        message.to_name = message.subject;
        BUF_AUTO struct buf line = BUF_INIT, body = BUF_INIT;
        for (size_t i = 0; i < message.subject.len; i++) {
            unsigned char c = (unsigned char)message.subject.data[i];
            buf_append_char(&line, c < 0x20 || c == 0x7f ? ' ' : (char)c);
        }
        buf_append_slice(&body, text);
        if (text.len && text.data[text.len - 1] != '\n')
            buf_append_char(&body, '\n'); /* a last line without its end gets one */
        json_t *mail = there_and_back(dir, &message);
        expect_text(mail, "subject", buf_slice(&line));
        expect_text(mail, "to_name", buf_slice(&line));
        expect_text(mail, "text", buf_slice(&body));
        json_decref(mail);
        whole++;
    }
    print_message("# %zu strings whole\n", whole);
    json_decref(list);
}

static void a_mail_with_marks_is_read_back_in_both_forms(void **state)
{
    const char *dir = path_in(*state, "mailbox");
    struct mail_message message = sample();
    BUF_AUTO struct buf out = BUF_INIT;
    struct json j;
    struct err err;
    message.text = SLICE("Content-Type: text/html; = --=_onsale\n\n--=_onsale\nlast line\n");
    message.html = SLICE("<p>caf\xc3\xa9 --=_onsale--</p>\n");
    assert_int_equal(mail_write(dir, &message, &err), 0);
    json_begin(&j, &out);
    assert_int_equal(mailbox_read(dir, message.id, &j, NULL, &err), 0);
    json_t *mail = parsed(&out);
    expect_text(mail, "text", message.text);
    expect_text(mail, "html", message.html);
    json_decref(mail);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_message_is_the_known_text),
        WITH_FOLDER(what_is_written_is_read_back),
        WITH_FOLDER(nothing_in_a_name_or_subject_becomes_a_header),
        cmocka_unit_test(what_cannot_be_a_mail_is_refused),
        WITH_FOLDER(writing_twice_leaves_the_first_file_alone),
        WITH_FOLDER(the_list_shows_the_newest_first_and_is_bounded),
        WITH_FOLDER(a_mailbox_that_is_not_there_is_empty),
        WITH_FOLDER(an_id_from_outside_reaches_no_other_file),
        WITH_FOLDER(a_foreign_or_broken_file_is_shown_as_far_as_understood),
        WITH_FOLDER(naughty_strings_go_through_or_are_refused),
        WITH_FOLDER(a_mail_with_marks_is_read_back_in_both_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
