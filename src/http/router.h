/*
 * router: finds the route of a method and path. Routes are a constant table (made from
 * api/openapi.yaml for the API); a pattern is segments with {name} for parameters:
 * "/api/v1/events/{id}/holds". Literal segments win over parameters. Thread: any, the table is
 * immutable.
 */
#ifndef ONSALE_HTTP_ROUTER_H
#define ONSALE_HTTP_ROUTER_H

#include "base/err.h"
#include "base/slice.h"

struct http_exchange;

enum http_method {
    HTTP_METHOD_GET,
    HTTP_METHOD_HEAD, /* matched as GET when no HEAD route exists */
    HTTP_METHOD_POST,
    HTTP_METHOD_PUT,
    HTTP_METHOD_PATCH,
    HTTP_METHOD_DELETE,
    HTTP_METHOD_OPTIONS,
    HTTP_METHOD_OTHER
};

#define HTTP_PARAMS_MAX 4

struct http_route {
    enum http_method method;
    const char *pattern;
    void (*handler)(struct http_exchange *x);
    uint32_t max_body; /* bytes; 0: LIMIT_BODY_BYTES */
    uint32_t roles;    /* bits that the owner of the table gives meaning to */
    const char *name;  /* operationId; label in metrics and log */
};

/* ---- finding ---- */

struct router; /* the table, compiled */

/* What was found. `values` are the undecoded segments of the parameters, in the pattern's order;
 * `names` their names. */
struct router_match {
    const struct http_route *route; /* NULL: no route of this method */
    uint32_t allowed; /* bit per enum http_method that the path knows; 0: no such path */
    uint32_t count;
    const struct slice *names;
    struct slice values[HTTP_PARAMS_MAX];
};

/* Compiles a table into a tree of segments. The table's strings must outlive the router. A segment
 * is a literal, "{name}", or "{name}.ext" (a parameter that ends in a literal, which wins over the
 * bare one). Two routes of one method and path, or more than HTTP_PARAMS_MAX parameters, are an
 * error that names them. */
int router_create(const struct http_route *routes, size_t count, struct router **ret_router,
                  struct err *err) MUST_USE;
void router_destroy(struct router *router);

/* Always writes the match; true when a route was found. HEAD finds GET. */
bool router_find(const struct router *router, enum http_method method, struct slice path,
                 struct router_match *ret_match);

#endif
