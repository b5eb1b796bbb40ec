/* Past capacity: what is answered early, who is let in all the same, and that nothing grows. */
#include "unit/http/loopback.h"

#define H "Host: a.example\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"
#define PAYING "Cookie: pay=1\r\n"

static struct loopback loopback;
static struct http_exchange *kept[64];
static size_t kept_count, handled, asked;
static struct slice asked_path;

static void keep(struct http_exchange *x)
{
    handled++;
    assert_true(kept_count < 64);
    kept[kept_count++] = x;
}

static void at_once(struct http_exchange *x)
{
    handled++;
    http_answer(x, 200, "text/plain", SLICE("done"), 0);
}

static bool shed(const struct http_exchange *x)
{
    asked++;
    asked_path = http_path(x);
    assert_null(http_context(x));
    return http_cookie(x, "pay").len == 0;
}

static const struct http_route routes[] = {
    {HTTP_METHOD_GET, "/keep", keep, 0, 0, "keep"},
    {HTTP_METHOD_GET, "/now", at_once, 0, 0, "now"},
    {HTTP_METHOD_POST, "/post", at_once, 0, 0, "post"},
};

static void begin(struct http_options options)
{
    options.routes = routes;
    options.route_count = sizeof routes / sizeof routes[0];
    kept_count = handled = asked = 0;
    loopback_start(&loopback, &options);
}

static void answer_kept(void)
{
    for (size_t i = 0; i < kept_count; i++)
        http_answer(kept[i], 200, "text/plain", SLICE("kept"), 0);
    kept_count = 0;
    loopback_spin(&loopback);
}

/* As many connections as keep a handler busy. */
static void fill(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fds[i] = client_open(&loopback);
        client_send(&loopback, fds[i], GET("/keep"));
    }
    loopback_spin(&loopback);
    assert_int_equal(kept_count, count);
    assert_int_equal(http_server_counters(loopback.server).pending, count);
}

static void end(int *fds, size_t count, int fd)
{
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    if (fd >= 0)
        close(fd);
    loopback_stop(&loopback);
}

/* 503 with a Retry-After between 2 and 9, in the header and in the body. */
static void assert_busy(const char *answer)
{
    const char *retry = strstr(answer, "\r\nRetry-After: ");
    assert_non_null(strstr(answer, "HTTP/1.1 503 "));
    assert_non_null(strstr(answer, "\"code\":\"busy\""));
    assert_non_null(retry);
    retry += strlen("\r\nRetry-After: ");
    assert_in_range(*retry, '2', '9');
    assert_int_equal(retry[1], '\r');
}

static void beyond_the_bound_of_pending_requests_others_are_told_to_wait(void **state)
{
    (void)state;
    int fds[4];
    begin((struct http_options){.max_pending = 4});
    fill(fds, 4);
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/now"));
    char *answer = client_read(&loopback, fd, "\"retry_after\":", 1, NULL);
    assert_busy(answer);
    assert_null(strstr(answer, "Connection: close"));
    assert_int_equal(handled, 4);
    assert_int_equal(http_server_counters(loopback.server).shed, 1);
    /* The connection goes on, and what it asks is answered when there is room. */
    answer_kept();
    assert_int_equal(http_server_counters(loopback.server).pending, 0);
    client_send(&loopback, fd, GET("/now"));
    assert_non_null(strstr(client_read(&loopback, fd, "done", 1, NULL), "HTTP/1.1 200 "));
    end(fds, 4, fd);
}

static void a_request_with_a_body_is_refused_before_it_is_sent(void **state)
{
    (void)state;
    int fds[1];
    begin((struct http_options){.max_pending = 1});
    fill(fds, 1);
    int fd = client_open(&loopback);
    client_send(&loopback, fd,
                "POST /post HTTP/1.1\r\n" H "Content-Length: 60000\r\n"
                "Expect: 100-continue\r\n\r\n");
    char *answer = client_read(&loopback, fd, NULL, 0, NULL);
    assert_busy(answer);
    assert_non_null(strstr(answer, "Connection: close"));
    assert_null(strstr(answer, "100 Continue"));
    assert_int_equal(handled, 1);
    end(fds, 1, fd);
}

