/* cli: `onsale plan check|import FILE`. Thread: main only. */
#ifndef ONSALE_PLAN_CLI_H
#define ONSALE_PLAN_CLI_H

/* `argv` begins after the word "plan". Prints to stdout and stderr; returns the program's exit
 * code: 0 done, 1 the plan is refused or a file cannot be read or written, 2 wrong usage. */
int plan_cli(int argc, char **argv);

#endif
