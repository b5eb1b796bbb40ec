#include "process.h"
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>

static void print_time(FILE *out, uint64_t us)
{
    (void)fprintf(out, "%llu:%02llu:%02llu.%06llu", (unsigned long long)(us / HOUR_US),
                  (unsigned long long)(us / (60 * SECOND_US) % 60),
                  (unsigned long long)(us / SECOND_US % 60), (unsigned long long)(us % SECOND_US));
}

void trace_line(struct sim *s, const char *words, size_t len, const uint64_t *values, size_t count)
{
    values++; /* the first is there so that the list is never empty */
    count--;
    s->hash = hash64_of(words, len, s->hash ^ s->now_us);
    s->hash = hash64_of(values, count * sizeof *values, s->hash);
    if (!s->options->trace)
        return;
    print_time(stdout, s->now_us - SIM_START_US);
    (void)fputs("  ", stdout);
    for (const char *c = words; *c; c++) {
        if (*c == '#' && count > 0)
            (void)printf("%llu", (unsigned long long)*values++);
        else if (*c == '@' && count > 0)
            (void)printf("%016llx", (unsigned long long)*values++);
        else
            (void)putchar(*c);
        if (*c == '#' || *c == '@')
            count -= count > 0;
    }
    (void)putchar('\n');
}

void sim_broken(struct sim *s, const char *invariant, const char *format, ...)
{
    va_list args;
    process_pause();
    s->broken = invariant;
    (void)printf("\nBROKEN: %s\n  ", invariant);
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)printf("\n  seed %llu, step %llu, simulated time ", (unsigned long long)s->seed,
                 (unsigned long long)s->step);
    print_time(stdout, s->now_us - SIM_START_US);
    (void)printf("\n  replay: onsale-sim --seed %llu%s --trace\n", (unsigned long long)s->seed,
                 s->options->replay);
    (void)fflush(stdout);
    longjmp(s->out, 1);
}
