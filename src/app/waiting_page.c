#include "app/internal.h"
#include "app/language.h"

#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/*
 * The waiting room's document: built by web/scripts/waiting.mjs, once a language, with its style
 * and script inside, completed here with what the page shows first. Its policy allows exactly these
 * two by their hashes, and what it fetches when it is used.
 *
 * Everybody who waits loads it, so what never changes of it is compressed once: a gzip body is
 * that, flushed to whole bytes, and then what is given as a stored block.
 */

#define PAGE_BYTES_MAX 65536
#define GIVEN_MARK "id=given>"
#define GIVEN_EMPTY "null"
#define STORED_MAX 65535u /* bytes in a stored block */

struct document {
    struct buf head, tail; /* around what is given */
    struct buf packed;     /* the head: a gzip header and deflate blocks, none of them the last */
    uLong head_crc;
    struct buf policy;
};

struct waiting_page {
    struct document documents[LANGUAGES];
};

/* Reads a whole file; *ret_found is false when there is none. */
static int read_page(const char *path, struct buf *text, bool *ret_found, struct err *err)
{
    char bytes[4096];
    FILE *file = fopen(path, "re");
    *ret_found = file != NULL;
    if (!file)
        return 0;
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0 && text->len <= PAGE_BYTES_MAX)
        buf_append(text, bytes, n);
    bool failed = ferror(file) || text->failed || text->len > PAGE_BYTES_MAX;
    (void)fclose(file);
    return failed ? err_set(err, "%s cannot be read or is too long", path) : 0;
}

/* What stands between two marks; empty when one is missing. */
static struct slice between(struct slice text, const char *from, const char *to)
{
    if (text.len == 0)
        return SLICE("");
    const char *end_of_text = text.data + text.len;
    const char *start = memmem(text.data, text.len, from, strlen(from));
    if (!start)
        return SLICE("");
    start += strlen(from);
    const char *end = memmem(start, (size_t)(end_of_text - start), to, strlen(to));
    return end ? slice_make(start, (size_t)(end - start)) : SLICE("");
}

static void hash_source(struct slice text, char ret_source[64])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char base64[48];
    (void)crypto_hash_sha256(hash, (const unsigned char *)text.data, text.len);
    (void)sodium_bin2base64(base64, sizeof base64, hash, sizeof hash,
                            sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(ret_source, 64, "'sha256-%s'", base64);
}

static void write_policy(struct document *page, struct slice text,
                         const struct captcha_origins *open)
{
    char style[64], script[64];
    hash_source(between(text, "<style>", "</style>"), style);
    hash_source(between(text, "<script type=module>", "</script>"), script);
    buf_append_text(&page->policy,
                    "default-src 'none'; img-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
                    "form-action 'none'; frame-ancestors 'none'");
    pages_allow(&page->policy, "script-src 'self'", script, open->script);
    pages_allow(&page->policy, "style-src", style, open->style);
    pages_allow(&page->policy, "connect-src 'self'", open->connect, "");
    if (*open->frame)
        pages_allow(&page->policy, "frame-src", open->frame, "");
}

static bool pack_head(struct document *page)
{
    static const uint8_t gzip_header[10] = {0x1f, 0x8b, Z_DEFLATED, 0, 0, 0, 0, 0, 2, 0xff};
    unsigned char bytes[PAGE_BYTES_MAX + 1024];
    z_stream z = {.next_in = (unsigned char *)page->head.data,
                  .avail_in = (uInt)page->head.len,
                  .next_out = bytes,
                  .avail_out = sizeof bytes};
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    bool packed = deflate(&z, Z_FULL_FLUSH) == Z_OK && z.avail_in == 0 && z.avail_out > 0;
    (void)deflateEnd(&z);
    buf_append(&page->packed, gzip_header, sizeof gzip_header);
    buf_append(&page->packed, bytes, sizeof bytes - z.avail_out);
    page->head_crc = crc32(0, (const unsigned char *)page->head.data, (uInt)page->head.len);
    return packed && !page->packed.failed;
}

/* Takes the text of a built page apart. */
static int read_document(struct document *page, struct slice all, const char *path,
                         const struct captcha_origins *open, struct err *err)
{
    struct slice given = between(all, GIVEN_MARK, "</script>");
    if (!slice_equal(given, SLICE(GIVEN_EMPTY)))
        return err_set(err, "%s has no place for what is given", path);
    size_t head = (size_t)(given.data - all.data), tail = head + given.len;
    buf_append(&page->head, all.data, head);
    buf_append(&page->tail, all.data + tail, all.len - tail);
    write_policy(page, all, open);
    if (page->head.failed || page->tail.failed || page->policy.failed || !pack_head(page))
        return err_set(err, "out of memory");
    return 0;
}

/* Without a page of its own a language has the English one. *ret_found: there is one. */
static int load_document(struct waiting_page *page, const char *dir, enum language language,
                         const struct captcha_origins *open, bool *ret_found, struct err *err)
{
    BUF_AUTO struct buf text = BUF_INIT;
    char path[PATH_MAX + 64];
    *ret_found = false;
    if (language != LANGUAGE_EN) {
        (void)snprintf(path, sizeof path, "%s/waiting.%s.html", dir, language_tags[language]);
        if (read_page(path, &text, ret_found, err) < 0)
            return -1;
    }
    if (!*ret_found) {
        (void)snprintf(path, sizeof path, "%s%s", dir, WAITING_PAGE_EMPTY);
        if (read_page(path, &text, ret_found, err) < 0)
            return -1;
    }
    if (!*ret_found)
        return 0;
    return read_document(&page->documents[language], buf_slice(&text), path, open, err);
}

