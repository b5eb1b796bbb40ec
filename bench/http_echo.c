/*
 * http_echo: the HTTP layer alone, for measuring it beside nginx `return 200`: POST /echo takes a
 * JSON body and answers 145 bytes. bench/http.sh runs both in turns.
 *
 *   http_echo PORT
 */
#include "http/server.h"

#include <stdlib.h>

static const char text[] = "{\"id\":\"hold_0123456789abcdef\",\"expires_at\":\"2027-06-12T18:30:00."
                           "000Z\",\"expires_in_ms\":"
                           "600000,\"items\":[],\"total\":{\"amount\":1255,\"currency\":\"EUR\"}}";

static void echo(struct http_exchange *x)
{
    http_answer(x, 200, "application/json", slice_make(text, sizeof text - 1), 0);
}

int main(int argc, char **argv)
{
    static const struct http_route routes[] = {
        {HTTP_METHOD_POST, "/echo", echo, 0, 0, "echo"},
    };
    struct http_options options = {
        .address = "127.0.0.1",
        .port = (uint16_t)(argc > 1 ? atoi(argv[1]) : 0),
        .routes = routes,
        .route_count = 1,
    };
    struct http_server *server;
    struct err err;
    if (http_server_create(uv_default_loop(), &options, &server, &err) < 0) {
        fprintf(stderr, "http_echo: %s\n", err.detail);
        return 1;
    }
    printf("%u\n", http_server_port(server));
    fflush(stdout);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
