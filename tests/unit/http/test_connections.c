/* What a connection does with good requests: order, barriers, bounds, time limits, closing. */
#include "unit/http/loopback.h"

#define H "Host: a.example\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

static struct loopback loopback;
static struct http_exchange *kept[64];
static size_t kept_count;
static size_t handled;
static uint64_t barrier;
static size_t finished_count, finished_bytes;
static int finished_status;
static struct http_address last_client;

static void keep(struct http_exchange *x)
{
    handled++;
    assert_true(kept_count < 64);
    kept[kept_count++] = x;
}

static void at_once(struct http_exchange *x)
{
    handled++;
    last_client = http_client(x);
    http_answer(x, 200, "text/plain", http_param(x, "id"), 0);
}

static void behind_barrier(struct http_exchange *x)
{
    handled++;
    http_answer(x, 200, "text/plain", http_param(x, "id"), ++barrier);
}

static void large(struct http_exchange *x)
{
    handled++;
    size_t len = 1 << 20;
    char *body = malloc(len);
    assert_non_null(body);
    memset(body, 'x', len);
    struct http_blob *blob = http_blob_create(body, len);
    free(body);
    http_answer_blob(x, 200, "text/plain", blob, 0);
}

static void body_length(struct http_exchange *x)
{
    char text[32];
    int n = snprintf(text, sizeof text, "<%zu>", http_body(x).len);
    http_answer(x, 200, "text/plain", slice_make(text, (size_t)n), 0);
}

static void describe(struct http_exchange *x)
{
    struct slice q = slice_make("", 0);
    bool has = http_query_param(x, "q", &q);
    BUF_AUTO struct buf out = BUF_INIT;
    buf_append_format(&out, "(%.*s|%.*s|%d|%.*s|%.*s)", SLICE_ARG(http_header(x, "x-one")),
                      SLICE_ARG(http_cookie(x, "session")), has, SLICE_ARG(q),
                      SLICE_ARG(http_param(x, "id")));
    http_add_header(x, "X-Answer", SLICE("forty-two"));
    http_answer(x, 201, "text/plain", buf_slice(&out), 0);
}

static void finished(struct http_exchange *x, int status, uint64_t duration_us, size_t bytes)
{
    (void)x;
    (void)duration_us;
    finished_count++;
    finished_status = status;
    finished_bytes += bytes;
}

static const struct http_route routes[] = {
    {HTTP_METHOD_GET, "/keep", keep, 0, 0, "keep"},
    {HTTP_METHOD_GET, "/now/{id}", at_once, 0, 0, "now"},
    {HTTP_METHOD_GET, "/late/{id}", behind_barrier, 0, 0, "late"},
    {HTTP_METHOD_GET, "/large", large, 0, 0, "large"},
    {HTTP_METHOD_GET, "/describe/{id}", describe, 0, 0, "describe"},
    {HTTP_METHOD_POST, "/length", body_length, 0, 0, "length"},
    {HTTP_METHOD_POST, "/upload", body_length, 4u << 20, 0, "upload"},
};

static void begin(struct http_options options)
{
    options.routes = routes;
    options.route_count = sizeof routes / sizeof routes[0];
    options.finished = finished;
    kept_count = handled = finished_count = finished_bytes = 0;
    finished_status = 0;
    barrier = 0;
    loopback_start(&loopback, &options);
}

static void end(int fd)
{
    if (fd >= 0)
        close(fd);
    loopback_stop(&loopback);
}

static void answers_leave_in_the_order_of_their_requests(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/keep") GET("/now/b") GET("/keep") GET("/now/d"));
    loopback_spin(&loopback);
    assert_int_equal(handled, 4);
    char nothing;
    assert_int_equal(recv(fd, &nothing, 1, 0), -1);
    http_answer(kept[1], 200, "text/plain", SLICE("c"), 0);
    loopback_spin(&loopback);
    assert_int_equal(recv(fd, &nothing, 1, 0), -1);
    http_answer(kept[0], 200, "text/plain", SLICE("a"), 0);
    char *all = client_read(&loopback, fd, "\r\n\r\nd", 1, NULL);
    char *a = strstr(all, "\r\n\r\na"), *b = strstr(all, "\r\n\r\nb");
    char *c = strstr(all, "\r\n\r\nc"), *d = strstr(all, "\r\n\r\nd");
    assert_true(a && a < b && b < c && c < d);
    end(fd);
}

