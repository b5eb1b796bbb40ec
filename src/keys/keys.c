#include "keys/keys.h"

#include "keys/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define FD_AUTO __attribute__((cleanup(fd_close)))

/* Owner and mode of something that is open; `what` names it in the message. */
static int keys_check_private(int fd, const char *dir, const char *what, mode_t type,
                              struct stat *ret_stat, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return err_set(err, "%s/%s: %s", dir, what, strerror(errno));
    if ((st.st_mode & S_IFMT) != type)
        return err_set(err, "%s/%s is not a %s", dir, what, type == S_IFDIR ? "folder" : "file");
    if (st.st_uid != geteuid())
        return err_set(err, "%s/%s belongs to user %u, not to the one who runs this program", dir,
                       what, (unsigned)st.st_uid);
    if (st.st_mode & 077)
        return err_set(err, "%s/%s may be used by others (mode %04o); it must be %s", dir, what,
                       (unsigned)(st.st_mode & 07777), type == S_IFDIR ? "0700" : "0600");
    *ret_stat = st;
    return 0;
}

/* Makes the folder when it is missing, durably, and opens it. */
static int keys_open_folder(const char *dir, int *ret_fd, struct err *err)
{
    char parent[PATH_MAX];
    size_t len = strlen(dir);
    if (len == 0 || len + 8 >= sizeof parent)
        return err_set(err, "the path of the keys folder is empty or too long");
    if (mkdir(dir, 0700) == 0) {
        snprintf(parent, sizeof parent, "%s/..", dir);
        FD_AUTO int up = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (up < 0 || fsync(up))
            return err_set(err, "%s: %s", parent, strerror(errno));
    } else if (errno != EEXIST) {
        return err_set(err, "%s cannot be made: %s", dir, strerror(errno));
    }
    struct stat st;
    FD_AUTO int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "%s cannot be opened as a folder: %s", dir, strerror(errno));
    if (keys_check_private(fd, dir, ".", S_IFDIR, &st, err))
        return -1;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int keys_write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Makes a file of `len` random bytes under its name all at once: it is there whole and durable, or
 * not at all. Somebody else who makes it at the same time wins or loses cleanly. */
static int keys_make_file(int folder, const char *dir, const char *name, size_t len,
                          struct err *err)
{
    uint8_t secret[KEYS_SECRET_BYTES];
    char draft[64];
    snprintf(draft, sizeof draft, "%s.%016llx", name, (unsigned long long)keys_random_u64());
    FD_AUTO int fd = openat(folder, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, "%s/%s cannot be made: %s", dir, name, strerror(errno));
    keys_random(secret, sizeof secret);
    /* The process's umask may have taken bits away that the owner needs. */
    int failed = fchmod(fd, 0600) || keys_write_all(fd, secret, len) || fsync(fd) ||
                 (linkat(folder, draft, folder, name, 0) && errno != EEXIST);
    int reason = errno;
    sodium_memzero(secret, sizeof secret);
    (void)unlinkat(folder, draft, 0);
    if (failed || fsync(folder))
        return err_set(err, "%s/%s cannot be written: %s", dir, name,
                       strerror(failed ? reason : errno));
    return 0;
}

