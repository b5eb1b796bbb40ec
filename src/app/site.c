#include "app/site.h"

#include "app/internal.h"
#include "app/language.h"
#include "app/settings.h"
#include "base/hash.h"
#include "site/site.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define TEXT_BYTES_MAX (256u * 1024) /* of a document or a legal text */
#define KEPT_SETS 128u
#define KEPT_WAYS 4u
#define LOOK_AGAIN_MS 1000u
#define SITEMAP_MS 60000u
#define KEY_MAX 96u
#define ICON "/icon-512.png"

_Static_assert((unsigned)LANGUAGES == SITE_LANGUAGES, "the words have the shop's languages");

enum kind {
    PAGE_HOME,
    PAGE_EVENT,
    PAGE_INNER, /* of an event; only the script can show it */
    PAGE_OWN,   /* the same, of one buyer */
    PAGE_APP,   /* the same, of no event */
    PAGE_IMPRINT,
    PAGE_TERMS,
    PAGE_PRIVACY,
    PAGE_ROBOTS,
    PAGE_SITEMAP,
    PAGE_MISSING
};

/* Every address there is; ":" stands for any one part, the first of which is the event. What the
 * script shows stands in web/src/app/app.tsx, too; a test compares both. */
static const struct {
    const char *pattern;
    enum kind kind;
} addresses[] = {
    {"/", PAGE_HOME},
    {"/events/:", PAGE_EVENT},
    {"/events/:/seats", PAGE_INNER},
    {"/events/:/checkout/:", PAGE_OWN},
    {"/events/:/orders/:", PAGE_OWN},
    {"/tickets", PAGE_APP},
    {"/mailbox", PAGE_APP},
    {"/mailbox/:", PAGE_APP},
    {"/gallery", PAGE_APP},
    {"/imprint", PAGE_IMPRINT},
    {"/terms", PAGE_TERMS},
    {"/privacy", PAGE_PRIVACY},
    {"/robots.txt", PAGE_ROBOTS},
    {"/sitemap.xml", PAGE_SITEMAP},
};

/* A page that was made, for all who ask for it. */
struct kept {
    char key[KEY_MAX];    /* "" is nobody's */
    struct hash128 shown; /* of the JSON that it was made of */
    uint64_t looked_ms, asked_ms, barrier;
    struct http_blob *plain, *packed;
    char etag[40]; /* without quotes */
    int status;
    const char *type;
};

struct site {
    struct house *house;
    char public_url[512]; /* "": the house's own */
    bool has_icon;
    struct buf texts[LANGUAGES];
    struct site_template documents[LANGUAGES];
    struct buf legal[SITE_LEGAL_PAGES][LANGUAGES];
    struct kept kept[KEPT_SETS][KEPT_WAYS];
};

/* What was asked for. */
struct wish {
    enum kind kind;
    enum language language;
    bool language_named;
    struct slice event; /* its id as it stands in the address */
    char key[KEY_MAX];
};

/* ---- loading ---- */

/* Reads a whole file; *ret_found is false when there is none. */
static int read_text(const char *path, struct buf *text, bool *ret_found, struct err *err)
{
    char bytes[4096];
    FILE *file = fopen(path, "re");
    *ret_found = file != NULL;
    if (!file)
        return 0;
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0 && text->len <= TEXT_BYTES_MAX)
        buf_append(text, bytes, n);
    bool failed = ferror(file) || text->failed || text->len > TEXT_BYTES_MAX;
    (void)fclose(file);
    return failed ? err_set(err, "%s cannot be read or is too long", path) : 0;
}

static int load_document(struct site *site, const char *dir, enum language language,
                         struct err *err)
{
    char path[PATH_MAX + 64];
    bool found;
    (void)snprintf(path, sizeof path, "%s/index.%s.html", dir, language_tags[language]);
    if (read_text(path, &site->texts[language], &found, err) < 0)
        return -1;
    if (!found) {
        (void)snprintf(path, sizeof path, "%s/index.html", dir);
        if (read_text(path, &site->texts[language], &found, err) < 0)
            return -1;
    }
    struct err why;
    if (found && site_template_parse(buf_slice(&site->texts[language]), &site->documents[language],
                                     &why) < 0)
        return err_set(err, "%s: %s", path, why.detail);
    return found ? 1 : 0;
}