static void no_answer_leaves_before_its_barrier(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/late/a") GET("/now/b") GET("/late/c") GET("/now/d"));
    loopback_spin(&loopback);
    assert_int_equal(handled, 4);
    char nothing;
    assert_int_equal(recv(fd, &nothing, 1, 0), -1);
    http_server_release(loopback.server, 1);
    char *all = client_read(&loopback, fd, "\r\n\r\nb", 1, NULL);
    assert_non_null(strstr(all, "\r\n\r\na"));
    loopback_spin(&loopback);
    assert_int_equal(recv(fd, &nothing, 1, 0), -1);
    http_server_release(loopback.server, 2);
    all = client_read(&loopback, fd, "\r\n\r\nd", 1, NULL);
    assert_non_null(strstr(all, "\r\n\r\nc"));
    assert_int_equal(finished_count, 4);
    /* A barrier that was passed before holds nothing up. */
    barrier = 1;
    client_send(&loopback, fd, GET("/late/e"));
    all = client_read(&loopback, fd, "\r\n\r\ne", 1, NULL);
    assert_non_null(strstr(all, "\r\n\r\ne"));
    end(fd);
}

static void released_answers_of_one_connection_leave_in_one_piece(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/late/a") GET("/late/b") GET("/late/c"));
    loopback_spin(&loopback);
    http_server_release(loopback.server, 3);
    char data[4096];
    ssize_t n = recv(fd, data, sizeof data - 1, 0); /* no turn of the loop in between */
    assert_true(n > 0);
    data[n] = 0;
    assert_non_null(strstr(data, "\r\n\r\nc"));
    end(fd);
}

static void requests_beyond_the_pipeline_bound_wait(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    for (int i = 0; i < 40; i++)
        client_send(&loopback, fd, GET("/keep"));
    loopback_spin(&loopback);
    assert_int_equal(handled, 16);
    for (size_t i = 0; i < 40; i++) {
        assert_true(i < kept_count);
        http_answer(kept[i], 200, "text/plain", SLICE("!"), 0);
        loopback_spin(&loopback);
        assert_true(handled <= i + 17);
    }
    char *all = client_read(&loopback, fd, "\r\n\r\n!", 40, NULL);
    assert_non_null(strstr(all, "!"));
    assert_int_equal(finished_count, 40);
    end(fd);
}

/* A host that commits once a turn, behind the poll. What it finds after its first commit was held
 * back and dispatched before this poll, which must not have been one that sleeps. */
static void commit_once_a_turn(uv_check_t *check)
{
    uint64_t *committed = check->data;
    if (barrier > *committed && *committed > 0)
        assert_int_equal(uv_backend_timeout(&loopback.loop), 0);
    *committed = barrier;
    http_server_release(loopback.server, barrier);
}

static void the_loop_does_not_sleep_on_requests_that_were_held_back(void **state)
{
    (void)state;
    begin((struct http_options){0});
    uint64_t committed = 0;
    uv_check_t check;
    uv_check_init(&loopback.loop, &check);
    check.data = &committed;
    uv_check_start(&check, commit_once_a_turn);
    BUF_AUTO struct buf b = BUF_INIT;
    for (int i = 0; i < 100; i++)
        buf_append_format(&b, GET("/late/%d."), i);
    int fd = client_open(&loopback);
    client_send_bytes(&loopback, fd, b.data, b.len);
    client_read(&loopback, fd, "\r\n\r\n99.", 1, NULL);
    assert_int_equal(handled, 100);
    loopback_spin(&loopback);
    assert_int_not_equal(uv_backend_timeout(&loopback.loop), 0); /* and then it sleeps again */
    uv_close((uv_handle_t *)&check, NULL);
    end(fd);
}

