/* SQLite's view of the disk: what its own layer for Unix does, with these calls in place of the
 * system's. */
#include "sim/power/disk_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES 256

struct open_file {
    sqlite3_file base;
    struct disk *disk;
    int fd;
    int level;        /* of locking */
    bool sync_folder; /* the next sync also makes the file's name safe */
    char path[PATH_BYTES];
};

static struct open_file *file_of(sqlite3_file *file)
{
    return (struct open_file *)file;
}

static int failed(struct disk *d, int code)
{
    d->last_errno = errno;
    return code;
}

static int vfs_close(sqlite3_file *file)
{
    struct open_file *f = file_of(file);
    (void)file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
    f->disk->files.close(f->disk, f->fd);
    return SQLITE_OK;
}

static int vfs_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    struct open_file *f = file_of(file);
    char *bytes = to;
    while (len > 0) {
        ssize_t n = f->disk->files.read(f->disk, f->fd, bytes, (size_t)len, (uint64_t)at);
        if (n < 0)
            return failed(f->disk, SQLITE_IOERR_READ);
        if (n == 0) {
            memset(bytes, 0, (size_t)len);
            return SQLITE_IOERR_SHORT_READ;
        }
        bytes += n;
        at += n;
        len -= (int)n;
    }
    return SQLITE_OK;
}

static int vfs_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
    struct open_file *f = file_of(file);
    const char *bytes = from;
    while (len > 0) {
        ssize_t n = f->disk->files.write(f->disk, f->fd, bytes, (size_t)len, (uint64_t)at);
        if (n < 0)
            return failed(f->disk, errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE);
        bytes += n;
        at += n;
        len -= (int)n;
    }
    return SQLITE_OK;
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct open_file *f = file_of(file);
    return disk_truncate(f->disk, f->fd, (uint64_t)size) < 0
               ? failed(f->disk, SQLITE_IOERR_TRUNCATE)
               : SQLITE_OK;
}

static void folder_of(const char *path, char ret_folder[PATH_BYTES])
{
    size_t len = (size_t)(strrchr(path, '/') - path);
    memcpy(ret_folder, path, len);
    ret_folder[len] = '\0';
}

static int vfs_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    struct open_file *f = file_of(file);
    if (f->disk->files.sync(f->disk, f->fd) < 0)
        return failed(f->disk, SQLITE_IOERR_FSYNC);
    if (f->sync_folder) {
        char folder[PATH_BYTES];
        folder_of(f->path, folder);
        (void)files_sync_folder(&f->disk->files, folder); /* SQLite does not look at it either */
        f->sync_folder = false;
    }
    return SQLITE_OK;
}

static int vfs_file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    struct open_file *f = file_of(file);
    if (f->disk->dead)
        return SQLITE_IOERR_FSTAT;
    *ret_size = (sqlite3_int64)disk_node_of(f->disk, f->fd)->seen.len;
    return SQLITE_OK;
}

static int vfs_lock(sqlite3_file *file, int level)
{
    struct open_file *f = file_of(file);
    struct disk_locks *locks = &disk_node_of(f->disk, f->fd)->locks;
    if (level <= f->level)
        return SQLITE_OK;
    if (f->level == SQLITE_LOCK_NONE) {
        if (locks->exclusive)
            return SQLITE_BUSY;
        locks->shared++;
        f->level = SQLITE_LOCK_SHARED;
    }
    if (level >= SQLITE_LOCK_RESERVED) {
        if (locks->reserved && locks->reserved != f)
            return SQLITE_BUSY;
        locks->reserved = f;
        f->level = SQLITE_LOCK_RESERVED;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        if (locks->shared > 1)
            return SQLITE_BUSY;
        locks->exclusive = f;
        f->level = SQLITE_LOCK_EXCLUSIVE;
    }
    return SQLITE_OK;
}

static int vfs_unlock(sqlite3_file *file, int level)
{
    struct open_file *f = file_of(file);
    struct disk_locks *locks = &disk_node_of(f->disk, f->fd)->locks;
    if (level >= f->level)
        return SQLITE_OK;
    if (locks->reserved == f)
        locks->reserved = NULL;
    if (locks->exclusive == f)
        locks->exclusive = NULL;
    if (level == SQLITE_LOCK_NONE)
        locks->shared--;
    f->level = level;
    return SQLITE_OK;
}