/* The operator's own text if there is one, else the house's. */
static int load_legal(struct site *site, const char *dir, enum site_legal which,
                      enum language language, struct err *err)
{
    char path[PATH_MAX + 64];
    bool found = false;
    struct buf *text = &site->legal[which][language];
    const char *own = site->house->settings->legal_texts;
    if (*own) {
        (void)snprintf(path, sizeof path, "%s/%s.%s.html", own, site_legal_names[which],
                       language_tags[language]);
        if (read_text(path, text, &found, err) < 0)
            return -1;
    }
    if (found)
        return 0;
    (void)snprintf(path, sizeof path, "%s/.legal/%s.%s.html", dir, site_legal_names[which],
                   language_tags[language]);
    return read_text(path, text, &found, err);
}

static int load(struct site *site, const char *dir, struct err *err)
{
    char path[PATH_MAX + 64];
    int documents = 0;
    for (int i = 0; i < LANGUAGES; i++) {
        int r = load_document(site, dir, (enum language)i, err);
        if (r < 0)
            return r;
        documents += r;
        for (int k = 0; k < (int)SITE_LEGAL_PAGES; k++) {
            if (load_legal(site, dir, (enum site_legal)k, (enum language)i, err) < 0)
                return -1;
        }
    }
    (void)snprintf(path, sizeof path, "%s%s", dir, ICON);
    site->has_icon = access(path, R_OK) == 0;
    return documents == LANGUAGES;
}

int site_load(struct house *house, const char *dir, struct site **ret_site, struct err *err)
{
    struct site *site = calloc(1, sizeof *site);
    *ret_site = NULL;
    if (!site)
        return err_set(err, "out of memory");
    site->house = house;
    (void)snprintf(site->public_url, sizeof site->public_url, "%s", house->settings->public_url);
    size_t len = strlen(site->public_url);
    while (len > 0 && site->public_url[len - 1] == '/')
        site->public_url[--len] = '\0';
    int r = load(site, dir, err);
    if (r <= 0) {
        site_destroy(site);
        return r;
    }
    *ret_site = site;
    return 0;
}

static void forget(struct kept *kept)
{
    http_blob_drop(kept->plain);
    http_blob_drop(kept->packed);
    *kept = (struct kept){.key = ""};
}

void site_destroy(struct site *site)
{
    if (!site)
        return;
    for (unsigned i = 0; i < KEPT_SETS * KEPT_WAYS; i++)
        forget(&site->kept[i / KEPT_WAYS][i % KEPT_WAYS]);
    for (unsigned i = 0; i < LANGUAGES; i++) {
        buf_finish(&site->texts[i]);
        for (unsigned k = 0; k < SITE_LEGAL_PAGES; k++)
            buf_finish(&site->legal[k][i]);
    }
    free(site);
}

/* ---- what was asked for ---- */

/* The next part of a path, between slashes; false at its end. */
static bool next_part(struct slice *rest, struct slice *ret_part)
{
    while (rest->len && rest->data[0] == '/')
        *rest = slice_make(rest->data + 1, rest->len - 1);
    if (rest->len == 0)
        return false;
    const char *slash = memchr(rest->data, '/', rest->len);
    size_t len = slash ? (size_t)(slash - rest->data) : rest->len;
    *ret_part = slice_make(rest->data, len);
    *rest = slice_make(rest->data + len, rest->len - len);
    return true;
}

static bool matches(const char *pattern, struct slice path, struct slice *ret_event)
{
    struct slice wanted = slice_from_string(pattern), want, have, event = SLICE("");
    while (next_part(&wanted, &want)) {
        if (!next_part(&path, &have))
            return false;
        if (slice_equal(want, SLICE(":")))
            event = event.len ? event : have;
        else if (!slice_equal(want, have))
            return false;
    }
    *ret_event = event;
    return !next_part(&path, &have);
}

