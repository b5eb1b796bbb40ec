/* The helper thread of the SQLite driver: prepares the next file, closes the full one. */
#include "journal/sqlite_private.h"

#include <assert.h>
#include <signal.h>
#include <time.h>

#define RETRY_SECONDS 1

/* The lock is held, and let go of while the disk is waited for. */
static bool prepare_next(struct rotation *r)
{
    uint32_t number = r->prepare_number;
    uint64_t ahead = r->prepare_ahead;
    pthread_mutex_unlock(&r->lock);
    struct logfile *file = NULL;
    struct err err;
    int result = logfile_open(r->folder, number, ahead, &file, &err);
    pthread_mutex_lock(&r->lock);
    if (result < 0)
        return false; /* tried again; meanwhile the current file grows beyond its size */
    r->prepared = file;
    r->prepare_number = 0;
    return true;
}

/* As above. */
static bool retire(struct rotation *r)
{
    struct logfile *file = r->retiring;
    r->retiring_state = RETIRING_BUSY;
    pthread_mutex_unlock(&r->lock);
    struct err err;
    int result = logfile_checkpoint(file, &err);
    if (result == 0)
        logfile_close(file, true);
    pthread_mutex_lock(&r->lock);
    r->retiring = result == 0 ? NULL : file;
    r->retiring_state = result == 0 ? RETIRING_NONE : RETIRING_WAITING;
    pthread_cond_broadcast(&r->changed);
    return result == 0;
}

/* The lock is held. A next file that cannot be made does not keep the full one from being closed,
 * which may give space. */
static bool work(struct rotation *r)
{
    return (r->prepare_number && prepare_next(r)) ||
           (r->retiring_state == RETIRING_WAITING && retire(r));
}

bool rotation_work(struct rotation *r)
{
    pthread_mutex_lock(&r->lock);
    bool done = work(r);
    pthread_mutex_unlock(&r->lock);
    return done;
}

/* Waits for work; when there is some that failed, only until the next try. */
static void wait_for_work(struct rotation *r)
{
    if (r->prepare_number == 0 && r->retiring_state != RETIRING_WAITING) {
        pthread_cond_wait(&r->changed, &r->lock);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RETRY_SECONDS;
    pthread_cond_timedwait(&r->changed, &r->lock, &until);
}

static void *rotation_main(void *context)
{
    struct rotation *r = context;
    pthread_mutex_lock(&r->lock);
    while (!r->stop)
        if (!work(r) && !r->stop)
            wait_for_work(r);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

int rotation_start(struct rotation *r, const struct folder *folder, bool by_hand, struct err *err)
{
    *r = (struct rotation){.started = true, .by_hand = by_hand, .folder = folder};
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (by_hand)
        return 0;
    /* Signals are for the program's own threads. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&r->thread, NULL, rotation_main, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code == 0)
        return 0;
    r->started = false;
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    return err_set(err, "the journal's helper thread cannot start: %s", strerror(code));
}

void rotation_finish(struct rotation *r)
{
    if (!r->started)
        return;
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    if (!r->by_hand)
        pthread_join(r->thread, NULL);
    logfile_close(r->prepared, true);
    logfile_close(r->retiring, true);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    r->started = false;
}

void rotation_want(struct rotation *r, uint32_t number, uint64_t ahead_bytes)
{
    pthread_mutex_lock(&r->lock);
    assert(!r->prepared && r->prepare_number == 0);
    r->prepare_number = number;
    r->prepare_ahead = ahead_bytes;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

struct logfile *rotation_exchange(struct rotation *r, struct logfile *full)
{
    pthread_mutex_lock(&r->lock);
    struct logfile *next = r->retiring_state == RETIRING_NONE ? r->prepared : NULL;
    if (next) {
        r->prepared = NULL;
        r->retiring = full;
        r->retiring_state = RETIRING_WAITING;
        pthread_cond_broadcast(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
    return next;
}

struct logfile *rotation_claim(struct rotation *r, uint32_t number)
{
    pthread_mutex_lock(&r->lock);
    while (r->retiring_state == RETIRING_BUSY)
        pthread_cond_wait(&r->changed, &r->lock);
    struct logfile *file = NULL;
    if (r->retiring_state == RETIRING_WAITING && r->retiring->number == number) {
        r->retiring_state = RETIRING_READING;
        file = r->retiring;
    }
    pthread_mutex_unlock(&r->lock);
    return file;
}

void rotation_release(struct rotation *r)
{
    pthread_mutex_lock(&r->lock);
    r->retiring_state = RETIRING_WAITING;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}
