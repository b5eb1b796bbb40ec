/* files: what all tests share of files: a folder that goes away again, and the shared data, which
 * is not everywhere. */
#ifndef ONSALE_TESTS_UNIT_FILES_H
#define ONSALE_TESTS_UNIT_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FOLDER_ROOM 256 /* bytes of a folder's path */
#define SHARED_ROOM 1024

/* An empty folder of this test alone. */
static inline void make_folder(char ret_path[FOLDER_ROOM])
{
    const char *top = getenv("TMPDIR");
    (void)snprintf(ret_path, FOLDER_ROOM, "%s/onsale-test-XXXXXX", top && *top ? top : "/tmp");
    assert_non_null(mkdtemp(ret_path));
}

static inline int remove_entry(const char *path, const struct stat *about, int kind,
                               struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void remove_folder(const char *path)
{
    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Where a file of the shared data lies. Where it is not, the test is skipped, and says so. */
static inline void shared_path(const char *name, char ret_path[SHARED_ROOM])
{
    const char *shared = getenv("ONSALE_SHARED"), *top = getenv("ONSALE_TOP");
    if (shared)
        (void)snprintf(ret_path, SHARED_ROOM, "%s/data/%s", shared, name);
    else
        (void)snprintf(ret_path, SHARED_ROOM, "%s/../shared/data/%s", top ? top : ".", name);
    if (access(ret_path, R_OK) == 0)
        return;
    print_message("# skipped: there is no %s\n", ret_path);
    skip();
}

#endif
