#include "sim/power/disk.h"

#include "base/hash.h"
#include "sim/power/disk_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define PLENTY_BYTES (1ull << 40)

void *disk_grow(void *list, size_t count, size_t *cap, size_t item_bytes)
{
    if (count < *cap)
        return list;
    size_t more = *cap ? *cap * 2 : 8;
    void *grown = realloc(list, more * item_bytes);
    if (!grown) {
        (void)fprintf(stderr, "disk: out of memory\n");
        abort();
    }
    *cap = more;
    return grown;
}

void disk_bytes_resize(struct disk_bytes *bytes, size_t len)
{
    if (len > bytes->cap) {
        size_t cap = bytes->cap ? bytes->cap : 4096;
        while (cap < len)
            cap *= 2;
        unsigned char *data = realloc(bytes->data, cap);
        if (!data) {
            (void)fprintf(stderr, "disk: out of memory\n");
            abort();
        }
        memset(data + bytes->cap, 0, cap - bytes->cap);
        bytes->data = data;
        bytes->cap = cap;
    }
    if (len < bytes->len)
        memset(bytes->data + len, 0, bytes->len - len);
    bytes->len = len;
}

void disk_bytes_write(struct disk_bytes *bytes, uint64_t at, const unsigned char *data, size_t len)
{
    if (len == 0)
        return;
    if (at + len > bytes->len)
        disk_bytes_resize(bytes, at + len);
    memcpy(bytes->data + at, data, len);
}

void disk_forget_writes(struct disk_node *node)
{
    for (size_t i = 0; i < node->write_count; i++)
        free(node->writes[i].data);
    node->write_count = 0;
}

void disk_free_node(struct disk_node *node)
{
    disk_forget_writes(node);
    free(node->writes);
    free(node->seen.data);
    free(node->safe.data);
    free(node->seen_names.list);
    free(node->safe_names.list);
    free(node->changes);
    *node = (struct disk_node){.used = false};
}

static struct disk_name *find_name(const struct disk_names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i].text, text) == 0)
            return &names->list[i];
    return NULL;
}

void disk_copy_names(struct disk_names *to, const struct disk_names *from)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        DISK_GROW(to->list, to->count, to->cap);
        to->list[to->count++] = from->list[i];
    }
}

void disk_apply_change(struct disk_names *names, const struct disk_change *change)
{
    struct disk_name *gone = change->gone[0] ? find_name(names, change->gone) : NULL;
    if (gone)
        *gone = names->list[--names->count];
    if (!change->made[0])
        return;
    struct disk_name *made = find_name(names, change->made);
    if (!made) {
        DISK_GROW(names->list, names->count, names->cap);
        made = &names->list[names->count++];
        memcpy(made->text, change->made, sizeof made->text);
    }
    made->node = change->node;
}

/* What every call begins with: the dead do nothing, and some calls fail. */
static bool alive(struct disk *d, uint32_t fault_rate, int cause)
{
    if (d->dead) {
        errno = EIO;
        return false;
    }
    if (random_hit(&d->fault_random, fault_rate)) {
        d->counts.faults++;
        errno = cause;
        return false;
    }
    return true;
}

/* Begins an operation. Returns its number, or 0 when the process is dead. */
static uint64_t begin(struct disk *d)
{
    if (!d->dead && d->meanwhile)
        d->meanwhile(d->meanwhile_context);
    if (d->dead) {
        errno = EIO;
        return 0;
    }
    return ++d->counts.operations;
}

/* Whether operation `number` is answered: not when the process died at it. */
static bool answered(struct disk *d, uint64_t number)
{
    if (d->die_at && number >= d->die_at)
        d->dead = true;
    if (!d->dead)
        return true;
    errno = EIO;
    return false;
}

/* Whether operation `number` is the one that was told to fail; leaves errno. */
static bool to_fail(struct disk *d, uint64_t number)
{
    if (number != d->fail_at)
        return false;
    d->counts.faults++;
    errno = d->fail_cause;
    return true;
}

