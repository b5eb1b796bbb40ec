/* payments_cli: `onsale payments reconcile`: the provider's books against the journal. */
#ifndef ONSALE_APP_PAYMENTS_CLI_H
#define ONSALE_APP_PAYMENTS_CLI_H

/* `argv` is what follows "payments". libcurl is initialised here. Returns the exit code: 0 the
 * books agree, 1 they differ, 2 wrong usage, 3 they could not be compared. */
int payments_cli(int argc, char **argv);

#endif
