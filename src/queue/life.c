#include "queue/state.h"

/* How the machine comes to be: sizes from the first entry, the block laid out, or taken back from
 * an image. */

bool life_numbers_valid(uint32_t target_active, uint32_t per_minute, uint32_t claim_seconds,
                        uint32_t admission_seconds)
{
    return target_active >= 1 && target_active <= LIMIT_QUEUE_TARGET && per_minute >= 1 &&
           per_minute <= LIMIT_QUEUE_PER_MINUTE && claim_seconds >= 10 &&
           claim_seconds <= LIMIT_QUEUE_CLAIM_SECONDS && admission_seconds >= 60 &&
           admission_seconds <= LIMIT_QUEUE_ADMISSION_SECONDS;
}

bool queue_opened_valid(const struct queue_entry_opened *o, const char **ret_detail)
{
    const char *detail = NULL;
    if (o->event_random == 0)
        detail = "the event has no random number";
    else if (o->places < 1 || o->places > LIMIT_QUEUE_PLACES ||
             o->priority_places > LIMIT_QUEUE_PRIORITY_PLACES)
        detail = "places or priority_places is out of bounds";
    else if (o->lobby_opens_at_us != 0 && o->lobby_opens_at_us >= o->opens_at_us)
        detail = "the lobby does not open before the sale";
    else if (!life_numbers_valid(o->target_active, o->per_minute, o->claim_seconds,
                                 o->admission_seconds))
        detail = "target_active, per_minute, claim_seconds or admission_seconds is out of bounds";
    else if (o->on > 1)
        detail = "it is neither on nor off";
    else if (o->seed.len != QUEUE_SEED_BYTES)
        detail = "the seed is not 32 bytes";
    if (detail)
        *ret_detail = detail;
    return detail == NULL;
}

/* ---- the block ---- */

static size_t round_up(size_t size)
{
    return (size + 63) & ~(size_t)63; /* lines of the cache */
}

static size_t chunk_count(uint32_t places)
{
    return places / CHUNK_PLACES + (places % CHUNK_PLACES > 0);
}

static uint32_t admission_slots(const struct state *s)
{
    uint32_t slots = 64;
    while (slots < 2 * s->admission_capacity)
        slots *= 2;
    return slots;
}

/* Where the parts stand, from the block's first byte. */
struct layout {
    size_t state, admissions, calls[QUEUE_LANES], codes, chunks[QUEUE_LANES];
    size_t draws[QUEUE_LANES], admission_index, index[QUEUE_LANES], code_places;
    size_t end;
};

static size_t take(struct layout *l, size_t size)
{
    size_t at = l->end;
    l->end += round_up(size);
    return at;
}

static struct layout layout_for(const struct state *s)
{
    struct layout l = {.end = round_up(sizeof(struct queue))};
    l.state = take(&l, sizeof(struct state));
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        l.calls[lane] = take(&l, LIMIT_QUEUE_CALLS * sizeof(struct call));
    l.admissions = take(&l, s->admission_capacity * sizeof(struct admission));
    l.codes = take(&l, s->lanes[QUEUE_PRIORITY].capacity * sizeof(uint32_t));
    for (uint32_t lane = QUEUE_LANES; lane-- > 0;) /* QUEUE_GENERAL last */
        l.chunks[lane] = take(&l, chunk_count(s->lanes[lane].capacity) * sizeof(struct chunk));
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        l.draws[lane] = take(&l, sizeof(struct queue_draw));
    l.admission_index = take(&l, admission_slots(s) * sizeof(uint32_t));
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        l.index[lane] = take(&l, place_index_slots(s->lanes[lane].capacity) * sizeof(uint32_t));
    l.code_places =
        take(&l, s->lanes[QUEUE_PRIORITY].capacity > 0 ? LIMIT_QUEUE_CODES * sizeof(uint32_t) : 0);
    return l;
}

static struct queue *lay_out(void *memory, size_t size, const struct state *s)
{
    struct layout l = layout_for(s);
    char *block = memory;
    struct queue *q = memory;
    assert(size >= l.end);
    (void)size;
    q->s = (struct state *)(void *)(block + l.state);
    q->admissions = (struct admission *)(void *)(block + l.admissions);
    q->admission_index = (uint32_t *)(void *)(block + l.admission_index);
    q->admission_mask = admission_slots(s) - 1;
    q->codes = (uint32_t *)(void *)(block + l.codes);
    q->code_places = (uint32_t *)(void *)(block + l.code_places);
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        q->calls[lane] = (struct call *)(void *)(block + l.calls[lane]);
        q->chunks[lane] = (struct chunk *)(void *)(block + l.chunks[lane]);
        q->draws[lane] = (struct queue_draw *)(void *)(block + l.draws[lane]);
        q->index[lane] = (uint32_t *)(void *)(block + l.index[lane]);
    }
    return q;
}

