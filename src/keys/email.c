#include "keys/email.h"

#include "base/utf8.h"

#define EMAIL_LOCAL_MAX 64
#define EMAIL_LABEL_MAX 63

static bool email_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool email_letter_or_digit(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* Whether a dot stands first, last or beside another. */
static bool email_dots_misplaced(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '.' && (i == 0 || i + 1 == s.len || s.data[i - 1] == '.'))
            return true;
    }
    return false;
}

static const char *email_local_fault(struct slice local)
{
    if (local.len == 0)
        return "the part before the @ is missing";
    if (local.len > EMAIL_LOCAL_MAX)
        return "the part before the @ is longer than 64 bytes";
    if (local.data[0] == '"')
        return "quotes before the @ are not supported";
    if (email_dots_misplaced(local))
        return "a dot before the @ stands first, last or twice in a row";
    for (size_t i = 0; i < local.len; i++) {
        unsigned char c = (unsigned char)local.data[i];
        if (!email_letter_or_digit(c) && !memchr(".!#$%&'*+-/=?^_`{|}~", c, 20))
            return "the part before the @ has a character that no address has there";
    }
    return NULL;
}

static const char *email_host_fault(struct slice host)
{
    if (host.len == 0)
        return "the part after the @ is missing";
    if (host.data[0] == '[')
        return "an address in brackets after the @ is not supported";
    if (email_dots_misplaced(host))
        return "a dot after the @ stands first, last or twice in a row";
    size_t label = 0; /* bytes of the current label before this character */
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.data[i];
        if (c == '.') {
            label = 0;
            continue;
        }
        bool edge = label == 0 || i + 1 == host.len || host.data[i + 1] == '.';
        if (!email_letter_or_digit(c) && (c != '-' || edge))
            return "the part after the @ is not a host name";
        if (++label > EMAIL_LABEL_MAX)
            return "the part after the @ has a label longer than 63 bytes";
    }
    return NULL;
}

static const char *email_fault(struct slice text)
{
    if (text.len == 0)
        return "the address is empty";
    if (text.len > LIMIT_EMAIL_BYTES)
        return "the address is longer than 254 bytes";
    if (!utf8_valid(text))
        return "the address is not valid UTF-8";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        unsigned char next = i + 1 < text.len ? (unsigned char)text.data[i + 1] : 0;
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0)) /* U+0080 to U+009F too */
            return "the address has a control character";
        if (c == ' ')
            return "the address has a blank inside";
    }
    const char *at = memchr(text.data, '@', text.len);
    if (!at)
        return "the @ is missing";
    struct slice local = {text.data, (size_t)(at - text.data)};
    struct slice host = {at + 1, text.len - local.len - 1};
    if (host.len && memchr(host.data, '@', host.len))
        return "there is more than one @";
    const char *fault = email_local_fault(local);
    return fault ? fault : email_host_fault(host);
}

struct slice email_trim(struct slice text)
{
    while (text.len && email_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len && email_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

bool email_valid(struct slice text, const char **ret_reason)
{
    const char *fault = email_fault(email_trim(text));
    if (fault && ret_reason)
        *ret_reason = fault;
    return !fault;
}

size_t email_normalise(struct slice text, char ret_text[LIMIT_EMAIL_BYTES])
{
    struct slice trimmed = email_trim(text);
    size_t len = trimmed.len < LIMIT_EMAIL_BYTES ? trimmed.len : LIMIT_EMAIL_BYTES;
    for (size_t i = 0; i < len; i++) {
        char c = trimmed.data[i];
        ret_text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return len;
}

size_t email_limit_form(struct slice text, char ret_text[LIMIT_EMAIL_BYTES])
{
    size_t len = email_normalise(text, ret_text), out = 0;
    const char *at = memchr(ret_text, '@', len);
    size_t local = at ? (size_t)(at - ret_text) : len;
    struct slice host = slice_make(ret_text + local, len - local);
    bool gmail =
        slice_equal(host, SLICE("@gmail.com")) || slice_equal(host, SLICE("@googlemail.com"));
    /* A plus that stands first is all there is: it is kept. */
    for (size_t i = 0; i < local && (ret_text[i] != '+' || i == 0); i++) {
        if (!gmail || ret_text[i] != '.')
            ret_text[out++] = ret_text[i];
    }
    if (gmail)
        host = SLICE("@gmail.com");
    memmove(ret_text + out, host.data, host.len);
    return out + host.len;
}