static void who_holds_or_pays_is_let_in_until_twice_the_bound(void **state)
{
    (void)state;
    int fds[8];
    begin((struct http_options){.max_pending = 4, .shed = shed});
    fill(fds, 4);
    assert_int_equal(asked, 0);
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/now"));
    assert_busy(client_read(&loopback, fd, "retry_after", 1, NULL));
    assert_int_equal(asked, 1);
    client_send(&loopback, fd, "POST /post HTTP/1.1\r\n" H PAYING "Content-Length: 2\r\n\r\nab");
    assert_non_null(strstr(client_read(&loopback, fd, "done", 1, NULL), "HTTP/1.1 200 "));
    assert_int_equal(asked, 2);
    for (size_t i = 4; i < 8; i++) {
        fds[i] = client_open(&loopback);
        client_send(&loopback, fds[i], "GET /keep HTTP/1.1\r\n" H PAYING "\r\n");
    }
    loopback_spin(&loopback);
    assert_int_equal(kept_count, 8);
    /* Now there is no room for anybody, and nobody is looked at. */
    size_t before = asked;
    client_send(&loopback, fd, "GET /now HTTP/1.1\r\n" H PAYING "\r\n");
    assert_busy(client_read(&loopback, fd, "retry_after", 1, NULL));
    assert_int_equal(asked, before);
    end(fds, 8, fd);
}

/* A shed request behind one that waits is kept until that is answered: one a connection, not
 * sixteen. */
static void pipelined_requests_pile_up_no_refusals(void **state)
{
    (void)state;
    int fds[1];
    begin((struct http_options){.max_pending = 1});
    fill(fds, 1);
    for (int i = 0; i < 10; i++)
        client_send(&loopback, fds[0], GET("/now") GET("/now"));
    loopback_spin(&loopback);
    assert_int_equal(http_server_counters(loopback.server).shed, 1);
    answer_kept();
    char *answer = client_read(&loopback, fds[0], NULL, 0, NULL);
    assert_non_null(strstr(answer, "kept"));
    assert_busy(strstr(answer, "kept"));
    assert_int_equal(handled, 1);
    end(fds, 1, -1);
}

static void connections_beyond_the_cap_are_kept_for_those_who_are_let_in(void **state)
{
    (void)state;
    int fds[8], more[2];
    begin((struct http_options){.max_connections = 8, .shed = shed});
    for (size_t i = 0; i < 8; i++)
        fds[i] = client_open(&loopback);
    loopback_spin(&loopback);
    more[0] = client_open(&loopback);
    client_send(&loopback, more[0], "GET /now HTTP/1.1\r\n" H PAYING "\r\n");
    assert_non_null(strstr(client_read(&loopback, more[0], "done", 1, NULL), "HTTP/1.1 200 "));
    /* The same connection without the cookie: answered and closed. */
    client_send(&loopback, more[0], GET("/now"));
    char *answer = client_read(&loopback, more[0], NULL, 0, NULL);
    assert_busy(answer);
    assert_non_null(strstr(answer, "Connection: close"));
    close(more[0]);
    /* The eighth more is one connection here: the next is told at once. */
    loopback_spin(&loopback);
    more[0] = client_open(&loopback);
    loopback_spin(&loopback);
    more[1] = client_open(&loopback);
    assert_non_null(strstr(client_read(&loopback, more[1], NULL, 0, NULL), "HTTP/1.1 503 "));
    assert_int_equal(http_server_counters(loopback.server).refused, 1);
    /* Back within the cap it is a connection like any other. */
    close(more[1]);
    close(fds[0]);
    fds[0] = more[0];
    loopback_spin(&loopback);
    client_send(&loopback, more[0], GET("/now"));
    assert_non_null(strstr(client_read(&loopback, more[0], "done", 1, NULL), "HTTP/1.1 200 "));
    end(fds, 8, -1);
}

