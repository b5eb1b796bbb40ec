#include "process.h"
#include "provider_private.h"

/* Webhooks: how they get lost, come twice, late and in another order, and are sent again until they
 * are taken. */

#define LATE_MAX_US (72 * HOUR_US)

struct hook {
    struct ask ask;
    uint64_t event, order_in_intent;
    uint32_t intent, attempts;
    bool taken, decline;
    char body[PROVIDER_BODY_MAX];
};

/* A webhook that comes twice counts once, as long as the process lives that took it. */
static void note_decline(struct sim *s, const struct hook *hook)
{
    struct provider *p = s->provider;
    WORLD_BEGIN();
    for (uint32_t i = 0; i < p->told_count; i++)
        if (p->told[i].event == hook->event && p->told[i].epoch == host_epoch(s))
            return;
    p->told = provider_grown(p->told, p->told_count, &p->told_capacity, sizeof *p->told);
    p->told[p->told_count++] = (struct told){hook->event, host_epoch(s)};
    p->intents[hook->intent].declines_told++;
}

static bool was_taken(const struct sim *s, uint64_t event)
{
    const struct provider *p = s->provider;
    for (uint32_t i = p->taken_count; i-- > 0;)
        if (p->taken[i].event == event && p->taken[i].epoch == host_epoch(s))
            return true;
    return false;
}

static void note_taken(struct sim *s, uint64_t event)
{
    struct provider *p = s->provider;
    p->taken = provider_grown(p->taken, p->taken_count, &p->taken_capacity, sizeof *p->taken);
    p->taken[p->taken_count++] = (struct told){event, host_epoch(s)};
}

/* Others may be only an occasion to look, or say nothing that matters. */
static bool decides(const struct stripe_event *event)
{
    switch (event->type) {
    case STRIPE_EVENT_DECLINED:
    case STRIPE_EVENT_CANCELLED: return true;
    case STRIPE_EVENT_DISPUTED:
    case STRIPE_EVENT_DISPUTE_CLOSED: return event->dispute.status >= STRIPE_DISPUTE_OPEN;
    default: return false;
    }
}

static void hook_perform(struct sim *s, struct ask *ask)
{
    struct hook *hook = (struct hook *)ask;
    struct stripe_event event;
    struct err err;
    hook->taken = true;
    ask->barrier = 0;
    if (stripe_event_read(slice_from_string(hook->body), &event, &err) != 0) {
        if (process_memory_was_short())
            hook->taken = false; /* answered 400: delivered again */
        else
            sim_broken(s, "a webhook can be read", "%s", err.detail);
        return;
    }
    if (hook->decline)
        note_decline(s, hook);
    bool could_decide = host_writable(s) || !decides(&event);
    hook->taken = host_webhook(s, s->provider->intents[hook->intent].house, &event, &ask->barrier);
    WORLD_BEGIN();
    REQUIRE(s, !hook->taken || could_decide || was_taken(s, hook->event),
            "a webhook that cannot be taken is asked for again", "webhook %llu",
            (unsigned long long)hook->event);
    if (hook->taken)
        note_taken(s, hook->event);
}

static void hook_goes(struct sim *s, void *subject, uint64_t word)
{
    struct hook *hook = subject;
    struct intent *i = &s->provider->intents[hook->intent];
    (void)word;
    if (hook->order_in_intent < i->events_told)
        sim_fault(s, FAULT_WEBHOOK_REORDERED);
    else
        i->events_told = hook->order_in_intent;
    TRACE(s, "webhook # about payment # arrives, attempt #", hook->event, hook->intent,
          hook->attempts);
    if (s->options->trace)
        (void)printf("      (%.120s)\n", hook->body);
    host_ask(s, &hook->ask, 0);
}

static void hook_answered(struct sim *s, struct ask *ask)
{
    struct hook *hook = (struct hook *)ask;
    struct provider *p = s->provider;
    TRACE(s, "webhook # answered, taken #, lost #", hook->event, hook->taken, ask->lost);
    if (!ask->lost && hook->taken) {
        p->under_way--;
        sim_free(s, hook);
        return;
    }
    uint32_t doublings = hook->attempts < 10 ? hook->attempts : 10;
    hook->attempts++;
    schedule_in(s, random_between(&p->random, SECOND_US, (2 * SECOND_US) << doublings), hook_goes,
                hook, 0);
}

static void send_hook(struct sim *s, const struct hook *hook, uint64_t after_us)
{
    struct hook *copy = sim_new(s, sizeof *copy);
    *copy = *hook;
    s->provider->under_way++;
    schedule_in(s, after_us, hook_goes, copy, 0);
}

/* Of an intent the house asks by itself when nothing comes; of these it hears by webhook only. */
static bool is_asked_about(const char *type)
{
    return strncmp(type, "payment_intent.", 15) == 0;
}

void provider_tell(struct sim *s, struct intent *i, const char *type, const char *object)
{
    struct provider *p = s->provider;
    if (i->mute) {
        i->untold = true;
        return;
    }
    struct hook hook = {.ask = {.perform = hook_perform, .answered = hook_answered},
                        .event = ++p->events,
                        .order_in_intent = ++i->events_made,
                        .intent = i->number};
    hook.decline = strcmp(type, "payment_intent.payment_failed") == 0;
    int len = snprintf(hook.body, sizeof hook.body,
                       "{\"id\":\"evt_sim%llu\",\"object\":\"event\",\"type\":\"%s\","
                       "\"data\":{\"object\":%s}}",
                       (unsigned long long)hook.event, type, object);
    REQUIRE(s, (size_t)len < sizeof hook.body, "a webhook has room", "%d bytes", len);
    if (random_hit(&p->random, s->rates.webhook_lost)) {
        sim_fault(s, FAULT_WEBHOOK_LOST);
        i->untold |= !is_asked_about(type);
        i->declines_lost += hook.decline;
        return;
    }
    uint64_t after_us = random_magnitude(&p->random, 2000, 4 * SECOND_US);
    if (random_hit(&p->random, s->rates.webhook_late)) {
        after_us = random_magnitude(&p->random, 60 * SECOND_US, LATE_MAX_US);
        sim_fault(s, FAULT_WEBHOOK_LATE);
    }
    send_hook(s, &hook, after_us);
    if (random_hit(&p->random, s->rates.webhook_doubled)) {
        send_hook(s, &hook, after_us + random_magnitude(&p->random, 1, 600 * SECOND_US));
        sim_fault(s, FAULT_WEBHOOK_DOUBLED);
    }
}

void provider_tell_intent(struct sim *s, struct intent *i, const char *type)
{
    char object[PROVIDER_BODY_MAX - 200], whole[64];
    (void)snprintf(whole, sizeof whole, "payment_intent.%s", type);
    provider_write_intent(i, false, object, sizeof object);
    provider_tell(s, i, whole, object);
}
