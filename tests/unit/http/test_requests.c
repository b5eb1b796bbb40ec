/* Each way to get a request wrong, listed once with the status that it ends in, sent as raw bytes
 * at once and again byte by byte; and the requests that must not be refused. */
#include "unit/http/loopback.h"

static int dispatched;

static void say_ok(struct http_exchange *x)
{
    dispatched++;
    BUF_AUTO struct buf out = BUF_INIT;
    buf_append_format(&out, "[%.*s|%.*s|%.*s]", SLICE_ARG(http_path(x)), SLICE_ARG(http_query(x)),
                      SLICE_ARG(http_body(x)));
    http_answer(x, 200, "text/plain", buf_slice(&out), 0);
}

static const struct http_route routes[] = {
    {HTTP_METHOD_GET, "/", say_ok, 0, 0, "root"},
    {HTTP_METHOD_GET, "/a", say_ok, 0, 0, "a"},
    {HTTP_METHOD_GET, "/p/{id}", say_ok, 0, 0, "p"},
    {HTTP_METHOD_POST, "/a", say_ok, 0, 0, "post"},
    {HTTP_METHOD_POST, "/small", say_ok, 10, 0, "small"},
};

#define H "Host: a.example\r\n"
#define POST "POST /a HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

struct wrong {
    const char *why;
    int status;
    const char *bytes;
    size_t len; /* 0: strlen */
};
#define BYTES(text) text, sizeof(text) - 1

