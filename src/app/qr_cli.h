/* qr_cli: `onsale qr TEXT`: the text as a QR code on a terminal, whatever its colours are. */
#ifndef ONSALE_APP_QR_CLI_H
#define ONSALE_APP_QR_CLI_H

/* argv[0] is the first argument behind "qr". Returns the exit status. */
int qr_cli(int argc, char **argv);

#endif
