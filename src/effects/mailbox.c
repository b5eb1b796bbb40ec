/* Reads back what mail.c writes. Files that somebody else put there are shown as far as they are
 * understood: nothing is trusted, everything is bounded. */
#include "effects/mailbox.h"

#include "base/time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Text and HTML of MAIL_TEXT_MAX as quoted-printable, and headers. */
#define MAILBOX_FILE_MAX (768 * 1024)
#define MAILBOX_HEAD_MAX 16384 /* as much of a file as a list reads */

static void mailbox_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define MAILBOX_FD_AUTO __attribute__((cleanup(mailbox_close)))

/* ---- decoding ---- */

static int mailbox_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of "=XX" at `at`, or -1. */
static int mailbox_escape(struct slice text, size_t at)
{
    if (at + 2 >= text.len || text.data[at] != '=')
        return -1;
    int high = mailbox_hex(text.data[at + 1]), low = mailbox_hex(text.data[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Quoted-printable body to text with "\n". */
static void mailbox_decode_body(struct slice body, struct buf *out)
{
    for (size_t i = 0; i < body.len; i++) {
        int byte = mailbox_escape(body, i);
        struct slice rest = {body.data + i, body.len - i};
        if (byte >= 0) {
            buf_append_char(out, (char)byte);
            i += 2;
        } else if (slice_starts_with(rest, SLICE("=\r\n"))) {
            i += 2;
        } else if (!slice_starts_with(rest, SLICE("\r\n"))) {
            buf_append_char(out, body.data[i]);
        }
    }
}

/* One encoded word at the beginning of `text`: appends what it says and returns its length, or 0
 * when there is none. */
static size_t mailbox_decode_word(struct slice text, struct buf *out)
{
    static const struct slice lead = {"=?UTF-8?Q?", 10};
    size_t i = lead.len;
    if (!slice_starts_with(text, lead))
        return 0;
    while (i < text.len && text.data[i] != '?')
        i++;
    if (i + 1 >= text.len || text.data[i + 1] != '=')
        return 0;
    struct slice inner = {text.data + lead.len, i - lead.len};
    for (size_t k = 0; k < inner.len; k++) {
        int byte = mailbox_escape(inner, k);
        buf_append_char(out, byte >= 0 ? (char)byte : inner.data[k] == '_' ? ' ' : inner.data[k]);
        k += byte >= 0 ? 2 : 0;
    }
    return i + 2;
}

/* A header's value as people read it. */
static void mailbox_decode_value(struct slice value, struct buf *out)
{
    size_t i = 0;
    bool after_word = false;
    while (i < value.len) {
        struct slice rest = {value.data + i, value.len - i};
        size_t blanks = 0;
        while (blanks < rest.len && rest.data[blanks] == ' ')
            blanks++;
        struct slice word = {rest.data + blanks, rest.len - blanks};
        size_t before = out->len;
        size_t len = after_word || blanks == 0 ? mailbox_decode_word(word, out) : 0;
        if (len) { /* blanks between two encoded words are not part of the text */
            i += blanks + len;
            after_word = true;
            continue;
        }
        out->len = before;
        buf_append_char(out, value.data[i++]);
        after_word = false;
    }
}

/* Appends the unfolded value of header `name` ("Subject: "); nothing when it is not there. */
static void mailbox_header(struct slice file, struct slice name, struct buf *out)
{
    bool taking = false;
    size_t at = 0;
    while (at < file.len) {
        const char *end = memchr(file.data + at, '\n', file.len - at);
        size_t next = end ? (size_t)(end - file.data) + 1 : file.len;
        struct slice line = {file.data + at, next - at};
        while (line.len && (line.data[line.len - 1] == '\n' || line.data[line.len - 1] == '\r'))
            line.len--;
        if (line.len == 0)
            return; /* the body begins */
        bool folded = line.data[0] == ' ' || line.data[0] == '\t';
        if (!folded && taking)
            return;
        if (folded && taking)
            buf_append_slice(out, line);
        if (!folded && slice_starts_with(line, name)) {
            buf_append(out, line.data + name.len, line.len - name.len);
            taking = true;
        }
        at = next;
    }
}

static struct slice mailbox_body(struct slice file)
{
    const char *gap = memmem(file.data, file.len, "\r\n\r\n", 4);
    if (!gap)
        return slice_make(NULL, 0);
    return slice_make(gap + 4, file.len - (size_t)(gap + 4 - file.data));
}

/* The text of a part of mail_format's ("plain", "html"): of a mail without parts the text is the
 * whole body. False: it has no such part. */
static bool mailbox_part(struct slice file, const char *type, struct slice *ret_text)
{
    static const char mark[] = "\r\n--" MAIL_BOUNDARY;
    char head[64];
    struct slice body = mailbox_body(file);
    bool whole = !slice_starts_with(body, SLICE("--" MAIL_BOUNDARY "\r\n"));
    if (whole) {
        *ret_text = body;
        return strcmp(type, "plain") == 0;
    }
    size_t head_len =
        (size_t)snprintf(head, sizeof head, "--" MAIL_BOUNDARY "\r\nContent-Type: text/%s;", type);
    const char *at = memmem(body.data, body.len, head, head_len);
    struct slice part = at ? mailbox_body(slice_make(at, body.len - (size_t)(at - body.data)))
                           : slice_make(NULL, 0);
    const char *end = part.len ? memmem(part.data, part.len, mark, sizeof mark - 1) : NULL;
    *ret_text = slice_make(part.data, end ? (size_t)(end - part.data) : part.len);
    return at != NULL;
}

/* "Sat, 12 Jun 2027 18:30:00 +0000" as microseconds, 0 when it is something else. */
static uint64_t mailbox_date(struct buf *value)
{
    struct tm tm = {0};
    char month[4] = "";
    buf_append_char(value, '\0');
    if (value->failed ||
        sscanf(value->data, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d +0000", &tm.tm_mday, month,
               &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
        return 0;
    tm.tm_year -= 1900;
    while (tm.tm_mon < 12 && strcmp(mail_months[tm.tm_mon], month) != 0)
        tm.tm_mon++;
    time_t seconds = tm.tm_mon < 12 ? timegm(&tm) : -1;
    return seconds < 0 ? 0 : (uint64_t)seconds * TIME_SECOND_US;
}

/* Splits `"name" <address>`; both point into `value`. */
static void mailbox_split_to(struct slice value, struct slice *ret_name, struct slice *ret_address)
{
    const char *open = value.len ? memrchr(value.data, '<', value.len) : NULL;
    *ret_name = slice_make(NULL, 0);
    *ret_address = value;
    if (!open)
        return;
    *ret_name = slice_make(value.data, (size_t)(open - value.data));
    *ret_address = slice_make(open + 1, value.len - ret_name->len - 1);
    if (ret_address->len && ret_address->data[ret_address->len - 1] == '>')
        ret_address->len--;
    while (ret_name->len && ret_name->data[ret_name->len - 1] == ' ')
        ret_name->len--;
}

/* A phrase: quoted string or encoded words. */
static void mailbox_decode_name(struct slice name, struct buf *out)
{
    if (name.len < 2 || name.data[0] != '"' || name.data[name.len - 1] != '"') {
        mailbox_decode_value(name, out);
        return;
    }
    for (size_t i = 1; i + 1 < name.len; i++) {
        if (name.data[i] == '\\' && i + 2 < name.len)
            i++;
        buf_append_char(out, name.data[i]);
    }
}

/* ---- files ---- */

/* Opens the folder: 0, 1 when it does not exist, or a failure. */
static int mailbox_open_folder(const char *dir, int *ret_fd, struct err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 1;
    if (fd < 0)
        return err_set(err, "the mailbox %s cannot be opened: %s", dir, strerror(errno));
    *ret_fd = fd;
    return 0;
}

/* Appends at most `most` bytes of the message: 0, 1 when there is none, or a failure. */
static int mailbox_load(int folder, struct slice id, size_t most, struct buf *out, struct err *err)
{
    char name[MAIL_ID_MAX + sizeof ".eml"];
    if (!mail_id_valid(id))
        return 1;
    snprintf(name, sizeof name, "%.*s.eml", SLICE_ARG(id));
    MAILBOX_FD_AUTO int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP
                   ? 1
                   : err_set(err, "the mail %s cannot be opened: %s", name, strerror(errno));
    size_t before = out->len;
    ssize_t n = 1;
    while (n > 0 && out->len - before < most) {
        size_t room = most - (out->len - before);
        room = room < 16384 ? room : 16384;
        char *to = buf_reserve(out, room);
        n = to ? read(fd, to, room) : -1;
        if (n > 0)
            out->len += (size_t)n;
    }
    if (n >= 0)
        return 0;
    out->len = before;
    return err_set(err, "the mail %s cannot be read: %s", name, strerror(errno));
}

struct mailbox_item {
    int64_t time_ns;
    char id[MAIL_ID_MAX + 1];
};

static bool mailbox_newer(const struct mailbox_item *a, const struct mailbox_item *b)
{
    return a->time_ns != b->time_ns ? a->time_ns > b->time_ns : strcmp(a->id, b->id) > 0;
}

/* Keeps the newest `limit` items in order, newest first. */
static void mailbox_keep(struct mailbox_item *items, size_t *count, size_t limit,
                         const struct mailbox_item *item)
{
    size_t at = *count;
    while (at > 0 && mailbox_newer(item, &items[at - 1]))
        at--;
    if (at == limit)
        return;
    if (*count < limit)
        ++*count;
    memmove(items + at + 1, items + at, (*count - at - 1) * sizeof *items);
    items[at] = *item;
}

/* The newest messages of an open folder; takes ownership of `folder`. */
static int mailbox_scan(int folder, size_t limit, struct mailbox_item *items, size_t *ret_count,
                        struct err *err)
{
    size_t count = 0, looked = 0;
    DIR *listing = fdopendir(folder);
    if (!listing) {
        close(folder);
        return err_set(err, "the mailbox cannot be listed: %s", strerror(errno));
    }
    for (struct dirent *entry; looked < MAILBOX_SCAN_MAX && (entry = readdir(listing)); looked++) {
        struct mailbox_item item;
        struct stat st;
        size_t len = strlen(entry->d_name);
        if (len < 5 || strcmp(entry->d_name + len - 4, ".eml") != 0 ||
            !mail_id_valid(slice_make(entry->d_name, len - 4)) ||
            fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
            continue;
        item.time_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        memcpy(item.id, entry->d_name, len - 4);
        item.id[len - 4] = '\0';
        mailbox_keep(items, &count, limit, &item);
    }
    closedir(listing);
    *ret_count = count;
    return 0;
}

/* The members that a list and a single message share. False when memory ran out. */
static bool mailbox_describe(struct slice id, struct slice file, bool with_name, struct json *j)
{
    BUF_AUTO struct buf to = BUF_INIT, name = BUF_INIT, raw = BUF_INIT, subject = BUF_INIT,
                        date = BUF_INIT;
    struct slice to_name, address;
    mailbox_header(file, SLICE("To: "), &to);
    mailbox_split_to(buf_slice(&to), &to_name, &address);
    mailbox_decode_name(to_name, &name);
    mailbox_header(file, SLICE("Subject: "), &raw);
    mailbox_decode_value(buf_slice(&raw), &subject);
    mailbox_header(file, SLICE("Date: "), &date);
    uint64_t date_us = mailbox_date(&date);
    if (to.failed || name.failed || raw.failed || subject.failed || date.failed)
        return false;
    json_put_text(j, "id", id);
    json_put_text(j, "to", address);
    if (with_name)
        json_put_text(j, "to_name", buf_slice(&name));
    json_put_text(j, "subject", buf_slice(&subject));
    json_put_time(j, "date", date_us);
    return true;
}

/* Puts JSON made aside into `j`. */
static int mailbox_deliver(struct buf *made, struct json *j, const char *name, struct err *err)
{
    if (made->failed)
        return err_set(err, "out of memory for the mailbox");
    json_put_raw(j, name, buf_slice(made));
    return 0;
}

static int mailbox_list_items(int folder, const struct mailbox_item *items, size_t count,
                              struct json *j, struct err *err)
{
    BUF_AUTO struct buf file = BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        struct slice id = slice_from_string(items[i].id);
        buf_clear(&file);
        int found = mailbox_load(folder, id, MAILBOX_HEAD_MAX, &file, err);
        if (found < 0)
            return found;
        if (found == 1)
            continue; /* taken away since the folder was listed */
        json_put_object(j, NULL);
        if (!mailbox_describe(id, buf_slice(&file), false, j))
            return err_set(err, "out of memory for the mailbox");
        json_end(j);
    }
    return 0;
}

int mailbox_list(const char *dir, size_t limit, struct json *j, const char *name, struct err *err)
{
    BUF_AUTO struct buf made = BUF_INIT;
    struct json list;
    size_t count = 0;
    MAILBOX_FD_AUTO int folder = -1;
    if (limit > MAILBOX_LIST_MAX)
        limit = MAILBOX_LIST_MAX;
    int result = mailbox_open_folder(dir, &folder, err);
    if (result < 0)
        return result;
    json_begin(&list, &made);
    json_put_array(&list, NULL);
    if (result == 0 && limit > 0) {
        struct mailbox_item *items = calloc(limit + 1, sizeof *items);
        int listing = fcntl(folder, F_DUPFD_CLOEXEC, 0);
        if (!items || listing < 0) {
            free(items);
            return err_set(err, "the mailbox cannot be listed: %s", strerror(errno));
        }
        result = mailbox_scan(listing, limit, items, &count, err);
        if (result == 0)
            result = mailbox_list_items(folder, items, count, &list, err);
        free(items);
        if (result < 0)
            return result;
    }
    json_end(&list);
    return mailbox_deliver(&made, j, name, err);
}

int mailbox_read(const char *dir, struct slice id, struct json *j, const char *name,
                 struct err *err)
{
    BUF_AUTO struct buf file = BUF_INIT, text = BUF_INIT, html = BUF_INIT, made = BUF_INIT;
    struct slice part;
    struct json object;
    int result = mailbox_read_raw(dir, id, &file, err);
    if (result)
        return result;
    if (mailbox_part(buf_slice(&file), "plain", &part))
        mailbox_decode_body(part, &text);
    bool marked = mailbox_part(buf_slice(&file), "html", &part);
    if (marked)
        mailbox_decode_body(part, &html);
    json_begin(&object, &made);
    json_put_object(&object, NULL);
    if (!mailbox_describe(id, buf_slice(&file), true, &object) || text.failed || html.failed)
        return err_set(err, "out of memory for the mailbox");
    json_put_text(&object, "text", buf_slice(&text));
    if (marked)
        json_put_text(&object, "html", buf_slice(&html));
    else
        json_put_null(&object, "html");
    json_end(&object);
    return mailbox_deliver(&made, j, name, err);
}

int mailbox_read_raw(const char *dir, struct slice id, struct buf *out, struct err *err)
{
    MAILBOX_FD_AUTO int folder = -1;
    int result = mailbox_open_folder(dir, &folder, err);
    return result ? result : mailbox_load(folder, id, MAILBOX_FILE_MAX, out, err);
}
