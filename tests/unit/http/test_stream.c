/* Server-sent events over real connections. */
#include "unit/http/loopback.h"

#define H "Host: a.example\r\n"
#define STREAM "GET /stream HTTP/1.1\r\n" H "\r\n"

static struct loopback loopback;
static struct http_stream *streams[16];
static size_t stream_count, closed_count;
static struct http_exchange *kept;

static void closed(struct http_stream *stream, void *context)
{
    assert_ptr_equal(context, &loopback);
    for (size_t i = 0; i < stream_count; i++)
        if (streams[i] == stream)
            streams[i] = NULL;
    closed_count++;
}

static void open_stream(struct http_exchange *x)
{
    struct http_stream *stream = http_stream_begin(x, closed, &loopback);
    if (stream)
        streams[stream_count++] = stream;
}

static void keep(struct http_exchange *x)
{
    kept = x;
}

static const struct http_route routes[] = {
    {HTTP_METHOD_GET, "/stream", open_stream, 0, 0, "stream"},
    {HTTP_METHOD_GET, "/keep", keep, 0, 0, "keep"},
};

static void begin(struct http_options options)
{
    options.routes = routes;
    options.route_count = sizeof routes / sizeof routes[0];
    stream_count = closed_count = 0;
    loopback_start(&loopback, &options);
}

static void send_text(struct http_stream *stream, const char *text)
{
    struct http_blob *blob = http_blob_create(text, strlen(text));
    assert_non_null(blob);
    http_stream_send(stream, blob);
    http_blob_drop(blob);
}

static void frames_arrive_in_order_as_they_were_sent(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, STREAM);
    char *head = client_read(&loopback, fd, "\r\n\r\n", 1, NULL);
    assert_non_null(strstr(head, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(head, "\r\nContent-Type: text/event-stream\r\n"));
    assert_null(strstr(head, "Content-Length"));
    assert_int_equal(http_server_counters(loopback.server).streams, 1);
    for (int i = 0; i < 100; i++) {
        char text[32];
        snprintf(text, sizeof text, "data: %d\n\n", i);
        send_text(streams[0], text);
    }
    char *all = client_read(&loopback, fd, "data: 99\n\n", 1, NULL);
    const char *at = all;
    for (int i = 0; i < 100; i++) {
        char text[32];
        snprintf(text, sizeof text, "data: %d\n\n", i);
        assert_true(strncmp(at, text, strlen(text)) == 0);
        at += strlen(text);
    }
    close(fd);
    loopback_spin(&loopback);
    assert_int_equal(closed_count, 1);
    assert_int_equal(http_server_counters(loopback.server).streams, 0);
    loopback_stop(&loopback);
}

static void frames_wait_for_the_answers_before_the_stream(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, "GET /keep HTTP/1.1\r\n" H "\r\n" STREAM STREAM);
    loopback_spin(&loopback);
    assert_int_equal(stream_count, 1); /* nothing follows a stream on its connection */
    send_text(streams[0], "data: early\n\n");
    loopback_spin(&loopback);
    char nothing;
    assert_int_equal(recv(fd, &nothing, 1, 0), -1);
    http_answer(kept, 200, "text/plain", SLICE("first"), 0);
    char *all = client_read(&loopback, fd, "data: early\n\n", 1, NULL);
    assert_true(strstr(all, "first") && strstr(all, "first") < strstr(all, "event-stream"));
    close(fd);
    loopback_spin(&loopback);
    loopback_stop(&loopback);
}

static void a_client_gone_before_its_stream_began_is_told_once(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, "GET /keep HTTP/1.1\r\n" H "\r\n" STREAM);
    loopback_spin(&loopback);
    send_text(streams[0], "data: early\n\n");
    struct linger hard = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
    loopback_spin(&loopback);
    /* Reading is off behind a stream that waits: the write finds out. */
    http_answer(kept, 200, "text/plain", SLICE("first"), 0);
    loopback_spin(&loopback);
    assert_int_equal(closed_count, 1);
    loopback_stop(&loopback);
}