static void many_requests_in_one_read_are_all_answered(void **state)
{
    (void)state;
    begin((struct http_options){0});
    BUF_AUTO struct buf b = BUF_INIT;
    for (int i = 0; i < 1000; i++)
        buf_append_format(&b, GET("/now/%d."), i);
    int fd = client_open(&loopback);
    client_send_bytes(&loopback, fd, b.data, b.len);
    client_read(&loopback, fd, "\r\n\r\n999.", 1, NULL);
    assert_int_equal(handled, 1000);
    assert_int_equal(http_server_counters(loopback.server).requests, 1000);
    end(fd);
}

static void a_client_that_does_not_read_is_not_read_from(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open_with(&loopback, 4096);
    for (int i = 0; i < 200; i++) {
        const char *text = GET("/large");
        if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
            break;
        loopback_spin(&loopback);
    }
    assert_true(handled <= 12); /* what the buffers of the kernel took, not a pipeline more */
    size_t len;
    client_read(&loopback, fd, "HTTP/1.1 200", (int)handled, &len);
    assert_true(len > 0);
    end(fd);
}

static void a_client_that_never_reads_is_closed_in_the_end(void **state)
{
    (void)state;
    begin((struct http_options){.idle_ms = 60});
    int fd = client_open_with(&loopback, 4096);
    client_send(&loopback, fd,
                GET("/large") GET("/large") GET("/large") GET("/large") GET("/large") GET("/large")
                    GET("/large") GET("/large"));
    for (int i = 0; i < 2000 && http_server_counters(loopback.server).connections; i++) {
        uv_run(&loopback.loop, UV_RUN_NOWAIT);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    assert_int_equal(http_server_counters(loopback.server).connections, 0);
    assert_int_equal(http_server_counters(loopback.server).timeouts, 1);
    end(fd);
}

static void an_exchange_outlives_its_client(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/keep"));
    loopback_spin(&loopback);
    struct linger hard = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
    loopback_spin(&loopback);
    assert_int_equal(http_server_counters(loopback.server).connections, 0);
    assert_true(slice_equal(http_path(kept[0]), SLICE("/keep")));
    http_add_header(kept[0], "X-Late", SLICE("yes"));
    http_answer(kept[0], 200, "text/plain", SLICE("nobody reads this"), 0);
    assert_int_equal(finished_count, 1);
    end(-1);
}

static void an_exchange_never_answered_is_freed_with_the_server(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback), gone = client_open(&loopback);
    client_send(&loopback, fd, GET("/keep"));
    client_send(&loopback, gone, GET("/keep"));
    loopback_spin(&loopback);
    assert_int_equal(kept_count, 2);
    struct linger hard = {1, 0};
    setsockopt(gone, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(gone);
    loopback_spin(&loopback);
    end(fd);
}

static void a_half_closed_client_gets_its_answers(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/keep") GET("/now/b"));
    shutdown(fd, SHUT_WR);
    loopback_spin(&loopback);
    http_answer(kept[0], 200, "text/plain", SLICE("a"), 0);
    char *all = client_read(&loopback, fd, NULL, 0, NULL);
    assert_non_null(strstr(all, "\r\n\r\na"));
    assert_non_null(strstr(all, "\r\n\r\nb"));
    end(fd);
}

static void connection_close_and_http_1_0_are_honoured(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd,
                "GET /now/a HTTP/1.1\r\n" H "Connection: foo, Close\r\n\r\n" GET("/now/b"));
    char *all = client_read(&loopback, fd, NULL, 0, NULL);
    assert_non_null(strstr(all, "\r\nConnection: close\r\n"));
    assert_int_equal(handled, 1);
    close(fd);
    fd = client_open(&loopback);
    client_send(&loopback, fd, "GET /now/a HTTP/1.0\r\n" H "\r\n");
    all = client_read(&loopback, fd, NULL, 0, NULL);
    assert_non_null(strstr(all, "\r\n\r\na"));
    close(fd);
    fd = client_open(&loopback);
    client_send(&loopback, fd, "GET /now/a HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n");
    all = client_read(&loopback, fd, "\r\n\r\na", 1, NULL);
    assert_non_null(strstr(all, "\r\nConnection: keep-alive\r\n"));
    client_send(&loopback, fd, GET("/now/b"));
    assert_non_null(strstr(client_read(&loopback, fd, "\r\n\r\nb", 1, NULL), "\r\n\r\nb"));
    end(fd);
}

