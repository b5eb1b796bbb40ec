#include "unit/http/loopback.h"

#include "http/static.h"
#include "unit/files.h"

#include <sys/stat.h>

#define H "Host: a.example\r\n"

static struct loopback loopback;
static struct static_files *files;
static char folder[FOLDER_ROOM];

static void fallback(struct http_exchange *x)
{
    if (static_answer(files, x, http_path(x)))
        return;
    http_answer_problem(x, 404, "not_found", "Not Found", SLICE("none"), slice_make(NULL, 0), 0);
}

static void write_file(const char *name, const char *text)
{
    char path[FOLDER_ROOM + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    (void)state;
    make_folder(folder);
    char path[FOLDER_ROOM + 64], target[FOLDER_ROOM + 64];
    static const char *const folders[] = {"assets", "help", ".git", "outside"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    write_file("index.html", "<index>");
    write_file("index.html.gz", "gzipped");
    write_file("index.html.br", "brotli!");
    write_file("help/index.html", "<help>");
    write_file("assets/app-3f9A1c2e.js", "app()");
    write_file("assets/some-document.js", "doc()");
    write_file("assets/only.css", "css");
    write_file("assets/only.css.gz", "css-gz");
    write_file("a b\xc3\xa4.txt", "blank");
    write_file(".hidden", "secret");
    write_file(".git/config", "secret");
    write_file("alone.gz", "no plain one");
    snprintf(path, sizeof path, "%s/link.txt", folder);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof path, "%s/linked", folder);
    snprintf(target, sizeof target, "%s/help", folder);
    assert_int_equal(symlink(target, path), 0);
    static const struct static_header headers[] = {
        {"Content-Security-Policy", "default-src 'self'"}};
    const struct static_options options = {folder, headers, 1};
    struct err err;
    if (static_create(&options, &files, &err) < 0)
        fail_msg("%s", err.detail);
    const struct http_options server = {.fallback = fallback};
    loopback_start(&loopback, &server);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loopback_stop(&loopback);
    static_destroy(files);
    static_destroy(NULL);
    remove_folder(folder);
    return 0;
}

static char *ask(const char *method, const char *path, const char *fields)
{
    static char answer[65536];
    char request[8192];
    int fd = client_open(&loopback);
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\n" H "Connection: close\r\n%s\r\n", method,
             path, fields);
    client_send(&loopback, fd, request);
    size_t len;
    char *got = client_read(&loopback, fd, NULL, 0, &len);
    assert_true(len < sizeof answer);
    memcpy(answer, got, len + 1);
    close(fd);
    return answer;
}

static const char *body(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : "(no end of header)";
}