int waiting_page_load(const char *dir, const struct captcha_origins *open,
                      struct waiting_page **ret_page, struct err *err)
{
    *ret_page = NULL;
    struct waiting_page *page = calloc(1, sizeof *page);
    if (!page)
        return err_set(err, "out of memory");
    bool found = true;
    int r = 0;
    for (int i = 0; r == 0 && found && i < LANGUAGES; i++)
        r = load_document(page, dir, (enum language)i, open, &found, err);
    if (r < 0 || !found)
        waiting_page_destroy(page);
    else
        *ret_page = page;
    return r;
}

void waiting_page_destroy(struct waiting_page *page)
{
    if (!page)
        return;
    for (int i = 0; i < LANGUAGES; i++) {
        struct document *document = &page->documents[i];
        buf_finish(&document->head);
        buf_finish(&document->tail);
        buf_finish(&document->packed);
        buf_finish(&document->policy);
    }
    free(page);
}

/* JSON in an element of a script: no text in it may end the element. */
static void append_given(struct buf *out, struct slice json)
{
    const char *at = json.data, *end = json.data + json.len, *less;
    while ((less = memchr(at, '<', (size_t)(end - at))) != NULL) {
        buf_append(out, at, (size_t)(less - at));
        buf_append_text(out, "\\u003c");
        at = less + 1;
    }
    buf_append(out, at, (size_t)(end - at));
}

static void add_headers(const struct document *page, struct http_exchange *x, bool empty)
{
    http_add_header(x, "Content-Security-Policy", buf_slice(&page->policy));
    http_add_header(x, "Referrer-Policy", SLICE("strict-origin-when-cross-origin"));
    http_add_header(x, "Permissions-Policy", SLICE("camera=(), geolocation=(), microphone=()"));
    http_add_header(x, "Cross-Origin-Opener-Policy", SLICE("same-origin"));
    http_add_header(x, "X-Content-Type-Options", SLICE("nosniff"));
    http_add_header(x, "Vary", SLICE("Accept-Encoding, " LANGUAGE_VARY));
    /* It shows a place: nobody else's cache may keep it. */
    http_add_header(x, "Cache-Control", empty ? SLICE("public, max-age=300") : SLICE("no-store"));
}

static void append_le(struct buf *out, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_append_char(out, (char)(value >> (8 * i) & 0xff));
}

/* The page as gzip: the packed head and `rest`, which is all behind it. */
static void append_packed(const struct document *page, struct slice rest, struct buf *out)
{
    uLong crc = crc32(0, (const unsigned char *)rest.data, (uInt)rest.len);
    buf_append(out, page->packed.data, page->packed.len);
    buf_append_char(out, 1); /* the last block, stored */
    append_le(out, (uint32_t)rest.len, 2);
    append_le(out, ~(uint32_t)rest.len, 2);
    buf_append_slice(out, rest);
    append_le(out, (uint32_t)crc32_combine(page->head_crc, crc, (z_off_t)rest.len), 4);
    append_le(out, (uint32_t)(page->head.len + rest.len), 4);
}

/* The event's id in "/events/{id}/queue"; empty for another path. */
static struct slice event_of(struct slice path)
{
    struct slice before = SLICE("/events/"), after = SLICE("/queue");
    if (path.len <= before.len + after.len || !slice_starts_with(path, before) ||
        memcmp(path.data + path.len - after.len, after.data, after.len) != 0)
        return SLICE("");
    return slice_make(path.data + before.len, path.len - before.len - after.len);
}

bool waiting_page_answer(const struct waiting_page *pages, struct http_exchange *x,
                         struct slice path)
{
    const struct document *page = &pages->documents[language_of(x)];
    BUF_AUTO struct buf given = BUF_INIT, rest = BUF_INIT, body = BUF_INIT;
    struct slice id = event_of(path);
    bool empty = slice_equal(path, SLICE(WAITING_PAGE_EMPTY));
    uint64_t barrier = 0;
    if (empty)
        buf_append_text(&given, GIVEN_EMPTY);
    else if (id.len == 0 || !api_queue_page(x, id, &given, &barrier))
        return false;
    append_given(&rest, buf_slice(&given));
    buf_append(&rest, page->tail.data, page->tail.len);
    bool packed = rest.len <= STORED_MAX && static_takes_gzip(http_header(x, "accept-encoding"));
    if (packed) {
        append_packed(page, buf_slice(&rest), &body);
    } else {
        buf_append(&body, page->head.data, page->head.len);
        buf_append(&body, rest.data, rest.len);
    }
    if (given.failed || rest.failed || body.failed)
        return false;
    add_headers(page, x, empty);
    if (packed)
        http_add_header(x, "Content-Encoding", SLICE("gzip"));
    http_answer(x, 200, "text/html; charset=utf-8", buf_slice(&body), barrier);
    return true;
}
