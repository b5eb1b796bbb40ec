#include "guard/captcha.h"

#include <jansson.h>

static const struct {
    const char *name, *url;
    struct captcha_origins origins;
} providers[] = {
    [CAPTCHA_OFF] = {"off", NULL, {"", "", "", ""}},
    [CAPTCHA_TURNSTILE] = {"turnstile",
                           "https://challenges.cloudflare.com/turnstile/v0/siteverify",
                           {.script = "https://challenges.cloudflare.com",
                            .frame = "https://challenges.cloudflare.com",
                            .style = "",
                            .connect = ""}},
    [CAPTCHA_HCAPTCHA] = {"hcaptcha",
                          "https://api.hcaptcha.com/siteverify",
                          {.script = "https://hcaptcha.com https://*.hcaptcha.com",
                           .frame = "https://hcaptcha.com https://*.hcaptcha.com",
                           .style = "https://hcaptcha.com https://*.hcaptcha.com",
                           .connect = "https://hcaptcha.com https://*.hcaptcha.com"}},
};

bool captcha_provider_of(struct slice name, enum captcha_provider *ret_provider)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        if (slice_equal(name, slice_from_string(providers[i].name))) {
            *ret_provider = (enum captcha_provider)i;
            return true;
        }
    }
    return false;
}

const char *captcha_provider_name(enum captcha_provider provider)
{
    return providers[provider].name;
}

/* Printable ASCII without blanks or quotes, as keys are: one of them ends up in a page. */
static bool is_key(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~' || strchr("\"'<>&", text[i]))
            return false;
    }
    return len > 0 && len <= CAPTCHA_SETTING_MAX;
}

int captcha_check(const struct captcha_settings *s, struct err *err)
{
    if (s->provider == CAPTCHA_OFF)
        return 0;
    if (!is_key(s->site_key))
        return err_set(err, "the captcha needs a site key of plain characters");
    if (!is_key(s->secret))
        return err_set(err, "the captcha needs a secret of plain characters");
    if (strcmp(s->site_key, s->secret) == 0)
        return err_set(err, "the captcha's site key and secret are the same: one of them is wrong");
    if (s->hostname && s->hostname[0] && !is_key(s->hostname))
        return err_set(err, "the captcha's host name is not one");
    if (s->url && s->url[0] &&
        (!is_key(s->url) ||
         (strncmp(s->url, "https://", 8) != 0 && strncmp(s->url, "http://", 7) != 0)))
        return err_set(err, "the captcha's address must begin with https:// or http://");
    return 0;
}

struct captcha_origins captcha_origins(enum captcha_provider provider)
{
    return providers[provider].origins;
}

const char *captcha_url(const struct captcha_settings *s)
{
    bool own = s->provider != CAPTCHA_OFF && s->url && s->url[0];
    return own ? s->url : providers[s->provider].url;
}

static void append_encoded(struct buf *body, const char *name, struct slice value)
{
    buf_append_text(body, name);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            buf_append_char(body, (char)c);
        else
            buf_append_format(body, "%%%02X", c);
    }
}

bool captcha_request(const struct captcha_settings *s, struct slice token, struct buf *body)
{
    if (s->provider == CAPTCHA_OFF || token.len == 0 || token.len > CAPTCHA_TOKEN_MAX)
        return false;
    for (size_t i = 0; i < token.len; i++) {
        if (token.data[i] <= ' ' || token.data[i] > '~')
            return false;
    }
    append_encoded(body, "secret=", slice_from_string(s->secret));
    append_encoded(body, "&response=", token);
    if (s->provider == CAPTCHA_HCAPTCHA)
        append_encoded(body, "&sitekey=", slice_from_string(s->site_key));
    return true;
}

/* Whether the refusal is about us (settings, outage) and not about the visitor. */
static bool is_our_fault(const json_t *answer)
{
    static const char *const ours[] = {"missing-input-secret", "invalid-input-secret",
                                       "bad-request", "internal-error", "sitekey-secret-mismatch"};
    size_t i;
    const json_t *code;
    json_array_foreach(json_object_get(answer, "error-codes"), i, code)
    {
        for (size_t k = 0; k < sizeof ours / sizeof *ours; k++) {
            if (json_is_string(code) && strcmp(json_string_value(code), ours[k]) == 0)
                return true;
        }
    }
    return false;
}

static enum captcha_verdict judge(const struct captcha_settings *s, const json_t *answer)
{
    const json_t *success = json_object_get(answer, "success");
    if (!json_is_boolean(success))
        return CAPTCHA_UNAVAILABLE;
    if (json_is_false(success))
        return is_our_fault(answer) ? CAPTCHA_UNAVAILABLE : CAPTCHA_REFUSED;
    const char *hostname = json_string_value(json_object_get(answer, "hostname"));
    if (s->hostname && s->hostname[0] && (!hostname || strcmp(hostname, s->hostname) != 0))
        return CAPTCHA_REFUSED; /* solved on somebody else's page */
    return CAPTCHA_HUMAN;
}

enum captcha_verdict captcha_read(const struct captcha_settings *s, int status, struct slice body)
{
    if (s->provider == CAPTCHA_OFF || status != 200 || body.len > CAPTCHA_ANSWER_MAX)
        return CAPTCHA_UNAVAILABLE;
    json_error_t error;
    json_t *answer =
        json_loadb(body.data ? body.data : "", body.len, JSON_REJECT_DUPLICATES, &error);
    enum captcha_verdict verdict = judge(s, answer);
    json_decref(answer);
    return verdict;
}
