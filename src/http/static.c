#include "http/static.h"

#include "base/hash.h"
#include "http/percent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum coding { PLAIN, GZIP, BROTLI, CODINGS };
enum { DEPTH_MAX = 16, ETAG_MAX = 36 };

struct variant {
    struct http_blob *blob; /* NULL: there is none */
    char etag[ETAG_MAX];    /* with quotes */
};

struct file {
    char *name; /* "/assets/app.js" */
    const char *type;
    bool immutable;
    struct variant variants[CODINGS];
};

struct static_files {
    struct static_options options;
    struct file *files; /* sorted by name */
    size_t count, cap;
    size_t bytes;
};

/* ---- names ---- */

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".webp", "image/webp"},
        {".avif", "image/avif"},
        {".gif", "image/gif"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".txt", "text/plain; charset=utf-8"},
        {".xml", "application/xml"},
        {".pdf", "application/pdf"},
        {".wasm", "application/wasm"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

static bool looks_hashed(const char *text, size_t len)
{
    bool telling = false; /* plain words have neither digits nor capitals */
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'Z';
        if (!digit && !upper && !(c >= 'a' && c <= 'z') && c != '-' && c != '_')
            return false;
        telling |= digit || upper;
    }
    return telling && len >= 8;
}

/* "assets/name-HASH.ext", where HASH is 8 base64url characters (Vite) or 8 or more letters and
 * digits behind the last "-" or ".". */
static bool is_immutable(const char *name)
{
    if (strncmp(name, "/assets/", 8) != 0)
        return false;
    const char *base = strrchr(name, '/') + 1, *dot = strrchr(base, '.');
    size_t len = dot ? (size_t)(dot - base) : strlen(base);
    if (len > 9 && (base[len - 9] == '-' || base[len - 9] == '.') &&
        looks_hashed(base + len - 8, 8))
        return true;
    size_t from = len;
    while (from > 0 && base[from - 1] != '-' && base[from - 1] != '.')
        from--;
    return from > 0 && looks_hashed(base + from, len - from);
}

static enum coding coding_of(const char *name, size_t *ret_plain_len)
{
    size_t len = strlen(name);
    if (len > 3 && (strcmp(name + len - 3, ".br") == 0 || strcmp(name + len - 3, ".gz") == 0)) {
        *ret_plain_len = len - 3;
        return name[len - 2] == 'b' ? BROTLI : GZIP;
    }
    *ret_plain_len = len;
    return PLAIN;
}

/* ---- loading ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static struct file *find(const struct static_files *files, const char *name)
{
    struct file key = {.name = (char *)(uintptr_t)name};
    return files->count ? bsearch(&key, files->files, files->count, sizeof key, by_name) : NULL;
}

static struct http_blob *read_blob(int fd, size_t size)
{
    struct http_blob *blob = malloc(sizeof *blob + size);
    if (!blob)
        return NULL;
    size_t at = 0;
    while (at < size) {
        ssize_t n = read(fd, blob->data + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            free(blob);
            return NULL;
        }
        at += (size_t)n;
    }
    blob->references = 1;
    blob->len = (uint32_t)size;
    return blob;
}

/* Takes over `name` and `blob` in every case. */
static int add_file(struct static_files *files, char *name, struct http_blob *blob, struct err *err)
{
    if (files->count == files->cap) {
        size_t cap = files->cap ? files->cap * 2 : 64;
        struct file *grown =
            cap > STATIC_FILES_MAX * 2 ? NULL : realloc(files->files, cap * sizeof(struct file));
        if (!grown || files->count >= STATIC_FILES_MAX) {
            if (grown)
                files->files = grown;
            free(name);
            http_blob_drop(blob);
            return err_set(err, "%s holds more than %u files", files->options.directory,
                           STATIC_FILES_MAX);
        }
        files->files = grown;
        files->cap = cap;
    }
    struct file *file = &files->files[files->count++];
    *file = (struct file){.name = name, .type = type_of(name), .immutable = is_immutable(name)};
    file->variants[PLAIN].blob = blob;
    return 0;
}

static int load_file(struct static_files *files, int fd, const char *path, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_set(err, "cannot read %s%s: %s", files->options.directory, path,
                       strerror(errno));
    if (!S_ISREG(st.st_mode))
        return 0;
    if (st.st_size > STATIC_TOTAL_BYTES || files->bytes + (size_t)st.st_size > STATIC_TOTAL_BYTES)
        return err_set(err, "%s holds more than %u MiB", files->options.directory,
                       STATIC_TOTAL_BYTES >> 20);
    struct http_blob *blob = read_blob(fd, (size_t)st.st_size);
    char *name = strdup(path);
    if (!blob || !name) {
        free(name);
        http_blob_drop(blob);
        return err_set(err, "cannot read %s%s", files->options.directory, path);
    }
    files->bytes += blob->len;
    return add_file(files, name, blob, err);
}

