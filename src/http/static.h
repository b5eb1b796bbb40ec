/*
 * static: files of a folder, read into memory at start and served from there. Only what was found
 * then exists: a request never touches the disk, so there is no path to climb out by. Links, hidden
 * and special files are left out. "x.br" and "x.gz" beside "x" are its compressed forms, chosen by
 * Accept-Encoding, and have no address of their own.
 *
 * Names under "assets/" that carry a hash of their content ("app-3f9a1c2e.js") are cached for ever;
 * everything else is asked for again each time (no-cache) and answered 304 when its ETag still
 * holds.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_HTTP_STATIC_H
#define ONSALE_HTTP_STATIC_H

#include "base/err.h"
#include "http/server.h"

#define STATIC_TOTAL_BYTES (64u * 1024 * 1024)
#define STATIC_FILES_MAX 4096u

struct static_files;

struct static_header {
    const char *name;
    const char *value;
};

struct static_options {
    const char *directory;
    /* Fields for every answer (Content-Security-Policy, ...); the strings must outlive it. */
    const struct static_header *headers;
    size_t header_count;
};

/* Reads the folder. Fails when it cannot be read, or holds more than STATIC_TOTAL_BYTES or
 * STATIC_FILES_MAX. */
int static_create(const struct static_options *options, struct static_files **ret_files,
                  struct err *err) MUST_USE;
void static_destroy(struct static_files *files);
size_t static_count(const struct static_files *files);

/* Answers GET or HEAD of `path` (as http_path gives it, "/" means "/index.html"); false, and
 * nothing is answered, when there is no such file or the method is another. */
bool static_answer(const struct static_files *files, struct http_exchange *x, struct slice path);

/* Whether an If-None-Match names the ETag (with its quotes), or any. */
bool static_etag_listed(struct slice if_none_match, const char *etag);

/* Whether whoever sent this Accept-Encoding can read gzip. */
bool static_takes_gzip(struct slice accept);

#endif
