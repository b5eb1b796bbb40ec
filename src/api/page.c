#include "api/page.h"

#include "keys/base64url.h"

#define PAGE_DEFAULT 20u
#define PAGE_MAX 100u

bool page_limit(struct http_exchange *x, uint32_t *ret_limit)
{
    struct slice text;
    *ret_limit = PAGE_DEFAULT;
    if (!http_query_param(x, "limit", &text))
        return true;
    uint32_t limit = 0;
    bool good = text.len > 0 && text.len <= 3;
    for (size_t i = 0; good && i < text.len; i++) {
        good = text.data[i] >= '0' && text.data[i] <= '9';
        limit = limit * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (!good || limit < 1 || limit > PAGE_MAX) {
        problem_answer(x, PROBLEM_BAD_VALUE, 0, "\"limit\" must be between 1 and %u", PAGE_MAX);
        return false;
    }
    *ret_limit = limit;
    return true;
}

/* A cursor that is one number. */
static bool page_from(struct http_exchange *x, uint32_t *ret_from)
{
    struct slice text;
    size_t len;
    *ret_from = 0;
    if (!http_query_param(x, "cursor", &text) || text.len == 0)
        return true;
    if (base64url_decode(text, sizeof *ret_from, (unsigned char *)ret_from, &len) &&
        len == sizeof *ret_from)
        return true;
    problem_answer(x, PROBLEM_BAD_CURSOR, 0, "Use next_cursor of the page before as it is");
    return false;
}

bool page_begin(struct http_exchange *x, struct page *ret_page)
{
    *ret_page = (struct page){.body = BUF_INIT};
    if (!page_limit(x, &ret_page->limit) || !page_from(x, &ret_page->from))
        return false;
    json_begin(&ret_page->j, &ret_page->body);
    json_put_object(&ret_page->j, NULL);
    json_put_array(&ret_page->j, "items");
    return true;
}

void page_items_end(struct page *page, uint32_t next)
{
    char text[BASE64URL_CHARS(sizeof next)];
    json_end(&page->j);
    if (next == UINT32_MAX)
        json_put_null(&page->j, "next_cursor");
    else
        json_put_text(
            &page->j, "next_cursor",
            slice_make(text, base64url_encode(slice_make((const char *)&next, sizeof next), text)));
}

void page_answer(struct http_exchange *x, struct page *page)
{
    json_end(&page->j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &page->body, engine_barrier(api_of(x)->options.engine));
    buf_finish(&page->body);
}
