#include "workers.h"

#include "process.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the processes share. */
struct board {
    _Atomic uint64_t taken; /* seeds */
    _Atomic bool broken;
    struct figures figures[WORKERS_MAX];
};

static void work(const struct workers *w, struct board *board, struct figures *figures)
{
    for (uint64_t n; !board->broken && (n = atomic_fetch_add(&board->taken, 1)) < w->count;) {
        uint64_t hash;
        if (sim_run(w->from + n, w->options, figures, &hash) != 0)
            board->broken = true;
        if (w->hash)
            (void)printf("seed %llu: %016llx\n", (unsigned long long)(w->from + n),
                         (unsigned long long)hash);
        (void)fflush(stdout); /* whole, even where several write */
    }
    for (uint32_t i = 0; i < process_point_count(); i++)
        figures->reached[i] = process_point_reached(i);
}

/* They are counters, all of them. */
static void add_up(struct figures *sum, const struct figures *more)
{
    static_assert(sizeof *sum % sizeof(uint64_t) == 0, "figures are words");
    uint64_t *to = (uint64_t *)(void *)sum;
    const uint64_t *from = (const uint64_t *)(const void *)more;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

int workers_run(const struct workers *w, struct figures *figures)
{
    struct board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(board != MAP_FAILED && w->jobs >= 1 && w->jobs <= WORKERS_MAX);
    if (w->jobs == 1)
        work(w, board, &board->figures[0]);
    for (uint32_t i = 0; i < w->jobs && w->jobs > 1; i++) {
        pid_t pid = fork();
        assert(pid >= 0);
        if (pid == 0) {
            work(w, board, &board->figures[i]);
            _exit(0);
        }
    }
    for (int status; w->jobs > 1 && wait(&status) > 0;)
        if (status != 0) /* it fell over production code */
            board->broken = true;
    for (uint32_t i = 0; i < w->jobs; i++)
        add_up(figures, &board->figures[i]);
    int result = board->broken ? 1 : 0;
    (void)munmap(board, sizeof *board);
    return result;
}
