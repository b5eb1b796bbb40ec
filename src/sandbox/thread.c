/* thread: the sandbox on a thread of its own (sandbox.h). */
#include "sandbox/sandbox.h"

#include <pthread.h>
#include <stdlib.h>

struct sandbox_thread {
    pthread_t thread;
    uv_loop_t loop;
    uv_async_t stop;
    struct sandbox *sandbox;
    uint16_t port;
};

static void on_stop(uv_async_t *async)
{
    struct sandbox_thread *t = async->data;
    sandbox_stop(t->sandbox);
    uv_close((uv_handle_t *)async, NULL);
}

static void *serve(void *argument)
{
    struct sandbox_thread *t = argument;
    uv_run(&t->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* Lets what was closed go, then frees. */
static void finish(struct sandbox_thread *t)
{
    uv_run(&t->loop, UV_RUN_DEFAULT);
    uv_loop_close(&t->loop);
    free(t);
}

int sandbox_thread_start(const struct sandbox_options *options, struct sandbox_thread **ret_thread,
                         struct err *err)
{
    struct sandbox_thread *t = calloc(1, sizeof *t);
    if (!t || uv_loop_init(&t->loop) < 0) {
        free(t);
        return err_set(err, "no memory for the sandbox's thread");
    }
    t->stop.data = t;
    uv_async_init(&t->loop, &t->stop, on_stop);
    /* Everything is set up here: only the loop's running moves to the thread. */
    int started = sandbox_start(&t->loop, options, &t->sandbox, err);
    if (started == 0)
        t->port = sandbox_port(t->sandbox);
    if (started == 0 && pthread_create(&t->thread, NULL, serve, t) != 0) {
        sandbox_stop(t->sandbox);
        started = err_set(err, "no thread for the sandbox");
    }
    if (started < 0) {
        uv_close((uv_handle_t *)&t->stop, NULL);
        finish(t);
        return -1;
    }
    *ret_thread = t;
    return 0;
}

uint16_t sandbox_thread_port(const struct sandbox_thread *t)
{
    return t->port;
}

struct sandbox_keys sandbox_thread_keys(const struct sandbox_thread *t)
{
    return sandbox_keys(t->sandbox);
}

void sandbox_thread_stop(struct sandbox_thread *t)
{
    if (!t)
        return;
    uv_async_send(&t->stop);
    pthread_join(t->thread, NULL);
    finish(t);
}
