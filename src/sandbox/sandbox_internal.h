/* sandbox_internal: what sandbox.c (life, turns, faults) and desk.c (addresses, requests) share.
 * Thread: the loop's. */
#ifndef ONSALE_SANDBOX_INTERNAL_H
#define ONSALE_SANDBOX_INTERNAL_H

#include "http/server.h"
#include "sandbox/calls.h"
#include "sandbox/sandbox.h"

#define SANDBOX_ROUTES_MAX 64u

struct sandbox {
    uv_loop_t *loop;
    struct books *books;
    struct hooks *hooks;
    struct agenda *agenda;
    struct http_server *server;                   /* NULL while it plays dead */
    struct http_route routes[SANDBOX_ROUTES_MAX]; /* of the server */
    struct faults faults;
    struct calls_times times;
    struct books_text webhook_secret, secret_key, publishable_key;
    char *webhook_url;
    char address[64];
    uint16_t port;
    uint64_t turn; /* barrier of the open transaction */
    struct wait *waits;
    uv_timer_t timer;
    uv_check_t check;
    uv_idle_t idle; /* keeps the loop from sleeping on an open transaction */
    int handles;
};

/* Lives as long as its exchange. */
struct request {
    struct sandbox *sandbox;
    struct http_exchange *x;
    struct call call;
    calls_operation *operation;
    bool open; /* its call is still to be done */
};

/* A call with everything but what was asked. */
struct call sandbox_call(struct sandbox *s);

/* What must be on disk before an answer may leave; 0: nothing. */
uint64_t sandbox_barrier(struct sandbox *s);

/* Does a request, as the fault that it meets has it, and answers. Frees its form and body. */
void sandbox_meet(struct request *r);
/* Does it without a fault. */
void sandbox_do(struct request *r);
/* Answers what stands in the call. */
void sandbox_answer(struct request *r);
void sandbox_refuse(struct request *r, int status, const char *code, const char *message);

/* Nobody listens for `ms`: connections are refused, what was under way is never answered. */
void sandbox_play_dead(struct sandbox *s, uint32_t ms);

/* Saves s->times as settings, and reads them. */
void sandbox_save_times(struct sandbox *s);

/* Listens with desk.c's addresses. */
int desk_open(struct sandbox *s, uint16_t port, struct err *err) MUST_USE;

#endif
