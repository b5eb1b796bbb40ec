#include "guard/velocity.h"

#include <stdlib.h>

/* Seconds, so that a place takes 16 bytes; 0 failures: empty. */
struct place {
    uint64_t key;
    uint32_t last_s;
    uint32_t failures;
};

struct velocity {
    size_t mask;
    struct place places[];
};

bool velocity_is_fast(uint64_t held_at_us, uint64_t ordered_at_us)
{
    return ordered_at_us < held_at_us || ordered_at_us - held_at_us < VELOCITY_FAST_US;
}

struct velocity *velocity_create(size_t entries)
{
    size_t n = VELOCITY_WINDOW;
    while (n < entries && n <= SIZE_MAX / 64)
        n *= 2;
    struct velocity *velocity = calloc(1, sizeof *velocity + n * sizeof(struct place));
    if (velocity)
        velocity->mask = n - 1;
    return velocity;
}

void velocity_destroy(struct velocity *velocity)
{
    free(velocity);
}

static size_t window_of(const struct velocity *velocity, uint64_t key)
{
    uint64_t spread = key * 0x9e3779b97f4a7c15u;
    return (size_t)(spread >> 20) & velocity->mask & ~(size_t)(VELOCITY_WINDOW - 1);
}

static bool is_live(const struct place *place, uint64_t now_us)
{
    return place->failures &&
           now_us / TIME_SECOND_US < place->last_s + VELOCITY_FORGET_US / TIME_SECOND_US;
}

/* The index of a key's place, or of the place that it would take: an empty one, else the oldest. */
static size_t find(const struct velocity *velocity, uint64_t key, bool *ret_found)
{
    size_t start = window_of(velocity, key), best = start;
    for (size_t i = start; i < start + VELOCITY_WINDOW; i++) {
        const struct place *place = &velocity->places[i], *other = &velocity->places[best];
        if (place->failures && place->key == key) {
            *ret_found = true;
            return i;
        }
        if (other->failures && (!place->failures || place->last_s < other->last_s))
            best = i;
    }
    *ret_found = false;
    return best;
}

void velocity_failed(struct velocity *velocity, uint64_t key, uint64_t now_us)
{
    bool found;
    struct place *place = &velocity->places[find(velocity, key, &found)];
    if (!found || !is_live(place, now_us))
        *place = (struct place){.key = key};
    place->last_s = (uint32_t)(now_us / TIME_SECOND_US);
    if (place->failures < UINT32_MAX)
        place->failures++;
}

uint32_t velocity_failures(const struct velocity *velocity, uint64_t key, uint64_t now_us)
{
    bool found;
    const struct place *place = &velocity->places[find(velocity, key, &found)];
    return found && is_live(place, now_us) ? place->failures : 0;
}

void velocity_forgive(struct velocity *velocity, uint64_t key)
{
    bool found;
    struct place *place = &velocity->places[find(velocity, key, &found)];
    if (found)
        *place = (struct place){0};
}

bool velocity_challenge_due(const struct velocity *velocity, uint64_t session_key,
                            uint64_t network_key, uint64_t now_us)
{
    return velocity_failures(velocity, session_key, now_us) >= VELOCITY_SESSION_FAILURES ||
           velocity_failures(velocity, network_key, now_us) >= VELOCITY_NETWORK_FAILURES;
}
