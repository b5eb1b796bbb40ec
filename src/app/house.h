/*
 * house: the whole box office in one process, put together: loop, journal, engine, views, keys, API
 * and web server, payment provider, mail. The only place that knows all of them.
 *
 *   turn of the loop: requests and timers decide; then engine_commit: one append; then replies
 * leave
 *
 * Thread: the loop's, but for what libuv's pool does (plans, people's keys, mails) and the sandbox
 * provider, which has a thread and a loop of its own.
 */
#ifndef ONSALE_APP_HOUSE_H
#define ONSALE_APP_HOUSE_H

#include "app/settings.h"

struct house_options {
    const struct settings *settings;
    bool demo; /* fill an empty house with the demo's events, show the mailbox */
};

/* Runs until SIGTERM or SIGINT. Returns the exit code. */
int house_run(const struct house_options *options);

#endif
