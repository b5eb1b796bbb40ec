#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/router.h"

#define G HTTP_METHOD_GET
#define P HTTP_METHOD_POST

static const struct http_route routes[] = {
    {G, "/", NULL, 0, 0, "root"},
    {G, "/events", NULL, 0, 0, "events"},
    {P, "/events", NULL, 0, 0, "create"},
    {G, "/events/{id}", NULL, 0, 0, "event"},
    {G, "/events/{id}/plan", NULL, 0, 0, "plan"},
    {P, "/events/{id}/holds", NULL, 0, 0, "hold"},
    {G, "/events/{id}/holds/{hold}", NULL, 0, 0, "get_hold"},
    {HTTP_METHOD_DELETE, "/events/{event}/holds/{hold_id}", NULL, 0, 0, "release"},
    {G, "/events/featured", NULL, 0, 0, "featured"},
    {G, "/events/featured/only", NULL, 0, 0, "featured_only"},
    {G, "/tickets/{ticket}", NULL, 0, 0, "ticket"},
    {G, "/tickets/{ticket}.svg", NULL, 0, 0, "svg"},
    {G, "/tickets/{ticket}.png", NULL, 0, 0, "png"},
    {G, "/{a}/{b}/{c}/{d}", NULL, 0, 0, "four"},
    {HTTP_METHOD_HEAD, "/events/{id}/plan", NULL, 0, 0, "head_plan"},
};

static void each_path_finds_its_route(void **state)
{
    (void)state;
    static const struct {
        enum http_method method;
        const char *path, *name, *values;
    } table[] = {
        {G, "/", "root", ""},
        {G, "/events", "events", ""},
        {P, "/events", "create", ""},
        {G, "/events/", NULL, ""},
        {G, "//events", NULL, ""},
        {G, "/events/ev_1", "event", "id=ev_1;"},
        {G, "/events/featured", "featured", ""},
        {G, "/events/featured/only", "featured_only", ""},
        {G, "/events/featured/plan", "plan", "id=featured;"},
        {G, "/events/featured2", "event", "id=featured2;"},
        {HTTP_METHOD_HEAD, "/events/x", "event", "id=x;"},
        {HTTP_METHOD_HEAD, "/events/x/plan", "head_plan", "id=x;"},
        {P, "/events/a/holds", "hold", "id=a;"},
        {G, "/events/a/holds", NULL, ""},
        {G, "/events/a/holds/b", "get_hold", "id=a;hold=b;"},
        {HTTP_METHOD_DELETE, "/events/a/holds/b", "release", "event=a;hold_id=b;"},
        {G, "/tickets/t1", "ticket", "ticket=t1;"},
        {G, "/tickets/t1.svg", "svg", "ticket=t1;"},
        {G, "/tickets/t1.png", "png", "ticket=t1;"},
        {G, "/tickets/.png", "ticket", "ticket=.png;"},
        {G, "/tickets/t1.svg.png", "png", "ticket=t1.svg;"},
        {G, "/tickets/t1.pdf", "ticket", "ticket=t1.pdf;"},
        {G, "/w/x/y/z", "four", "a=w;b=x;c=y;d=z;"},
        {G, "/events/a/b/c", "four", "a=events;b=a;c=b;d=c;"},
        {G, "/events/a/b/c/d", NULL, ""},
        {G, "/a/b/c/", NULL, ""},
        {G, "/Events", NULL, ""},
        {G, "", NULL, ""},
        {G, "events", NULL, ""},
        {G, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18", NULL, ""},
    };
    struct router *router;
    struct err err;
    assert_int_equal(router_create(routes, sizeof routes / sizeof routes[0], &router, &err), 0);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct router_match m;
        bool found = router_find(router, table[i].method, slice_from_string(table[i].path), &m);
        const char *name = m.route ? m.route->name : "(none)";
        if (found != (table[i].name != NULL) || (found && strcmp(name, table[i].name) != 0))
            fail_msg("%s found %s", table[i].path, name);
        char values[256] = "";
        size_t n = 0;
        for (uint32_t k = 0; k < m.count; k++)
            n += (size_t)snprintf(values + n, sizeof values - n, "%.*s=%.*s;",
                                  SLICE_ARG(m.names[k]), SLICE_ARG(m.values[k]));
        assert_string_equal(values, table[i].values);
    }
    router_destroy(router);
}

static void methods_that_a_path_knows_are_told(void **state)
{
    (void)state;
    struct router *router;
    struct err err;
    struct router_match m;
    assert_int_equal(router_create(routes, sizeof routes / sizeof routes[0], &router, &err), 0);
    assert_false(router_find(router, HTTP_METHOD_PUT, SLICE("/events"), &m));
    assert_int_equal(m.allowed, 1u << G | 1u << HTTP_METHOD_HEAD | 1u << P);
    assert_false(router_find(router, HTTP_METHOD_PUT, SLICE("/nowhere"), &m));
    assert_int_equal(m.allowed, 0);
    router_destroy(router);
    router_destroy(NULL);
}

static void a_wrong_table_is_named(void **state)
{
    (void)state;
    static const struct http_route wrong[][2] = {
        {{G, "/a/{x}", NULL, 0, 0, "1"}, {G, "/a/{y}", NULL, 0, 0, "2"}},
        {{G, "/b", NULL, 0, 0, "1"}, {G, "a", NULL, 0, 0, "2"}},
        {{G, "/b", NULL, 0, 0, "1"}, {G, "/{}", NULL, 0, 0, "2"}},
        {{G, "/b", NULL, 0, 0, "1"}, {G, "/{a", NULL, 0, 0, "2"}},
        {{G, "/b", NULL, 0, 0, "1"}, {G, "/{a}/{b}/{c}/{d}/{e}", NULL, 0, 0, "2"}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct router *router;
        struct err err;
        assert_true(router_create(wrong[i], 2, &router, &err) < 0);
        assert_non_null(strstr(err.detail, wrong[i][1].pattern));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_finds_its_route),
        cmocka_unit_test(methods_that_a_path_knows_are_told),
        cmocka_unit_test(a_wrong_table_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