/* Opens a private file of the folder; makes it when missing and `may_make`. */
static int keys_open_file(int folder, const char *dir, const char *name, size_t len, bool may_make,
                          int *ret_fd, struct err *err)
{
    struct stat st;
    int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
    FD_AUTO int fd = openat(folder, name, flags);
    if (fd < 0 && errno == ENOENT && may_make) {
        if (keys_make_file(folder, dir, name, len, err))
            return -1;
        fd = openat(folder, name, flags);
    }
    if (fd < 0)
        return err_set(err, "%s/%s cannot be opened: %s", dir, name, strerror(errno));
    if (keys_check_private(fd, dir, name, S_IFREG, &st, err))
        return -1;
    if (len && st.st_size != (off_t)len)
        return err_set(err, "%s/%s has %lld bytes, expected %zu: restore it from a backup", dir,
                       name, (long long)st.st_size, len);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int keys_load_mac(int fd, const char *dir, const char *name, struct mac **ret_mac,
                         struct err *err)
{
    uint8_t secret[KEYS_SECRET_BYTES];
    if (pread(fd, secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return err_set(err, "%s/%s cannot be read: %s", dir, name, strerror(errno));
    int result = mac_create(slice_make(secret, sizeof secret), ret_mac, err);
    sodium_memzero(secret, sizeof secret);
    return result;
}

/* The secret files; session.key stays open and locked. */
static int keys_open_secrets(struct keys *keys, int folder, const char *dir, struct err *err)
{
    if (keys_open_file(folder, dir, "session.key", KEYS_SECRET_BYTES, true, &keys->lock_fd, err))
        return -1;
    if (flock(keys->lock_fd, LOCK_EX | LOCK_NB))
        return err_set(err, "%s is in use by another process", dir);
    /* A new e-mail key beside old people would take every known buyer for a stranger. */
    bool fresh = faccessat(folder, "keys.db", F_OK, AT_SYMLINK_NOFOLLOW) != 0;
    FD_AUTO int email = -1;
    FD_AUTO int queue = -1;
    if (keys_open_file(folder, dir, "email.key", KEYS_SECRET_BYTES, fresh, &email, err) ||
        keys_open_file(folder, dir, "queue.key", KEYS_SECRET_BYTES, true, &queue, err) ||
        keys_load_mac(keys->lock_fd, dir, "session.key", &keys->session_mac, err) ||
        keys_load_mac(email, dir, "email.key", &keys->email_mac, err))
        return -1;
    return keys_load_mac(queue, dir, "queue.key", &keys->queue_mac, err);
}

/* Makes keys.db when it is missing and checks who may read it and its log. The descriptors are
 * closed before SQLite opens the files: closing one later would drop SQLite's locks. */
static int keys_check_store(int folder, const char *dir, struct err *err)
{
    static const char *const beside[] = {"keys.db-wal", "keys.db-shm"};
    FD_AUTO int database = -1;
    if (keys_open_file(folder, dir, "keys.db", 0, true, &database, err))
        return -1;
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        FD_AUTO int fd = -1;
        if (faccessat(folder, beside[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
            keys_open_file(folder, dir, beside[i], 0, false, &fd, err))
            return -1;
    }
    return 0;
}

static int keys_open_store(struct keys *keys, int folder, const char *dir, struct err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/keys.db", dir);
    if (keys_check_store(folder, dir, err))
        return -1;
    return store_open(keys, path, err);
}

int keys_open(const char *dir, struct keys **ret_keys, struct err *err)
{
    if (sodium_init() < 0)
        return err_set(err, "libsodium cannot be set up");
    struct keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        return err_set(err, "out of memory for the keys");
    keys->lock_fd = -1;
    pthread_mutex_init(&keys->write_lock, NULL);
    pthread_mutex_init(&keys->read_lock, NULL);
    FD_AUTO int folder = -1;
    if (keys_open_folder(dir, &folder, err) || keys_open_secrets(keys, folder, dir, err) ||
        keys_open_store(keys, folder, dir, err)) {
        keys_close(keys);
        return -1;
    }
    *ret_keys = keys;
    return 0;
}

void keys_close(struct keys *keys)
{
    if (!keys)
        return;
    store_close(keys);
    mac_destroy(keys->session_mac);
    mac_destroy(keys->email_mac);
    mac_destroy(keys->queue_mac);
    for (size_t i = 0; i < KEYS_QUEUE_DAYS; i++)
        mac_destroy(keys->queue_keys[i].mac);
    pthread_mutex_destroy(&keys->write_lock);
    pthread_mutex_destroy(&keys->read_lock);
    fd_close(&keys->lock_fd);
    sodium_memzero(keys, sizeof *keys);
    free(keys);
}

bool keys_constant_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.data, b.data, a.len) == 0);
}

void keys_random(void *ret_bytes, size_t len)
{
    randombytes_buf(ret_bytes, len);
}

uint64_t keys_random_u64(void)
{
    /* Fetched 64 at a time: one system call a number is 0.4 us, more than deciding a hold takes. A
     * number leaves the pool when it is handed out. The program never forks. */
    static _Thread_local uint64_t pool[64];
    static _Thread_local unsigned left;
    uint64_t n;
    do {
        if (left == 0) {
            randombytes_buf(pool, sizeof pool);
            left = sizeof pool / sizeof pool[0];
        }
        n = pool[--left];
        pool[left] = 0;
    } while (n == 0);
    return n;
}
