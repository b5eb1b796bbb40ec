#include "app/internal.h"

#include "effects/mail.h"
#include "keys/person.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Mails follow from durable entries (which, and what they say, is api's: api_mail_of). How far it
 * came stands in a file; after a crash the rows behind that are looked at again, and a mail that
 * exists already is left as it is: each is written once. */

#define MAILER_WRITERS 2u         /* fewer than the pool's threads: orders need them too */
#define MAILER_REST_US 5000000ull /* after one that could not be written, before any other */

struct mailer {
    struct house *house;
    char dir[4096], note[4200];
    struct buf errands; /* struct api_mail[]: what is to be written */
    size_t next;        /* the first one that was not begun */
    unsigned writing;
    uint64_t seen_seq, noted_seq;
    uint64_t rests_until_us; /* clock_boot_us */
};

struct letter {
    uv_work_t work;
    struct mailer *mailer;
    struct api_mail errand;
    struct api_mail_text mail;
    uint64_t date_us;
    int result;
    struct err err;
};

static void letter_destroy(struct letter *l)
{
    api_mail_text_finish(&l->mail);
    free(l);
}

static void letter_write(uv_work_t *work)
{
    struct letter *l = work->data;
    struct mail_message message = {
        .id = slice_from_string(l->mail.id),
        .to = slice_make(l->mail.to.email, l->mail.to.email_len),
        .to_name = slice_make(l->mail.to.name, l->mail.to.name_len),
        .subject = buf_slice(&l->mail.subject),
        .text = buf_slice(&l->mail.text),
        .html = buf_slice(&l->mail.html),
        .date_us = l->date_us,
    };
    l->result = mail_write(l->mailer->dir, &message, &l->err);
}

static void mailer_go(struct mailer *m);

/* A full disk, a folder that is not there: it is tried again behind the others. How far the mailer
 * came is not written down meanwhile, so that a new start tries again too. */
static void errand_again(struct mailer *m, const struct api_mail *errand, const char *id,
                         const char *why)
{
    log_line(&m->house->log, "error", "mail_waits", "%s: %s; it is tried again", id, why);
    buf_append(&m->errands, errand, sizeof *errand);
    m->rests_until_us = clock_boot_us() + MAILER_REST_US;
}

static void letter_written(uv_work_t *work, int status)
{
    struct letter *l = work->data;
    struct mailer *m = l->mailer;
    if (status != 0 || l->result != 0)
        errand_again(m, &l->errand, l->mail.id, status != 0 ? uv_strerror(status) : l->err.detail);
    letter_destroy(l);
    m->writing--;
    mailer_go(m);
}

static void errand_begin(struct mailer *m, const struct api_mail *errand)
{
    struct err err;
    struct letter *l = calloc(1, sizeof *l);
    if (!l) {
        errand_again(m, errand, "", "no memory");
        return;
    }
    l->work.data = l;
    l->mailer = m;
    l->errand = *errand;
    l->date_us = clock_wall_us();
    int found = api_mail_write(m->house->api, errand, &l->mail, &err);
    if (found != 0) {
        if (found < 0)
            errand_again(m, errand, l->mail.id, err.detail);
        letter_destroy(l);
        return;
    }
    m->writing++;
    (void)uv_queue_work(&m->house->loop, &l->work, letter_write, letter_written);
}

static void mailer_go(struct mailer *m)
{
    while (m->writing < MAILER_WRITERS && m->next * sizeof(struct api_mail) < m->errands.len &&
           m->rests_until_us <= clock_boot_us()) {
        struct api_mail errand;
        memcpy(&errand, m->errands.data + m->next * sizeof errand, sizeof errand);
        m->next++;
        errand_begin(m, &errand);
    }
    if (m->next * sizeof(struct api_mail) == m->errands.len) {
        m->next = 0;
        buf_clear(&m->errands);
    }
}

void mailer_entry(struct mailer *m, const struct engine_entry *entry)
{
    struct api_mail errand;
    m->seen_seq = entry->seq;
    if (api_mail_of(entry, &errand))
        buf_append(&m->errands, &errand, sizeof errand);
}

bool mailer_idle(const struct mailer *m)
{
    return m->writing == 0 && m->errands.len == 0;
}

void mailer_note(struct mailer *m)
{
    mailer_go(m);
    if (!mailer_idle(m) || m->seen_seq == m->noted_seq)
        return;
    FILE *file = fopen(m->note, "we");
    if (!file)
        return; /* it will be looked at again: no harm */
    (void)fprintf(file, "%llu\n", (unsigned long long)m->seen_seq);
    (void)fclose(file);
    m->noted_seq = m->seen_seq;
}

static void mailer_replay(void *context, const struct engine_entry *entry)
{
    mailer_entry(context, entry);
}

int mailer_create(struct house *h, struct mailer **ret_mailer, struct err *err)
{
    struct mailer *m = calloc(1, sizeof *m);
    if (!m)
        return err_set(err, "out of memory");
    unsigned long long noted = 0;
    m->house = h;
    (void)snprintf(m->dir, sizeof m->dir, "%s/mailbox", h->settings->data);
    (void)snprintf(m->note, sizeof m->note, "%s/mail.seq", h->settings->data);
    FILE *file = fopen(m->note, "re");
    if (file && fscanf(file, "%llu", &noted) != 1)
        noted = 0;
    if (file)
        (void)fclose(file);
    if (noted > engine_last_seq(h->engine))
        noted = 0; /* of another journal */
    m->seen_seq = noted;
    m->noted_seq = noted;
    if (engine_replay(h->engine, noted, mailer_replay, m, err) != 0) {
        mailer_destroy(m);
        return -1;
    }
    *ret_mailer = m;
    return 0;
}

void mailer_destroy(struct mailer *m)
{
    if (!m)
        return;
    buf_finish(&m->errands);
    free(m);
}
