/* What the plan's tests share. */
#ifndef ONSALE_TESTS_PLAN_SUPPORT_H
#define ONSALE_TESTS_PLAN_SUPPORT_H

#include "base/err.h"
#include "plan/plan.h"
#include "unit/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Makes a plan that must be good. */
static inline struct plan *good_plan(struct slice json, bool renumber)
{
    BUF_AUTO struct buf problems = BUF_INIT;
    struct plan_options options = {.renumber = renumber};
    struct plan *plan = NULL;
    struct err err = {""};
    if (plan_create(json, &options, &plan, &problems, &err) < 0) {
        print_error("%s\n%.*s\n", err.detail, (int)problems.len,
                    problems.data ? problems.data : "");
        fail();
    }
    return plan;
}

/* Reads a file of the shared data into `out`; where there is none the test is skipped. */
static inline void shared_file(const char *name, struct buf *out)
{
    char path[SHARED_ROOM];
    shared_path(name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (char *to; (to = buf_reserve(out, 65536)) != NULL;) {
        size_t got = fread(to, 1, 65536, file);
        if (got == 0)
            break;
        out->len += got;
    }
    (void)fclose(file);
}

static inline void assert_slice(struct slice got, const char *expected)
{
    if (!slice_equal(got, slice_from_string(expected)))
        print_error("got:\n%.*s\nexpected:\n%s\n", SLICE_ARG(got), expected ? expected : "");
    assert_true(slice_equal(got, slice_from_string(expected)));
}

#endif