static void note(struct disk *d, const char *what, uint32_t node, uint64_t at, const void *data,
                 size_t len)
{
    struct hash128 sum = data ? hash128_of(data, len) : (struct hash128){0, 0};
    uint64_t words[] = {d->trace, (uint64_t)what[0], node, at, len, sum.low, sum.high};
    d->trace = hash128_of(words, sizeof words).low;
    if (d->tell)
        (void)fprintf(d->tell, "%8llu %-8s node %u at %llu len %zu %s\n",
                      (unsigned long long)d->counts.operations, what, node, (unsigned long long)at,
                      len, strcmp(what, "name") == 0 ? (const char *)data : "");
}

struct disk_node *disk_node_of(struct disk *d, int fd)
{
    assert(fd >= 0 && fd < DISK_HANDLES && d->handles[fd].used);
    return &d->nodes[d->handles[fd].node];
}

static void mark(const struct disk_names *names, bool *reached)
{
    for (size_t i = 0; i < names->count; i++)
        reached[names->list[i].node] = true;
}

void disk_collect(struct disk *d)
{
    bool *reached = calloc(d->node_count, sizeof *reached);
    if (!reached)
        abort();
    reached[0] = true;
    for (size_t i = 0; i < DISK_HANDLES; i++)
        if (d->handles[i].used)
            reached[d->handles[i].node] = true;
    for (size_t i = 0; i < d->node_count; i++) {
        const struct disk_node *node = &d->nodes[i];
        mark(&node->seen_names, reached);
        mark(&node->safe_names, reached);
        for (size_t c = 0; c < node->change_count; c++)
            reached[node->changes[c].node] = true;
    }
    size_t left = 0;
    for (size_t i = 0; i < d->node_count; i++) {
        left += reached[i];
        if (!reached[i])
            disk_free_node(&d->nodes[i]);
    }
    d->collect_at = 2 * left + 64;
    free(reached);
}

static uint32_t make_node(struct disk *d, bool folder)
{
    uint32_t at = 0;
    while (at < d->node_count && d->nodes[at].used)
        at++;
    if (at == d->node_count) {
        DISK_GROW(d->nodes, d->node_count, d->node_cap);
        d->node_count++;
    }
    d->nodes[at] = (struct disk_node){.used = true, .folder = folder};
    return at;
}

/* The folder a path is in, and its last name ("" for the root itself). -1: there is none. */
static int find_folder(struct disk *d, const char *path, uint32_t *ret_folder,
                       char ret_last[DISK_NAME_BYTES])
{
    uint32_t folder = 0;
    assert(path[0] == '/');
    for (const char *at = path + 1;;) {
        size_t len = strcspn(at, "/");
        assert(len < DISK_NAME_BYTES);
        char text[DISK_NAME_BYTES] = "";
        memcpy(text, at, len);
        if (at[len] == '\0') {
            *ret_folder = folder;
            memcpy(ret_last, text, sizeof text);
            return 0;
        }
        struct disk_name *name = find_name(&d->nodes[folder].seen_names, text);
        if (!name || !d->nodes[name->node].folder) {
            errno = name ? ENOTDIR : ENOENT;
            return -1;
        }
        folder = name->node;
        at += len + 1;
    }
}

static int find_node(struct disk *d, const char *path, uint32_t *ret_node)
{
    uint32_t folder;
    char last[DISK_NAME_BYTES];
    if (find_folder(d, path, &folder, last) < 0)
        return -1;
    struct disk_name *name = find_name(&d->nodes[folder].seen_names, last);
    if (last[0] && !name) {
        errno = ENOENT;
        return -1;
    }
    *ret_node = last[0] ? name->node : folder;
    return 0;
}