static void head_has_the_length_but_no_body(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd,
                "HEAD /now/abc HTTP/1.1\r\n" H "\r\n"
                "HEAD /large HTTP/1.1\r\n" H "\r\n"
                "HEAD /nowhere HTTP/1.1\r\n" H "\r\n" GET("/now/end"));
    char *all = client_read(&loopback, fd, "\r\n\r\nend", 1, NULL);
    assert_non_null(strstr(all, "Content-Length: 3\r\n"));
    assert_non_null(strstr(all, "Content-Length: 1048576\r\n\r\nHTTP/1.1 404 Not Found\r\n"));
    assert_null(strstr(all, "abc"));
    assert_null(strstr(all, "nothing here"));
    end(fd);
}

static void unknown_paths_and_methods_are_answered_by_the_table(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/nowhere"));
    assert_non_null(strstr(client_read(&loopback, fd, "}", 1, NULL), "HTTP/1.1 404 "));
    client_send(&loopback, fd, "DELETE /keep HTTP/1.1\r\n" H "\r\n");
    char *all = client_read(&loopback, fd, "}", 1, NULL);
    assert_non_null(strstr(all, "HTTP/1.1 405 "));
    assert_non_null(strstr(all, "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
    client_send(&loopback, fd, "OPTIONS /length HTTP/1.1\r\n" H "\r\n");
    all = client_read(&loopback, fd, "\r\n\r\n", 1, NULL);
    assert_non_null(strstr(all, "HTTP/1.1 204 "));
    assert_non_null(strstr(all, "\r\nAllow: POST, OPTIONS\r\n"));
    assert_null(strstr(all, "Content-Length"));
    client_send(&loopback, fd, "OPTIONS * HTTP/1.1\r\n" H "\r\n");
    assert_non_null(strstr(client_read(&loopback, fd, "\r\n\r\n", 1, NULL), "HTTP/1.1 204 "));
    end(fd);
}

static void a_request_can_be_read_in_all_its_parts(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd,
                "GET /describe/a%20b?z=1&q=x%2By+z&q=2 HTTP/1.1\r\n" H "X-ONE:  value \t\r\n"
                "Cookie: other=1; session=abc=; x=y\r\n\r\n");
    char *all = client_read(&loopback, fd, ")", 1, NULL);
    assert_non_null(strstr(all, "HTTP/1.1 201 Created\r\n"));
    assert_non_null(strstr(all, "\r\nX-Answer: forty-two\r\n"));
    assert_non_null(strstr(all, "(value|abc=|1|x+y z|a b)"));
    client_send(&loopback, fd, "GET /describe/1?qq=3&q HTTP/1.1\r\n" H "\r\n");
    assert_non_null(strstr(client_read(&loopback, fd, ")", 1, NULL), "(||1||1)"));
    client_send(&loopback, fd, "GET /describe/1?q=%f HTTP/1.1\r\n" H "\r\n");
    assert_non_null(strstr(client_read(&loopback, fd, ")", 1, NULL), "(||0||1)"));
    end(fd);
}

static void a_body_is_asked_for_when_the_client_expects_it(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    const char *head =
        "POST /length HTTP/1.1\r\n" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    client_send(&loopback, fd, head);
    char *all = client_read(&loopback, fd, "\r\n\r\n", 1, NULL);
    assert_string_equal(all, "HTTP/1.1 100 Continue\r\n\r\n");
    client_send(&loopback, fd, "hello");
    assert_non_null(strstr(client_read(&loopback, fd, "<5>", 1, NULL), "<5>"));
    /* Not asked for when it is there already, and not before earlier answers have left. */
    client_send(&loopback, fd,
                "POST /length HTTP/1.1\r\n" H
                "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
    all = client_read(&loopback, fd, "<5>", 1, NULL);
    assert_null(strstr(all, "100 Continue"));
    client_send(&loopback, fd, GET("/keep"));
    client_send(&loopback, fd, head);
    loopback_spin(&loopback);
    char nothing;
    assert_int_equal(recv(fd, &nothing, 1, 0), -1);
    http_answer(kept[0], 200, "text/plain", SLICE("first"), 0);
    all = client_read(&loopback, fd, "100 Continue\r\n\r\n", 1, NULL);
    assert_true(strstr(all, "first") && strstr(all, "first") < strstr(all, "100 Continue"));
    end(fd);
}

static void a_body_too_long_is_refused_before_it_is_sent(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd,
                "POST /length HTTP/1.1\r\n" H
                "Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n");
    char *all = client_read(&loopback, fd, NULL, 0, NULL);
    assert_non_null(strstr(all, "HTTP/1.1 413 "));
    assert_null(strstr(all, "100 Continue"));
    end(fd);
}

static void large_uploads_go_through_where_the_route_allows(void **state)
{
    (void)state;
    begin((struct http_options){0});
    size_t len = 3u << 20;
    char *body = malloc(len);
    assert_non_null(body);
    memset(body, 'y', len);
    for (int chunked = 0; chunked < 2; chunked++) {
        int fd = client_open(&loopback);
        char head[256];
        snprintf(head, sizeof head, "POST /upload HTTP/1.1\r\n" H "%s\r\n\r\n%s",
                 chunked ? "Transfer-Encoding: chunked" : "Content-Length: 3145728",
                 chunked ? "300000\r\n" : "");
        client_send(&loopback, fd, head);
        client_send_bytes(&loopback, fd, body, len);
        if (chunked)
            client_send(&loopback, fd, "\r\n0\r\n\r\n");
        assert_non_null(strstr(client_read(&loopback, fd, "<3145728>", 1, NULL), "<3145728>"));
        close(fd);
    }
    free(body);
    end(-1);
}

static int admit(const struct http_exchange *x)
{
    return http_header(x, "authorization").len ? 0 : 401;
}

static void a_large_upload_can_be_refused_before_its_body(void **state)
{
    (void)state;
    begin((struct http_options){.admit = admit});
    int fd = client_open(&loopback);
    client_send(&loopback, fd,
                "POST /upload HTTP/1.1\r\n" H
                "Content-Length: 3000000\r\nExpect: 100-continue\r\n\r\n");
    char *all = client_read(&loopback, fd, NULL, 0, NULL);
    assert_non_null(strstr(all, "HTTP/1.1 401 "));
    assert_null(strstr(all, "100 Continue"));
    close(fd);
    fd = client_open(&loopback);
    client_send(&loopback, fd,
                "POST /upload HTTP/1.1\r\n" H "Authorization: Bearer t\r\n"
                "Content-Length: 2\r\n\r\nhi");
    assert_non_null(strstr(client_read(&loopback, fd, "<2>", 1, NULL), "<2>"));
    client_send(&loopback, fd, "POST /length HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi");
    assert_non_null(strstr(client_read(&loopback, fd, "<2>", 1, NULL), "<2>"));
    end(fd);
}

static bool before(struct http_exchange *x)
{
    http_set_context(x, http_user(x));
    http_add_header(x, "X-Before", SLICE("seen"));
    if (!slice_equal(http_query(x), SLICE("forbidden")))
        return true;
    http_answer_problem(x, 403, "forbidden", "Forbidden", SLICE("\"no\""), SLICE("\"extra\":[1,2]"),
                        0);
    return false;
}

static void fallback(struct http_exchange *x)
{
    assert_null(http_route_of(x));
    assert_ptr_equal(http_context(x), &loopback);
    http_answer(x, 200, "text/plain", SLICE("fallback"), 0);
}

static void hooks_stand_before_and_behind_the_routes(void **state)
{
    (void)state;
    begin((struct http_options){.before = before, .fallback = fallback, .user = &loopback});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/now/a?forbidden") GET("/now/b") GET("/nowhere"));
    char *all = client_read(&loopback, fd, "\r\n\r\nfallback", 1, NULL);
    assert_non_null(strstr(all, "HTTP/1.1 403 Forbidden\r\n"));
    assert_non_null(strstr(all,
                           "{\"type\":\"urn:onsale:problem:forbidden\",\"title\":\"Forbidden\","
                           "\"status\":403,\"detail\":\"\\\"no\\\"\",\"code\":\"forbidden\","
                           "\"extra\":[1,2]}"));
    assert_int_equal(handled, 1);
    int seen = 0;
    for (char *at = all; (at = strstr(at, "X-Before: seen\r\n")) != NULL; at++)
        seen++;
    assert_int_equal(seen, 3);
    assert_non_null(strstr(all, "\r\n\r\nfallback"));
    end(fd);
}

static void expect_timeout(const char *sent, struct http_options options, const char *expected)
{
    begin(options);
    int fd = client_open(&loopback);
    client_send(&loopback, fd, sent);
    char *all = client_read(&loopback, fd, NULL, 0, NULL);
    if (expected)
        assert_non_null(strstr(all, expected));
    else
        assert_string_equal(all, "");
    assert_true(client_sees_close(&loopback, fd));
    end(fd);
}

static void slow_headers_slow_bodies_and_idle_connections_end(void **state)
{
    (void)state;
    expect_timeout("GET /now/a HTTP/1.1\r\nHost:", (struct http_options){.header_ms = 40},
                   "HTTP/1.1 408 ");
    expect_timeout("POST /length HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhel",
                   (struct http_options){.body_ms = 40}, "HTTP/1.1 408 ");
    expect_timeout("POST /length HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
                   (struct http_options){.body_ms = 40}, "HTTP/1.1 408 ");
    expect_timeout("", (struct http_options){.idle_ms = 40}, NULL);
    expect_timeout(GET("/now/a"), (struct http_options){.idle_ms = 40}, "\r\n\r\na");
}

static void a_request_under_way_is_not_idle(void **state)
{
    (void)state;
    begin((struct http_options){.idle_ms = 20, .header_ms = 20, .body_ms = 20});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, GET("/keep"));
    for (int i = 0; i < 20; i++)
        loopback_spin(&loopback);
    http_answer(kept[0], 200, "text/plain", SLICE("patience"), 0);
    assert_non_null(strstr(client_read(&loopback, fd, "patience", 1, NULL), "patience"));
    end(fd);
}

