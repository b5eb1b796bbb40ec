/*
 * mail: messages to buyers, written as RFC 5322 files into a local mailbox folder (the demo's and
 * every installation's that has no SMTP server set). One file a message, `<id>.eml`; the id comes
 * from what the mail is about (an order's id, and what happened), so writing it again after a crash
 * gives the same one file and nobody gets two mails.
 *
 * Whatever is in names and texts, headers stay headers: control characters are refused or become
 * blanks, anything outside ASCII goes as encoded words (RFC 2047), the body as quoted-printable.
 *
 * Thread: any; all functions but mail_format wait for the disk.
 */
#ifndef ONSALE_EFFECTS_MAIL_H
#define ONSALE_EFFECTS_MAIL_H

#include "base/buf.h"
#include "base/json.h"

#define MAIL_ID_MAX 64 /* [a-z0-9_-], not empty */
#define MAIL_SUBJECT_MAX 400
#define MAIL_TEXT_MAX 65536
#define MAILBOX_LIST_MAX 200
#define MAILBOX_SCAN_MAX 100000 /* files looked at for a list */

struct mail_message {
    struct slice id;      /* names the file and the Message-ID */
    struct slice to;      /* valid by keys/email.h */
    struct slice to_name; /* may be empty */
    struct slice subject; /* at most MAIL_SUBJECT_MAX bytes of UTF-8 */
    struct slice text;    /* at most MAIL_TEXT_MAX bytes of UTF-8, lines end with "\n" */
    struct slice html;    /* the same with marks, as long at most; empty: a mail of text alone */
    uint64_t date_us;     /* wall clock */
};

/* Appends the message with CRLF line ends. Fails, with `out` as it was, when a field is not as told
 * above. */
MUST_USE int mail_format(const struct mail_message *message, struct buf *out, struct err *err);

/* Writes the message into the folder `dir` (made with mode 0700 when missing; its parent must
 * exist), durable when it returns 0. A message of that id that is already there stays as it is. */
MUST_USE int mail_write(const char *dir, const struct mail_message *message, struct err *err);

/* Writes the array `name` (NULL inside an array or at the root): the newest messages first, at most
 * `limit` (and MAILBOX_LIST_MAX), each {"id", "to", "subject", "date"}. A folder that does not
 * exist is an empty mailbox. On failure nothing was written. */
MUST_USE int mailbox_list(const char *dir, size_t limit, struct json *j, const char *name,
                          struct err *err);

/* Writes the object `name`: {"id", "to", "to_name", "subject", "date", "text",
 * "html"}. Returns 0, 1 when
 * there is no such message, or a negative number. */
MUST_USE int mailbox_read(const char *dir, struct slice id, struct json *j, const char *name,
                          struct err *err);

/* Appends the file as it is. Returns as mailbox_read. */
MUST_USE int mailbox_read_raw(const char *dir, struct slice id, struct buf *out, struct err *err);

#endif