/* The language that the address names; LANGUAGES: none. */
static enum language language_named(struct http_exchange *x)
{
    struct slice tag;
    if (!http_query_param(x, "lang", &tag))
        return LANGUAGES;
    for (int i = 0; i < LANGUAGES; i++) {
        if (slice_equal(tag, slice_from_string(language_tags[i])))
            return (enum language)i;
    }
    return LANGUAGES;
}

static struct wish read_wish(struct slice path)
{
    struct wish wish = {.kind = PAGE_MISSING, .event = SLICE("")};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        if (matches(addresses[i].pattern, path, &wish.event)) {
            wish.kind = addresses[i].kind;
            break;
        }
    }
    return wish;
}

static void read_language(struct http_exchange *x, struct wish *wish)
{
    wish->language = language_named(x);
    wish->language_named = wish->language != LANGUAGES;
    if (!wish->language_named)
        wish->language = language_of(x);
}

/* What tells the page from every other; too long for a key it is no page. */
static void write_key(struct wish *wish)
{
    bool of_event = wish->kind >= PAGE_EVENT && wish->kind <= PAGE_OWN;
    struct slice event = of_event ? wish->event : SLICE("");
    if (event.len > KEY_MAX / 2) {
        wish->kind = PAGE_MISSING;
        event = SLICE("");
    }
    (void)snprintf(wish->key, sizeof wish->key, "%d %d %d %.*s", wish->kind, wish->language,
                   wish->language_named, SLICE_ARG(event));
}

/* ---- making ---- */

static struct site_context context_of(const struct site *site, const struct wish *wish)
{
    const struct settings *s = site->house->settings;
    return (struct site_context){
        .language = (unsigned)wish->language,
        .base_url = *site->public_url ? site->public_url : site->house->base_url,
        .organiser = s->operator_name,
        .image = site->has_icon ? ICON : "",
        .language_named = wish->language_named,
    };
}

static struct site_operator operator_of(const struct site *site)
{
    const struct settings *s = site->house->settings;
    bool nameless = site->house->demo && !*s->operator_name;
    return (struct site_operator){.name = nameless ? "Onsale" : s->operator_name,
                                  .address = s->operator_address,
                                  .email = s->operator_email,
                                  .phone = s->operator_phone,
                                  .register_entry = s->operator_register,
                                  .vat = s->operator_vat,
                                  .demo = site->house->demo};
}

/* What the page is made of, as JSON. False: there is no such page, or not now. */
static bool ask(struct http_exchange *x, const struct wish *wish, struct buf *told,
                uint64_t *ret_barrier)
{
    *ret_barrier = 0;
    switch (wish->kind) {
    case PAGE_HOME: return api_list_page(x, told, ret_barrier);
    case PAGE_EVENT: return api_event_page(x, wish->event, told, ret_barrier);
    case PAGE_SITEMAP: return api_list_ids(x, told);
    case PAGE_INNER:
    case PAGE_OWN:
        if (!api_has_event(x, wish->event))
            return false;
        break;
    default: break;
    }
    buf_append_text(told, "null");
    return true;
}

static void write_legal(const struct site *site, const struct site_context *context,
                        const struct wish *wish, struct site_page *page)
{
    enum site_legal which = wish->kind == PAGE_IMPRINT ? SITE_IMPRINT
                            : wish->kind == PAGE_TERMS ? SITE_TERMS
                                                       : SITE_PRIVACY;
    struct site_operator operator_ = operator_of(site);
    site_legal(context, &operator_, which, buf_slice(&site->legal[which][wish->language]), page);
}

