/* onsale-sim: years of simulated on-sales, from seeds. */
#include "cashier/reconcile.h"
#include "process.h"
#include "sim.h"
#include "store.h"
#include "workers.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "onsale-sim [--seed S | --seeds N [--from S]] [--trace] [--until SECONDS]\n"
    "           [--journal disk|sqlite] [--checks all|some|none] [--jobs N] [--hash] [--quiet]\n"
    "\n"
    "  --seed S        runs one seed\n"
    "  --seeds N       runs N seeds, from --from S (1); stops at the first that breaks an "
    "invariant\n"
    "  --trace         prints every step\n"
    "  --until SECONDS stops at this simulated time since the start\n"
    "  --journal NAME  what the world's journal stands on: disk (a model, the default), sqlite\n"
    "                  (the real driver on a disk that loses power), sqlite-normal (it must lose)\n"
    "  --checks        all: every entry in every world; some: in small worlds, sampled in larger\n"
    "                  ones (default); none: few\n"
    "  --jobs N        in so many processes (1)\n"
    "  --hash          prints the hash of each seed's trace\n"
    "  --quiet         prints no closing figures\n"
    "\n"
    "Ends with 0 when all is well, 1 when an invariant broke, 2 for wrong arguments.\n";

struct arguments {
    uint64_t from, count, jobs;
    bool hash, quiet;
    struct sim_options options;
    char replay[128];
};

static uint64_t read_number(const char *text, const char *name)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text ? text : "", &end, 10);
    if (!text || *text < '0' || *text > '9' || *end || errno) {
        (void)fprintf(stderr, "onsale-sim: %s wants a number\n%s", name, usage);
        exit(2);
    }
    return value;
}

__attribute__((noreturn)) static void refuse(const char *argument)
{
    (void)fprintf(stderr, "onsale-sim: %s is not understood\n%s", argument, usage);
    exit(2);
}

static void read_arguments(int count, char **list, struct arguments *a)
{
    for (int i = 1; i < count; i++) {
        const char *name = list[i], *value = i + 1 < count ? list[i + 1] : NULL;
        i++;
        if (strcmp(name, "--seed") == 0) {
            a->from = read_number(value, name);
            a->count = 1;
        } else if (strcmp(name, "--seeds") == 0) {
            a->count = read_number(value, name);
        } else if (strcmp(name, "--from") == 0) {
            a->from = read_number(value, name);
        } else if (strcmp(name, "--jobs") == 0) {
            a->jobs = read_number(value, name);
            if (a->jobs < 1 || a->jobs > WORKERS_MAX)
                refuse("this number of --jobs");
        } else if (strcmp(name, "--until") == 0) {
            a->options.until_us = read_number(value, name) * SECOND_US;
        } else if (strcmp(name, "--journal") == 0 && value && store_driver(value)) {
            a->options.journal = value;
        } else if (strcmp(name, "--checks") == 0 && value &&
                   (strcmp(value, "all") == 0 || strcmp(value, "some") == 0 ||
                    strcmp(value, "none") == 0)) {
            a->options.checks = value;
        } else {
            i--;
            if (strcmp(name, "--trace") == 0)
                a->options.trace = true;
            else if (strcmp(name, "--hash") == 0)
                a->hash = true;
            else if (strcmp(name, "--quiet") == 0)
                a->quiet = true;
            else if (strcmp(name, "--help") == 0) {
                (void)fputs(usage, stdout);
                exit(0);
            } else
                refuse(name);
        }
    }
    (void)snprintf(a->replay, sizeof a->replay, "%s%s%s%s",
                   strcmp(a->options.journal, "disk") == 0 ? "" : " --journal ",
                   strcmp(a->options.journal, "disk") == 0 ? "" : a->options.journal,
                   strcmp(a->options.checks, "some") == 0 ? "" : " --checks ",
                   strcmp(a->options.checks, "some") == 0 ? "" : a->options.checks);
    a->options.replay = a->replay;
}

/* A crash of the production code is a broken invariant, too. */
static void on_signal(int number)
{
    char text[160];
    int len = snprintf(text, sizeof text,
                       "\nBROKEN: the production code does not crash\n  signal %d\n"
                       "  replay: onsale-sim --seed %llu --trace\n",
                       number, (unsigned long long)(sim_present ? sim_present->seed : 0));
    (void)!write(STDOUT_FILENO, text, (size_t)len);
    _exit(1);
}

