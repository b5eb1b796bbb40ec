/* A real server on loopback fed with arbitrary bytes in arbitrary pieces. The first byte says how
 * the rest is cut. Whatever comes: no crash, answers that look like answers, no connection, stream
 * or exchange left behind. */
#include "http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uv_loop_t loop;
static struct http_server *server;
static struct http_exchange *kept[64];
static size_t kept_count;
static uint64_t barrier;

static void echo(struct http_exchange *x)
{
    struct slice q;
    (void)http_query_param(x, "q", &q);
    (void)http_cookie(x, "session");
    (void)http_header(x, "authorization");
    struct slice id = http_param(x, "id");
    http_answer(x, 200, "text/plain", id.len ? id : http_body(x), 0);
}

static void late(struct http_exchange *x)
{
    http_answer(x, 201, "text/plain", http_body(x), ++barrier);
}

static void keep(struct http_exchange *x)
{
    if (kept_count == 64)
        abort(); /* one connection has at most LIMIT_PIPELINE */
    kept[kept_count++] = x;
}

static void stream(struct http_exchange *x)
{
    struct http_stream *s = http_stream_begin(x, NULL, NULL);
    struct http_blob *blob = http_blob_create("data: x\n\n", 9);
    if (s && blob)
        http_stream_send(s, blob);
    http_blob_drop(blob);
}

static const struct http_route routes[] = {
    {HTTP_METHOD_GET, "/", echo, 0, 0, "root"},       {HTTP_METHOD_POST, "/a", echo, 100, 0, "a"},
    {HTTP_METHOD_POST, "/b", late, 1u << 20, 0, "b"}, {HTTP_METHOD_GET, "/c", keep, 0, 0, "c"},
    {HTTP_METHOD_GET, "/d/{id}.x", echo, 0, 0, "d"},  {HTTP_METHOD_GET, "/e", stream, 0, 0, "e"},
};

static void start(void)
{
    static const struct http_options options = {
        .address = "127.0.0.1",
        .routes = routes,
        .route_count = sizeof routes / sizeof routes[0],
        .trusted_proxies = "127.0.0.0/8",
    };
    struct err err;
    if (uv_loop_init(&loop) < 0 || http_server_create(&loop, &options, &server, &err) < 0)
        abort();
}

static void check_answer(int fd)
{
    char answer[4096];
    ssize_t n = recv(fd, answer, sizeof answer, MSG_DONTWAIT);
    if (n >= 9 && memcmp(answer, "HTTP/1.1 ", 9) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!server)
        start();
    if (size < 2)
        return 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(http_server_port(server))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) < 0)
        abort();
    uv_run(&loop, UV_RUN_NOWAIT);
    size_t piece = data[0] < 128 ? size : (size_t)(data[0] - 127) * 3;
    for (size_t from = 1; from < size; from += piece) {
        size_t len = size - from < piece ? size - from : piece;
        if (send(fd, data + from, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            break;
        uv_run(&loop, UV_RUN_NOWAIT);
        while (kept_count > 0 && data[0] % 2)
            http_answer(kept[--kept_count], 200, "text/plain", SLICE("kept"), 0);
        http_server_release(server, data[0] % 3 ? barrier : 0);
    }
    uv_run(&loop, UV_RUN_NOWAIT);
    check_answer(fd);
    struct linger hard = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    if (data[0] % 5 == 0)
        shutdown(fd, SHUT_WR);
    uv_run(&loop, UV_RUN_NOWAIT);
    close(fd);
    for (int i = 0; i < 100 && http_server_counters(server).connections > 0; i++) {
        uv_run(&loop, UV_RUN_NOWAIT);
        while (kept_count > 0)
            http_answer(kept[--kept_count], 200, "text/plain", SLICE("kept"), 0);
        http_server_release(server, barrier);
    }
    while (kept_count > 0)
        http_answer(kept[--kept_count], 200, "text/plain", SLICE("kept"), 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    if (http_server_counters(server).connections > 0 || http_server_counters(server).streams > 0)
        abort();
    return 0;
}
