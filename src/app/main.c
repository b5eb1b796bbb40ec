#include "app/house.h"
#include "app/journal_cli.h"
#include "app/ledger_cli.h"
#include "app/payments_cli.h"
#include "app/qr_cli.h"
#include "plan/cli.h"
#include "sandbox/sandbox.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

/* Blocks from this size on go back to the system when they are freed: a picture of a waiting room
 * is many megabytes for a moment, and the allocator would raise this bound and keep them. */
#define LARGE_BLOCK_BYTES (1 << 20)

static const char usage[] =
    "usage: onsale COMMAND [FLAGS]\n"
    "\n"
    "  serve              the box office\n"
    "  demo               the box office with ready-made events and the sandbox provider\n"
    "  plan check FILE    check a seating plan\n"
    "  plan import FILE   check it and write it in normal form\n"
    "  journal verify     check a journal\n"
    "  journal dump       print its entries\n"
    "  ledger check       sum the books again and compare\n"
    "  ledger explain     the entries behind a balance\n"
    "  payments reconcile compare the payment provider's books with the journal\n"
    "  sandbox-payments   the sandbox payment provider alone\n"
    "  qr TEXT            print a QR code\n"
    "  --version, --help\n"
    "\n"
    "`onsale COMMAND --help` tells more. Settings come from a file (--config), the environment\n"
    "(ONSALE_...) and flags, in rising order.\n";

static int wrong_usage(const char *what)
{
    (void)fprintf(stderr, "onsale: %s\n(onsale --help tells how to use it)\n", what);
    return 2;
}

static int serve(int argc, char **argv, bool demo)
{
    struct settings settings;
    struct err err;
    int result = settings_read(&settings, argc, argv, &err);
    if (result < 0)
        return wrong_usage(err.detail);
    if (result > 0) {
        (void)printf("usage: onsale %s [FLAGS]\n\n", demo ? "demo" : "serve");
        settings_print(stdout);
        return 0;
    }
    if (demo) {
        settings.sandbox = true;
        if (strcmp(settings.log, "-") == 0)
            settings.log = "none"; /* the demo's terminal is for people; --log FILE writes one */
    }
    struct house_options options = {.settings = &settings, .demo = demo};
    int code = house_run(&options);
    settings_finish(&settings);
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fputs(usage, stderr);
        return 2;
    }
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
    const char *command = argv[1];
    if (strcmp(command, "serve") == 0 || strcmp(command, "demo") == 0)
        return serve(argc - 2, argv + 2, command[0] == 'd');
    if (strcmp(command, "plan") == 0)
        return plan_cli(argc - 2, argv + 2);
    if (strcmp(command, "journal") == 0)
        return journal_cli(argc - 2, argv + 2);
    if (strcmp(command, "ledger") == 0)
        return ledger_cli(argc - 2, argv + 2);
    if (strcmp(command, "payments") == 0)
        return payments_cli(argc - 2, argv + 2);
    if (strcmp(command, "sandbox-payments") == 0)
        return sandbox_cli(argc - 1, argv + 1);
    if (strcmp(command, "qr") == 0)
        return qr_cli(argc - 2, argv + 2);
    if (strcmp(command, "--version") == 0) {
        (void)printf("onsale %s\n", ONSALE_VERSION);
        return 0;
    }
    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0) {
        (void)fputs(usage, stdout);
        return 0;
    }
    char what[128];
    (void)snprintf(what, sizeof what, "there is no command \"%.60s\"", command);
    return wrong_usage(what);
}
