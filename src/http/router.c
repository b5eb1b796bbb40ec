/*
 * The tree: one node a segment. A node has literal children, parameter children (longest literal
 * suffix first, the bare parameter last) and the routes that end there, one a method. Looking up
 * tries literals before parameters and steps back when a branch leads nowhere, so its cost is
 * bounded by the branches of the table, not by the request.
 */
#include "http/router.h"

#include <stdlib.h>

#define METHODS (HTTP_METHOD_OTHER + 1)
#define DEPTH_MAX 16

struct entry {
    const struct http_route *route;
    uint32_t count;
    struct slice names[HTTP_PARAMS_MAX];
};

struct node {
    struct slice text;              /* literal, or the suffix of a parameter */
    struct node *literals, *params; /* first child of each kind */
    struct node *next;              /* next child of the same parent and kind */
    struct entry *ends[METHODS];
    uint32_t allowed;
};

struct router {
    struct node root;
};

static void node_finish(struct node *n)
{
    struct node *lists[2] = {n->literals, n->params};
    for (int i = 0; i < 2; i++) {
        for (struct node *child = lists[i], *next; child; child = next) {
            next = child->next;
            node_finish(child);
            free(child);
        }
    }
    for (int i = 0; i < METHODS; i++)
        free(n->ends[i]);
}

void router_destroy(struct router *router)
{
    if (!router)
        return;
    node_finish(&router->root);
    free(router);
}

/* The child for `text`, made when there is none. Parameters stay sorted by suffix length. */
static struct node *child_of(struct node **list, struct slice text, bool sorted)
{
    struct node **at = list;
    for (; *at; at = &(*at)->next) {
        if (slice_equal((*at)->text, text))
            return *at;
        if (sorted && (*at)->text.len < text.len)
            break;
    }
    struct node *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->text = text;
    made->next = *at;
    *at = made;
    return made;
}

static struct slice cut_segment(struct slice *rest)
{
    const char *slash = memchr(rest->data, '/', rest->len);
    size_t len = slash ? (size_t)(slash - rest->data) : rest->len;
    struct slice segment = slice_make(rest->data, len);
    size_t skip = slash ? len + 1 : len;
    *rest = slice_make(rest->data + skip, rest->len - skip);
    return segment;
}

/* Walks (and builds) the path of one pattern; notes its parameters' names in `entry`. */
static struct node *walk(struct router *router, const char *pattern, struct entry *entry,
                         struct err *err)
{
    struct node *n = &router->root;
    struct slice rest = slice_from_string(pattern);
    if (rest.len == 0 || rest.data[0] != '/') {
        err_set(err, "route pattern \"%s\" does not begin with a slash", pattern);
        return NULL;
    }
    rest = slice_make(rest.data + 1, rest.len - 1);
    bool more = true;
    for (int depth = 0; more; depth++) {
        more = memchr(rest.data, '/', rest.len) != NULL;
        struct slice segment = cut_segment(&rest);
        if (depth == DEPTH_MAX) {
            err_set(err, "route pattern \"%s\" has more than %d segments", pattern, DEPTH_MAX);
            return NULL;
        }
        if (segment.len && segment.data[0] == '{') {
            const char *close = memchr(segment.data, '}', segment.len);
            if (!close || close == segment.data + 1 || entry->count == HTTP_PARAMS_MAX) {
                err_set(err, "route pattern \"%s\": a parameter is malformed or one too many",
                        pattern);
                return NULL;
            }
            size_t name_len = (size_t)(close - segment.data) - 1;
            entry->names[entry->count++] = slice_make(segment.data + 1, name_len);
            n = child_of(&n->params, slice_make(close + 1, segment.len - name_len - 2), true);
        } else {
            n = child_of(&n->literals, segment, false);
        }
        if (!n) {
            err_set(err, "out of memory");
            return NULL;
        }
    }
    return n;
}

static int add_route(struct router *router, const struct http_route *route, struct err *err)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return err_set(err, "out of memory");
    entry->route = route;
    struct node *n = walk(router, route->pattern, entry, err);
    if (!n) {
        free(entry);
        return -1;
    }
    if (n->ends[route->method]) {
        free(entry);
        return err_set(err, "two routes of one method have the pattern \"%s\"", route->pattern);
    }
    n->ends[route->method] = entry;
    n->allowed |= 1u << route->method;
    if (route->method == HTTP_METHOD_GET)
        n->allowed |= 1u << HTTP_METHOD_HEAD;
    return 0;
}

int router_create(const struct http_route *routes, size_t count, struct router **ret_router,
                  struct err *err)
{
    struct router *router = calloc(1, sizeof *router);
    if (!router)
        return err_set(err, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (add_route(router, &routes[i], err) < 0) {
            router_destroy(router);
            return -1;
        }
    }
    *ret_router = router;
    return 0;
}

struct look {
    enum http_method method;
    struct slice segments[DEPTH_MAX];
    int depth;
    uint32_t taken; /* values on the way to here */
    struct router_match *match;
};

static bool finish_at(struct look *look, const struct node *n)
{
    if (!n->allowed)
        return false;
    look->match->allowed |= n->allowed;
    const struct entry *entry = n->ends[look->method];
    if (!entry && look->method == HTTP_METHOD_HEAD)
        entry = n->ends[HTTP_METHOD_GET];
    if (!entry)
        return false;
    look->match->route = entry->route;
    look->match->count = entry->count;
    look->match->names = entry->names;
    return true;
}

static bool descend(struct look *look, const struct node *n, int at)
{
    if (at == look->depth)
        return finish_at(look, n);
    struct slice segment = look->segments[at];
    for (const struct node *child = n->literals; child; child = child->next) {
        if (slice_equal(child->text, segment)) {
            if (descend(look, child, at + 1))
                return true;
            break;
        }
    }
    for (const struct node *child = n->params; child; child = child->next) {
        size_t suffix = child->text.len;
        if (segment.len <= suffix ||
            memcmp(segment.data + segment.len - suffix, child->text.data, suffix) != 0)
            continue;
        look->match->values[look->taken++] = slice_make(segment.data, segment.len - suffix);
        if (descend(look, child, at + 1))
            return true;
        look->taken--;
    }
    return false;
}

bool router_find(const struct router *router, enum http_method method, struct slice path,
                 struct router_match *ret_match)
{
    struct look look = {.method = method, .match = ret_match};
    ret_match->route = NULL;
    ret_match->allowed = 0;
    ret_match->count = 0;
    ret_match->names = NULL;
    if (path.len == 0 || path.data[0] != '/')
        return false;
    struct slice rest = slice_make(path.data + 1, path.len - 1);
    bool more = true;
    while (more) {
        if (look.depth == DEPTH_MAX)
            return false;
        more = memchr(rest.data, '/', rest.len) != NULL;
        look.segments[look.depth++] = cut_segment(&rest);
    }
    return descend(&look, &router->root, 0);
}