static void files_are_served_with_type_and_caching(void **state)
{
    (void)state;
    assert_int_equal(static_count(files), 7);
    char *a = ask("GET", "/", "");
    assert_string_equal(body(a), "<index>");
    assert_non_null(strstr(a, "\r\nContent-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(a, "\r\nCache-Control: no-cache\r\n"));
    assert_non_null(strstr(a, "\r\nVary: Accept-Encoding\r\n"));
    assert_non_null(strstr(a, "\r\nContent-Security-Policy: default-src 'self'\r\n"));
    assert_non_null(strstr(a, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_string_equal(body(ask("GET", "/help/", "")), "<help>");
    a = ask("GET", "/assets/app-3f9A1c2e.js", "");
    assert_string_equal(body(a), "app()");
    assert_non_null(strstr(a, "\r\nCache-Control: public, max-age=31536000, immutable\r\n"));
    assert_null(strstr(a, "\r\nVary:"));
    assert_non_null(strstr(ask("GET", "/assets/some-document.js", ""), "no-cache"));
    assert_string_equal(body(ask("GET", "/a%20b%C3%A4.txt", "")), "blank");
    assert_string_equal(body(ask("GET", "/alone.gz", "")), "no plain one");
    a = ask("HEAD", "/", "");
    assert_string_equal(body(a), "");
    assert_non_null(strstr(a, "\r\nContent-Length: 7\r\n"));
}

static void what_was_not_found_at_start_does_not_exist(void **state)
{
    (void)state;
    write_file("late.txt", "late");
    static const char *const paths[] = {"/late.txt",
                                        "/link.txt",
                                        "/linked/index.html",
                                        "/.hidden",
                                        "/.git/config",
                                        "/../../etc/passwd",
                                        "/help/../index.html",
                                        "/..%2f..%2fetc/passwd",
                                        "/%2e%2e/%2e%2e/etc/passwd",
                                        "//index.html",
                                        "/index.html/",
                                        "/index.html.br",
                                        "/help",
                                        "/index.html%00",
                                        "/%",
                                        "/assets",
                                        "/index.htm"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char *a = ask("GET", paths[i], "");
        if (strncmp(a, "HTTP/1.1 404 ", 13) != 0)
            fail_msg("%s: %.60s", paths[i], a);
    }
    assert_non_null(strstr(ask("POST", "/index.html", ""), "HTTP/1.1 404 "));
}

static void the_coding_is_chosen_by_weight(void **state)
{
    (void)state;
    static const struct {
        const char *accept, *body;
    } table[] = {
        {"", "<index>"},
        {"gzip", "gzipped"},
        {"br", "brotli!"},
        {"gzip, deflate, br, zstd", "brotli!"},
        {"GZIP", "gzipped"},
        {"x-gzip", "gzipped"},
        {"deflate", "<index>"},
        {"br;q=0.5, gzip;q=0.8", "gzipped"},
        {"br;q=0.9, gzip;q=0.8", "brotli!"},
        {"br;q=0, gzip;q=0", "<index>"},
        {"br;q=0, *", "gzipped"},
        {"*", "brotli!"},
        {"*;q=0", "<index>"},
        {"identity, br;q=0.5", "<index>"},
        {"identity;q=0.2, br;q=0.5", "brotli!"},
        {"identity;q=0, gzip;q=0.001", "gzipped"},
        {"br;q=x, gzip;q=0.1", "gzipped"},
        {"br ; q=1.000 , gzip", "brotli!"},
        {"brr, gzipp", "<index>"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char field[128];
        snprintf(field, sizeof field, "Accept-Encoding: %s\r\n", table[i].accept);
        char *a = ask("GET", "/index.html", table[i].accept[0] ? field : "");
        if (strcmp(body(a), table[i].body) != 0)
            fail_msg("%s: got %s", table[i].accept, body(a));
        assert_true((strstr(a, "\r\nContent-Encoding: gzip\r\n") != NULL) ==
                    (strcmp(table[i].body, "gzipped") == 0));
    }
    assert_string_equal(body(ask("GET", "/assets/only.css", "Accept-Encoding: br, gzip\r\n")),
                        "css-gz");
}

static void an_etag_that_holds_gets_304(void **state)
{
    (void)state;
    char etag[64], other[64], field[512];
    char *a = ask("GET", "/", "");
    assert_int_equal(sscanf(strstr(a, "ETag: "), "ETag: %63s", etag), 1);
    a = ask("GET", "/", "Accept-Encoding: br\r\n");
    assert_int_equal(sscanf(strstr(a, "ETag: "), "ETag: %63s", other), 1);
    assert_string_not_equal(etag, other);
    static const char *const forms[] = {"%s", "W/%s", "\"x\", %s", "*", "\"a,b\",%s"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char value[256];
        if (strchr(forms[i], '%'))
            snprintf(value, sizeof value, "%.*s%s%s", (int)(strchr(forms[i], '%') - forms[i]),
                     forms[i], etag, strchr(forms[i], '%') + 2);
        else
            snprintf(value, sizeof value, "%s", forms[i]);
        snprintf(field, sizeof field, "If-None-Match: %s\r\n", value);
        a = ask("GET", "/", field);
        assert_non_null(strstr(a, "HTTP/1.1 304 Not Modified\r\n"));
        assert_non_null(strstr(a, etag));
        assert_string_equal(body(a), "");
    }
    snprintf(field, sizeof field, "If-None-Match: %s\r\n", other);
    assert_non_null(strstr(ask("GET", "/", field), "HTTP/1.1 200 OK\r\n"));
}

static void gzip_is_taken_when_it_has_a_weight(void **state)
{
    (void)state;
    static const char *const takes[] = {"gzip", "br, gzip;q=0.1", "x-gzip", "*", "*;q=0, gzip"};
    static const char *const leaves[] = {"", "br", "gzip;q=0", "*, gzip;q=0", "*;q=0.0", "gzipped"};
    for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++)
        assert_true(static_takes_gzip(slice_from_string(takes[i])));
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
        assert_false(static_takes_gzip(slice_from_string(leaves[i])));
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct static_files *none;
    struct err err;
    const struct static_options options = {"/tmp/onsale-no-such-folder", NULL, 0};
    assert_true(static_create(&options, &none, &err) < 0);
    assert_non_null(strstr(err.detail, "/tmp/onsale-no-such-folder"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_served_with_type_and_caching),
        cmocka_unit_test(what_was_not_found_at_start_does_not_exist),
        cmocka_unit_test(the_coding_is_chosen_by_weight),
        cmocka_unit_test(an_etag_that_holds_gets_304),
        cmocka_unit_test(gzip_is_taken_when_it_has_a_weight),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