static double real_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of this process and of those that it waited for. */
static double processor_seconds(void)
{
    static const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    double seconds = 0;
    for (int i = 0; i < 2; i++) {
        struct rusage used;
        (void)getrusage(whose[i], &used);
        seconds += (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                   (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    }
    return seconds;
}

static void print_simulated(uint64_t us)
{
    double days = (double)us / 1e6 / 86400;
    if (days > 400)
        (void)printf("%.2f years", days / 365.25);
    else
        (void)printf("%.2f days", days);
}

static void print_points(const struct figures *f)
{
    uint32_t reached = 0, died = 0, count = process_point_count();
    for (uint32_t i = 0; i < count; i++) {
        reached += f->reached[i] > 0;
        died += f->crashed_at[i] > 0;
    }
    (void)printf("crash points         %u of %u reached, died at %u\n", reached, count, died);
    for (uint32_t i = 0; i < count; i++)
        if (f->reached[i] == 0)
            (void)printf("  not reached        %s\n", process_point_name(i));
        else if (f->crashed_at[i] == 0)
            (void)printf("  never died at      %s\n", process_point_name(i));
}

static void print_figures(const struct figures *f, double seconds, double processor)
{
#define FAULT_WORDS(name, words) words,
    static const char *const words[] = {SIM_FAULTS(FAULT_WORDS)};
#undef FAULT_WORDS
    (void)printf("\nseeds                %llu\nsimulated time       ",
                 (unsigned long long)f->seeds);
    print_simulated(f->simulated_us);
    (void)printf(
        "\ncommands             %llu\nentries              %llu in %llu rows\n"
        "starts, crashes      %llu, %llu\n"
        "sold                 %llu units in %llu paid orders; %llu ended\n"
        "money                %llu refunds, %llu disputes, %llu cases of which %llu closed,\n"
        "                     %llu quotes with promo codes, prices stepped %llu times\n"
        "waiting rooms        %llu places, %llu came in\n"
        "reconciled           %llu times, %llu objects; %llu runs given up, %llu died\n"
        "invariants evaluated %llu times\n",
        (unsigned long long)f->commands, (unsigned long long)f->entries,
        (unsigned long long)f->rows, (unsigned long long)f->starts, (unsigned long long)f->crashes,
        (unsigned long long)f->sold_units, (unsigned long long)f->captured_orders,
        (unsigned long long)f->ended_orders, (unsigned long long)f->refunds,
        (unsigned long long)f->disputes, (unsigned long long)f->cases,
        (unsigned long long)f->resolved, (unsigned long long)f->promo_quotes,
        (unsigned long long)f->steps_of_prices, (unsigned long long)f->places,
        (unsigned long long)f->admitted, (unsigned long long)f->reconciled,
        (unsigned long long)f->reconciled_objects, (unsigned long long)f->reconcile_failures,
        (unsigned long long)f->reconcile_crashes, (unsigned long long)f->checks);
    (void)printf("differences believed\n");
    for (uint32_t i = 0; i < RECONCILE_KIND_COUNT; i++)
        (void)printf("  %-46s %llu\n", reconcile_kind_words((enum reconcile_kind)i),
                     (unsigned long long)f->differences[i]);
    (void)printf("faults\n");
    for (uint32_t i = 0; i < FAULT_COUNT; i++)
        (void)printf("  %-46s %llu\n", words[i], (unsigned long long)f->faults[i]);
    print_points(f);
    (void)printf("real time            %.1f s: %.0f times as fast as the world, %.0f commands a "
                 "second\n"
                 "processor time       %.1f s: %.0f commands a second of one core\n",
                 seconds, (double)f->simulated_us / 1e6 / seconds, (double)f->commands / seconds,
                 processor, (double)f->commands / processor);
}

int main(int argument_count, char **argument_list)
{
    static struct figures figures;
    struct arguments a = {
        .from = 1, .count = 1, .jobs = 1, .options = {.journal = "disk", .checks = "some"}};
    read_arguments(argument_count, argument_list, &a);
    process_init();
    /* Memory that went back to the kernel would be asked for again in the next moment. */
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 25);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
    (void)signal(SIGABRT, on_signal);
#ifndef __SANITIZE_ADDRESS__
    (void)signal(SIGSEGV, on_signal);
    (void)signal(SIGBUS, on_signal);
    (void)signal(SIGFPE, on_signal);
#endif
    double began = real_seconds();
    struct workers workers = {a.from, a.count, (uint32_t)a.jobs, a.hash, &a.options};
    int result = workers_run(&workers, &figures);
    if (!a.quiet && result == 0)
        print_figures(&figures, real_seconds() - began, processor_seconds());
    return result;
}
