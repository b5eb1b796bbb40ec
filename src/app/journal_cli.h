/* journal_cli: `onsale journal verify|dump`. */
#ifndef ONSALE_APP_JOURNAL_CLI_H
#define ONSALE_APP_JOURNAL_CLI_H

/* argv behind "journal"; returns the exit code (0 done, 1 failed, 2 wrong usage). */
int journal_cli(int argc, char **argv);

#endif
