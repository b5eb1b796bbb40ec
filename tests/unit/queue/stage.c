#include "unit/queue/stage.h"

#include "unit/queue/model.h"

#include <stdio.h>

#define ENTRIES_MAX 4096

struct stage {
    const char *name, *line;
    struct queue *q;
    uint64_t ts_us;
    struct queue_decision decision;
    struct queue_entry written[ENTRIES_MAX];
    uint64_t written_at[ENTRIES_MAX];
    uint32_t written_count;
};

#define FAIL(s, ...)                                             \
    do {                                                         \
        char words[256];                                         \
        snprintf(words, sizeof words, __VA_ARGS__);              \
        fail_msg("%s: \"%s\": %s", (s)->name, (s)->line, words); \
    } while (0)

static const char chain[] = "the chain hash of the row, 32 by";

/* A name of letters is a session. */
static struct hash16 session_of(const char *name)
{
    uint32_t number = 0;
    for (; *name; name++)
        number = number * 31 + (uint32_t)*name;
    return model_session(number);
}

static uint64_t microseconds(const char *text)
{
    char *end;
    uint64_t seconds = strtoull(text, &end, 10), fraction = 0;
    if (*end == '.')
        for (int i = 1, more = 1; i <= 6; i++) {
            more = more && end[i] >= '0' && end[i] <= '9';
            fraction = fraction * 10 + (more ? (uint64_t)(end[i] - '0') : 0);
        }
    return seconds * SECOND + fraction;
}

static void change_one(struct stage *s, struct queue_command_change *c, char *word)
{
    char *value = strchr(word, '=');
    if (!value)
        FAIL(s, "what is %s?", word);
    *value++ = 0;
    uint32_t n = strcmp(value, "none") == 0 ? QUEUE_NONE : (uint32_t)strtoul(value, NULL, 10);
#define NUMBER(field, type)        \
    if (strcmp(word, #field) == 0) \
        c->field = (type)n;
    NUMBER(target_active, uint32_t)
    NUMBER(per_minute, uint32_t)
    NUMBER(claim_seconds, uint32_t)
    NUMBER(admission_seconds, uint32_t)
    NUMBER(threshold, uint32_t)
    NUMBER(on, uint8_t)
    NUMBER(pause, uint8_t)
    NUMBER(close, uint8_t)
#undef NUMBER
    if (strcmp(word, "lobby_opens_at") == 0)
        c->lobby_opens_at_us = microseconds(value);
    if (strcmp(word, "opens_at") == 0)
        c->opens_at_us = microseconds(value);
}

static struct queue_command command_of(struct stage *s, char **words, uint32_t count)
{
    struct queue_command c = {0};
    const char *verb = words[0], *first = count > 1 ? words[1] : "";
    c.number = strcmp(verb, "join") == 0     ? QUEUE_COMMAND_join
               : strcmp(verb, "vip") == 0    ? QUEUE_COMMAND_join
               : strcmp(verb, "leave") == 0  ? QUEUE_COMMAND_leave
               : strcmp(verb, "claim") == 0  ? QUEUE_COMMAND_claim
               : strcmp(verb, "sold") == 0   ? QUEUE_COMMAND_sold
               : strcmp(verb, "call") == 0   ? QUEUE_COMMAND_call
               : strcmp(verb, "draw") == 0   ? QUEUE_COMMAND_draw
               : strcmp(verb, "tick") == 0   ? QUEUE_COMMAND_tick
               : strcmp(verb, "credit") == 0 ? QUEUE_COMMAND_credit_outage
               : strcmp(verb, "change") == 0 ? QUEUE_COMMAND_change
                                             : 0;
    switch (c.number) {
    case QUEUE_COMMAND_join:
        c.join.lane = strcmp(verb, "vip") == 0;
        c.join.session = session_of(first);
        c.join.code = count > 3 ? (uint32_t)strtoul(words[2], NULL, 10) : 0;
        c.join.code_limit = count > 3 ? (uint32_t)strtoul(words[3], NULL, 10) : 0;
        break;
    case QUEUE_COMMAND_leave: c.leave.session = session_of(first); break;
    case QUEUE_COMMAND_claim:
        c.claim = (struct queue_command_claim){session_of(first), 0x1234};
        break;
    case QUEUE_COMMAND_sold: c.sold.session = session_of(first); break;
    case QUEUE_COMMAND_call:
        c.call.general = (uint32_t)atoi(first);
        c.call.priority = count > 2 ? (uint32_t)atoi(words[2]) : 0;
        break;
    case QUEUE_COMMAND_draw: c.draw.chain_hash = slice_make(chain, QUEUE_CHAIN_BYTES); break;
    case QUEUE_COMMAND_tick: break;
    case QUEUE_COMMAND_credit_outage: c.credit_outage.outage_us = microseconds(first); break;
    case QUEUE_COMMAND_change:
        for (uint32_t i = 1; i < count; i++)
            change_one(s, &c.change, words[i]);
        break;
    default: FAIL(s, "what is %s?", verb);
    }
    return c;
}

static void run(struct stage *s, char **words, uint32_t count, const char *wanted)
{
    struct queue_command c = command_of(s, words, count);
    struct queue_decision *d = &s->decision;
    char got[1024] = "";
    queue_decide(s->q, &c, s->ts_us, d);
    for (uint32_t i = 0; i < d->entry_count; i++) {
        assert_true(s->written_count < ENTRIES_MAX);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i > 0 ? " " : "",
                 queue_entry_record(d->entries[i].number)->name);
        s->written_at[s->written_count] = s->ts_us;
        s->written[s->written_count++] = d->entries[i];
        queue_apply(s->q, &d->entries[i], s->ts_us++);
    }
    if (d->repeated)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%ssame %u", *got ? " " : "",
                 d->number);
    if (d->refusal != QUEUE_OK)
        snprintf(got, sizeof got, "%s", queue_refusal_code(d->refusal));
    if (strcmp(got, wanted) != 0)
        FAIL(s, "got \"%s\"", got);
}

