/*
 * head: checks and cuts the header block of a request before llhttp sees it. llhttp's strict mode
 * still lets pass what a front door must not (no version, no or two Hosts, empty names, folded
 * lines, TE on 1.0, ...), so the whole block is buffered and read here first; llhttp then reads it
 * again as a second opinion and takes care of the body. Pure: no allocation, no state.
 *
 *   int r = head_parse(data, len, &head);   > 0: bytes of the block; 0: more bytes are needed;
 *                                           < 0: refused, see head.refusal
 *
 * Thread: any.
 */
#ifndef ONSALE_HTTP_HEAD_H
#define ONSALE_HTTP_HEAD_H

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "http/router.h"

/* Offsets into the block; it is at most LIMIT_HEADER_BYTES long. */
struct head_field {
    uint16_t name, name_len;
    uint16_t value, value_len;
};

/* Why a block is refused: name, status, code, detail. */
#define HEAD_REFUSALS(R)                                                                       \
    R(NONE, 0, "", "")                                                                         \
    R(BARE_LF, 400, "bad_request", "a line ends in LF without CR")                             \
    R(BARE_CR, 400, "bad_request", "a CR stands without LF")                                   \
    R(REQUEST_LINE, 400, "bad_request",                                                        \
      "the request line is not METHOD SP TARGET SP HTTP-VERSION with single spaces")           \
    R(NO_VERSION, 400, "bad_request", "the request line has no HTTP version")                  \
    R(VERSION, 505, "version_not_supported", "only HTTP/1.0 and HTTP/1.1 are spoken here")     \
    R(METHOD, 501, "method_not_implemented", "the method is not one that this server knows")   \
    R(TARGET, 400, "bad_request", "the request target holds a character that must be encoded") \
    R(TARGET_FORM, 400, "bad_request", "the request target is neither a path nor an http URL") \
    R(TARGET_LONG, 414, "uri_too_long", "the request target is longer than 4096 bytes")        \
    R(HEADER_LONG, 431, "header_too_large", "the header block is longer than 8192 bytes")      \
    R(FIELD_COUNT, 431, "header_too_large", "there are more than 64 header fields")            \
    R(FOLDED, 400, "bad_request", "a header line begins with a blank")                         \
    R(NO_COLON, 400, "bad_request", "a header line has no colon")                              \
    R(FIELD_NAME, 400, "bad_request",                                                          \
      "a header name is empty or holds a character that it must not")                          \
    R(FIELD_VALUE, 400, "bad_request", "a header value holds a control character")             \
    R(LENGTH, 400, "bad_request", "Content-Length is not a plain decimal number")              \
    R(LENGTH_TWICE, 400, "bad_request", "Content-Length is given twice")                       \
    R(LENGTH_AND_CODING, 400, "bad_request",                                                   \
      "Content-Length and Transfer-Encoding are both given")                                   \
    R(CODING, 501, "coding_not_implemented", "the only transfer coding known here is chunked") \
    R(CODING_TWICE, 400, "bad_request", "Transfer-Encoding is given twice")                    \
    R(CODING_ON_1_0, 400, "bad_request", "Transfer-Encoding is not part of HTTP/1.0")          \
    R(NO_HOST, 400, "bad_request", "the Host header is missing")                               \
    R(HOST_TWICE, 400, "bad_request", "the Host header is given twice")                        \
    R(HOST, 400, "bad_request", "the Host header is not a host and port")                      \
    R(EXPECT, 417, "expectation_failed", "the only expectation known here is 100-continue")

enum head_refusal {
#define HEAD_ENUM(name, status, code, detail) HEAD_##name,
    HEAD_REFUSALS(HEAD_ENUM)
#undef HEAD_ENUM
};

struct head_refusal_text {
    int status;
    const char *code;
    const char *detail;
};

struct head {
    enum head_refusal refusal;
    enum http_method method; /* never HTTP_METHOD_OTHER: those are refused */
    uint8_t minor;           /* 0 or 1 */
    bool keep_alive;
    bool chunked;
    bool has_length;
    bool expect_continue;
    uint64_t content_length;
    uint16_t path, path_len; /* path_len 0: the target was an authority alone, path is "/" */
    uint16_t query, query_len;
    uint16_t field_count;
    struct head_field fields[LIMIT_HEADER_FIELDS];
};

_Static_assert(LIMIT_HEADER_BYTES <= UINT16_MAX, "offsets are 16 bits");

/* Reads the header block at the start of `data`. Writes all of `head` but the unused fields. */
int head_parse(const char *data, size_t len, struct head *head) MUST_USE;

/* Status, code and sentence of a refusal. */
const struct head_refusal_text *head_refusal_text(enum head_refusal refusal);

#endif
