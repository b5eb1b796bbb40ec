#include "guard/mailcheck.h"

#include <stdlib.h>

struct mailcheck {
    size_t count;
    struct slice *domains; /* sorted, no two the same */
    char *text;            /* what those of the operator's file lie in */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int compare(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    int order = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool is_domain(struct slice s)
{
    bool dot = false;
    if (s.len == 0 || s.len > MAILCHECK_DOMAIN_BYTES || s.data[0] == '.' ||
        s.data[s.len - 1] == '.')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        dot |= c == '.';
        if (c <= ' ' || c == 0x7f || c == '@' || (c == '.' && s.data[i + 1] == '.'))
            return false;
    }
    return dot;
}

/* The next line without comment and blanks; false at the end. */
static bool next_line(struct slice *rest, struct slice *ret_line)
{
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) : rest->len, skip = end ? len + 1 : len;
    struct slice line = slice_make(rest->data, len);
    *rest = slice_make(rest->data + skip, rest->len - skip);
    const char *comment = line.len ? memchr(line.data, '#', line.len) : NULL;
    if (comment)
        line.len = (size_t)(comment - line.data);
    while (line.len && is_blank(line.data[line.len - 1]))
        line.len--;
    while (line.len && is_blank(line.data[0]))
        line = slice_make(line.data + 1, line.len - 1);
    *ret_line = line;
    return true;
}

static size_t count_lines(struct slice text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    return lines;
}

static int read_lines(struct mailcheck *m, struct slice text, struct err *err)
{
    struct slice line;
    for (size_t number = 1; next_line(&text, &line); number++) {
        if (line.len == 0)
            continue;
        if (!is_domain(line))
            return err_set(err, "disposable domains: line %zu is not a domain", number);
        if (m->count >= MAILCHECK_DOMAINS_MAX)
            return err_set(err, "disposable domains: there are more than %u",
                           MAILCHECK_DOMAINS_MAX);
        m->domains[m->count++] = line;
    }
    return 0;
}

static void sort(struct mailcheck *m)
{
    size_t kept = 0;
    qsort(m->domains, m->count, sizeof *m->domains, compare);
    for (size_t i = 0; i < m->count; i++) {
        if (kept == 0 || !slice_equal(m->domains[kept - 1], m->domains[i]))
            m->domains[kept++] = m->domains[i];
    }
    m->count = kept;
}

int mailcheck_create(struct slice more, struct mailcheck **ret_mailcheck, struct err *err)
{
    struct mailcheck *m = calloc(1, sizeof *m);
    if (!m)
        return err_set(err, "out of memory for disposable domains");
    size_t room = mailcheck_built_in_count + count_lines(more);
    m->text = calloc(1, more.len + 1);
    m->domains = calloc(room, sizeof *m->domains);
    if (!m->text || !m->domains) {
        mailcheck_destroy(m);
        return err_set(err, "out of memory for disposable domains");
    }
    for (size_t i = 0; i < more.len; i++)
        m->text[i] = lower(more.data[i]);
    for (size_t i = 0; i < mailcheck_built_in_count; i++)
        m->domains[m->count++] = slice_from_string(mailcheck_built_in[i]);
    if (read_lines(m, slice_make(m->text, more.len), err)) {
        mailcheck_destroy(m);
        return -1;
    }
    sort(m);
    *ret_mailcheck = m;
    return 0;
}

void mailcheck_destroy(struct mailcheck *m)
{
    if (!m)
        return;
    free(m->domains);
    free(m->text);
    free(m);
}

size_t mailcheck_count(const struct mailcheck *m)
{
    return m->count;
}

bool mailcheck_is_disposable(const struct mailcheck *m, struct slice email)
{
    char host[MAILCHECK_DOMAIN_BYTES];
    size_t len = 0;
    while (len < email.len && email.data[email.len - 1 - len] != '@')
        len++;
    const char *from = email.data + (email.len - len);
    while (len && is_blank(from[len - 1]))
        len--;
    if (len == email.len || len == 0 || len > sizeof host)
        return false;
    for (size_t i = 0; i < len; i++)
        host[i] = lower(from[i]);
    /* The host itself, then what is left of it behind each dot. */
    struct slice domain = slice_make(host, len);
    while (domain.len) {
        if (bsearch(&domain, m->domains, m->count, sizeof *m->domains, compare))
            return true;
        const char *dot = memchr(domain.data, '.', domain.len);
        if (!dot)
            break;
        domain = slice_make(dot + 1, domain.len - (size_t)(dot + 1 - domain.data));
    }
    return false;
}
