#include "journal/snapshots.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define NAME_MAX_BYTES 48
#define TEMPORARY_NAME "writing.tmp"
#define KEPT 2

struct snapshot_header {
    char magic[8];
    uint32_t version, partition;
    uint64_t seq, length, low, high;
    uint32_t zero, crc;
};
_Static_assert(sizeof(struct snapshot_header) == 56, "the header has no padding");
#define CRC_BYTES (sizeof(struct snapshot_header) - 4)

static void name_of(struct snapshot_name name, char ret_text[NAME_MAX_BYTES])
{
    (void)snprintf(ret_text, NAME_MAX_BYTES, "%010u-%020llu.snap", name.partition,
                   (unsigned long long)name.seq);
}

static bool name_parse(const char *text, struct snapshot_name *ret_name)
{
    unsigned partition;
    unsigned long long seq;
    char again[NAME_MAX_BYTES];
    if (sscanf(text, "%10u-%20llu.snap", &partition, &seq) != 2)
        return false;
    struct snapshot_name name = {partition, seq};
    name_of(name, again);
    if (strcmp(again, text) != 0)
        return false;
    *ret_name = name;
    return true;
}

static int name_compare(const void *left, const void *right)
{
    const struct snapshot_name *a = left, *b = right;
    if (a->partition != b->partition)
        return a->partition < b->partition ? -1 : 1;
    return a->seq == b->seq ? 0 : a->seq < b->seq ? -1 : 1;
}

static int reserve_name(struct snapshots *s, struct err *err)
{
    if (s->count < s->cap)
        return 0;
    size_t cap = s->cap ? s->cap * 2 : 64;
    struct snapshot_name *names = realloc(s->names, cap * sizeof *names);
    if (!names)
        return err_set(err, "out of memory for %zu snapshot names", cap);
    s->names = names;
    s->cap = cap;
    return 0;
}

static int note_name(void *context, const char *text)
{
    struct snapshots *s = context;
    struct snapshot_name name;
    if (!name_parse(text, &name))
        return 0;
    if (reserve_name(s, NULL) < 0)
        return 1;
    s->names[s->count++] = name;
    return 0;
}

static int list_names(struct snapshots *s, bool must_be_there, struct err *err)
{
    int result = s->files->list(s->files->context, s->path, note_name, s);
    if (result > 0)
        return err_set(err, "out of memory for the names of snapshots");
    if (result < 0 && (must_be_there || errno != ENOENT))
        return err_set(err, "the folder %s cannot be listed: %s", s->path, strerror(errno));
    if (s->count > 0)
        qsort(s->names, s->count, sizeof *s->names, name_compare);
    return 0;
}

int snapshots_init(struct snapshots *s, const struct folder *parent, const char *name, bool create,
                   struct err *err)
{
    *s = (struct snapshots){.files = parent->files};
    pthread_mutex_init(&s->lock, NULL);
    int result = 0;
    if (asprintf(&s->path, "%s/%s", parent->path, name) < 0) {
        s->path = NULL;
        result = err_set(err, "out of memory");
    } else if (create && s->files->make_folder(s->files->context, s->path) < 0 && errno != EEXIST) {
        result = err_set(err, "the folder %s cannot be made: %s", s->path, strerror(errno));
    } else {
        result = list_names(s, create, err);
    }
    if (result < 0)
        snapshots_finish(s);
    return result;
}

void snapshots_finish(struct snapshots *s)
{
    if (!s->files)
        return;
    pthread_mutex_destroy(&s->lock);
    free(s->path);
    free(s->names);
    *s = (struct snapshots){NULL};
}

static void path_of(const struct snapshots *s, const char *name, char ret_path[FILES_PATH_BYTES])
{
    (void)snprintf(ret_path, FILES_PATH_BYTES, "%s/%s", s->path, name);
}

static void remove_file(const struct snapshots *s, const char *name)
{
    char path[FILES_PATH_BYTES];
    path_of(s, name, path);
    (void)s->files->remove(s->files->context, path);
}

/* Writes the file under its temporary name, synced; -1 leaves errno. */
static int write_temporary(const struct snapshots *s, const struct snapshot_header *header,
                           struct slice bytes)
{
    char path[FILES_PATH_BYTES];
    path_of(s, TEMPORARY_NAME, path);
    const struct files *f = s->files;
    int fd = f->open(f->context, path, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0)
        return -1;
    int result = files_write_all(f, fd, header, sizeof *header, 0) < 0 ||
                         files_write_all(f, fd, bytes.data, bytes.len, sizeof *header) < 0 ||
                         f->sync(f->context, fd) < 0
                     ? -1
                     : 0;
    int cause = errno;
    f->close(f->context, fd);
    if (result < 0)
        remove_file(s, TEMPORARY_NAME);
    errno = cause;
    return result;
}

