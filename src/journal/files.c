#include "journal/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *system_absolute(void *context, const char *path)
{
    (void)context;
    return realpath(path, NULL);
}

static int system_make_folder(void *context, const char *path)
{
    (void)context;
    return mkdir(path, 0700);
}

static int system_list(void *context, const char *path, files_visit_fn *visit, void *visit_context)
{
    (void)context;
    DIR *dir = opendir(path);
    if (!dir)
        return -1;
    int result = 0;
    errno = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(dir)); errno = 0)
        result = visit(visit_context, entry->d_name);
    if (result == 0 && errno != 0)
        result = -1;
    closedir(dir);
    return result;
}

static int system_open(void *context, const char *path, int flags)
{
    (void)context;
    return open(path, flags | O_CLOEXEC | (flags & O_DIRECTORY ? 0 : O_NOFOLLOW), 0600);
}

static ssize_t system_read(void *context, int fd, void *to, size_t len, uint64_t at)
{
    (void)context;
    return pread(fd, to, len, (off_t)at);
}

static ssize_t system_write(void *context, int fd, const void *from, size_t len, uint64_t at)
{
    (void)context;
    return pwrite(fd, from, len, (off_t)at);
}

static int system_sync(void *context, int fd)
{
    (void)context;
    return fsync(fd);
}

static void system_close(void *context, int fd)
{
    (void)context;
    close(fd);
}

static int system_size(void *context, const char *path, uint64_t *ret_size)
{
    (void)context;
    struct stat about;
    if (stat(path, &about) < 0)
        return -1;
    *ret_size = (uint64_t)about.st_size;
    return 0;
}

static int system_rename(void *context, const char *from, const char *to)
{
    (void)context;
    return rename(from, to);
}

static int system_remove(void *context, const char *path)
{
    (void)context;
    return unlink(path);
}

static int system_lock(void *context, const char *path, char ret_owner[FILES_OWNER_BYTES])
{
    ret_owner[0] = '\0';
    int fd = system_open(context, path, O_RDWR | O_CREAT);
    if (fd < 0)
        return -1;
    char owner[FILES_OWNER_BYTES] = "";
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int cause = errno;
        ssize_t n = pread(fd, owner, sizeof owner - 1, 0);
        owner[n > 0 ? strcspn(owner, "\n") : 0] = '\0';
        memcpy(ret_owner, owner, sizeof owner);
        close(fd);
        errno = cause;
        return -1;
    }
    int len = snprintf(owner, sizeof owner, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, owner, (size_t)len, 0) != len)
        return fd; /* the number only makes a message nicer; a full disk must not stop us here */
    return fd;
}

const struct files files_system = {
    .absolute = system_absolute,
    .make_folder = system_make_folder,
    .list = system_list,
    .open = system_open,
    .read = system_read,
    .write = system_write,
    .sync = system_sync,
    .close = system_close,
    .size = system_size,
    .rename = system_rename,
    .remove = system_remove,
    .lock = system_lock,
};

int files_sync_folder(const struct files *files, const char *path)
{
    int fd = files->open(files->context, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return -1;
    int result = files->sync(files->context, fd);
    int cause = errno;
    files->close(files->context, fd);
    errno = cause;
    return result;
}

int files_write_all(const struct files *files, int fd, const void *from, size_t len, uint64_t at)
{
    for (const char *bytes = from; len > 0;) {
        ssize_t n = files->write(files->context, fd, bytes, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

bool files_read_all(const struct files *files, int fd, void *to, size_t len, uint64_t at)
{
    for (char *bytes = to; len > 0;) {
        ssize_t n = files->read(files->context, fd, bytes, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}