static struct state state_from(const struct queue_entry_opened *o)
{
    uint32_t all = o->places + o->priority_places;
    struct state s = {
        .version = QUEUE_IMAGE_VERSION,
        .admission_capacity = all < LIMIT_QUEUE_ADMISSIONS ? all : LIMIT_QUEUE_ADMISSIONS,
        .event_random = o->event_random,
        .lobby_opens_at_us = o->lobby_opens_at_us,
        .opens_at_us = o->opens_at_us,
        .target_active = o->target_active,
        .per_minute = o->per_minute,
        .claim_seconds = o->claim_seconds,
        .admission_seconds = o->admission_seconds,
        .threshold = o->threshold == QUEUE_NONE ? 0 : o->threshold,
        .on = o->on,
        .admission_free = QUEUE_NONE,
        .admission_first = QUEUE_NONE,
        .admission_last = QUEUE_NONE,
    };
    s.lanes[QUEUE_GENERAL].capacity = o->places;
    s.lanes[QUEUE_PRIORITY].capacity = o->priority_places;
    return s;
}

size_t queue_memory_size(const struct queue_entry_opened *opened)
{
    struct state s = state_from(opened);
    return layout_for(&s).end;
}

struct queue *queue_init(void *memory, size_t size, const struct queue_entry_opened *opened,
                         uint64_t ts_us)
{
    struct state s = state_from(opened);
    assert(opened->seed.len == QUEUE_SEED_BYTES);
    struct queue *q = lay_out(memory, size, &s);
    s.last_ts_us = ts_us;
    memcpy(s.seed, opened->seed.data, QUEUE_SEED_BYTES);
    struct hash256 commitment = hash256_of(s.seed, QUEUE_SEED_BYTES);
    memcpy(s.commitment, commitment.bytes, sizeof s.commitment);
    memcpy(q->s, &s, sizeof s);
    return q;
}

void life_make_draws(struct queue *q)
{
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        queue_draw_make(q->draws[lane], q->s->seed, (enum queue_lane)lane,
                        q->s->lanes[lane].lobby_count, q->s->chain_hash);
}

/* ---- images ---- */

static size_t image_size(const struct state *s)
{
    struct layout l = layout_for(s);
    uint32_t count = s->lanes[QUEUE_GENERAL].count;
    size_t size = l.chunks[QUEUE_GENERAL] - l.state;
    size += count / CHUNK_PLACES * sizeof(struct chunk);
    if (count % CHUNK_PLACES > 0)
        size += offsetof(struct chunk, sessions) + count % CHUNK_PLACES * sizeof(uint64_t);
    return size;
}

struct slice queue_image(const struct queue *q)
{
    return slice_make(q->s, image_size(q->s));
}

struct hash128 queue_hash(const struct queue *q)
{
    struct slice image = queue_image(q);
    return hash128_of(image.data, image.len);
}

static bool state_valid(const struct state *s)
{
    const struct lane *general = &s->lanes[QUEUE_GENERAL], *priority = &s->lanes[QUEUE_PRIORITY];
    bool valid = s->version == QUEUE_IMAGE_VERSION && general->capacity <= LIMIT_QUEUE_PLACES &&
                 priority->capacity <= LIMIT_QUEUE_PRIORITY_PLACES &&
                 s->admission_capacity <= LIMIT_QUEUE_ADMISSIONS &&
                 s->admissions_used <= s->admission_capacity;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        const struct lane *l = &s->lanes[lane];
        valid = valid && l->count <= l->capacity && l->lobby_count <= l->count &&
                l->called <= l->count && l->ended <= l->called &&
                l->call_first < LIMIT_QUEUE_CALLS && l->call_count <= LIMIT_QUEUE_CALLS;
    }
    return valid;
}

size_t queue_restore_size(struct slice image)
{
    struct state s;
    if (image.len < sizeof s)
        return 0;
    memcpy(&s, image.data, sizeof s);
    return state_valid(&s) && image_size(&s) == image.len ? layout_for(&s).end : 0;
}

#define PAGE_BYTES 4096u

/* Pages that were never written are zero here as they are there. */
static void restore_pages(char *to, struct slice image)
{
    static const char nothing[PAGE_BYTES];
    for (size_t at = 0; at < image.len; at += PAGE_BYTES) {
        size_t len = image.len - at < PAGE_BYTES ? image.len - at : PAGE_BYTES;
        if (memcmp(image.data + at, nothing, len) != 0)
            memcpy(to + at, image.data + at, len);
    }
}

static void restore_codes(struct queue *q)
{
    uint32_t count = q->s->lanes[QUEUE_PRIORITY].count;
    for (uint32_t number = 0; number < count; number++)
        if (place_code(q, QUEUE_PRIORITY, number) != 0)
            q->code_places[q->codes[number] - 1]++;
}

/* In order of arrival, so that a session's newest place is found. */
static void restore_index(struct queue *q, uint32_t lane)
{
    enum { AHEAD = 16 };
    uint32_t count = q->s->lanes[lane].count;
    for (uint32_t number = 0; number < count; number++) {
        if (number + AHEAD < count)
            place_index_prefetch(q, lane, number + AHEAD);
        place_index_add(q, lane, number);
    }
}

struct queue *queue_restore(void *memory, size_t size, struct slice image)
{
    struct state s;
    assert(queue_restore_size(image) != 0 && size >= queue_restore_size(image));
    memcpy(&s, image.data, sizeof s);
    struct queue *q = lay_out(memory, size, &s);
    restore_pages((char *)q->s, image);
    if (s.drawn)
        life_make_draws(q);
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        restore_index(q, lane);
    restore_codes(q);
    for (uint32_t slot = 0; slot < s.admissions_used; slot++)
        if (q->admissions[slot].expires_at_us != 0)
            admission_index_add(q, slot);
    return q;
}
