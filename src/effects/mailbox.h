/* mailbox: what mail.c, which writes the mailbox folder, and mailbox.c, which reads it, share. */
#ifndef ONSALE_EFFECTS_MAILBOX_H
#define ONSALE_EFFECTS_MAILBOX_H

#include "effects/mail.h"

/* Between the parts of a mail: quoted-printable text never has a "=" before a "_". */
#define MAIL_BOUNDARY "=_onsale"

extern const char mail_months[12][4];

/* Whether `id` may name a file: 1 to MAIL_ID_MAX of a-z, 0-9, _ and -. */
bool mail_id_valid(struct slice id);

#endif
