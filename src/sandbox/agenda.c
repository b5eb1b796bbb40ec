#include "sandbox/agenda.h"

#include <stdlib.h>

struct item {
    struct item *next;
    struct books_later later;
    uint64_t due_ms; /* of the loop's clock */
};

struct agenda {
    struct agenda_options options;
    uv_timer_t timer;
    struct item *items; /* in the order of their time, then of their coming */
    size_t count;
};

static void on_timer(uv_timer_t *timer);

static void arm(struct agenda *agenda)
{
    uint64_t now = uv_now(agenda->options.loop);
    if (agenda->items)
        uv_timer_start(&agenda->timer, on_timer,
                       agenda->items->due_ms > now ? agenda->items->due_ms - now : 0, 0);
    else
        uv_timer_stop(&agenda->timer);
}

static void insert(struct agenda *agenda, const struct books_later *later, uint64_t due_ms)
{
    struct item *item = malloc(sizeof *item), **at = &agenda->items;
    if (!item)
        return; /* still in the books: due at the next start */
    while (*at && (*at)->due_ms <= due_ms)
        at = &(*at)->next;
    *item = (struct item){.next = *at, .later = *later, .due_ms = due_ms};
    *at = item;
    agenda->count++;
}

static struct books_later take_first(struct agenda *agenda)
{
    struct item *item = agenda->items;
    struct books_later later = item->later;
    agenda->items = item->next;
    agenda->count--;
    free(item);
    return later;
}

static void on_timer(uv_timer_t *timer)
{
    struct agenda *agenda = timer->data;
    uint64_t now = uv_now(agenda->options.loop);
    while (agenda->items && agenda->items->due_ms <= now) {
        struct books_later later = take_first(agenda);
        books_later_done(agenda->options.books, later.row);
        agenda->options.due(agenda->options.context, &later);
    }
    arm(agenda);
}

void agenda_add(struct agenda *agenda, enum agenda_kind kind, int64_t subject, int64_t detail,
                uint32_t ms)
{
    struct books_later later = {.kind = kind, .subject = subject, .detail = detail};
    books_later_add(agenda->options.books, &later);
    insert(agenda, &later, uv_now(agenda->options.loop) + ms);
    arm(agenda);
}

size_t agenda_count(const struct agenda *agenda)
{
    return agenda->count;
}

static void take_up(void *context, const struct books_later *later)
{
    insert(context, later, 0);
}

int agenda_create(const struct agenda_options *options, struct agenda **ret_agenda, struct err *err)
{
    struct agenda *agenda = calloc(1, sizeof *agenda);
    if (!agenda || uv_timer_init(options->loop, &agenda->timer) < 0) {
        free(agenda);
        return err_set(err, "no memory for the sandbox's agenda");
    }
    agenda->options = *options;
    agenda->timer.data = agenda;
    books_each_later(options->books, take_up, agenda);
    arm(agenda);
    *ret_agenda = agenda;
    return 0;
}

static void timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void agenda_destroy(struct agenda *agenda)
{
    if (!agenda)
        return;
    while (agenda->items)
        (void)take_first(agenda);
    uv_timer_stop(&agenda->timer);
    uv_close((uv_handle_t *)&agenda->timer, timer_closed);
}