static int vfs_check_reserved(sqlite3_file *file, int *ret_reserved)
{
    struct open_file *f = file_of(file);
    *ret_reserved = disk_node_of(f->disk, f->fd)->locks.reserved != NULL;
    return SQLITE_OK;
}

static int vfs_control(sqlite3_file *file, int what, void *argument)
{
    struct disk *d = file_of(file)->disk;
    if (what == SQLITE_FCNTL_LAST_ERRNO) {
        *(int *)argument = d->last_errno;
        return SQLITE_OK;
    }
    char **pragma = argument;
    if (what == SQLITE_FCNTL_PRAGMA && d->synchronous && strcmp(pragma[1], "synchronous") == 0 &&
        pragma[2]) {
        assert(strlen(pragma[2]) >= strlen(d->synchronous));
        memcpy(pragma[2], d->synchronous, strlen(d->synchronous) + 1);
    }
    return SQLITE_NOTFOUND; /* and go on with it */
}

static int vfs_sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int vfs_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_file_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_check_reserved,
    .xFileControl = vfs_control,
    .xSectorSize = vfs_sector_size,
    .xDeviceCharacteristics = vfs_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    struct disk *d = vfs->pAppData;
    struct open_file *f = file_of(file);
    *f = (struct open_file){.disk = d};
    if (!name || strlen(name) >= PATH_BYTES)
        return SQLITE_CANTOPEN; /* the journal needs no temporary files */
    bool create = (flags & SQLITE_OPEN_CREATE) != 0;
    f->fd = d->files.open(
        d, name, (flags & SQLITE_OPEN_READWRITE ? O_RDWR : O_RDONLY) | (create ? O_CREAT : 0));
    if (f->fd < 0)
        return failed(d, SQLITE_CANTOPEN);
    f->sync_folder =
        create &&
        (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    (void)snprintf(f->path, sizeof f->path, "%s", name);
    f->base.pMethods = &methods;
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    struct disk *d = vfs->pAppData;
    if (d->files.remove(d, name) < 0)
        return failed(d, errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE);
    char folder[PATH_BYTES];
    folder_of(name, folder);
    if ((sync_folder & 1) && files_sync_folder(&d->files, folder) < 0)
        return failed(d, SQLITE_IOERR_DIR_FSYNC);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_there)
{
    (void)flags;
    struct disk *d = vfs->pAppData;
    uint64_t size;
    struct disk_faults faults = d->faults;
    d->faults.name_error =
        0; /* what cannot be told counts as not there, here and in SQLite's own */
    *ret_there = d->files.size(d, name, &size) == 0 && size > 0;
    d->faults = faults;
    return d->dead ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int bytes, char *ret_path)
{
    (void)vfs;
    (void)snprintf(ret_path, (size_t)bytes, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int bytes, char *ret_random)
{
    struct disk *d = vfs->pAppData;
    for (int i = 0; i < bytes; i++)
        ret_random[i] = (char)random_next(&d->salt_random);
    return bytes;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret_days)
{
    (void)vfs;
    *ret_days = 2461000.5;
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int bytes, char *ret_text)
{
    (void)bytes;
    (void)ret_text;
    return ((struct disk *)vfs->pAppData)->last_errno;
}

void disk_register(struct disk *d)
{
    static unsigned count;
    (void)snprintf(d->vfs_name, sizeof d->vfs_name, "power-%u", ++count);
    d->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct open_file),
        .mxPathname = PATH_BYTES,
        .zName = d->vfs_name,
        .pAppData = d,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
    };
    d->files.vfs = d->vfs_name;
    int code = sqlite3_vfs_register(&d->vfs, 1);
    assert(code == SQLITE_OK);
    (void)code;
    sqlite3_randomness(0, NULL); /* asks for a new seed */
}

void disk_unregister(struct disk *d)
{
    sqlite3_vfs_unregister(&d->vfs);
    sqlite3_randomness(0, NULL);
}