/* Changes a folder as one operation; false when the process died at it. */
static bool change_folder(struct disk *d, uint64_t number, uint32_t folder, const char *gone,
                          const char *made, uint32_t node)
{
    struct disk_node *f = &d->nodes[folder];
    DISK_GROW(f->changes, f->change_count, f->change_cap);
    struct disk_change *change = &f->changes[f->change_count++];
    *change = (struct disk_change){.node = node};
    (void)snprintf(change->gone, sizeof change->gone, "%s", gone);
    (void)snprintf(change->made, sizeof change->made, "%s", made);
    disk_apply_change(&f->seen_names, change);
    note(d, "name", folder, node, change->made, sizeof change->made);
    return answered(d, number);
}

static char *disk_absolute(void *context, const char *path)
{
    struct disk *d = context;
    uint32_t node;
    if (!alive(d, 0, 0) || find_node(d, path, &node) < 0)
        return NULL;
    return strdup(path);
}

static int disk_make_folder(void *context, const char *path)
{
    struct disk *d = context;
    uint32_t folder;
    char last[DISK_NAME_BYTES];
    if (!alive(d, d->faults.name_error, ENOSPC) || find_folder(d, path, &folder, last) < 0)
        return -1;
    if (find_name(&d->nodes[folder].seen_names, last)) {
        errno = EEXIST;
        return -1;
    }
    uint64_t number = begin(d);
    if (!number || to_fail(d, number))
        return -1;
    return change_folder(d, number, folder, "", last, make_node(d, true)) ? 0 : -1;
}

static int disk_list(void *context, const char *path, files_visit_fn *visit, void *visit_context)
{
    struct disk *d = context;
    uint32_t node;
    if (!alive(d, d->faults.name_error, EIO) || find_node(d, path, &node) < 0)
        return -1;
    const struct disk_names *names = &d->nodes[node].seen_names;
    for (size_t i = 0; i < names->count; i++) {
        int stop = visit(visit_context, names->list[i].text);
        if (stop)
            return stop;
    }
    return 0;
}

static int open_node(struct disk *d, uint32_t node)
{
    for (int fd = 0; fd < DISK_HANDLES; fd++)
        if (!d->handles[fd].used) {
            d->handles[fd] = (struct disk_handle){true, node};
            d->open_count++;
            return fd;
        }
    errno = EMFILE;
    return -1;
}

static void disk_close(void *context, int fd)
{
    struct disk *d = context;
    (void)disk_node_of(d, fd);
    d->handles[fd].used = false;
    d->open_count--;
}

static int disk_open(void *context, const char *path, int flags)
{
    struct disk *d = context;
    uint32_t node, folder;
    char last[DISK_NAME_BYTES];
    if (!alive(d, d->faults.name_error, EIO))
        return -1;
    if (find_node(d, path, &node) < 0) {
        if (errno != ENOENT || !(flags & O_CREAT))
            return -1;
        uint64_t number = begin(d);
        if (!number || to_fail(d, number) || find_folder(d, path, &folder, last) < 0)
            return -1;
        node = make_node(d, false);
        if (!change_folder(d, number, folder, "", last, node))
            return -1;
    }
    if (d->nodes[node].folder && (flags & O_ACCMODE) != O_RDONLY) {
        errno = EISDIR;
        return -1;
    }
    int fd = open_node(d, node);
    if (fd >= 0 && (flags & O_TRUNC) && d->nodes[node].seen.len > 0 &&
        disk_truncate(d, fd, 0) < 0) {
        int cause = errno;
        disk_close(d, fd);
        errno = cause;
        return -1;
    }
    return fd;
}

static ssize_t disk_read(void *context, int fd, void *to, size_t len, uint64_t at)
{
    struct disk *d = context;
    if (!alive(d, d->faults.read_error, EIO))
        return -1;
    const struct disk_bytes *seen = &disk_node_of(d, fd)->seen;
    if (at >= seen->len)
        return 0;
    if (len > seen->len - at)
        len = (size_t)(seen->len - at);
    if (len > 1 && random_hit(&d->fault_random, d->faults.short_call))
        len = 1 + (size_t)random_below(&d->fault_random, len);
    memcpy(to, seen->data + at, len);
    return (ssize_t)len;
}