static void put_number(char *to, size_t size, const char *between, uint32_t number)
{
    if (number == QUEUE_NONE)
        snprintf(to + strlen(to), size - strlen(to), "%s-", between);
    else
        snprintf(to + strlen(to), size - strlen(to), "%s%u", between, number);
}

static void look_at_place(struct stage *s, const char *who, const char *wanted)
{
    static const char *const states[] = {"nobody", "lobby",    "waiting", "called",
                                         "missed", "admitted", "used",    "left"};
    struct queue_place p = {0};
    char got[128] = "nobody";
    bool has = queue_place_of(s->q, session_of(who), s->ts_us, &p);
    if (has) {
        snprintf(got, sizeof got, "%s%s", p.lane == QUEUE_PRIORITY ? "vip " : "", states[p.state]);
        put_number(got, sizeof got, " ", p.number);
        put_number(got, sizeof got, " ", p.ahead);
        if (p.closes_at_us != 0)
            put_number(got, sizeof got, " ", (uint32_t)(p.closes_at_us / SECOND));
    }
    if (strcmp(got, wanted) != 0)
        FAIL(s, "got \"%s\"", got);
    if (queue_is_admitted(s->q, session_of(who), s->ts_us) !=
        (has && p.state == QUEUE_PLACE_ADMITTED))
        FAIL(s, "queue_is_admitted says otherwise");
}

static void look_at_room(struct stage *s, const char *wanted)
{
    static const char *const phases[] = {"off", "soon", "lobby", "drawing", "line", "ended"};
    struct queue_status status;
    char got[64];
    queue_status(s->q, s->ts_us, &status);
    snprintf(got, sizeof got, "%s %u", phases[status.phase], status.active);
    if (strcmp(got, wanted) != 0)
        FAIL(s, "got \"%s\"", got);
}

static void play_line(struct stage *s, char *line)
{
    char *words[16] = {line}, *wanted = strstr(line, " -> "), *is = strstr(line, " is "),
         *rest = NULL;
    uint32_t count = 0;
    if (*line == '@') {
        if (microseconds(line + 1) < s->ts_us)
            FAIL(s, "it is %llu us already", (unsigned long long)s->ts_us);
        s->ts_us = microseconds(line + 1);
        return;
    }
    if (is) {
        *is = 0;
        if (strcmp(line, "room") == 0)
            look_at_room(s, is + 4);
        else
            look_at_place(s, line, is + 4);
        return;
    }
    if (wanted)
        *wanted = 0;
    for (char *word = strtok_r(line, " ", &rest); word && count < 16;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    run(s, words, count, wanted ? wanted + 4 : "");
}

static void same_hash(const struct stage *s, const struct queue *other, const char *what)
{
    struct hash128 a = queue_hash(s->q), b = queue_hash(other);
    if (a.low != b.low || a.high != b.high)
        fail_msg("%s: %s gives another state", s->name, what);
}

void stage_play(const char *name, const struct queue_entry_opened *opened, const char *script)
{
    size_t size = queue_memory_size(opened);
    struct block block = block_map(size), replayed = block_map(size), restored = block_map(size);
    struct stage *s = calloc(1, sizeof *s);
    char *text = strdup(script), *rest = NULL;
    assert_true(s && text);
    s->name = name;
    s->ts_us = SECOND + 1;
    s->q = queue_init(block.memory, size, opened, SECOND);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char kept[256];
        snprintf(kept, sizeof kept, "%s", line);
        s->line = kept;
        play_line(s, line);
        const char *wrong = queue_check(s->q);
        if (wrong)
            FAIL(s, "%s", wrong);
    }
    struct queue *q = queue_init(replayed.memory, size, opened, SECOND);
    for (uint32_t i = 0; i < s->written_count; i++)
        queue_apply(q, &s->written[i], s->written_at[i]);
    same_hash(s, q, "a replay");
    assert_int_equal(queue_restore_size(queue_image(s->q)), size);
    same_hash(s, queue_restore(restored.memory, size, queue_image(s->q)), "the image");
    free(text);
    free(s);
    block_unmap(block);
    block_unmap(replayed);
    block_unmap(restored);
}