/* Reads on until the server closes: true when some answer came and no reset. */
static bool ends_cleanly(int fd, unsigned *ret_status)
{
    char text[65536];
    size_t len = 0;
    for (int turns = 0; turns < 30000; turns++) {
        uv_run(&loopback.loop, UV_RUN_NOWAIT);
        ssize_t n = recv(fd, text + len, sizeof text - 1 - len, 0);
        if (n > 0)
            len += (size_t)n;
        else if (n == 0)
            break;
        else if (errno != EAGAIN)
            return false;
        else
            nanosleep(&(struct timespec){0, 50000}, NULL);
    }
    text[len] = '\0';
    *ret_status = len > 12 ? (unsigned)atoi(text + 9) : 0;
    return true;
}

static void a_flood_gets_an_answer_for_every_connection(void **state)
{
    (void)state;
    enum { FLOOD = 320, CAP = 64, PENDING = 16 };
    static int fds[FLOOD];
    unsigned ok = 0, busy = 0;
    begin((struct http_options){
        .max_connections = CAP, .max_pending = PENDING, .shed = shed, .linger_ms = 60000});
    for (size_t i = 0; i < FLOOD; i++) {
        fds[i] = client_open(&loopback);
        client_send(&loopback, fds[i],
                    i % 3 ? "GET /keep HTTP/1.1\r\n" H "Connection: close\r\n\r\n"
                          : "POST /post HTTP/1.1\r\n" H "Content-Length: 9\r\n"
                            "Connection: close\r\n\r\n123456789");
        struct http_counters c = http_server_counters(loopback.server);
        assert_true(c.pending <= PENDING);
        if (kept_count > 32)
            answer_kept();
    }
    loopback_spin(&loopback);
    answer_kept();
    for (size_t i = 0; i < FLOOD; i++) {
        unsigned status = 0;
        assert_true(ends_cleanly(fds[i], &status));
        ok += status == 200;
        busy += status == 503;
        close(fds[i]);
    }
    loopback_spin(&loopback);
    struct http_counters c = http_server_counters(loopback.server);
    assert_int_equal(ok + busy, FLOOD);
    assert_true(ok > 0 && busy > 0);
    assert_int_equal(c.shed + c.refused, busy);
    assert_int_equal(c.pending, 0);
    assert_int_equal(c.connections, 0);
    /* And it is as good as new. */
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/now"));
    assert_non_null(strstr(client_read(&loopback, fd, "done", 1, NULL), "HTTP/1.1 200 "));
    end(NULL, 0, fd);
}

static void clients_that_leave_while_they_wait_do_not_count_for_ever(void **state)
{
    (void)state;
    int fds[4];
    begin((struct http_options){.max_pending = 4});
    fill(fds, 4);
    for (size_t i = 0; i < 4; i++)
        close(fds[i]);
    loopback_spin(&loopback);
    assert_int_equal(http_server_counters(loopback.server).pending, 4); /* handlers have them */
    answer_kept();
    assert_int_equal(http_server_counters(loopback.server).pending, 0);
    end(NULL, 0, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beyond_the_bound_of_pending_requests_others_are_told_to_wait),
        cmocka_unit_test(a_request_with_a_body_is_refused_before_it_is_sent),
        cmocka_unit_test(who_holds_or_pays_is_let_in_until_twice_the_bound),
        cmocka_unit_test(pipelined_requests_pile_up_no_refusals),
        cmocka_unit_test(connections_beyond_the_cap_are_kept_for_those_who_are_let_in),
        cmocka_unit_test(a_flood_gets_an_answer_for_every_connection),
        cmocka_unit_test(clients_that_leave_while_they_wait_do_not_count_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