/* Takes over `fd`. `path` is the folder's own, "" for the root; `depth` bounds the recursion. */
static int load_folder(struct static_files *files, int fd, const char *path, int depth,
                       struct err *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return err_set(err, "cannot read %s%s: %s", files->options.directory, path,
                       strerror(errno));
    }
    int r = 0;
    struct dirent *entry;
    while (r == 0 && (entry = readdir(dir)) != NULL) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        int n = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        int child =
            openat(dirfd(dir), entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (child < 0 && (errno == ELOOP || errno == ENXIO))
            continue; /* a link, or a socket */
        struct stat st;
        if (child < 0 || fstat(child, &st) < 0 || n < 0 || (size_t)n >= sizeof inner) {
            r = err_set(err, "cannot read %s%s/%s: %s", files->options.directory, path,
                        entry->d_name, strerror(errno));
            if (child >= 0)
                close(child);
        } else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
            r = load_folder(files, child, inner, depth + 1, err);
        } else {
            r = S_ISDIR(st.st_mode)
                    ? err_set(err, "%s%s: folders are too deep", files->options.directory, inner)
                    : load_file(files, child, inner, err);
            close(child);
        }
    }
    closedir(dir);
    return r;
}

/* Hangs "x.br" and "x.gz" under "x" and takes them off the list. */
static void join_variants(struct static_files *files)
{
    qsort(files->files, files->count, sizeof(struct file), by_name);
    for (size_t i = 0; i < files->count; i++) {
        struct file *file = &files->files[i];
        size_t len;
        enum coding coding = coding_of(file->name, &len);
        if (coding == PLAIN)
            continue;
        char plain_name[4096];
        snprintf(plain_name, sizeof plain_name, "%.*s", (int)len, file->name);
        struct file *plain = find(files, plain_name);
        if (!plain || !plain->variants[PLAIN].blob)
            continue;
        plain->variants[coding].blob = file->variants[PLAIN].blob;
        file->variants[PLAIN].blob = NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (files->files[i].variants[PLAIN].blob)
            files->files[kept++] = files->files[i];
        else
            free(files->files[i].name);
    }
    files->count = kept;
}

static void make_etags(struct static_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        for (int k = 0; k < CODINGS; k++) {
            struct variant *v = &files->files[i].variants[k];
            if (!v->blob)
                continue;
            struct hash128 h = hash128_of(v->blob->data, v->blob->len);
            snprintf(v->etag, sizeof v->etag, "\"%016llx%016llx\"", (unsigned long long)h.high,
                     (unsigned long long)h.low);
        }
    }
}

int static_create(const struct static_options *options, struct static_files **ret_files,
                  struct err *err)
{
    int fd = open(options->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "cannot read %s: %s", options->directory, strerror(errno));
    struct static_files *files = calloc(1, sizeof *files);
    if (!files) {
        close(fd);
        return err_set(err, "out of memory");
    }
    files->options = *options;
    if (load_folder(files, fd, "", 0, err) < 0) {
        static_destroy(files);
        return -1;
    }
    if (files->count)
        join_variants(files);
    make_etags(files);
    *ret_files = files;
    return 0;
}

void static_destroy(struct static_files *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++) {
        for (int k = 0; k < CODINGS; k++)
            http_blob_drop(files->files[i].variants[k].blob);
        free(files->files[i].name);
    }
    free(files->files);
    free(files);
}

size_t static_count(const struct static_files *files)
{
    return files->count;
}

/* ---- answering ---- */

/* Cuts the next element of a comma list, trimmed. */
static bool next_element(struct slice *rest, struct slice *ret_element)
{
    if (rest->len == 0)
        return false;
    const char *comma = memchr(rest->data, ',', rest->len);
    size_t len = comma ? (size_t)(comma - rest->data) : rest->len, skip = comma ? len + 1 : len;
    struct slice e = slice_make(rest->data, len);
    *rest = slice_make(rest->data + skip, rest->len - skip);
    while (e.len && (e.data[0] == ' ' || e.data[0] == '\t'))
        e = slice_make(e.data + 1, e.len - 1);
    while (e.len && (e.data[e.len - 1] == ' ' || e.data[e.len - 1] == '\t'))
        e.len--;
    *ret_element = e;
    return true;
}

static bool name_is(struct slice s, const char *name)
{
    return s.len == strlen(name) && strncasecmp(s.data, name, s.len) == 0;
}

