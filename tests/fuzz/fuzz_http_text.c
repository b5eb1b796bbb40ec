/* The pure readers of what comes from outside: header block, JSON, forms, percent-encoding,
 * addresses, the router. The first byte chooses; each must hold its promises on any bytes. */
#include "base/utf8.h"
#include "http/address.h"
#include "http/form.h"
#include "http/head.h"
#include "http/json_in.h"
#include "http/percent.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)   \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

static void fuzz_head(struct slice in)
{
    struct head head;
    int n = head_parse(in.data, in.len, &head);
    if (n < 0) {
        MUST(head_refusal_text(head.refusal)->status >= 400);
        return;
    }
    if (n == 0) {
        MUST(in.len < LIMIT_HEADER_BYTES);
        return;
    }
    size_t len = (size_t)n;
    MUST(len <= in.len && len <= LIMIT_HEADER_BYTES &&
         memcmp(in.data + len - 4, "\r\n\r\n", 4) == 0);
    MUST(head.method != HTTP_METHOD_OTHER && head.minor <= 1);
    MUST(head.path + head.path_len <= len && head.query + head.query_len <= len);
    MUST(!(head.chunked && (head.has_length || head.minor == 0)));
    for (size_t i = 0; i < head.field_count; i++) {
        const struct head_field *f = &head.fields[i];
        MUST(f->name_len > 0 && f->name + f->name_len < f->value + 1u);
        MUST((size_t)f->value + f->value_len <= len);
        for (size_t k = 0; k < f->value_len; k++) {
            uint8_t c = (uint8_t)in.data[f->value + k];
            MUST(c == '\t' || (c >= 0x20 && c != 0x7f));
        }
    }
    /* The same answer whatever stands behind the block, and none before its end. */
    struct head again;
    MUST(head_parse(in.data, len, &again) == n);
    MUST(head_parse(in.data, len - 1, &again) <= 0);
}

static void fuzz_json(struct slice in)
{
    json_t *json, *back;
    struct err err;
    if (http_json_read(in, &json, &err) < 0) {
        MUST(err.detail[0]);
        return;
    }
    MUST(utf8_valid(in) && !memchr(in.data, 0, in.len));
    char *text = json_dumps(json, 0);
    MUST(text && http_json_read(slice_from_string(text), &back, &err) == 0);
    json_decref(back);
    json_decref(json);
    free(text);
}

static void fuzz_form(struct slice in)
{
    struct form form;
    struct err err;
    if (form_read(in, &form, &err) < 0)
        return;
    MUST(form.count <= FORM_FIELDS_MAX);
    for (size_t i = 0; i < form.count; i++)
        MUST(utf8_valid(form.fields[i].key) && utf8_valid(form.fields[i].value));
    size_t at = 0;
    struct slice key, value;
    while (form_next_in(&form, "metadata", &at, &key, &value))
        MUST(key.len > 0 && at <= form.count);
    form_finish(&form);
}

static void fuzz_percent(struct slice in)
{
    BUF_AUTO struct buf encoded = BUF_INIT;
    percent_encode(&encoded, in);
    char *back = malloc(encoded.len + 1);
    size_t len;
    bool ok = percent_decode(buf_slice(&encoded), true, back, &len);
    if (memchr(in.data, 0, in.len))
        MUST(!ok);
    else
        MUST(ok && len == in.len && (len == 0 || memcmp(back, in.data, len) == 0));
    free(back);
}

static void fuzz_address(struct slice in)
{
    char text[512];
    if (in.len >= sizeof text || memchr(in.data, 0, in.len))
        return;
    memcpy(text, in.data, in.len);
    text[in.len] = 0;
    struct address_set set, trusted;
    struct err err;
    if (address_set_parse(text, &set, &err) == 0)
        MUST(set.count <= ADDRESS_NETWORKS_MAX);
    struct http_address peer;
    MUST(address_set_parse("10.0.0.0/8", &trusted, &err) == 0);
    MUST(address_parse(SLICE("10.0.0.1"), &peer));
    (void)address_of_client(&trusted, &peer, in);
}

static void fuzz_router(struct slice in)
{
    static const struct http_route routes[] = {
        {HTTP_METHOD_GET, "/a/{x}/b", NULL, 0, 0, ""},
        {HTTP_METHOD_GET, "/a/{x}.svg", NULL, 0, 0, ""},
        {HTTP_METHOD_POST, "/a/c/{y}", NULL, 0, 0, ""},
        {HTTP_METHOD_GET, "/{p}/{q}/{r}/{s}", NULL, 0, 0, ""},
    };
    static struct router *router;
    struct err err;
    struct router_match m;
    MUST(router || router_create(routes, 4, &router, &err) == 0);
    if (router_find(router, HTTP_METHOD_GET, in, &m))
        for (uint32_t i = 0; i < m.count; i++)
            MUST(m.values[i].data >= in.data &&
                 m.values[i].data + m.values[i].len <= in.data + in.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(struct slice) = {fuzz_head,    fuzz_json,    fuzz_form,
                                                    fuzz_percent, fuzz_address, fuzz_router};
    if (size == 0)
        return 0;
    /* A copy of exact size, so that a read beyond it is seen. */
    char *copy = malloc(size - 1 ? size - 1 : 1);
    memcpy(copy, data + 1, size - 1);
    targets[data[0] % 6](slice_make(copy, size - 1));
    free(copy);
    return 0;
}