static void connections_beyond_the_cap_are_told_so(void **state)
{
    (void)state;
    begin((struct http_options){.max_connections = 2});
    int first = client_open(&loopback), second = client_open(&loopback);
    loopback_spin(&loopback);
    int third = client_open(&loopback);
    char *all = client_read(&loopback, third, NULL, 0, NULL);
    assert_non_null(strstr(all, "HTTP/1.1 503 "));
    assert_non_null(strstr(all, "\r\nRetry-After: "));
    assert_int_equal(http_server_counters(loopback.server).refused, 1);
    close(first);
    loopback_spin(&loopback);
    close(third);
    third = client_open(&loopback);
    client_send(&loopback, third, GET("/now/a"));
    assert_non_null(strstr(client_read(&loopback, third, "\r\n\r\na", 1, NULL), "\r\n\r\na"));
    close(second);
    end(third);
}

static void count(void *context)
{
    (*(int *)context)++;
}

static void a_drain_lets_running_requests_end_and_nothing_else(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int busy = client_open(&loopback), idle = client_open(&loopback), done = 0;
    client_send(&loopback, busy, GET("/keep"));
    client_send(&loopback, idle, GET("/now/a"));
    client_read(&loopback, idle, "\r\n\r\na", 1, NULL);
    http_server_drain(loopback.server, 60000, count, &done);
    assert_true(client_sees_close(&loopback, idle));
    int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(http_server_port(loopback.server))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(late, (struct sockaddr *)&at, sizeof at), -1);
    close(late);
    assert_int_equal(done, 0);
    http_answer(kept[0], 200, "text/plain", SLICE("at last"), 0);
    char *all = client_read(&loopback, busy, NULL, 0, NULL);
    assert_non_null(strstr(all, "at last"));
    assert_non_null(strstr(all, "\r\nConnection: close\r\n"));
    close(busy);
    for (int i = 0; i < 100 && !done; i++)
        loopback_spin(&loopback);
    assert_int_equal(done, 1);
    end(idle);
}

