#include "process.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define POINTS_MAX 256u
#define MAPPINGS_MAX 64u
#ifdef __SANITIZE_ADDRESS__
#define SPARES_MAX 0u /* whoever still looks at what was unmapped shall fall over it */
#else
#define SPARES_MAX 16u
#endif

/* The linker's borders of the section that CRASH_POINT fills. */
extern struct crash_site *const __start_crash_sites[];
extern struct crash_site *const __stop_crash_sites[];

struct mapping {
    void *at;
    size_t size;
};

static struct {
    struct crash_site *points[POINTS_MAX]; /* by name */
    uint32_t point_count;
    /* where the process dies */
    bool running;
    jmp_buf out;
    uint64_t countdown;              /* crash points until it dies; 0: never */
    const struct crash_site *target; /* or at this one, when it was met `target_hits` times */
    uint64_t target_hits;
    uint32_t died_at;
    /* its memory */
    void **blocks; /* open addressing; NULL: empty */
    size_t block_mask, block_count;
    struct mapping mappings[MAPPINGS_MAX];
    struct mapping spares[SPARES_MAX + 1]; /* unmapped ones, for the next process; newest last */
    uint32_t spare_count;
    uint32_t short_rate;
    struct random *short_random;
    bool short_met;
} process;

/* Production code runs in this thread right now. */
static _Thread_local bool inside;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
char *__real_strdup(const char *text);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *at, size_t size);
__attribute__((noreturn)) void __real_abort(void);
__attribute__((noreturn)) void __real___assert_fail(const char *what, const char *file,
                                                    unsigned line, const char *function);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
char *__wrap_strdup(const char *text);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
/* What mmap is called where file offsets have 64 bits. */
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t size);
__attribute__((noreturn)) void __wrap_abort(void);
__attribute__((noreturn)) void __wrap___assert_fail(const char *what, const char *file,
                                                    unsigned line, const char *function);

/* ---- blocks ---- */

