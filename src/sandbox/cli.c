/* cli: `onsale sandbox-payments` (sandbox.h). */
#include "sandbox/sandbox.h"

#include <curl/curl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: onsale sandbox-payments [options]\n"
    "\n"
    "A Stripe-shaped payment provider with play money.\n"
    "\n"
    "  --listen ADDR:PORT      where to listen (127.0.0.1:8081)\n"
    "  --data DIR              where its books are (./sandbox)\n"
    "  --webhook URL           where events go (http://127.0.0.1:8080/api/v1/webhooks/stripe)\n"
    "  --webhook-secret TEXT   signs the events; these three are made when not given,\n"
    "  --secret-key TEXT       kept in the books and printed\n"
    "  --publishable-key TEXT\n"
    "  --seed NUMBER           of the chance of faults (0)\n"
    "  --help\n";

enum cli_option {
    OPTION_LISTEN = 1000,
    OPTION_DATA,
    OPTION_WEBHOOK,
    OPTION_WEBHOOK_SECRET,
    OPTION_SECRET_KEY,
    OPTION_PUBLISHABLE_KEY,
    OPTION_SEED,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"data", required_argument, NULL, OPTION_DATA},
    {"webhook", required_argument, NULL, OPTION_WEBHOOK},
    {"webhook-secret", required_argument, NULL, OPTION_WEBHOOK_SECRET},
    {"secret-key", required_argument, NULL, OPTION_SECRET_KEY},
    {"publishable-key", required_argument, NULL, OPTION_PUBLISHABLE_KEY},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct cli {
    struct sandbox_options options;
    char address[64];
    bool help;
};

/* "ADDR:PORT", "[v6]:PORT". */
static bool read_listen(const char *text, struct cli *cli)
{
    const char *colon = strrchr(text, ':');
    char *end;
    if (!colon || colon[1] < '0' || colon[1] > '9')
        return false;
    unsigned long port = strtoul(colon + 1, &end, 10);
    size_t len = (size_t)(colon - text);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (*end || port > 65535 || len == 0 || len >= sizeof cli->address)
        return false;
    memcpy(cli->address, text, len);
    cli->address[len] = '\0';
    cli->options.address = cli->address;
    cli->options.port = (uint16_t)port;
    return true;
}

static bool read_option(int option, const char *value, struct cli *cli)
{
    char *end = NULL;
    switch (option) {
    case OPTION_LISTEN: return read_listen(value, cli);
    case OPTION_DATA: cli->options.data_dir = value; return true;
    case OPTION_WEBHOOK: cli->options.webhook_url = value; return true;
    case OPTION_WEBHOOK_SECRET: cli->options.webhook_secret = value; return true;
    case OPTION_SECRET_KEY: cli->options.secret_key = value; return true;
    case OPTION_PUBLISHABLE_KEY: cli->options.publishable_key = value; return true;
    case OPTION_SEED:
        cli->options.seed = strtoull(value, &end, 10);
        return *value >= '0' && *value <= '9' && *end == '\0';
    case OPTION_HELP: cli->help = true; return true;
    default: return false;
    }
}

static bool read_arguments(int argc, char **argv, struct cli *cli)
{
    int option;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if (!read_option(option, optarg, cli)) {
            if (option != '?')
                (void)fprintf(stderr, "sandbox-payments: \"%s\" cannot be used there\n", optarg);
            return false;
        }
    if (optind < argc)
        (void)fprintf(stderr, "sandbox-payments: unexpected \"%s\"\n", argv[optind]);
    return optind == argc;
}

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    uv_stop(signal->loop);
}

static void announce(const struct sandbox *s, const struct cli *cli)
{
    struct sandbox_keys keys = sandbox_keys(s);
    bool v6 = strchr(cli->options.address, ':') != NULL;
    (void)printf("Sandbox payments on http://%s%s%s:%u, books in %s, events to %s\n"
                 "stripe_secret_key = %s\nstripe_publishable_key = %s\n"
                 "stripe_webhook_secret = %s\n",
                 v6 ? "[" : "", cli->options.address, v6 ? "]" : "", sandbox_port(s),
                 cli->options.data_dir, cli->options.webhook_url, keys.secret_key,
                 keys.publishable_key, keys.webhook_secret);
    (void)fflush(stdout);
}

static int serve(const struct cli *cli)
{
    uv_loop_t loop;
    uv_signal_t terminate, interrupt;
    struct sandbox *s;
    struct err err;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || uv_loop_init(&loop) < 0) {
        (void)fputs("sandbox-payments: no memory\n", stderr);
        return 1;
    }
    if (sandbox_start(&loop, &cli->options, &s, &err) < 0) {
        (void)fprintf(stderr, "sandbox-payments: %s\n", err.detail);
        return 1;
    }
    uv_signal_init(&loop, &terminate);
    uv_signal_init(&loop, &interrupt);
    uv_signal_start(&terminate, on_signal, SIGTERM);
    uv_signal_start(&interrupt, on_signal, SIGINT);
    announce(s, cli);
    uv_run(&loop, UV_RUN_DEFAULT);
    sandbox_stop(s);
    uv_close((uv_handle_t *)&terminate, NULL);
    uv_close((uv_handle_t *)&interrupt, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    curl_global_cleanup();
    return 0;
}

int sandbox_cli(int argc, char **argv)
{
    struct cli cli = {.options = {.address = "127.0.0.1",
                                  .port = 8081,
                                  .data_dir = "sandbox",
                                  .webhook_url = "http://127.0.0.1:8080/api/v1/webhooks/stripe"}};
    if (!read_arguments(argc, argv, &cli)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (cli.help) {
        (void)fputs(usage, stdout);
        return 0;
    }
    return serve(&cli);
}