static void the_patience_of_a_drain_ends(void **state)
{
    (void)state;
    begin((struct http_options){.linger_ms = 40});
    int fd = client_open(&loopback), done = 0;
    client_send(&loopback, fd, GET("/keep"));
    loopback_spin(&loopback);
    http_server_drain(loopback.server, 30, count, &done);
    for (int i = 0; i < 1000 && !done; i++)
        loopback_spin(&loopback);
    assert_int_equal(done, 1);
    http_answer(kept[0], 200, "text/plain", SLICE("too late"), 0);
    end(fd);
}

static void the_client_behind_a_trusted_proxy_is_known(void **state)
{
    (void)state;
    begin((struct http_options){.trusted_proxies = "127.0.0.0/8, 10.0.0.0/8"});
    int fd = client_open(&loopback);
    client_send(&loopback, fd,
                "GET /now/a HTTP/1.1\r\n" H "X-Forwarded-For: 1.1.1.1, 192.0.2.7\r\n"
                "X-Forwarded-For: 10.1.2.3\r\n\r\n");
    client_read(&loopback, fd, "\r\n\r\na", 1, NULL);
    char text[ADDRESS_TEXT_MAX];
    address_format(&last_client, text);
    assert_string_equal(text, "192.0.2.7");
    end(fd);
    begin((struct http_options){0});
    fd = client_open(&loopback);
    client_send(&loopback, fd, "GET /now/a HTTP/1.1\r\n" H "X-Forwarded-For: 192.0.2.7\r\n\r\n");
    client_read(&loopback, fd, "\r\n\r\na", 1, NULL);
    address_format(&last_client, text);
    assert_string_equal(text, "127.0.0.1");
    end(fd);
}

