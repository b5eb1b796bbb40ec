#include "api/seating.h"

#include <assert.h>
#include <brotli/encode.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BROTLI_QUALITY 9 /* 40,000 seats in about 50 ms; higher takes seconds for 5 % */

static struct http_blob *gzip_blob(struct slice bytes)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    BUF_AUTO struct buf out = BUF_INIT;
    uLong bound = deflateBound(&stream, bytes.len);
    struct http_blob *blob = NULL;
    char *room = buf_reserve(&out, bound);
    if (room) {
        stream.next_in = (Bytef *)(uintptr_t)bytes.data;
        stream.avail_in = (uInt)bytes.len;
        stream.next_out = (Bytef *)room;
        stream.avail_out = (uInt)bound;
        if (deflate(&stream, Z_FINISH) == Z_STREAM_END)
            blob = http_blob_create(room, stream.total_out);
    }
    deflateEnd(&stream);
    return blob;
}

static struct http_blob *brotli_blob(struct slice bytes)
{
    size_t size = BrotliEncoderMaxCompressedSize(bytes.len);
    BUF_AUTO struct buf out = BUF_INIT;
    uint8_t *room = (uint8_t *)buf_reserve(&out, size);
    if (!room || !BrotliEncoderCompress(BROTLI_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT,
                                        bytes.len, (const uint8_t *)bytes.data, &size, room))
        return NULL;
    return http_blob_create(room, size);
}

int seating_create(struct plan *plan, struct seating **ret_seating, struct err *err)
{
    struct seating *s = calloc(1, sizeof *s);
    if (!s) {
        plan_destroy(plan);
        return err_set(err, "no memory");
    }
    s->references = 1;
    s->plan = plan;
    const uint8_t *hash = plan_hash(plan);
    for (unsigned i = 0; i < 32; i++)
        (void)snprintf(s->hash + (size_t)i * 2, 3, "%02x", hash[i]);

    BUF_AUTO struct buf geometry = BUF_INIT;
    plan_write_geometry(plan, &geometry);
    if (!geometry.failed) {
        s->geometry[SEATING_PLAIN] = http_blob_create(geometry.data, geometry.len);
        s->geometry[SEATING_GZIP] = gzip_blob(buf_slice(&geometry));
        s->geometry[SEATING_BROTLI] = brotli_blob(buf_slice(&geometry));
    }
    for (unsigned i = 0; i < SEATING_ENCODINGS; i++) {
        if (!s->geometry[i]) {
            seating_drop(s);
            return err_set(err, "no memory for the plan's geometry");
        }
    }
    *ret_seating = s;
    return 0;
}

struct seating *seating_keep(struct seating *seating)
{
    seating->references++;
    return seating;
}

void seating_drop(struct seating *seating)
{
    if (!seating || --seating->references > 0)
        return;
    for (unsigned i = 0; i < SEATING_ENCODINGS; i++) {
        if (seating->geometry[i])
            http_blob_drop(seating->geometry[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (seating->pretix[i])
            http_blob_drop(seating->pretix[i]);
    }
    plan_destroy(seating->plan);
    free(seating);
}

struct http_blob *seating_pretix(struct seating *seating, bool extensions)
{
    struct http_blob **kept = &seating->pretix[extensions];
    if (!*kept) {
        BUF_AUTO struct buf out = BUF_INIT;
        plan_write_pretix(seating->plan, extensions, &out);
        if (!out.failed)
            *kept = http_blob_create(out.data, out.len);
    }
    return *kept;
}

/* ---- on disk ---- */

static int write_all(int fd, struct slice bytes)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes = slice_make(bytes.data + n, bytes.len - (size_t)n);
    }
    return 0;
}

static int sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fsync(fd);
    (void)close(fd);
    return result;
}

