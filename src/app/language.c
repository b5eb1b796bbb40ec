#include "app/language.h"

#include "http/server.h"

#include <strings.h>

const char *const language_tags[LANGUAGES] = {"en", "de", "es", "fr"};

#define NONE LANGUAGES
#define FULL_WEIGHT 1000

/* What stands before the first of `mark`; *rest is what stands behind it. */
static struct slice cut(struct slice *rest, char mark)
{
    const char *at = rest->len ? memchr(rest->data, mark, rest->len) : NULL;
    size_t len = at ? (size_t)(at - rest->data) : rest->len, skip = at ? len + 1 : len;
    struct slice before = slice_make(rest->data, len);
    *rest = slice_make(rest->data + skip, rest->len - skip);
    return before;
}

static struct slice trim(struct slice s)
{
    while (s.len && (s.data[0] == ' ' || s.data[0] == '\t'))
        s = slice_make(s.data + 1, s.len - 1);
    while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* The language that a tag begins with. */
static enum language of_tag(struct slice tag)
{
    struct slice name = cut(&tag, '-');
    for (int i = 0; i < LANGUAGES; i++)
        if (name.len == 2 && strncasecmp(name.data, language_tags[i], 2) == 0)
            return (enum language)i;
    return NONE;
}

/* "q=0.8" in thousandths; nothing counts in full, nonsense not at all. */
static int weight_of(struct slice text)
{
    if (text.len == 0)
        return FULL_WEIGHT;
    if (text.len < 3 || (text.data[0] | 0x20) != 'q' || text.data[1] != '=')
        return 0;
    int weight = 0, unit = FULL_WEIGHT;
    for (size_t i = 2; i < text.len && unit > 0; i++) {
        if (i == 3 && text.data[i] == '.')
            continue;
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        weight += (text.data[i] - '0') * unit;
        unit /= 10;
    }
    return weight > FULL_WEIGHT ? FULL_WEIGHT : weight;
}

enum language language_choose(struct slice chosen, struct slice accept)
{
    enum language best = of_tag(chosen);
    if (best != NONE)
        return best;
    best = LANGUAGE_EN;
    int most = 0;
    while (accept.len > 0) {
        struct slice element = cut(&accept, ',');
        enum language language = of_tag(trim(cut(&element, ';')));
        int weight = weight_of(trim(element));
        if (language != NONE && weight > most) {
            best = language;
            most = weight;
        }
    }
    return best;
}

enum language language_of(const struct http_exchange *x)
{
    return language_choose(http_cookie(x, LANGUAGE_COOKIE), http_header(x, "accept-language"));
}