static void record_write(struct disk *d, int fd, const void *from, size_t len, uint64_t at)
{
    if (len == 0)
        return;
    struct disk_node *node = disk_node_of(d, fd);
    disk_bytes_write(&node->seen, at, from, len);
    DISK_GROW(node->writes, node->write_count, node->write_cap);
    struct disk_write *w = &node->writes[node->write_count++];
    *w = (struct disk_write){.at = at, .len = len, .data = malloc(len)};
    if (!w->data)
        abort();
    memcpy(w->data, from, len);
    note(d, "write", d->handles[fd].node, at, from, len);
}

/* 0: it goes well; otherwise why not. */
static int write_fault(struct disk *d, uint64_t number, bool longer)
{
    if (to_fail(d, number))
        return d->fail_cause;
    int cause = 0;
    if ((d->faults.full && longer) || random_hit(&d->fault_random, d->faults.write_full))
        cause = ENOSPC;
    else if (random_hit(&d->fault_random, d->faults.write_error))
        cause = EIO;
    d->counts.faults += cause != 0;
    return cause;
}

static ssize_t disk_write(void *context, int fd, const void *from, size_t len, uint64_t at)
{
    struct disk *d = context;
    uint64_t number = alive(d, 0, 0) ? begin(d) : 0;
    if (!number)
        return -1;
    int cause = write_fault(d, number, at + len > disk_node_of(d, fd)->seen.len);
    if (cause) {
        record_write(d, fd, from, (size_t)random_below(&d->fault_random, len), at);
        (void)answered(d, number);
        errno = cause;
        return -1;
    }
    if (len > 1 && random_hit(&d->fault_random, d->faults.short_call))
        len = 1 + (size_t)random_below(&d->fault_random, len);
    record_write(d, fd, from, len, at);
    return answered(d, number) ? (ssize_t)len : -1;
}

int disk_truncate(struct disk *d, int fd, uint64_t size)
{
    uint64_t number = alive(d, d->faults.write_error, EIO) ? begin(d) : 0;
    if (!number || to_fail(d, number))
        return -1;
    struct disk_node *node = disk_node_of(d, fd);
    disk_bytes_resize(&node->seen, size);
    DISK_GROW(node->writes, node->write_count, node->write_cap);
    node->writes[node->write_count++] = (struct disk_write){.resize = true, .at = size};
    note(d, "truncate", d->handles[fd].node, size, NULL, 0);
    return answered(d, number) ? 0 : -1;
}

static int disk_sync(void *context, int fd)
{
    struct disk *d = context;
    uint64_t number = alive(d, 0, 0) ? begin(d) : 0;
    if (!number || !answered(d, number))
        return -1;
    struct disk_node *node = disk_node_of(d, fd);
    note(d, "sync", d->handles[fd].node, node->write_count, NULL, 0);
    d->counts.syncs++;
    bool told = to_fail(d, number);
    if (told || random_hit(&d->fault_random, d->faults.sync_error)) {
        d->counts.faults += !told;
        if (!node->folder)
            disk_lose_writes(d, node, DISK_DRAWN);
        errno = EIO;
        return -1;
    }
    if (node->folder) {
        for (size_t i = 0; i < node->change_count; i++)
            disk_apply_change(&node->safe_names, &node->changes[i]);
        node->change_count = 0;
        if (d->node_count >= d->collect_at)
            disk_collect(d);
    } else {
        disk_apply_writes(node);
    }
    return 0;
}

static int disk_size(void *context, const char *path, uint64_t *ret_size)
{
    struct disk *d = context;
    uint32_t node;
    if (!alive(d, d->faults.name_error, EIO) || find_node(d, path, &node) < 0)
        return -1;
    *ret_size = d->nodes[node].seen.len;
    return 0;
}

static int disk_rename(void *context, const char *from, const char *to)
{
    struct disk *d = context;
    uint32_t node, folder, folder_to;
    char gone[DISK_NAME_BYTES], made[DISK_NAME_BYTES];
    if (!alive(d, d->faults.name_error, EIO) || find_node(d, from, &node) < 0 ||
        find_folder(d, from, &folder, gone) < 0 || find_folder(d, to, &folder_to, made) < 0)
        return -1;
    assert(folder == folder_to);
    uint64_t number = begin(d);
    return number && !to_fail(d, number) && change_folder(d, number, folder, gone, made, node) ? 0
                                                                                               : -1;
}