static void write_page(const struct site *site, const struct wish *wish, json_t *told,
                       struct buf *out)
{
    struct site_page page = {.still = false};
    struct site_context context = context_of(site, wish);
    switch (wish->kind) {
    case PAGE_HOME: site_home(&context, told, &page); break;
    case PAGE_EVENT: site_event(&context, told, &page); break;
    case PAGE_OWN:
    case PAGE_APP: site_app(&context, SLICE(""), &page); break;
    case PAGE_INNER: site_app(&context, wish->event, &page); break;
    case PAGE_IMPRINT:
    case PAGE_TERMS:
    case PAGE_PRIVACY: write_legal(site, &context, wish, &page); break;
    default: site_missing(&context, &page); break;
    }
    site_template_fill(&site->documents[wish->language], &page, out);
    out->failed |= site_page_failed(&page);
    site_page_finish(&page);
}

static void write_body(const struct site *site, const struct wish *wish, json_t *told,
                       struct buf *out)
{
    struct site_context context = context_of(site, wish);
    switch (wish->kind) {
    case PAGE_ROBOTS: site_robots(&context, out); break;
    case PAGE_SITEMAP: site_sitemap(&context, told, out); break;
    default: write_page(site, wish, told, out); break;
    }
}

static const char *type_of(enum kind kind)
{
    return kind == PAGE_ROBOTS    ? "text/plain; charset=utf-8"
           : kind == PAGE_SITEMAP ? "application/xml"
                                  : "text/html; charset=utf-8";
}

static struct http_blob *pack(struct slice bytes)
{
    z_stream z = {0};
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return NULL;
    BUF_AUTO struct buf out = BUF_INIT;
    uLong bound = deflateBound(&z, bytes.len);
    char *room = buf_reserve(&out, bound);
    bool packed = false;
    if (room) {
        z.next_in = (Bytef *)(uintptr_t)bytes.data;
        z.avail_in = (uInt)bytes.len;
        z.next_out = (Bytef *)room;
        z.avail_out = (uInt)bound;
        packed = deflate(&z, Z_FINISH) == Z_STREAM_END;
    }
    struct http_blob *blob = packed ? http_blob_create(room, z.total_out) : NULL;
    (void)deflateEnd(&z);
    return blob;
}

/* Makes what `kept` holds anew. False: no memory, and `kept` is empty. */
static bool make(const struct site *site, const struct wish *wish, json_t *told, struct kept *kept)
{
    BUF_AUTO struct buf body = BUF_INIT;
    write_body(site, wish, told, &body);
    forget(kept);
    if (body.failed || body.len == 0)
        return false;
    kept->plain = http_blob_create(body.data, body.len);
    kept->packed = pack(buf_slice(&body));
    if (!kept->plain || !kept->packed) {
        forget(kept);
        return false;
    }
    struct hash128 hash = hash128_of(body.data, body.len);
    (void)snprintf(kept->etag, sizeof kept->etag, "%016llx%016llx", (unsigned long long)hash.high,
                   (unsigned long long)hash.low);
    memcpy(kept->key, wish->key, sizeof kept->key);
    kept->status = wish->kind == PAGE_MISSING ? 404 : 200;
    kept->type = type_of(wish->kind);
    return true;
}

/* ---- keeping ---- */

/* Where the page is kept, or where it will be: what was asked for longest ago makes room. */
static struct kept *place_of(struct site *site, const char *key)
{
    struct kept *set = site->kept[hash64_of(key, strlen(key), 0) % KEPT_SETS], *oldest = set;
    for (unsigned i = 0; i < KEPT_WAYS; i++) {
        if (strcmp(set[i].key, key) == 0)
            return &set[i];
        if (set[i].asked_ms < oldest->asked_ms)
            oldest = &set[i];
    }
    return oldest;
}

static uint64_t life_of(enum kind kind)
{
    return kind == PAGE_HOME || kind == PAGE_EVENT ? LOOK_AGAIN_MS
           : kind == PAGE_SITEMAP                  ? SITEMAP_MS
                                                   : UINT64_MAX;
}

static bool same(struct hash128 a, struct hash128 b)
{
    return a.low == b.low && a.high == b.high;
}

