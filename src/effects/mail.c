#include "effects/mail.h"

#include "base/utf8.h"
#include "effects/mailbox.h"
#include "keys/email.h"
#include "keys/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAIL_HOST "onsale.invalid" /* RFC 2606: never somebody else's */
#define MAIL_QP_LINE 76
#define MAIL_WORD_MAX 52 /* encoded text of one word: it fits beside its header's name */

static const char mail_days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
const char mail_months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool mail_id_valid(struct slice id)
{
    if (id.len == 0 || id.len > MAIL_ID_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return true;
}

/* Copies a text that must stay on one line: control characters become blanks. */
static void mail_append_line(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        buf_append_char(out, c < 0x20 || c == 0x7f ? ' ' : text.data[i]);
    }
}

/* Whether a header value can stand as it is: short printable ASCII that nobody takes for an encoded
 * word, without blanks at its ends. */
static bool mail_plain(struct slice value)
{
    if (value.len > 60 || (value.len && (value.data[0] == ' ' || value.data[value.len - 1] == ' ')))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (c < 0x20 || c > 0x7e || (c == '=' && i + 1 < value.len && value.data[i + 1] == '?'))
            return false;
    }
    return true;
}

static bool mail_word_plain(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Characters that the `len` bytes of one UTF-8 character take in an encoded word. */
static size_t mail_word_width(const char *bytes, size_t len)
{
    unsigned char c = (unsigned char)bytes[0];
    return len == 1 && (mail_word_plain(c) || c == ' ') ? 1 : 3 * len;
}

/* Encoded words (RFC 2047, "Q"), each of whole characters and on a line of its own. */
static void mail_append_words(struct buf *out, struct slice text)
{
    size_t column = MAIL_WORD_MAX, step = 0;
    for (size_t at = 0; at < text.len; at += step) {
        step = utf8_length(text.data + at, text.len - at);
        size_t width = mail_word_width(text.data + at, step);
        if (column + width > MAIL_WORD_MAX) {
            buf_append_text(out, at ? "?=\r\n =?UTF-8?Q?" : "=?UTF-8?Q?");
            column = 0;
        }
        column += width;
        for (size_t i = 0; i < step; i++) {
            unsigned char c = (unsigned char)text.data[at + i];
            if (c == ' ')
                buf_append_char(out, '_');
            else if (mail_word_plain(c))
                buf_append_char(out, (char)c);
            else
                buf_append_format(out, "=%02X", c);
        }
    }
    buf_append_text(out, "?=");
}

/* `text` is valid UTF-8; what stands in the header is one value, whatever it holds. */
static void mail_append_value(struct buf *out, struct slice text, bool phrase)
{
    BUF_AUTO struct buf line = BUF_INIT;
    mail_append_line(&line, text);
    if (line.failed) {
        out->failed = true;
        return;
    }
    struct slice value = buf_slice(&line);
    if (!mail_plain(value)) {
        mail_append_words(out, value);
    } else if (!phrase) {
        buf_append_slice(out, value);
    } else {
        buf_append_char(out, '"');
        for (size_t i = 0; i < value.len; i++) {
            if (value.data[i] == '"' || value.data[i] == '\\')
                buf_append_char(out, '\\');
            buf_append_char(out, value.data[i]);
        }
        buf_append_char(out, '"');
    }
}

static void mail_append_date(struct buf *out, uint64_t date_us)
{
    time_t seconds = (time_t)(date_us / 1000000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    buf_append_format(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", mail_days[tm.tm_wday],
                      tm.tm_mday, mail_months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                      tm.tm_sec);
}

/* Quoted-printable (RFC 2045 6.7): "\n" ends a line, everything else comes back byte for byte. */
static void mail_append_quoted(struct buf *out, struct slice text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool line_end = i + 1 == text.len || text.data[i + 1] == '\n';
        if (c == '\n') {
            buf_append_text(out, "\r\n");
            column = 0;
            continue;
        }
        bool plain = c > 0x20 && c < 0x7f && c != '=';
        bool blank = (c == ' ' || c == '\t') && !line_end;
        size_t width = plain || blank ? 1 : 3;
        if (column + width > MAIL_QP_LINE - 1) { /* room for the "=" that breaks the line */
            buf_append_text(out, "=\r\n");
            column = 0;
        }
        if (width == 1)
            buf_append_char(out, (char)c);
        else
            buf_append_format(out, "=%02X", c);
        column += width;
    }
    if (column)
        buf_append_text(out, "\r\n");
}

static void mail_append_part(struct buf *out, const char *type, struct slice text)
{
    buf_append_format(out,
                      "Content-Type: text/%s; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                      type);
    mail_append_quoted(out, text);
}

static int mail_check(const struct mail_message *message, struct err *err)
{
    const char *reason = NULL;
    if (!mail_id_valid(message->id))
        return err_set(err, "a mail's id is 1 to %d of a-z, 0-9, _ and -", MAIL_ID_MAX);
    if (!email_valid(message->to, &reason))
        return err_set(err, "no mail can be sent: %s", reason);
    if (message->subject.len > MAIL_SUBJECT_MAX || message->to_name.len > MAIL_SUBJECT_MAX ||
        message->text.len > MAIL_TEXT_MAX || message->html.len > MAIL_TEXT_MAX)
        return err_set(err, "a mail's subject, name or text is too long");
    if (!utf8_valid(message->subject) || !utf8_valid(message->to_name) ||
        !utf8_valid(message->text) || !utf8_valid(message->html))
        return err_set(err, "a mail's subject, name or text is not valid UTF-8");
    return 0;
}

int mail_format(const struct mail_message *message, struct buf *out, struct err *err)
{
    size_t before = out->len;
    struct slice to = email_trim(message->to);
    if (mail_check(message, err))
        return -1;
    buf_append_text(out, "From: \"Onsale\" <tickets@" MAIL_HOST ">\r\nTo: ");
    if (message->to_name.len) {
        mail_append_value(out, message->to_name, true);
        buf_append_text(out, "\r\n ");
    }
    buf_append_format(out, "<%.*s>\r\nSubject: ", SLICE_ARG(to));
    mail_append_value(out, message->subject, false);
    buf_append_text(out, "\r\n");
    mail_append_date(out, message->date_us);
    buf_append_format(out, "Message-ID: <%.*s@" MAIL_HOST ">\r\n", SLICE_ARG(message->id));
    buf_append_text(out, "Auto-Submitted: auto-generated\r\n"
                         "MIME-Version: 1.0\r\n");
    if (message->html.len == 0) {
        mail_append_part(out, "plain", message->text);
    } else {
        buf_append_text(out, "Content-Type: multipart/alternative; boundary=\"" MAIL_BOUNDARY
                             "\"\r\n\r\n--" MAIL_BOUNDARY "\r\n");
        mail_append_part(out, "plain", message->text);
        buf_append_text(out, "\r\n--" MAIL_BOUNDARY "\r\n");
        mail_append_part(out, "html", message->html);
        buf_append_text(out, "\r\n--" MAIL_BOUNDARY "--\r\n");
    }
    if (out->failed) {
        out->len = before;
        return err_set(err, "out of memory for a mail");
    }
    return 0;
}

static void mail_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define MAIL_FD_AUTO __attribute__((cleanup(mail_close)))

static int mail_write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes = slice_make(bytes.data + n, bytes.len - (size_t)n);
    }
    return 0;
}

