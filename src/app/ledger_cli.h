/* ledger_cli: `onsale ledger check|explain`. */
#ifndef ONSALE_APP_LEDGER_CLI_H
#define ONSALE_APP_LEDGER_CLI_H

/* argv behind "ledger"; the program's exit code: 0 done, 1 differences or a failure, 2 usage. */
int ledger_cli(int argc, char **argv);

#endif