/* The page as it is now; NULL: there is none, or no memory. */
static struct kept *fetch(struct site *site, struct http_exchange *x, const struct wish *wish)
{
    struct kept *kept = place_of(site, wish->key);
    uint64_t now_ms = uv_now(&site->house->loop), barrier;
    bool have = strcmp(kept->key, wish->key) == 0;
    if (have && now_ms - kept->looked_ms < life_of(wish->kind)) {
        kept->asked_ms = now_ms;
        return kept;
    }
    BUF_AUTO struct buf text = BUF_INIT;
    if (!ask(x, wish, &text, &barrier) || text.failed)
        return NULL;
    struct hash128 shown = hash128_of(text.data, text.len);
    if (!have || !same(shown, kept->shown)) {
        json_t *told = json_loadb(text.data, text.len, JSON_DECODE_ANY, NULL);
        bool made = told && make(site, wish, told, kept);
        json_decref(told);
        if (!made)
            return NULL;
    }
    kept->shown = shown;
    kept->looked_ms = kept->asked_ms = now_ms;
    kept->barrier = barrier;
    return kept;
}

/* ---- answering ---- */

/* The choice is kept, so that a reader without a script keeps it from page to page. */
static void keep_language(struct http_exchange *x, enum language language)
{
    char cookie[96];
    if (slice_equal(http_cookie(x, LANGUAGE_COOKIE), slice_from_string(language_tags[language])))
        return;
    int len = snprintf(cookie, sizeof cookie, "%s=%s; Path=/; Max-Age=31536000; SameSite=Lax",
                       LANGUAGE_COOKIE, language_tags[language]);
    http_add_header(x, "Set-Cookie", slice_make(cookie, (size_t)len));
}

static void send_kept(struct http_exchange *x, const struct wish *wish, const struct kept *kept)
{
    char etag[48];
    bool packed = static_takes_gzip(http_header(x, "accept-encoding"));
    bool text = wish->kind == PAGE_ROBOTS || wish->kind == PAGE_SITEMAP;
    int len = snprintf(etag, sizeof etag, "\"%s%s\"", kept->etag, packed ? "-gz" : "");
    if (!text)
        pages_add_headers(x);
    if (wish->language_named && kept->status == 200)
        keep_language(x, wish->language);
    http_add_header(x, "X-Content-Type-Options", SLICE("nosniff"));
    http_add_header(x, "Vary",
                    text ? SLICE("Accept-Encoding") : SLICE("Accept-Encoding, " LANGUAGE_VARY));
    http_add_header(x, "Cache-Control", text ? SLICE("public, max-age=3600") : SLICE("no-cache"));
    if (kept->status == 200) {
        http_add_header(x, "ETag", slice_make(etag, (size_t)len));
        if (static_etag_listed(http_header(x, "if-none-match"), etag)) {
            http_answer(x, 304, NULL, SLICE(""), kept->barrier);
            return;
        }
    }
    if (packed)
        http_add_header(x, "Content-Encoding", SLICE("gzip"));
    http_answer_blob(x, kept->status, kept->type,
                     http_blob_keep(packed ? kept->packed : kept->plain), kept->barrier);
}

static void answer(struct site *site, struct http_exchange *x, struct wish wish)
{
    read_language(x, &wish);
    write_key(&wish);
    const struct kept *kept = fetch(site, x, &wish);
    if (!kept && wish.kind <= PAGE_OWN) {
        /* No such event; or the list is being made anew: the script asks until it is there. */
        wish.kind = wish.kind == PAGE_HOME ? PAGE_APP : PAGE_MISSING;
        write_key(&wish);
        kept = fetch(site, x, &wish);
    }
    if (kept)
        send_kept(x, &wish, kept);
    else
        http_answer_problem(x, 503, "busy", "Busy; please try again",
                            SLICE("the page cannot be made right now"), SLICE(""), 0);
}

bool site_answer(struct site *site, struct http_exchange *x, struct slice path)
{
    struct wish wish = read_wish(path);
    if (wish.kind == PAGE_MISSING)
        return false;
    answer(site, x, wish);
    return true;
}

void site_answer_missing(struct site *site, struct http_exchange *x)
{
    answer(site, x, (struct wish){.kind = PAGE_MISSING, .event = SLICE("")});
}
