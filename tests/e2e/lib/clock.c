/*
 * Moves a server's clocks while it runs, for tests that cannot wait: preloaded into it
 * (lib/clock.mjs), it adds what stands in the file TEST_CLOCK_FILE to every clock that the
 * program reads. Two numbers of 64 bits, nanoseconds: for all clocks, and for the wall clock beside
 * that. And it fills the disk: while a third number is not 0, no space is free.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *moved;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TEST_CLOCK_FILE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 24, PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    moved = at == MAP_FAILED ? NULL : at;
}

int clock_gettime(clockid_t id, struct timespec *ret_time)
{
    if (!real)
        begin(); /* called by somebody's constructor before ours */
    int result = real(id, ret_time);
    if (result != 0 || !moved || id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_THREAD_CPUTIME_ID)
        return result;
    int64_t by = moved[0];
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
        by += moved[1];
    int64_t nsec = ret_time->tv_nsec + by % 1000000000;
    ret_time->tv_sec += by / 1000000000 + (nsec >= 1000000000) - (nsec < 0);
    ret_time->tv_nsec = (nsec + 1000000000) % 1000000000;
    return 0;
}

int statvfs64(const char *path, struct statvfs64 *ret_about)
{
    int (*ask)(const char *, struct statvfs64 *) =
        (int (*)(const char *, struct statvfs64 *))dlsym(RTLD_NEXT, "statvfs64");
    int result = ask(path, ret_about);
    if (result == 0 && moved && moved[2] != 0)
        ret_about->f_bavail = ret_about->f_bfree = 0;
    return result;
}