static const struct wrong wrongs[] = {
    /* request line */
    {"no version", 400, "GET /a\r\n" H "\r\n", 0},
    {"HTTP/0.9", 400, "GET /a\r\n", 0},
    {"version 0.9", 505, "GET /a HTTP/0.9\r\n" H "\r\n", 0},
    {"version 2.0", 505, "GET /a HTTP/2.0\r\n" H "\r\n", 0},
    {"HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
    {"version 1.2", 505, "GET /a HTTP/1.2\r\n" H "\r\n", 0},
    {"version 1.10", 400, "GET /a HTTP/1.10\r\n" H "\r\n", 0},
    {"version in lower case", 400, "GET /a http/1.1\r\n" H "\r\n", 0},
    {"another protocol", 400, "GET /a RTSP/1.0\r\n" H "\r\n", 0},
    {"two blanks before the target", 400, "GET  /a HTTP/1.1\r\n" H "\r\n", 0},
    {"two blanks before the version", 400, "GET /a  HTTP/1.1\r\n" H "\r\n", 0},
    {"a blank behind the version", 400, "GET /a HTTP/1.1 \r\n" H "\r\n", 0},
    {"a tab for a blank", 400, "GET\t/a\tHTTP/1.1\r\n" H "\r\n", 0},
    {"a blank in front", 400, " GET /a HTTP/1.1\r\n" H "\r\n", 0},
    {"two empty lines in front", 400, "\r\n\r\nGET /a HTTP/1.1\r\n" H "\r\n", 0},
    {"a fragment in the target", 400, "GET /a#b HTTP/1.1\r\n" H "\r\n", 0},
    {"a byte over 127 in the target", 400, "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 0},
    {"a NUL in the target", 400, BYTES("GET /a\0b HTTP/1.1\r\n" H "\r\n")},
    {"a control in the target", 400, "GET /a\x01 HTTP/1.1\r\n" H "\r\n", 0},
    {"a relative target", 400, "GET a HTTP/1.1\r\n" H "\r\n", 0},
    {"an asterisk for GET", 400, "GET * HTTP/1.1\r\n" H "\r\n", 0},
    {"an empty authority", 400, "GET http:///a HTTP/1.1\r\n" H "\r\n", 0},
    {"another scheme", 400, "GET ftp://h/a HTTP/1.1\r\n" H "\r\n", 0},
    {"unknown method", 501, "BREW /a HTTP/1.1\r\n" H "\r\n", 0},
    {"CONNECT", 501, "CONNECT a.example:443 HTTP/1.1\r\n" H "\r\n", 0},
    {"TRACE", 501, "TRACE /a HTTP/1.1\r\n" H "\r\n", 0},
    {"method in lower case", 501, "get /a HTTP/1.1\r\n" H "\r\n", 0},
    {"method that is no token", 400, "G@T /a HTTP/1.1\r\n" H "\r\n", 0},
    {"TLS hello", 400, BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")},
    {"malformed escape in a parameter", 400, "GET /p/a%zz HTTP/1.1\r\n" H "\r\n", 0},
    {"encoded NUL in a parameter", 400, "GET /p/a%00b HTTP/1.1\r\n" H "\r\n", 0},
    /* lines */
    {"bare LF behind the request line", 400, "GET /a HTTP/1.1\n" H "\r\n", 0},
    {"bare LF behind a field", 400, "GET /a HTTP/1.1\r\nHost: a\n\r\n", 0},
    {"bare LF at the end", 400, "GET /a HTTP/1.1\r\n" H "\n", 0},
    {"bare CR in a value", 400, "GET /a HTTP/1.1\r\n" H "X: a\rb\r\n\r\n", 0},
    {"CR CR LF", 400, "GET /a HTTP/1.1\r\n" H "X: a\r\r\n\r\n", 0},
    {"folded line", 400, "GET /a HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 0},
    {"folded by a tab", 400, "GET /a HTTP/1.1\r\n" H "X: a\r\n\tb\r\n\r\n", 0},
    {"blank before the first field", 400, "GET /a HTTP/1.1\r\n Host: a\r\n\r\n", 0},
    /* fields */
    {"no colon", 400, "GET /a HTTP/1.1\r\n" H "X\r\n\r\n", 0},
    {"empty name", 400, "GET /a HTTP/1.1\r\n" H ": x\r\n\r\n", 0},
    {"blank before the colon", 400, "GET /a HTTP/1.1\r\nHost : a\r\n\r\n", 0},
    {"blank in a name", 400, "GET /a HTTP/1.1\r\n" H "A B: c\r\n\r\n", 0},
    {"bracket in a name", 400, "GET /a HTTP/1.1\r\n" H "A(B): c\r\n\r\n", 0},
    {"byte over 127 in a name", 400, "GET /a HTTP/1.1\r\n" H "A\xc3\xa4: c\r\n\r\n", 0},
    {"NUL in a value", 400, BYTES("GET /a HTTP/1.1\r\n" H "X: a\0b\r\n\r\n")},
    {"NUL in a name", 400, BYTES("GET /a HTTP/1.1\r\n" H "X\0: a\r\n\r\n")},
    {"control in a long value", 400, "GET /a HTTP/1.1\r\n" H "X: aaaaaaaaaaaaaa\x02zzzz\r\n\r\n",
     0},
    {"DEL in a value", 400, "GET /a HTTP/1.1\r\n" H "X: aaaaaaaaaaaaaa\x7fzzzzz\r\n\r\n", 0},
    /* Host */
    {"no Host", 400, "GET /a HTTP/1.1\r\n\r\n", 0},
    {"no Host on 1.0", 400, "GET /a HTTP/1.0\r\n\r\n", 0},
    {"two Hosts", 400, "GET /a HTTP/1.1\r\n" H H "\r\n", 0},
    {"empty Host", 400, "GET /a HTTP/1.1\r\nHost:\r\n\r\n", 0},
    {"path in Host", 400, "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", 0},
    {"user in Host", 400, "GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n", 0},
    {"two names in Host", 400, "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 0},
    /* length */
    {"two lengths", 400, POST "Content-Length: 7\r\nContent-Length: 8\r\n\r\n", 0},
    {"two equal lengths", 400, POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", 0},
    {"list of lengths", 400, POST "Content-Length: 7, 7\r\n\r\n", 0},
    {"signed length", 400, POST "Content-Length: +7\r\n\r\n", 0},
    {"negative length", 400, POST "Content-Length: -7\r\n\r\n", 0},
    {"hexadecimal length", 400, POST "Content-Length: 0x7\r\n\r\n", 0},
    {"empty length", 400, POST "Content-Length:\r\n\r\n", 0},
    {"fractional length", 400, POST "Content-Length: 7.0\r\n\r\n", 0},
    {"length of 2^64", 400, POST "Content-Length: 18446744073709551616\r\n\r\n", 0},
    {"length of 2^64 + 2", 400, POST "Content-Length: 18446744073709551618\r\n\r\nhi", 0},
    {"length beyond the default", 413, POST "Content-Length: 65537\r\n\r\n", 0},
    {"length beyond the route's", 413,
     "POST /small HTTP/1.1\r\n" H "Content-Length: 11\r\n\r\n01234567890", 0},
    /* coding */
    {"length and coding", 400, POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
    {"coding and length", 400, POST "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", 0},
    {"coding on 1.0", 400, "POST /a HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 0},
    {"unknown coding", 501, POST "Transfer-Encoding: gzip\r\n\r\n", 0},
    {"gzip, chunked", 501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 0},
    {"chunked, chunked", 501, POST "Transfer-Encoding: chunked, chunked\r\n\r\n", 0},
    {"identity", 501, POST "Transfer-Encoding: identity\r\n\r\n", 0},
    {"xchunked", 501, POST "Transfer-Encoding: xchunked\r\n\r\n", 0},
    {"empty coding", 501, POST "Transfer-Encoding:\r\n\r\n", 0},
    {"two codings", 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     0},
    {"gzip and chunked in two fields", 400,
     POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
    /* chunks */
    {"chunk size with 0x", 400, CHUNKED "0x7\r\n1234567\r\n0\r\n\r\n", 0},
    {"signed chunk size", 400, CHUNKED "+7\r\n1234567\r\n0\r\n\r\n", 0},
    {"empty chunk size", 400, CHUNKED "\r\n\r\n", 0},
    {"blank before a chunk size", 400, CHUNKED " 7\r\n1234567\r\n0\r\n\r\n", 0},
    {"blank behind a chunk size", 400, CHUNKED "7 \r\n1234567\r\n0\r\n\r\n", 0},
    {"chunk size overflow", 400, CHUNKED "10000000000000007\r\n1234567\r\n0\r\n\r\n", 0},
    {"chunk size with LF alone", 400, CHUNKED "7\n1234567\r\n0\r\n\r\n", 0},
    {"chunk data with LF alone", 400, CHUNKED "7\r\n1234567\n0\r\n\r\n", 0},
    {"chunk longer than its size", 400, CHUNKED "7\r\n12345678\r\n0\r\n\r\n", 0},
    {"chunk extension", 400, CHUNKED "7;a=b\r\n1234567\r\n0\r\n\r\n", 0},
    {"empty chunk extension", 400, CHUNKED "7;\r\n1234567\r\n0\r\n\r\n", 0},
    {"trailer field", 400, CHUNKED "7\r\n1234567\r\n0\r\nX: y\r\n\r\n", 0},
    {"last chunk with LF alone", 400, CHUNKED "7\r\n1234567\r\n0\n\r\n", 0},
    {"end with LF alone", 400, CHUNKED "7\r\n1234567\r\n0\r\n\n", 0},
    {"end with LF LF", 400, CHUNKED "7\r\n1234567\r\n0\r\n\n\n", 0},
    {"chunk size with CR CR LF", 400, CHUNKED "7\r\r\n1234567\r\n0\r\n\r\n", 0},
    {"chunk data with CR alone", 400, CHUNKED "7\r\n1234567\r0\r\n\r\n", 0},
    {"chunk size with underscore", 400, CHUNKED "1_0\r\n1234567\r\n0\r\n\r\n", 0},
    {"NUL behind a chunk size", 400, BYTES(CHUNKED "7\0\r\n1234567\r\n0\r\n\r\n")},
    {"chunks beyond the route's limit", 413,
     "POST /small HTTP/1.1\r\n" H
     "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n",
     0},
    /* Expect */
    {"unknown expectation", 417, POST "Expect: 200-ok\r\nContent-Length: 2\r\n\r\nhi", 0},
};

static struct loopback loopback;

static int start(void **state)
{
    (void)state;
    const struct http_options options = {.routes = routes,
                                         .route_count = sizeof routes / sizeof routes[0]};
    loopback_start(&loopback, &options);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    loopback_stop(&loopback);
    return 0;
}

/* Sends, expects the status, a problem, and the end of the connection. */
static void expect_refusal(const struct wrong *w, bool dripping)
{
    int fd = client_open(&loopback), before = dispatched;
    size_t len = w->len ? w->len : strlen(w->bytes);
    if (dripping)
        for (size_t i = 0; i < len; i++)
            client_send_bytes(&loopback, fd, w->bytes + i, 1);
    else
        client_send_bytes(&loopback, fd, w->bytes, len);
    char *answer = client_read(&loopback, fd, NULL, 0, NULL);
    char status[32];
    snprintf(status, sizeof status, "HTTP/1.1 %d ", w->status);
    if (strncmp(answer, status, strlen(status)) != 0 || dispatched != before ||
        !strstr(answer, "\r\nConnection: close\r\n") ||
        !strstr(answer, "\r\nContent-Type: application/problem+json\r\n"))
        fail_msg("%s: expected %d and close, got \"%.60s\" (dispatched: %d)", w->why, w->status,
                 answer, dispatched - before);
    close(fd);
}

static void every_malformed_request_is_refused_and_closes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++)
        expect_refusal(&wrongs[i], false);
}

static void the_same_when_bytes_come_one_by_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++)
        expect_refusal(&wrongs[i], true);
}

static void nothing_behind_a_refused_request_is_run(void **state)
{
    (void)state;
    const struct wrong w = {"smuggled", 400,
                            POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "0\r\n\r\nGET /a HTTP/1.1\r\n" H "\r\n",
                            0};
    expect_refusal(&w, false);
}

static void oversize_parts_are_refused_with_their_own_status(void **state)
{
    (void)state;
    BUF_AUTO struct buf b = BUF_INIT;
    const struct wrong uri = {"long target", 414, NULL, 0};
    buf_append_text(&b, "GET /");
    for (int i = 0; i < 4100; i++)
        buf_append_char(&b, 'a');
    buf_append_text(&b, " HTTP/1.1\r\n" H "\r\n");
    struct wrong w = uri;
    w.bytes = b.data;
    w.len = b.len;
    expect_refusal(&w, false);
    w.len = 4500; /* no end of line in sight: cut the request short instead */
    buf_clear(&b);
    buf_append_text(&b, "GET /");
    for (int i = 0; i < 4500; i++)
        buf_append_char(&b, 'a');
    w.bytes = b.data;
    expect_refusal(&w, false);

    buf_clear(&b);
    buf_append_text(&b, "GET /a HTTP/1.1\r\n" H "X: ");
    for (int i = 0; i < 20000; i++)
        buf_append_char(&b, 'a');
    buf_append_text(&b, "\r\n\r\n");
    w = (struct wrong){"20 kB of header", 431, b.data, b.len};
    expect_refusal(&w, false);

    buf_clear(&b);
    buf_append_text(&b, "GET /a HTTP/1.1\r\n" H);
    for (int i = 0; i < 64; i++)
        buf_append_format(&b, "X-%d: a\r\n", i);
    buf_append_text(&b, "\r\n");
    w = (struct wrong){"65 fields", 431, b.data, b.len};
    expect_refusal(&w, false);

    buf_clear(&b);
    buf_append_text(&b, CHUNKED);
    for (int i = 0; i < 70; i++) {
        buf_append_text(&b, "3e8\r\n");
        for (int j = 0; j < 1000; j++)
            buf_append_char(&b, 'x');
        buf_append_text(&b, "\r\n");
    }
    w = (struct wrong){"70 kB of chunks", 413, b.data, b.len};
    expect_refusal(&w, false);
}

static void framing_that_is_mostly_overhead_is_refused(void **state)
{
    (void)state;
    BUF_AUTO struct buf b = BUF_INIT;
    buf_append_text(&b, CHUNKED);
    for (int i = 0; i < 40; i++) {
        for (int j = 0; j < 1000; j++)
            buf_append_char(&b, '0');
        buf_append_text(&b, "1\r\nx\r\n");
    }
    buf_append_text(&b, "0\r\n\r\n");
    const struct wrong w = {"leading zeroes for ever", 400, b.data, b.len};
    expect_refusal(&w, false);
}

struct right {
    const char *why;
    const char *bytes;
    const char *expected;
};

static const struct right rights[] = {
    {"plain", "GET /a HTTP/1.1\r\n" H "\r\n", "[/a||]"},
    {"query", "GET /a?x=1&y={2} HTTP/1.1\r\n" H "\r\n", "[/a|x=1&y={2}|]"},
    {"empty line in front", "\r\nGET /a HTTP/1.1\r\n" H "\r\n", "[/a||]"},
    {"absolute form", "GET http://b.example/a?q HTTP/1.1\r\n" H "\r\n", "[/a|q|]"},
    {"absolute form without a path", "GET http://b.example?q HTTP/1.1\r\n" H "\r\n", "[/|q|]"},
    {"1.0", "GET /a HTTP/1.0\r\n" H "\r\n", "[/a||]"},
    {"value of Latin-1 bytes", "GET /a HTTP/1.1\r\n" H "X: \xe4\xf6\xfc \x80\xff 123456\r\n\r\n",
     "[/a||]"},
    {"empty value", "GET /a HTTP/1.1\r\n" H "X:\r\n\r\n", "[/a||]"},
    {"IPv6 host", "GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "[/a||]"},
    {"upgrade is not taken",
     "GET /a HTTP/1.1\r\n" H "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
     "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
     "[/a||]"},
    {"upgrade with a body",
     POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi", "[/a||hi]"},
    {"body", POST "Content-Length: 5\r\n\r\nhello", "[/a||hello]"},
    {"length of zero", POST "Content-Length: 0\r\n\r\n", "[/a||]"},
    {"length with leading zeroes", POST "Content-Length: 005\r\n\r\nhello", "[/a||hello]"},
    {"no length", POST "\r\n", "[/a||]"},
    {"chunks", CHUNKED "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n", "[/a||hello0123456789]"},
    {"no chunks", CHUNKED "0\r\n\r\n", "[/a||]"},
    {"coding in capitals", POST "TRANSFER-ENCODING: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "[/a||x]"},
    {"body on GET", "GET /a HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi", "[/a||hi]"},
};

static void well_formed_requests_are_answered_and_keep_the_connection(void **state)
{
    (void)state;
    for (int dripping = 0; dripping < 2; dripping++) {
        for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
            const struct right *r = &rights[i];
            int fd = client_open(&loopback);
            for (size_t at = 0, len = strlen(r->bytes); at < len; at += dripping ? 1 : len)
                client_send_bytes(&loopback, fd, r->bytes + at, dripping ? 1 : len);
            char *answer = client_read(&loopback, fd, "]", 1, NULL);
            if (strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) != 0 || !strstr(answer, r->expected))
                fail_msg("%s: expected %s, got \"%.300s\"", r->why, r->expected, answer);
            if (strcmp(r->why, "1.0") != 0) {
                client_send(&loopback, fd, "GET /a HTTP/1.1\r\n" H "\r\n");
                answer = client_read(&loopback, fd, "[/a||]", 1, NULL);
                if (!strstr(answer, "[/a||]"))
                    fail_msg("%s: the connection was not kept", r->why);
            }
            close(fd);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_malformed_request_is_refused_and_closes),
        cmocka_unit_test(the_same_when_bytes_come_one_by_one),
        cmocka_unit_test(nothing_behind_a_refused_request_is_run),
        cmocka_unit_test(oversize_parts_are_refused_with_their_own_status),
        cmocka_unit_test(framing_that_is_mostly_overhead_is_refused),
        cmocka_unit_test(well_formed_requests_are_answered_and_keep_the_connection),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
