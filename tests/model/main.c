#include "model/lockstep.h"

#include <stdio.h>
#include <stdlib.h>

/* onsale-lockstep [COMMANDS [SEED]]: the long run; what a failure prints can be run again with its
 * seed. */
int main(int argc, char **argv)
{
    static struct lockstep_report report;
    uint64_t commands = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    bool same = lockstep_run(seed, commands, &report);
    unsigned never = lockstep_print(&report, true);
    (void)printf("lockstep: %s, %u never happened\n", same ? "no difference" : "DIFFERENT", never);
    return same ? 0 : 1;
}