static void a_server_that_cannot_listen_says_why(void **state)
{
    (void)state;
    struct http_server *server;
    struct err err;
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct http_options options = {.address = "no address"};
    assert_true(http_server_create(&loop, &options, &server, &err) < 0);
    assert_non_null(strstr(err.detail, "no address"));
    options = (struct http_options){.address = "127.0.0.1", .trusted_proxies = "10.0.0.0/33"};
    assert_true(http_server_create(&loop, &options, &server, &err) < 0);
    assert_non_null(strstr(err.detail, "10.0.0.0/33"));
    begin((struct http_options){0});
    options =
        (struct http_options){.address = "127.0.0.1", .port = http_server_port(loopback.server)};
    assert_true(http_server_create(&loop, &options, &server, &err) < 0);
    assert_non_null(strstr(err.detail, "in use"));
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    end(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_leave_in_the_order_of_their_requests),
        cmocka_unit_test(no_answer_leaves_before_its_barrier),
        cmocka_unit_test(released_answers_of_one_connection_leave_in_one_piece),
        cmocka_unit_test(requests_beyond_the_pipeline_bound_wait),
        cmocka_unit_test(the_loop_does_not_sleep_on_requests_that_were_held_back),
        cmocka_unit_test(many_requests_in_one_read_are_all_answered),
        cmocka_unit_test(a_client_that_does_not_read_is_not_read_from),
        cmocka_unit_test(a_client_that_never_reads_is_closed_in_the_end),
        cmocka_unit_test(an_exchange_outlives_its_client),
        cmocka_unit_test(an_exchange_never_answered_is_freed_with_the_server),
        cmocka_unit_test(a_half_closed_client_gets_its_answers),
        cmocka_unit_test(connection_close_and_http_1_0_are_honoured),
        cmocka_unit_test(head_has_the_length_but_no_body),
        cmocka_unit_test(unknown_paths_and_methods_are_answered_by_the_table),
        cmocka_unit_test(a_request_can_be_read_in_all_its_parts),
        cmocka_unit_test(a_body_is_asked_for_when_the_client_expects_it),
        cmocka_unit_test(a_body_too_long_is_refused_before_it_is_sent),
        cmocka_unit_test(large_uploads_go_through_where_the_route_allows),
        cmocka_unit_test(a_large_upload_can_be_refused_before_its_body),
        cmocka_unit_test(hooks_stand_before_and_behind_the_routes),
        cmocka_unit_test(slow_headers_slow_bodies_and_idle_connections_end),
        cmocka_unit_test(a_request_under_way_is_not_idle),
        cmocka_unit_test(connections_beyond_the_cap_are_told_so),
        cmocka_unit_test(a_drain_lets_running_requests_end_and_nothing_else),
        cmocka_unit_test(the_patience_of_a_drain_ends),
        cmocka_unit_test(the_client_behind_a_trusted_proxy_is_known),
        cmocka_unit_test(a_server_that_cannot_listen_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
