/*
 * email: is a text an e-mail address that mail can be sent to, and which address is it? The rules
 * are those of RFC 5321 and 5322 without the folklore: one "@", a dot-atom before it (at most 64
 * bytes, UTF-8 allowed as in RFC 6531), a host name behind it (labels of 1-63 bytes from letters,
 * digits, hyphens inside, and UTF-8), at most 254 bytes in all. Quoted local parts, comments and
 * address literals exist in the RFC but not at people who buy tickets: refused, with that reason.
 *
 * Two spellings are the same address when email_normalise makes them equal: blanks around it are
 * dropped, ASCII letters become lower case, in the local part too. (RFC 5321 lets a host tell "Ada"
 * from "ada"; none in use does, and limits per buyer must not be escaped by a capital letter.)
 * Dots and "+tags" are kept: they are different mailboxes at many hosts.
 *
 * For limits per buyer that is not enough: one mailbox with a thousand tags would be a thousand
 * buyers. email_limit_form makes equal what reaches the same person at the large hosts; two people
 * whom it wrongly takes for one share a limit and nothing else. Thread: any.
 */
#ifndef ONSALE_KEYS_EMAIL_H
#define ONSALE_KEYS_EMAIL_H

#include "base/limits.h"
#include "base/slice.h"

/* `text` without ASCII blanks (space, tab, CR, LF) around it. */
struct slice email_trim(struct slice text);

/* True when the trimmed text is an address as told above; else *ret_reason is a static English
 * clause that says what is wrong ("the part after the @ is missing"). `ret_reason` may be NULL. */
bool email_valid(struct slice text, const char **ret_reason);

/* Writes the normal form and returns its length. `text` must be valid (email_valid). */
size_t email_normalise(struct slice text, char ret_text[LIMIT_EMAIL_BYTES]);

/* The form that counts for limits: the normal form without a "+tag", and at Gmail (also spelt
 * googlemail.com) without dots before the @. Other hosts' dots and
 * names in other scripts stay as they are. `text` must be valid. Returns its length. */
size_t email_limit_form(struct slice text, char ret_text[LIMIT_EMAIL_BYTES]);

#endif