/* Gives the temporary file its name, for good; -1 leaves errno. */
static int give_name(const struct snapshots *s, const char *name)
{
    char from[FILES_PATH_BYTES], to[FILES_PATH_BYTES];
    path_of(s, TEMPORARY_NAME, from);
    path_of(s, name, to);
    return s->files->rename(s->files->context, from, to) < 0 ||
                   files_sync_folder(s->files, s->path) < 0
               ? -1
               : 0;
}

/* Enters the name and takes out what is older than the newest KEPT of its partition. */
static void remember(struct snapshots *s, struct snapshot_name name)
{
    size_t at = 0;
    for (size_t high = s->count; at < high;) {
        size_t middle = at + (high - at) / 2;
        if (name_compare(&s->names[middle], &name) < 0)
            at = middle + 1;
        else
            high = middle;
    }
    if (at == s->count || name_compare(&s->names[at], &name) != 0) {
        memmove(&s->names[at + 1], &s->names[at], (s->count - at) * sizeof *s->names);
        s->names[at] = name;
        s->count++;
    }
    size_t first = at, end = at + 1;
    while (first > 0 && s->names[first - 1].partition == name.partition)
        first--;
    while (end < s->count && s->names[end].partition == name.partition)
        end++;
    if (end - first <= KEPT)
        return;
    size_t gone = end - first - KEPT;
    for (size_t i = first; i < first + gone; i++) {
        char text[NAME_MAX_BYTES];
        name_of(s->names[i], text);
        remove_file(s, text);
    }
    memmove(&s->names[first], &s->names[first + gone],
            (s->count - first - gone) * sizeof *s->names);
    s->count -= gone;
}

int snapshots_write(struct snapshots *s, uint32_t partition, uint64_t seq, struct slice bytes,
                    struct err *err)
{
    struct hash128 sum = hash128_of(bytes.data, bytes.len);
    struct snapshot_header header = {.magic = {'O', 'N', 'S', 'A', 'L', 'E', 'S', 'N'},
                                     .version = 1,
                                     .partition = partition,
                                     .seq = seq,
                                     .length = bytes.len,
                                     .low = sum.low,
                                     .high = sum.high};
    header.crc = crc32c(0, &header, CRC_BYTES);
    struct snapshot_name name = {partition, seq};
    char text[NAME_MAX_BYTES];
    name_of(name, text);
    if (write_temporary(s, &header, bytes) < 0 || give_name(s, text) < 0)
        return err_set(err, "the snapshot %s cannot be written: %s", text, strerror(errno));
    pthread_mutex_lock(&s->lock);
    int result = reserve_name(s, err);
    if (result == 0)
        remember(s, name);
    pthread_mutex_unlock(&s->lock);
    return result;
}

/* 1: appended to `out`; 0: damaged or gone; -1: no memory. */
static int read_one(const struct snapshots *s, struct snapshot_name name, struct buf *out)
{
    char text[NAME_MAX_BYTES], path[FILES_PATH_BYTES];
    name_of(name, text);
    path_of(s, text, path);
    const struct files *f = s->files;
    uint64_t size;
    if (f->size(f->context, path, &size) < 0)
        return 0;
    int fd = f->open(f->context, path, O_RDONLY);
    if (fd < 0)
        return 0;
    struct snapshot_header header;
    int result = 0;
    if (files_read_all(f, fd, &header, sizeof header, 0) &&
        memcmp(header.magic, "ONSALESN", 8) == 0 && header.version == 1 &&
        crc32c(0, &header, CRC_BYTES) == header.crc && header.partition == name.partition &&
        header.seq == name.seq && header.length == size - sizeof header) {
        char *to = buf_reserve(out, header.length);
        if (!to) {
            result = -1;
        } else if (files_read_all(f, fd, to, header.length, sizeof header)) {
            struct hash128 sum = hash128_of(to, header.length);
            if (sum.low == header.low && sum.high == header.high) {
                out->len += header.length;
                result = 1;
            }
        }
    }
    f->close(f->context, fd);
    return result;
}

/* The newest name of the partition that is not newer than `newest`. */
static bool find_newest(struct snapshots *s, uint32_t partition, uint64_t newest,
                        struct snapshot_name *ret_name)
{
    struct snapshot_name wanted = {partition, newest};
    pthread_mutex_lock(&s->lock);
    size_t low = 0; /* first name that is greater than `wanted` */
    for (size_t high = s->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (name_compare(&s->names[middle], &wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low > 0 && s->names[low - 1].partition == partition;
    if (found)
        *ret_name = s->names[low - 1];
    pthread_mutex_unlock(&s->lock);
    return found;
}

int snapshots_read(struct snapshots *s, uint32_t partition, uint64_t newest, struct buf *out,
                   uint64_t *ret_seq, struct err *err)
{
    struct snapshot_name name;
    while (find_newest(s, partition, newest, &name)) {
        int got = read_one(s, name, out);
        if (got < 0)
            return err_set(err, "out of memory for the snapshot of partition %u", partition);
        if (got > 0) {
            *ret_seq = name.seq;
            return 1;
        }
        if (name.seq == 0)
            break;
        newest = name.seq - 1;
    }
    return 0;
}