static int disk_remove(void *context, const char *path)
{
    struct disk *d = context;
    uint32_t node, folder;
    char gone[DISK_NAME_BYTES];
    if (!alive(d, d->faults.name_error, EIO) || find_node(d, path, &node) < 0 ||
        find_folder(d, path, &folder, gone) < 0)
        return -1;
    uint64_t number = begin(d);
    return number && !to_fail(d, number) && change_folder(d, number, folder, gone, "", node) ? 0
                                                                                             : -1;
}

static int disk_lock(void *context, const char *path, char ret_owner[FILES_OWNER_BYTES])
{
    struct disk *d = context;
    uint32_t node;
    ret_owner[0] = '\0';
    if (alive(d, 0, 0) && find_node(d, path, &node) == 0)
        for (int fd = 0; fd < DISK_HANDLES; fd++)
            if (d->handles[fd].used && d->handles[fd].node == node) {
                errno = EWOULDBLOCK;
                return -1;
            }
    return disk_open(context, path, O_RDWR | O_CREAT);
}

int disk_space(void *context, const char *path, uint64_t *ret_free_bytes)
{
    (void)path;
    *ret_free_bytes = ((struct disk *)context)->no_space ? 0 : PLENTY_BYTES;
    return 0;
}

struct disk *disk_create(uint64_t seed)
{
    struct disk *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    struct random seeds = {seed};
    d->fate_random.state = random_next(&seeds);
    d->fault_random.state = random_next(&seeds);
    d->salt_random.state = random_next(&seeds);
    d->files = (struct files){
        .context = d,
        .absolute = disk_absolute,
        .make_folder = disk_make_folder,
        .list = disk_list,
        .open = disk_open,
        .read = disk_read,
        .write = disk_write,
        .sync = disk_sync,
        .close = disk_close,
        .size = disk_size,
        .rename = disk_rename,
        .remove = disk_remove,
        .lock = disk_lock,
    };
    (void)make_node(d, true);
    d->collect_at = 64;
    disk_register(d);
    return d;
}

void disk_destroy(struct disk *d)
{
    if (!d)
        return;
    assert(d->open_count == 0);
    disk_unregister(d);
    for (size_t i = 0; i < d->node_count; i++)
        disk_free_node(&d->nodes[i]);
    free(d->nodes);
    free(d);
}

const struct files *disk_files(struct disk *d)
{
    return &d->files;
}

void disk_tell_no_space(struct disk *d, bool no_space)
{
    d->no_space = no_space;
}

void disk_die_at(struct disk *d, uint64_t operation)
{
    d->die_at = operation;
}

void disk_die(struct disk *d)
{
    d->dead = true;
}

bool disk_dead(const struct disk *d)
{
    return d->dead;
}

uint64_t disk_operations(const struct disk *d)
{
    return d->counts.operations;
}

void disk_fail_at(struct disk *d, uint64_t number, int cause)
{
    d->fail_at = number;
    d->fail_cause = cause;
}

struct disk_faults disk_faults(const struct disk *d)
{
    return d->faults;
}

void disk_set_faults(struct disk *d, const struct disk_faults *faults)
{
    d->faults = *faults;
}

void disk_meanwhile(struct disk *d, void (*meanwhile)(void *context), void *context)
{
    d->meanwhile = meanwhile;
    d->meanwhile_context = context;
}

void disk_set_synchronous(struct disk *d, const char *instead)
{
    d->synchronous = instead;
}

void disk_tell(struct disk *d, FILE *to)
{
    d->tell = to;
}

struct disk_counts disk_counts(const struct disk *d)
{
    return d->counts;
}

uint64_t disk_trace(const struct disk *d)
{
    return d->trace;
}
