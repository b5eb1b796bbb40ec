/*
 * settings: what an operator can set, in one table. Sources in rising order: the defaults, a file
 * of `key = value` lines (# begins a comment), the environment (ONSALE_ and the key in capitals),
 * flags (--key value or --key=value, with - or _). An unknown key is an error that names the
 * nearest known one. Thread: read once at the start, constant afterwards.
 */
#ifndef ONSALE_APP_SETTINGS_H
#define ONSALE_APP_SETTINGS_H

#include "base/err.h"
#include "base/slice.h"
#include "guard/captcha.h"

/* type, name, default, help. TEXT is a string, NUMBER a whole number, FLAG yes/no. */
#define SETTINGS(S)                                                                               \
    S(TEXT, data, "data", "folder for everything that is kept")                                   \
    S(TEXT, listen, "127.0.0.1:8080", "address and port to answer on")                            \
    S(FLAG, sandbox, "no", "start the sandbox payment provider on the next port")                 \
    S(TEXT, sandbox_url, "", "where browsers reach it (default: this host, the next port)")       \
    S(TEXT, admin_token, "", "bearer token of organiser calls (at least 16 characters)")          \
    S(TEXT, public_url, "", "address that buyers see, e.g. https://tickets.example")              \
    S(TEXT, trusted_proxies, "", "networks whose X-Forwarded-For is believed, e.g. 127.0.0.1/32") \
    S(NUMBER, limit_session_per_second, "20", "requests a second of one session (0: none)")       \
    S(NUMBER, limit_network_per_second, "200", "requests a second of one network (0: none)")      \
    S(NUMBER, leave_seconds, "60",                                                                \
      "seconds until places are given back whose buyer closed the page (0: never)")               \
    S(NUMBER, challenge_joins_per_second, "300",                                                  \
      "joins a second of a waiting room before work is asked (0: never)")                         \
    S(TEXT, captcha_provider, "off", "a captcha in place of that work: off, turnstile, hcaptcha") \
    S(TEXT, captcha_site_key, "", "the site key, which pages show")                               \
    S(TEXT, captcha_secret, "", "the secret that belongs to it")                                  \
    S(TEXT, captcha_hostname, "", "host name that one must have been solved at (default: any)")   \
    S(TEXT, captcha_url, "", "address that verifies one (default: the provider's)")               \
    S(TEXT, disposable_mail_hosts, "", "file of more hosts of throw-away mailboxes, one a line")  \
    S(NUMBER, max_connections, "20000", "connections at once")                                    \
    S(NUMBER, max_streams, "10000", "event streams at once")                                      \
    S(NUMBER, max_pending, "20000", "requests under way at once; beyond, who holds goes first")   \
    S(TEXT, stripe_secret_key, "", "secret key of a Stripe account")                              \
    S(TEXT, stripe_publishable_key, "", "its publishable key")                                    \
    S(TEXT, stripe_webhook_secret, "", "its webhook signing secrets, comma between two")          \
    S(TEXT, stripe_api_base, "https://api.stripe.com", "its address, or that of a sandbox")       \
    S(TEXT, stripe2_secret_key, "",                                                               \
      "of a second account: new orders go there while the first is away")                         \
    S(TEXT, stripe2_publishable_key, "", "its publishable key")                                   \
    S(TEXT, stripe2_webhook_secret, "", "its webhook signing secrets, comma between two")         \
    S(TEXT, stripe2_api_base, "https://api.stripe.com", "its address")                            \
    S(TEXT, limit_cards, "live",                                                                  \
      "limits per buyer hold per card: yes, no, live (real cards only)")                          \
    S(NUMBER, payment_calls_per_second, "80", "calls a second to the payment provider (0: none)") \
    S(TEXT, operator_name, "", "who runs the shop: for the imprint and search engines")           \
    S(TEXT, operator_address, "", "where: lines with ; between them")                             \
    S(TEXT, operator_email, "", "for the imprint")                                                \
    S(TEXT, operator_phone, "", "for the imprint")                                                \
    S(TEXT, operator_register, "", "register and number of the company")                          \
    S(TEXT, operator_vat, "", "its VAT number")                                                   \
    S(TEXT, legal_texts, "", "folder of own legal texts: terms.en.html, ...")                     \
    S(TEXT, web, "", "folder of the built web pages (default: beside the program)")               \
    S(TEXT, log, "-", "where log lines go: a file, - for standard output, none")                  \
    S(FLAG, log_requests, "yes", "a log line for each request")

#define SETTING_TYPE_TEXT const char *
#define SETTING_TYPE_NUMBER uint32_t
#define SETTING_TYPE_FLAG bool

struct settings {
#define SETTING_MEMBER(type, name, value, help) SETTING_TYPE_##type name;
    SETTINGS(SETTING_MEMBER)
#undef SETTING_MEMBER
    char *owned[200]; /* every text that was set; see settings_finish */
    unsigned owned_count;
};

/* Reads everything for `argv` (behind the subcommand). --config FILE (or ONSALE_CONFIG) names the
 * file. Returns 0; 1 when --help was asked for (nothing is owned then); -1 with the reason. */
int settings_read(struct settings *ret_settings, int argc, char **argv, struct err *err) MUST_USE;
void settings_finish(struct settings *settings);

/* The table for --help. */
void settings_print(FILE *out);

/* The captcha that is set; its texts are those of `settings`. Fails when they do not belong
 * together; no secret is in the reason. */
int settings_captcha(const struct settings *settings, struct captcha_settings *ret_captcha,
                     struct err *err) MUST_USE;

/* "ADDR:PORT" or "[V6]:PORT" into its parts; `ret_address` has room for 64 bytes. */
int settings_listen(const char *listen, char *ret_address, uint16_t *ret_port,
                    struct err *err) MUST_USE;

#endif