static size_t block_place(const void *block)
{
    return (size_t)(((uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u >> 20) & process.block_mask;
}

static void blocks_grow(void)
{
    void **old = process.blocks;
    size_t old_mask = process.block_mask;
    process.block_mask = old ? old_mask * 2 + 1 : 4095;
    process.blocks = __real_calloc(process.block_mask + 1, sizeof(void *));
    if (!process.blocks)
        __real_abort();
    for (size_t i = 0; old && i <= old_mask; i++) {
        if (!old[i])
            continue;
        size_t at = block_place(old[i]);
        while (process.blocks[at])
            at = (at + 1) & process.block_mask;
        process.blocks[at] = old[i];
    }
    __real_free(old);
}

static void *blocks_add(void *block)
{
    if (!block || !inside)
        return block;
    if (!process.blocks || process.block_count * 2 > process.block_mask)
        blocks_grow();
    size_t at = block_place(block);
    while (process.blocks[at])
        at = (at + 1) & process.block_mask;
    process.blocks[at] = block;
    process.block_count++;
    return block;
}

/* False: it was not the process's. */
static bool blocks_remove(const void *block)
{
    if (process.block_count == 0 || !block)
        return false;
    size_t at = block_place(block);
    while (process.blocks[at] != block) {
        if (!process.blocks[at])
            return false;
        at = (at + 1) & process.block_mask;
    }
    process.blocks[at] = NULL;
    process.block_count--;
    /* What probed past the hole moves into it. */
    for (size_t next = (at + 1) & process.block_mask; process.blocks[next];
         next = (next + 1) & process.block_mask) {
        size_t home = block_place(process.blocks[next]);
        if (((next - home) & process.block_mask) < ((next - at) & process.block_mask))
            continue;
        process.blocks[at] = process.blocks[next];
        process.blocks[next] = NULL;
        at = next;
    }
    return true;
}

/* ---- what the linker puts in place of the allocator ---- */

static bool memory_is_short(void)
{
    if (!inside || !process.short_rate || !random_hit(process.short_random, process.short_rate))
        return false;
    process.short_met = true;
    sim_fault(sim_present, FAULT_MEMORY_SHORT);
    return true;
}

void *__wrap_malloc(size_t size)
{
    return memory_is_short() ? NULL : blocks_add(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return memory_is_short() ? NULL : blocks_add(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (memory_is_short())
        return NULL;
    bool ours = !block || blocks_remove(block);
    void *grown = __real_realloc(block, size);
    if (!grown && block && ours)
        __real_abort(); /* a real shortage: the table of blocks no longer fits */
    return ours ? blocks_add(grown) : grown;
}

void __wrap_free(void *block)
{
    (void)blocks_remove(block);
    __real_free(block);
}

char *__wrap_strdup(const char *text)
{
    return memory_is_short() ? NULL : blocks_add(__real_strdup(text));
}

/* Starting a process over and over costs most where the kernel finds its pages again: those of the
 * dead are kept for the next one, zeroed. */
static void *spare_take(size_t size)
{
    for (uint32_t i = process.spare_count; i-- > 0;) {
        if (process.spares[i].size != size)
            continue;
        void *at = process.spares[i].at;
        process.spare_count--;
        memmove(&process.spares[i], &process.spares[i + 1],
                (process.spare_count - i) * sizeof process.spares[0]);
        return memset(at, 0, size);
    }
    return NULL;
}

static int spare_put(struct mapping mapping)
{
    process.spares[process.spare_count++] = mapping;
    if (process.spare_count <= SPARES_MAX)
        return 0;
    struct mapping oldest = process.spares[0];
    memmove(&process.spares[0], &process.spares[1], SPARES_MAX * sizeof process.spares[0]);
    process.spare_count--;
    return __real_munmap(oldest.at, oldest.size);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    void *mapped = inside && fd == -1 ? spare_take(size) : NULL;
    if (!mapped)
        mapped = __real_mmap(at, size, protection, flags, fd, offset);
    if (!inside || mapped == MAP_FAILED)
        return mapped;
    for (uint32_t i = 0; i < MAPPINGS_MAX; i++)
        if (!process.mappings[i].at) {
            process.mappings[i] = (struct mapping){mapped, size};
            return mapped;
        }
    __real_abort();
}

void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return __wrap_mmap(at, size, protection, flags, fd, offset);
}

int __wrap_munmap(void *at, size_t size)
{
    for (uint32_t i = 0; i < MAPPINGS_MAX; i++)
        if (process.mappings[i].at == at) {
            struct mapping mapping = process.mappings[i];
            process.mappings[i] = (struct mapping){NULL, 0};
            return spare_put(mapping);
        }
    return __real_munmap(at, size);
}

/* The engine ends the process when memory runs out where state and batch would drift apart. */
void __wrap_abort(void)
{
    if (inside && process.short_met)
        process_die(sim_present);
    __real_abort();
}

void __wrap___assert_fail(const char *what, const char *file, unsigned line, const char *function)
{
    if (!sim_present)
        __real___assert_fail(what, file, line, function);
    const char *slash = strrchr(file, '/');
    sim_broken(sim_present, "an assertion of the production code", "%s (%s:%u, %s)", what,
               slash ? slash + 1 : file, line, function);
}

/* ---- life ---- */

bool process_pause(void)
{
    bool was = inside;
    inside = false;
    return was;
}

void process_resume(bool was)
{
    inside = was;
}

bool process_run(struct sim *s, void (*run)(struct sim *s, void *argument), void *argument)
{
    assert(!process.running && !inside);
    if (setjmp(process.out) != 0) {
        process.running = inside = false;
        return false;
    }
    process.running = inside = true;
    run(s, argument);
    process.running = inside = false;
    return true;
}

void process_die(struct sim *s)
{
    (void)s;
    assert(process.running);
    longjmp(process.out, 1);
}

void process_bury(void)
{
    process.running = inside = false;
    for (size_t i = 0; process.block_count > 0 && i <= process.block_mask; i++) {
        if (!process.blocks[i])
            continue;
        __real_free(process.blocks[i]);
        process.blocks[i] = NULL;
    }
    process.block_count = 0;
    for (uint32_t i = 0; i < MAPPINGS_MAX; i++) {
        if (process.mappings[i].at)
            (void)spare_put(process.mappings[i]);
        process.mappings[i] = (struct mapping){NULL, 0};
    }
    process.short_met = false;
}

size_t process_blocks(void)
{
    return process.block_count;
}

void process_memory_short(uint32_t rate, struct random *random)
{
    process.short_rate = rate;
    process.short_random = random;
}

/* ---- crash points ---- */

static int by_name(const void *a, const void *b)
{
    const struct crash_site *x = *(struct crash_site *const *)a,
                            *y = *(struct crash_site *const *)b;
    return strcmp(x->name, y->name);
}

void process_init(void)
{
    for (struct crash_site *const *at = __start_crash_sites; at < __stop_crash_sites; at++) {
        if (process.point_count == POINTS_MAX)
            __real_abort();
        process.points[process.point_count++] = *at;
    }
    qsort(process.points, process.point_count, sizeof process.points[0], by_name);
    for (uint32_t i = 1; i < process.point_count; i++)
        if (strcmp(process.points[i]->name, process.points[i - 1]->name) == 0) {
            (void)fprintf(stderr, "crash point %s exists twice\n", process.points[i]->name);
            exit(2);
        }
}

uint32_t process_point_count(void)
{
    return process.point_count;
}

const char *process_point_name(uint32_t point)
{
    return process.points[point]->name;
}

uint64_t process_point_reached(uint32_t point)
{
    return process.points[point]->reached;
}

uint32_t process_died_at(void)
{
    return process.died_at;
}

void process_arm(struct sim *s, struct random *random, uint32_t crash_every)
{
    (void)s;
    process.died_at = process.point_count;
    process.countdown = 0;
    process.target = NULL;
    if (crash_every == 0)
        return;
    bool chosen = random_below(random, 2) == 0;
    process.countdown = random_between(random, 1, (chosen ? 4ull : 2ull) * crash_every);
    if (chosen)
        process.target = process.points[random_below(random, process.point_count)];
    process.target_hits = random_magnitude(random, 1, 32);
}

void crash_reached(struct crash_site *site)
{
    site->reached++;
    if (!inside || process.countdown == 0)
        return;
    process.countdown--;
    if (process.target == site)
        process.target_hits--;
    if (process.countdown > 0 && !(process.target == site && process.target_hits == 0))
        return;
    process.countdown = 0;
    for (uint32_t i = 0; i < process.point_count; i++)
        if (process.points[i] == site)
            process.died_at = i;
    sim_fault(sim_present, FAULT_CRASH_POINT);
    process_die(sim_present);
}

bool process_memory_was_short(void)
{
    return process.short_met;
}