static void streams_beyond_the_cap_are_told_to_poll(void **state)
{
    (void)state;
    begin((struct http_options){.max_streams = 2});
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = client_open(&loopback);
        client_send(&loopback, fds[i], STREAM);
        char *all = client_read(&loopback, fds[i], "\r\n\r\n", 1, NULL);
        assert_non_null(strstr(all, i < 2 ? "HTTP/1.1 200 " : "HTTP/1.1 503 "));
        if (i == 2)
            assert_non_null(strstr(all, "\r\nRetry-After: "));
    }
    assert_int_equal(http_server_counters(loopback.server).streams, 2);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    loopback_spin(&loopback);
    assert_int_equal(closed_count, 2);
    loopback_stop(&loopback);
}

static void a_consumer_too_slow_is_closed(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int slow = client_open_with(&loopback, 4096), quick = client_open(&loopback);
    client_send(&loopback, slow, STREAM);
    loopback_spin(&loopback);
    client_send(&loopback, quick, STREAM);
    loopback_spin(&loopback);
    client_read(&loopback, quick, "\r\n\r\n", 1, NULL);
    assert_int_equal(stream_count, 2);
    char *text = malloc(60001);
    assert_non_null(text);
    memset(text, 'x', 60000);
    memcpy(text + 59998, "\n\n", 3);
    size_t received = 0;
    for (int i = 0; i < 400 && closed_count == 0; i++) {
        struct http_blob *blob = http_blob_create(text, 60000);
        for (size_t k = 0; k < 2; k++)
            if (streams[k])
                http_stream_send(streams[k], blob);
        http_blob_drop(blob);
        size_t len;
        client_read(&loopback, quick, "\n\n", 1, &len);
        received += len;
    }
    free(text);
    assert_int_equal(closed_count, 1);
    assert_null(streams[0]);
    assert_non_null(streams[1]); /* the other one was not held up by it */
    assert_true(received >= HTTP_STREAM_QUEUE_BYTES);
    assert_true(client_sees_close(&loopback, slow));
    close(slow);
    close(quick);
    loopback_spin(&loopback);
    loopback_stop(&loopback);
}

static void a_stream_closed_by_its_owner_ends_after_its_last_frame(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, STREAM);
    loopback_spin(&loopback);
    send_text(streams[0], "data: last\n\n");
    http_stream_close(streams[0]);
    char *all = client_read(&loopback, fd, NULL, 0, NULL);
    assert_non_null(strstr(all, "data: last\n\n"));
    assert_int_equal(closed_count, 0); /* the owner knows */
    assert_int_equal(http_server_counters(loopback.server).streams, 0);
    close(fd);
    loopback_spin(&loopback);
    loopback_stop(&loopback);
}

static void silent_streams_get_a_comment(void **state)
{
    (void)state;
    begin((struct http_options){.heartbeat_ms = 20});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, STREAM);
    char *all = client_read(&loopback, fd, ":\n\n", 3, NULL);
    assert_non_null(strstr(all, "\r\n\r\n:\n\n:\n\n:\n\n"));
    close(fd);
    loopback_spin(&loopback);
    loopback_stop(&loopback);
}

static void streams_end_with_a_drain_and_with_the_server(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, STREAM);
    loopback_spin(&loopback);
    loopback_stop(&loopback);
    assert_int_equal(closed_count, 1);
    close(fd);
}

static void head_of_a_stream_is_a_head_alone(void **state)
{
    (void)state;
    begin((struct http_options){0});
    int fd = client_open(&loopback);
    client_send(&loopback, fd, "HEAD /stream HTTP/1.1\r\n" H "\r\n");
    char *all = client_read(&loopback, fd, NULL, 0, NULL);
    assert_non_null(strstr(all, "text/event-stream"));
    assert_int_equal(stream_count, 0);
    close(fd);
    loopback_stop(&loopback);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_arrive_in_order_as_they_were_sent),
        cmocka_unit_test(frames_wait_for_the_answers_before_the_stream),
        cmocka_unit_test(a_client_gone_before_its_stream_began_is_told_once),
        cmocka_unit_test(streams_beyond_the_cap_are_told_to_poll),
        cmocka_unit_test(a_consumer_too_slow_is_closed),
        cmocka_unit_test(a_stream_closed_by_its_owner_ends_after_its_last_frame),
        cmocka_unit_test(silent_streams_get_a_comment),
        cmocka_unit_test(streams_end_with_a_drain_and_with_the_server),
        cmocka_unit_test(head_of_a_stream_is_a_head_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