/* Cuts ";q=0.5" off an element; returns thousandths, malformed weights count as 0. */
static int cut_weight(struct slice *element)
{
    const char *semicolon = memchr(element->data, ';', element->len);
    if (!semicolon)
        return 1000;
    const char *at = semicolon + 1, *end = element->data + element->len;
    element->len = (size_t)(semicolon - element->data);
    while (element->len && element->data[element->len - 1] == ' ')
        element->len--;
    while (at < end && *at == ' ')
        at++;
    if (end - at < 3 || (at[0] | 0x20) != 'q' || at[1] != '=' || at[2] < '0' || at[2] > '1')
        return 0;
    int weight = (at[2] - '0') * 1000, unit = 100;
    at += 3;
    if (at < end && *at++ != '.')
        return 0;
    for (; at < end && unit > 0; at++, unit /= 10) {
        if (*at < '0' || *at > '9')
            return 0;
        weight += (*at - '0') * unit;
    }
    return weight > 1000 ? 1000 : weight;
}

/* RFC 9110 12.5.3: the best weight wins, then the smaller form; identity unless forbidden. */
static enum coding choose(const struct file *file, struct slice accept)
{
    int weights[CODINGS] = {-1, -1, -1}, star = -1;
    struct slice element;
    while (next_element(&accept, &element)) {
        int weight = cut_weight(&element);
        if (name_is(element, "br"))
            weights[BROTLI] = weight;
        else if (name_is(element, "gzip") || name_is(element, "x-gzip"))
            weights[GZIP] = weight;
        else if (name_is(element, "identity"))
            weights[PLAIN] = weight;
        else if (name_is(element, "*"))
            star = weight;
    }
    enum coding best = PLAIN;
    int most = weights[PLAIN] > 0 ? weights[PLAIN] : 0;
    for (int k = GZIP; k < CODINGS; k++) {
        int weight = weights[k] >= 0 ? weights[k] : star;
        if (file->variants[k].blob && weight > 0 && weight >= most) {
            best = (enum coding)k;
            most = weight;
        }
    }
    return best;
}

bool static_etag_listed(struct slice list, const char *etag)
{
    struct slice element;
    while (next_element(&list, &element)) {
        if (slice_starts_with(element, SLICE("W/")))
            element = slice_make(element.data + 2, element.len - 2);
        if (slice_equal(element, slice_from_string(etag)) || slice_equal(element, SLICE("*")))
            return true;
    }
    return false;
}

bool static_takes_gzip(struct slice accept)
{
    int weight = -1, star = 0;
    struct slice element;
    while (next_element(&accept, &element)) {
        int given = cut_weight(&element);
        if (name_is(element, "gzip") || name_is(element, "x-gzip"))
            weight = given;
        else if (name_is(element, "*"))
            star = given;
    }
    return (weight >= 0 ? weight : star) > 0;
}

static void answer(const struct static_files *files, struct http_exchange *x,
                   const struct file *file)
{
    static const char *const names[CODINGS] = {"", "gzip", "br"};
    enum coding coding = choose(file, http_header(x, "accept-encoding"));
    const struct variant *v = &file->variants[coding];
    http_add_header(x, "ETag", slice_from_string(v->etag));
    http_add_header(x, "Cache-Control",
                    file->immutable ? SLICE("public, max-age=31536000, immutable")
                                    : SLICE("no-cache"));
    if (file->variants[GZIP].blob || file->variants[BROTLI].blob)
        http_add_header(x, "Vary", SLICE("Accept-Encoding"));
    http_add_header(x, "X-Content-Type-Options", SLICE("nosniff"));
    for (size_t i = 0; i < files->options.header_count; i++)
        http_add_header(x, files->options.headers[i].name,
                        slice_from_string(files->options.headers[i].value));
    if (static_etag_listed(http_header(x, "if-none-match"), v->etag)) {
        http_answer(x, 304, NULL, slice_make(NULL, 0), 0);
        return;
    }
    if (coding != PLAIN)
        http_add_header(x, "Content-Encoding", slice_from_string(names[coding]));
    http_answer_blob(x, 200, file->type, http_blob_keep(v->blob), 0);
}

bool static_answer(const struct static_files *files, struct http_exchange *x, struct slice path)
{
    enum http_method method = http_method(x);
    if ((method != HTTP_METHOD_GET && method != HTTP_METHOD_HEAD) || path.len == 0 ||
        path.data[0] != '/')
        return false;
    char *name = http_alloc(x, path.len + sizeof "index.html");
    size_t len;
    if (!percent_decode(path, false, name, &len))
        return false;
    if (name[len - 1] == '/') {
        memcpy(name + len, "index.html", 10);
        len += 10;
    }
    name[len] = 0;
    const struct file *file = find(files, name);
    if (!file)
        return false;
    answer(files, x, file);
    return true;
}
