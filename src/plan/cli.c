#include "plan/cli.h"

#include "plan/plan.h"

#include "base/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: onsale plan check FILE [--renumber]\n"
    "       onsale plan import FILE [--renumber] [--plain] [-o OUT]\n"
    "\n"
    "Reads a seating plan in pretix's JSON format (\"-\" reads standard input).\n"
    "\n"
    "  check        names every culprit, or counts the seats by section and category\n"
    "  import       writes the plan again, normalised, to standard output or OUT\n"
    "  --renumber   give seats whose seat_guid was already used a new one; no seat is lost\n"
    "  --plain      import without this program's x_ keys, as pretix itself takes it\n"
    "  -o OUT       the file to write\n";

struct cli_options {
    const char *command, *file, *out;
    bool renumber, plain, help;
};

static bool parse_options(int argc, char **argv, struct cli_options *ret_options)
{
    struct cli_options o = {0};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--renumber") == 0) {
            o.renumber = true;
        } else if (strcmp(argv[i], "--plain") == 0) {
            o.plain = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            o.help = true;
        } else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            o.out = argv[++i];
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            (void)fprintf(stderr, "onsale plan: unknown option %s\n", argv[i]);
            return false;
        } else if (!o.command) {
            o.command = argv[i];
        } else if (!o.file) {
            o.file = argv[i];
        } else {
            (void)fprintf(stderr, "onsale plan: too many files\n");
            return false;
        }
    }
    *ret_options = o;
    return true;
}

static int read_file(const char *path, struct buf *out, struct err *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!file)
        return err_set(err, "cannot open %s: %s", path, strerror(errno));
    int rc = 0;
    for (;;) {
        char *to = buf_reserve(out, 65536);
        size_t got = to ? fread(to, 1, 65536, file) : 0;
        out->len += got;
        if (!to)
            rc = err_set(err, "out of memory");
        else if (ferror(file))
            rc = err_set(err, "cannot read %s: %s", path, strerror(errno));
        else if (out->len > LIMIT_PLAN_BODY_BYTES)
            rc = err_set(err, "%s is larger than %u bytes", path, LIMIT_PLAN_BODY_BYTES);
        if (rc < 0 || got == 0)
            break;
    }
    if (file != stdin)
        (void)fclose(file);
    return rc;
}

static int write_file(const char *path, struct slice data, struct err *err)
{
    FILE *file = path ? fopen(path, "wb") : stdout;
    if (!file)
        return err_set(err, "cannot open %s: %s", path, strerror(errno));
    bool good = fwrite(data.data, 1, data.len, file) == data.len && fputc('\n', file) != EOF;
    good = (path ? fclose(file) : fflush(file)) == 0 && good;
    return good ? 0 : err_set(err, "cannot write %s", path ? path : "the plan");
}

static void print_count(uint32_t count, const char *one, const char *many, const char *after)
{
    printf("%u %s%s", count, count == 1 ? one : many, after);
}

/* Seats by category, and by section and category in the order of the file. */
static int print_counts(const struct plan *plan)
{
    uint32_t categories = plan_category_count(plan), sections = plan_section_count(plan);
    uint32_t *counts = calloc((size_t)(sections + 1) * categories, sizeof *counts);
    if (!counts)
        return -1;
    for (uint32_t s = 0; s < plan_seat_count(plan); s++) {
        struct plan_seat seat = plan_seat(plan, s);
        counts[(size_t)seat.section_index * categories + seat.category]++;
        counts[(size_t)sections * categories + seat.category]++;
    }
    printf("%.*s: ", SLICE_ARG(plan_name(plan)));
    print_count(plan_seat_count(plan), "seat", "seats", ", ");
    print_count(sections, "section", "sections", ", ");
    print_count(plan_row_count(plan), "row", "rows", ", ");
    print_count(categories, "category", "categories", "\n");
    for (uint32_t c = 0; c < categories; c++)
        printf("  category %.*s: %u\n", SLICE_ARG(plan_category_name(plan, c)),
               counts[(size_t)sections * categories + c]);
    for (uint32_t z = 0; z < sections; z++) {
        const char *before = ": ";
        printf("  section %.*s", SLICE_ARG(plan_section_name(plan, z)));
        for (uint32_t c = 0; c < categories; c++) {
            uint32_t count = counts[(size_t)z * categories + c];
            if (count == 0)
                continue;
            printf("%s%u %.*s", before, count, SLICE_ARG(plan_category_name(plan, c)));
            before = ", ";
        }
        printf("%s\n", before[0] == ':' ? ": no seats" : "");
    }
    free(counts);
    return 0;
}

static int run(const struct cli_options *o, bool import)
{
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf problems = BUF_INIT;
    BUF_AUTO struct buf normal = BUF_INIT;
    struct err err;
    struct plan *plan = NULL;
    if (read_file(o->file, &json, &err) < 0) {
        (void)fprintf(stderr, "onsale plan: %s\n", err.detail);
        return 1;
    }
    struct plan_options options = {.renumber = o->renumber};
    if (plan_create(buf_slice(&json), &options, &plan, &problems, &err) < 0) {
        (void)fwrite(problems.data ? problems.data : "", 1, problems.len, stderr);
        (void)fprintf(stderr, "onsale plan: %s: %s\n", o->file, err.detail);
        return 1;
    }
    struct slice notes = plan_notes(plan);
    if (notes.len > 0)
        (void)fprintf(stderr, "%.*s", SLICE_ARG(notes));
    int rc = 0;
    if (import) {
        plan_write_pretix(plan, !o->plain, &normal);
        rc = normal.failed ? err_set(&err, "out of memory")
                           : write_file(o->out, buf_slice(&normal), &err);
    } else if (print_counts(plan) < 0) {
        rc = err_set(&err, "out of memory");
    }
    if (rc < 0)
        (void)fprintf(stderr, "onsale plan: %s\n", err.detail);
    plan_destroy(plan);
    return rc < 0 ? 1 : 0;
}

int plan_cli(int argc, char **argv)
{
    struct cli_options o;
    if (!parse_options(argc, argv, &o))
        return 2;
    if (o.help) {
        (void)fputs(usage, stdout);
        return 0;
    }
    bool import = o.command && strcmp(o.command, "import") == 0;
    bool check = o.command && strcmp(o.command, "check") == 0;
    if ((!import && !check) || !o.file || (check && (o.out || o.plain))) {
        (void)fputs(usage, stderr);
        return 2;
    }
    return run(&o, import);
}
