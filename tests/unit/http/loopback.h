/* loopback: a server of a test's own and raw clients, all on one thread: the client polls its
 * socket and lets the loop run in between. Nothing here measures time; waiting only ends a test
 * that would never end. */
#ifndef ONSALE_TESTS_LOOPBACK_H
#define ONSALE_TESTS_LOOPBACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct loopback {
    uv_loop_t loop;
    struct http_server *server;
};

static inline void loopback_start(struct loopback *l, const struct http_options *options)
{
    struct err err;
    struct http_options o = *options;
    o.address = o.address ? o.address : "127.0.0.1";
    assert_int_equal(uv_loop_init(&l->loop), 0);
    if (http_server_create(&l->loop, &o, &l->server, &err) < 0)
        fail_msg("%s", err.detail);
}

static inline void loopback_stop(struct loopback *l)
{
    http_server_destroy(l->server);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&l->loop), 0);
}

/* Lets the loop do all that it can do now. */
static inline void loopback_spin(struct loopback *l)
{
    for (int i = 0; i < 20; i++) {
        uv_run(&l->loop, UV_RUN_NOWAIT);
        nanosleep(&(struct timespec){0, 200000}, NULL);
    }
}

static inline int client_open_with(struct loopback *l, int receive_bytes)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (receive_bytes)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(http_server_port(l->server))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static inline int client_open(struct loopback *l)
{
    return client_open_with(l, 0);
}

static inline void client_send_bytes(struct loopback *l, int fd, const char *data, size_t len)
{
    size_t at = 0;
    for (int turns = 0; at < len && turns < 20000; turns++) {
        ssize_t n = send(fd, data + at, len - at, MSG_NOSIGNAL);
        if (n > 0)
            at += (size_t)n;
        else if (errno != EAGAIN)
            return; /* the server has closed: the answer will tell */
        uv_run(&l->loop, UV_RUN_NOWAIT);
    }
}

static inline void client_send(struct loopback *l, int fd, const char *text)
{
    client_send_bytes(l, fd, text, strlen(text));
}

/* Reads until `enough` (a text) has come `times` times, or, when NULL, until the server closes. The
 * result is NUL-terminated; *ret_len may be NULL. */
static inline char *client_read(struct loopback *l, int fd, const char *enough, int times,
                                size_t *ret_len)
{
    static char data[8 << 20];
    size_t len = 0;
    for (int turns = 0; turns < 30000; turns++) {
        uv_run(&l->loop, UV_RUN_NOWAIT);
        ssize_t n = recv(fd, data + len, sizeof data - 1 - len, 0);
        if (n > 0) {
            len += (size_t)n;
            data[len] = 0;
            int seen = 0;
            for (char *at = data; enough && (at = strstr(at, enough)) != NULL; at++)
                seen++;
            if (enough && seen >= times)
                break;
            continue;
        }
        if (n == 0 || errno != EAGAIN)
            break;
        nanosleep(&(struct timespec){0, 200000}, NULL);
    }
    data[len] = 0;
    if (ret_len)
        *ret_len = len;
    return data;
}

/* True once the server has closed (or reset) the connection and all was read. */
static inline bool client_sees_close(struct loopback *l, int fd)
{
    char sink[65536];
    for (int turns = 0; turns < 30000; turns++) {
        uv_run(&l->loop, UV_RUN_NOWAIT);
        ssize_t n = recv(fd, sink, sizeof sink, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return true;
        if (n < 0)
            nanosleep(&(struct timespec){0, 200000}, NULL);
    }
    return false;
}

#endif