/* Writes `bytes` to a new file beside `path`, durable, and moves it there. */
static int write_durable(const char *dir, const char *path, struct slice bytes, struct err *err)
{
    char beside[4200];
    (void)snprintf(beside, sizeof beside, "%s.%ld.%p", path, (long)getpid(), (const void *)&bytes);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(err, "%s: %s", beside, strerror(errno));
    bool good = write_all(fd, bytes) == 0 && fsync(fd) == 0;
    int why = errno;
    good = close(fd) == 0 && good;
    if (good && (rename(beside, path) < 0 || sync_folder(dir) < 0)) {
        good = false;
        why = errno;
    }
    if (!good) {
        (void)unlink(beside);
        return err_set(err, "%s: %s", path, strerror(why));
    }
    return 0;
}

/* Makes the folder of plans when it is missing, durably. */
static int make_folder(const char *dir, struct err *err)
{
    char above[4200];
    if (mkdir(dir, 0755) < 0)
        return errno == EEXIST ? 0 : err_set(err, "%s: %s", dir, strerror(errno));
    (void)snprintf(above, sizeof above, "%s/..", dir);
    return sync_folder(above) == 0 ? 0 : err_set(err, "%s: %s", above, strerror(errno));
}

static int plan_path(const char *dir, struct slice hash, char path[4096], struct err *err)
{
    for (size_t i = 0; i < hash.len; i++) {
        char c = hash.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return err_set(err, "a plan's hash is hex");
    }
    int len = snprintf(path, 4096, "%s/%.*s.json", dir, SLICE_ARG(hash));
    if (hash.len != 64 || len < 0 || len >= 4096)
        return err_set(err, "a plan's path is too long");
    return 0;
}

static int check_reads_back(const struct seating *s, struct slice bytes, struct err *err)
{
    struct plan *again;
    struct plan_options strict = {0};
    struct err why;
    if (plan_create(bytes, &strict, &again, NULL, &why) < 0)
        return err_set(err, "the plan cannot be written so that it reads back: %s", why.detail);
    bool same = memcmp(plan_hash(again), plan_hash(s->plan), 32) == 0;
    plan_destroy(again);
    return same ? 0 : err_set(err, "the plan reads back as another one");
}

int seating_save(const struct seating *seating, const char *dir, struct err *err)
{
    char path[4096];
    if (plan_path(dir, slice_from_string(seating->hash), path, err) < 0)
        return -1;
    if (access(path, R_OK) == 0)
        return 0;
    if (make_folder(dir, err) < 0)
        return -1;
    BUF_AUTO struct buf bytes = BUF_INIT;
    plan_write_pretix(seating->plan, true, &bytes);
    if (bytes.failed)
        return err_set(err, "no memory to write the plan");
    if (check_reads_back(seating, buf_slice(&bytes), err) < 0)
        return -1;
    return write_durable(dir, path, buf_slice(&bytes), err);
}

static int read_whole(const char *path, struct buf *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "%s: %s", path, strerror(errno));
    ssize_t n = -1;
    char *room;
    while ((room = buf_reserve(out, 65536)) && (n = read(fd, room, 65536)) > 0)
        out->len += (size_t)n;
    int why = errno;
    (void)close(fd);
    if (out->failed)
        return err_set(err, "%s: no memory", path);
    return n < 0 ? err_set(err, "%s: %s", path, strerror(why)) : 0;
}

int seating_load(const char *dir, struct slice hash, struct seating **ret_seating, struct err *err)
{
    char path[4096];
    BUF_AUTO struct buf bytes = BUF_INIT;
    if (plan_path(dir, hash, path, err) < 0 || read_whole(path, &bytes, err) < 0)
        return -1;
    struct plan *plan;
    struct plan_options stored = {.stored = true};
    struct err why;
    if (plan_create(buf_slice(&bytes), &stored, &plan, NULL, &why) < 0)
        return err_set(err, "%s: %s", path, why.detail);
    struct seating *seating;
    if (seating_create(plan, &seating, err) < 0)
        return -1;
    if (!slice_equal(slice_from_string(seating->hash), hash)) {
        seating_drop(seating);
        return err_set(err, "%s: its content is another plan's", path);
    }
    *ret_seating = seating;
    return 0;
}
