/* onsale-crowd: a crowd before the door, and its figures. See tests/queue/README.md. */
#include "queue/crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
    fputs("onsale-crowd [--seed N] [--seeds N] [--target N] [--haste] [--report]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    uint64_t seed = 1, seeds = 1;
    uint32_t target = 500;
    bool report = false, haste = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--report") == 0)
            report = true;
        else if (strcmp(argv[i], "--haste") == 0)
            haste = true;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
            seeds = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--target") == 0 && i + 1 < argc)
            target = (uint32_t)strtoul(argv[++i], NULL, 10);
        else
            return usage();
    }
    if (target < 2 || target > 10000)
        return usage();
    int status = 0;
    for (uint64_t last = seed + seeds; seed < last; seed++) {
        struct crowd_options options =
            haste ? crowd_in_haste(target, seed) : crowd_of(target, seed);
        struct crowd_report r;
        if (!crowd_run(&options, &r)) {
            fputs("onsale-crowd: no memory\n", stderr);
            return 1;
        }
        const char *wrong = crowd_verdict(&r);
        if (report || wrong)
            crowd_print(&r);
        printf(
            "seed %llu: at most %u of %u + %u admitted, %u %% of the ideal, worst range held for "
            "%u %%, their width %u %% of the wait: %s\n",
            (unsigned long long)seed, r.most_admitted, r.target_active, r.slack,
            crowd_ideal_share(&r), crowd_worst_held(&r), crowd_width(&r),
            wrong ? wrong : "as it has to be");
        status |= wrong != NULL;
    }
    return status;
}
