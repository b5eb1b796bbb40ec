/* What a stranger sends to the waiting room: tokens, challenges and solutions, and the lists and
 * answers that guard reads. The first byte chooses; nothing made up is ever taken, and what was
 * made here is taken in no other spelling. */
#include "base/time.h"
#include "guard/captcha.h"
#include "guard/challenge.h"
#include "guard/mailcheck.h"
#include "keys/email.h"

#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)   \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

#define NOW_US 1800000000123456ull

static const struct queue_token_bearer bearer = {{"ada's session ha"}, 0x1122334455667788ull};
static struct keys *keys;
static struct challenges *challenges;
static char ticket[QUEUE_TOKEN_TEXT_MAX], admission[QUEUE_TOKEN_TEXT_MAX];
static struct challenge wait;

static void set_up(void)
{
    char folder[] = "/tmp/onsale-fuzz-XXXXXX", path[64], command[96];
    struct err err;
    const struct challenge_policy policy = {.bits = 4, .bits_max = 4, .wait_seconds = 1};
    MUST(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/keys", folder);
    MUST(keys_open(path, &keys, &err) == 0);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    MUST(system(command) == 0);
    queue_token_issue_ticket(keys, &bearer, &(struct queue_token_ticket){1, 7}, NOW_US, ticket);
    queue_token_issue_admission(
        keys, &bearer,
        &(struct queue_token_admission){.slot = 3, .random = 5, .expires_at_us = NOW_US + 1},
        NOW_US, admission);
    MUST(challenges_create(&policy, 0, &challenges, &err) == 0);
    MUST(challenge_issue(challenges, &bearer, CHALLENGE_PATIENCE, 1, NOW_US, &wait));
}

/* The input, or a genuine text with the input written over some of it. */
static struct slice over(const char *genuine, struct slice in, char room[256])
{
    if (in.len < 2 || (in.data[0] & 1) == 0)
        return in;
    size_t len = strlen(genuine), at = (uint8_t)in.data[1] % len;
    memcpy(room, genuine, len);
    for (size_t i = 2; i < in.len && at + i - 2 < len; i++)
        room[at + i - 2] = in.data[i];
    return slice_make(room, len);
}

static void fuzz_ticket(struct slice in)
{
    char room[256];
    struct queue_token_ticket read = {9, 9};
    struct slice text = over(ticket, in, room);
    enum queue_token_verdict v = queue_token_read_ticket(keys, text, &bearer, NOW_US, &read);
    MUST((v == QUEUE_TOKEN_OK) == slice_equal(text, slice_from_string(ticket)));
    MUST(v == QUEUE_TOKEN_OK ? read.number == 7 : read.number == 9);
}

static void fuzz_admission(struct slice in)
{
    char room[256];
    struct queue_token_admission read;
    struct slice text = over(admission, in, room);
    enum queue_token_verdict v = queue_token_read_admission(keys, text, &bearer, NOW_US, &read);
    MUST((v == QUEUE_TOKEN_OK) == slice_equal(text, slice_from_string(admission)));
    MUST(v != QUEUE_TOKEN_EXPIRED);
}

static void fuzz_challenge(struct slice in)
{
    char room[256];
    uint64_t wait_us = 0;
    size_t half = in.len / 2;
    struct slice text = over(wait.text, slice_make(in.data, in.len - half), room);
    struct slice solution = slice_make(in.data + (in.len - half), half);
    enum challenge_verdict v =
        challenge_spend(challenges, &bearer, text, solution, NOW_US + 1, &wait_us);
    MUST(v != CHALLENGE_OK && v < CHALLENGE_VERDICTS);
    MUST((v == CHALLENGE_TOO_EARLY) == (wait_us > 0));
}

static void fuzz_mailcheck(struct slice in)
{
    struct mailcheck *m;
    struct err err;
    if (mailcheck_create(in, &m, &err) == 0) {
        MUST(mailcheck_count(m) >= mailcheck_built_in_count);
        (void)mailcheck_is_disposable(m, in);
        MUST(mailcheck_is_disposable(m, SLICE("a@mailinator.com")));
        mailcheck_destroy(m);
    }
}

static void fuzz_email(struct slice in)
{
    char form[LIMIT_EMAIL_BYTES], again[LIMIT_EMAIL_BYTES];
    if (!email_valid(in, NULL))
        return;
    size_t len = email_limit_form(in, form);
    MUST(len <= email_trim(in).len && memchr(form, '@', len));
    MUST(email_limit_form(slice_make(form, len), again) == len && memcmp(form, again, len) == 0);
}

static void fuzz_captcha(struct slice in)
{
    static const struct captcha_settings settings = {CAPTCHA_TURNSTILE, "site", "secret",
                                                     "tickets.example", NULL};
    BUF_AUTO struct buf body = BUF_INIT;
    if (captcha_request(&settings, in, &body))
        MUST(!memchr(body.data, ' ', body.len) && body.len > in.len);
    if (captcha_read(&settings, 200, in) == CAPTCHA_HUMAN)
        MUST(memmem(in.data, in.len, "true", 4) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(struct slice) = {fuzz_ticket,    fuzz_admission, fuzz_challenge,
                                                    fuzz_mailcheck, fuzz_email,     fuzz_captcha};
    if (!keys)
        set_up();
    if (size == 0)
        return 0;
    /* A copy of exact size, so that a read beyond it is seen. */
    char *copy = malloc(size - 1 ? size - 1 : 1);
    memcpy(copy, data + 1, size - 1);
    targets[data[0] % 6](slice_make(copy, size - 1));
    free(copy);
    return 0;
}