/* Puts the bytes under `name`, whole and durable or not at all; a file that is there stays. */
static int mail_place(int folder, const char *name, struct slice bytes, struct err *err)
{
    char draft[32];
    snprintf(draft, sizeof draft, ".draft-%016llx", (unsigned long long)keys_random_u64());
    MAIL_FD_AUTO int fd = openat(folder, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, "the mail %s cannot be made: %s", name, strerror(errno));
    int failed = mail_write_all(fd, bytes) || fsync(fd) ||
                 (linkat(folder, draft, folder, name, 0) && errno != EEXIST);
    int reason = errno;
    (void)unlinkat(folder, draft, 0);
    if (failed || fsync(folder))
        return err_set(err, "the mail %s cannot be written: %s", name,
                       strerror(failed ? reason : errno));
    return 0;
}

int mail_write(const char *dir, const struct mail_message *message, struct err *err)
{
    char name[MAIL_ID_MAX + sizeof ".eml"];
    BUF_AUTO struct buf bytes = BUF_INIT;
    if (mail_format(message, &bytes, err))
        return -1;
    if (mkdir(dir, 0700) && errno != EEXIST)
        return err_set(err, "%s cannot be made: %s", dir, strerror(errno));
    MAIL_FD_AUTO int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return err_set(err, "%s cannot be opened: %s", dir, strerror(errno));
    snprintf(name, sizeof name, "%.*s.eml", SLICE_ARG(message->id));
    if (faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    return mail_place(folder, name, buf_slice(&bytes), err);
}
