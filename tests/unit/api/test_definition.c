/* What an organiser describes: cutting the plan out, faults by name, what the machines get, and the
 * plan's way to the disk and back. */
#include "api/definition.h"

#include "api/attempt.h"
#include "api/catalogue.h"
#include "booking/inventory.h"
#include "keys/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define PLAN                                                                      \
    "{\"name\":\"Hall\",\"size\":{\"width\":100,\"height\":100},"                 \
    "\"categories\":[{\"name\":\"std\",\"color\":\"#0072b2\"}],"                  \
    "\"zones\":[{\"name\":\"Stalls\",\"position\":{\"x\":0,\"y\":0},\"rows\":[{"  \
    "\"row_number\":\"1\",\"position\":{\"x\":0,\"y\":0},\"seats\":["             \
    "{\"seat_guid\":\"a\",\"seat_number\":\"1\",\"position\":{\"x\":0,\"y\":0},"  \
    "\"category\":\"std\"},"                                                      \
    "{\"seat_guid\":\"b\",\"seat_number\":\"2\",\"position\":{\"x\":25,\"y\":0}," \
    "\"category\":\"std\"}]}]}]}"

/* The same hall with its two seats sold together. */
#define GROUPED                                                                        \
    "{\"name\":\"Hall\",\"size\":{\"width\":100,\"height\":100},"                      \
    "\"categories\":[{\"name\":\"std\"}],\"zones\":[{\"position\":{\"x\":0,\"y\":0},"  \
    "\"rows\":[{\"row_number\":\"1\",\"seats\":[{\"seat_guid\":\"a\",\"seat_number\":" \
    "\"1\",\"position\":{\"x\":0,\"y\":0},\"category\":\"std\",\"x_group\":\"g\"},"    \
    "{\"seat_guid\":\"b\",\"seat_number\":\"2\",\"position\":{\"x\":25,\"y\":0},"      \
    "\"category\":\"std\",\"x_group\":\"g\"}]}]}]}"

#define HEAD                                                                   \
    "\"name\":\"Evening\",\"starts_at\":\"2031-05-01T20:00:00\",\"timezone\":" \
    "\"Europe/Berlin\",\"venue\":{\"name\":\"Hall\",\"city\":\"Kiel\"},\"currency\":\"EUR\""
#define PRICES "\"price_categories\":[{\"name\":\"std\",\"price\":1200,\"fee\":80}]"

struct folder {
    char path[64];
    struct keys *keys;
};

static int set_up(void **state)
{
    struct folder *f = calloc(1, sizeof *f);
    (void)snprintf(f->path, sizeof f->path, "/tmp/onsale-definition-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    char keys[80];
    struct err err;
    (void)snprintf(keys, sizeof keys, "%s/keys", f->path);
    assert_int_equal(keys_open(keys, &f->keys, &err), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct folder *f = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", f->path);
    keys_close(f->keys);
    int result = system(command);
    free(f);
    return result;
}

#define EVENT_RANDOM 77u

static bool read_body(const struct folder *f, struct slice body, struct definition *d)
{
    const struct definition_options options = {f->path, f->keys, EVENT_RANDOM};
    return definition_read(body, &options, d);
}

struct cut_case {
    const char *body, *value; /* value NULL: none */
};

static void a_member_is_cut_out_of_a_body(void **state)
{
    (void)state;
    static const struct cut_case cases[] = {
        {"{\"plan\":{\"a\":1}}", "{\"a\":1}"},
        {" { \"x\" : [1,{\"plan\":2}] , \"plan\" : {\"b\":\"}\\\"{\"} , \"c\":1}",
         "{\"b\":\"}\\\"{\"}"},
        {"{\"x\":\"\\\"plan\\\":{}\",\"plan\":7}", "7"},
        {"{\"plan\":null,\"y\":1}", "null"},
        {"{\"x\":{\"plan\":{}}}", NULL},
        {"[\"plan\"]", NULL},
        {"{\"plan\"", NULL},
        {"{\"plan\":", NULL},
        {"{\"plan", NULL},
        {"{plan:1}", NULL},
        {"", NULL},
        {"{", NULL},
        {"{\"a\":1 \"plan\":2}", NULL},
        {"{\"a\\", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice value;
        bool found = definition_cut(slice_from_string(cases[i].body), SLICE("plan"), &value);
        if (found != (cases[i].value != NULL) ||
            (found && !slice_equal(value, slice_from_string(cases[i].value))))
            fail_msg("%s", cases[i].body);
    }
}

static void a_plan_and_areas_become_units_prices_and_a_document(void **state)
{
    struct folder *f = *state;
    struct definition d;
    bool good = read_body(
        f,
        SLICE("{" HEAD "," PRICES ",\"plan\":" PLAN
              ",\"areas\":[{\"id\":\"pit\",\"name\":\"Pit\",\"capacity\":5,"
              "\"price_category\":\"std\"}],\"blocked\":[\"b\",\"b\"],\"limits\":{\"per_buyer\":4},"
              "\"sale\":{\"opens_at\":\"2031-01-01T00:00:00Z\"},\"x_note\":1}"),
        &d);
    if (!good)
        fail_msg("%s", d.request.detail);
    uint64_t scratch[1];
    struct inventory inventory;
    assert_int_equal(inventory_read(buf_slice(&d.inventory), scratch, &inventory), INVENTORY_OK);
    assert_int_equal(inventory.seat_count, 2);
    assert_int_equal(inventory.unit_count, 7);
    assert_int_equal(d.prices[0], 1200);
    assert_int_equal(d.fees[0], 80);
    assert_int_equal(d.blocked_count, 1);
    assert_int_equal(d.blocked[0], 1);
    assert_int_equal(d.per_buyer, 4);
    assert_int_equal(d.per_hold, 4); /* no more than one buyer may have */
    assert_int_equal(d.hold_seconds, 600);
    assert_true(d.opens_at_us > 0);

    /* A catalogue that never saw the plan finds it on the disk by the document alone. */
    struct catalogue c;
    struct err err;
    assert_int_equal(catalogue_init(&c, "/nowhere", &err), 0);
    (void)snprintf(c.plans_dir, sizeof c.plans_dir, "%s", f->path);
    if (catalogue_take(&c, 3, 77, buf_slice(&d.document), &err) < 0)
        fail_msg("%s", err.detail);
    struct api_event *event = catalogue_event(&c, 3);
    assert_non_null(event->seating);
    assert_int_equal(plan_seat_find(event->seating->plan, SLICE("b")), 1);
    assert_true(slice_equal(event->areas[0].id, SLICE("pit")));
    assert_true(slice_equal(event->categories[0].color, SLICE("#0072b2")));
    assert_true(slice_equal(event->starts_local, SLICE("2031-05-01T20:00:00")));
    assert_null(catalogue_event(&c, 4));
    catalogue_finish(&c);
    definition_finish(&d);
}

static void allocations_quotas_and_limits_become_commands(void **state)
{
    struct folder *f = *state;
    struct definition d;
    bool good = read_body(
        f,
        SLICE("{" HEAD ",\"price_categories\":[{\"name\":\"std\",\"price\":1,\"per_buyer\":2}],"
              "\"plan\":" PLAN ",\"areas\":[{\"id\":\"pit\",\"name\":\"Pit\",\"capacity\":5,"
              "\"price_category\":0}],\"limits\":{\"single_seats\":\"refused\"},"
              "\"quotas\":[{\"categories\":[\"std\"],\"limit\":3}],\"allocations\":["
              "{\"id\":\"fans\",\"name\":\"Fan club\",\"seats\":[\"b\",\"a\"],\"area\":\"pit\","
              "\"quantity\":2,\"code\":\"one\",\"codes\":[\"Two\"],\"code_limit\":4,"
              "\"opens_at\":\"2031-01-01T00:00:00Z\"},"
              "{\"id\":\"press\",\"areas\":[{\"id\":\"pit\",\"quantity\":1}]}]}"),
        &d);
    if (!good)
        fail_msg("%s: %s", d.request.member, d.request.detail);
    assert_int_equal(d.per_category[0], 2);
    assert_int_equal(d.singles, BOOKING_SINGLES_REFUSED);
    assert_true(d.quotas.given);
    assert_int_equal(d.quotas.categories[0], 1);
    assert_int_equal(d.quotas.limits[0], 3);
    assert_int_equal(d.allocations.count, 2);
    const struct command_change_allocation *fans = &d.allocations.items[0].command;
    assert_int_equal(fans->allocation, 1);
    assert_true(slice_equal(fans->name, SLICE("Fan club")));
    assert_int_equal(fans->kind, BOOKING_ALLOCATION_PRESALE);
    assert_int_equal(fans->add.count, 2);
    assert_int_equal(u32s_at(fans->add, 0), 0);
    assert_int_equal(fans->add_areas.count, 2);
    assert_int_equal(u32s_at(fans->add_areas, 1), 2);
    assert_int_equal(fans->codes.len, 32);
    assert_int_equal(fans->code_limit, 4);
    assert_true(fans->opens_at_us > 0);
    struct hash16 two;
    assert_true(code_hash(f->keys, EVENT_RANDOM, SLICE(" TWO "), &two));
    assert_memory_equal(fans->codes.data + 16, &two, 16);
    const struct command_change_allocation *press = &d.allocations.items[1].command;
    assert_int_equal(press->allocation, 2);
    assert_true(slice_equal(press->name, SLICE("press"))); /* its id, when it has no name */
    assert_int_equal(press->kind, BOOKING_ALLOCATION_HOLDBACK);
    definition_finish(&d);
}

/* A machine of the areas-only event `d`. */
static struct entry_event_created created_of(const struct definition *d)
{
    return (struct entry_event_created){.event_random = 1,
                                        .organiser_random = 1,
                                        .currency = slice_make(d->currency, 3),
                                        .hold_seconds = d->hold_seconds,
                                        .pay_seconds = d->pay_seconds,
                                        .per_buyer = d->per_buyer,
                                        .per_hold = d->per_hold,
                                        .prices = {d->prices, d->category_count},
                                        .fees = {d->fees, d->category_count},
                                        .inventory = buf_slice(&d->inventory),
                                        .per_category = {d->per_category, d->category_count}};
}

/* Each is tried on what the ones before it left. */
static void an_attempt_takes_all_or_says_which_was_refused(void **state)
{
    struct folder *f = *state;
    struct definition d;
    assert_true(read_body(f,
                          SLICE("{" HEAD "," PRICES ",\"areas\":[{\"id\":\"pit\",\"name\":\"Pit\","
                                "\"capacity\":5,\"price_category\":0}],\"allocations\":["
                                "{\"id\":\"a\",\"area\":\"pit\",\"quantity\":3},"
                                "{\"id\":\"b\",\"area\":\"pit\",\"quantity\":2},"
                                "{\"id\":\"c\",\"area\":\"pit\",\"quantity\":1}]}"),
                          &d));
    struct booking_command commands[3];
    for (uint32_t i = 0; i < 3; i++)
        commands[i] = (struct booking_command){.number = BOOKING_COMMAND_change_allocation,
                                               .change_allocation = d.allocations.items[i].command};
    struct entry_event_created created = created_of(&d);
    const char *detail;
    assert_true(booking_created_valid(&created, &detail));
    struct attempt attempt;
    struct err err;
    assert_int_equal(attempt_try_new(&created, 10, commands, 3, &attempt, &err), 0);
    assert_int_equal(attempt.refusal, BOOKING_NOT_ENOUGH);
    assert_int_equal(attempt.refused, 2);
    attempt_finish(&attempt);
    assert_int_equal(attempt_try_new(&created, 10, commands, 2, &attempt, &err), 0);
    assert_int_equal(attempt.refusal, BOOKING_OK);
    assert_true(attempt.bytes > 2 * 4 * 2);
    attempt_finish(&attempt);

    /* on a machine that is there, which stays as it was */
    size_t size = booking_memory_size(&created);
    void *memory = calloc(1, size);
    struct booking *b = booking_init(memory, size, 1, &created, 5);
    struct hash128 before = booking_hash(b);
    assert_int_equal(attempt_try(b, 10, commands, 2, &attempt, &err), 0);
    assert_int_equal(attempt.refusal, BOOKING_OK);
    attempt_finish(&attempt);
    struct hash128 after = booking_hash(b);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(booking_event(b).allocation_count, 0);
    free(memory);
    definition_finish(&d);
}

static void a_revision_keeps_the_secret_and_a_plan_that_is_gone_is_told(void **state)
{
    struct folder *f = *state;
    struct definition d;
    assert_true(read_body(f, SLICE("{" HEAD "," PRICES ",\"plan\":" PLAN "}"), &d));
    struct catalogue c;
    struct err err;
    assert_int_equal(catalogue_init(&c, "/nowhere", &err), 0);
    (void)snprintf(c.plans_dir, sizeof c.plans_dir, "%s/none", f->path);
    assert_true(catalogue_take(&c, 1, 5, buf_slice(&d.document), &err) < 0);
    assert_null(catalogue_event(&c, 1));
    (void)snprintf(c.plans_dir, sizeof c.plans_dir, "%s", f->path);
    assert_int_equal(catalogue_take(&c, 1, 5, buf_slice(&d.document), &err), 0);
    assert_int_equal(catalogue_take(&c, 1, 0, buf_slice(&d.document), &err), 0);
    assert_int_equal(catalogue_event(&c, 1)->random, 5);
    catalogue_finish(&c);
    definition_finish(&d);
}

static void a_changed_plan_file_is_not_taken_for_the_plan(void **state)
{
    struct folder *f = *state;
    struct definition d;
    assert_true(read_body(f, SLICE("{" HEAD "," PRICES ",\"plan\":" PLAN "}"), &d));
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s.json", f->path, d.seating->hash);
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    char content[4096];
    size_t len = fread(content, 1, sizeof content - 1, file);
    content[len] = 0;
    char *name = strstr(content, "Stalls");
    assert_non_null(name);
    name[0] = 'T';
    rewind(file);
    assert_int_equal(fwrite(content, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    struct seating *seating;
    struct err err;
    assert_true(seating_load(f->path, slice_from_string(d.seating->hash), &seating, &err) < 0);
    assert_non_null(strstr(err.detail, "another plan"));
    assert_true(seating_load(f->path, SLICE("../../etc/passwd"), &seating, &err) < 0);
    definition_finish(&d);
}

struct fault_case {
    const char *body;
    enum problem problem;
    const char *member;
};

static void money_without_tax_gets_it_and_rules_follow_the_event(void **state)
{
    struct folder *f = *state;
    struct definition d;
    bool good = read_body(
        f,
        SLICE("{" HEAD ",\"price_categories\":[{\"name\":\"std\",\"price\":1005,\"fee\":105},"
              "{\"name\":\"top\",\"price\":100,\"tax_bp\":1900}],"
              "\"areas\":[{\"id\":\"pit\",\"name\":\"Pit\",\"capacity\":5,"
              "\"price_category\":\"std\"}],\"tax\":{\"rate_bp\":1000,\"included\":false},"
              "\"fee_bearer\":\"organiser\",\"payment_methods\":[\"card\",\"ideal\"],"
              "\"price_rules\":[{\"category\":\"top\",\"price\":200,\"sold_from\":3}],"
              "\"packages\":[{\"name\":\"Pair\",\"categories\":[\"std\"],\"size\":2,\"paid\":1}]}"),
        &d);
    if (!good)
        fail_msg("%s", d.request.detail);
    assert_int_equal(d.prices[0], 1106);
    assert_int_equal(d.fees[0], 116);
    assert_int_equal(d.tax_bp[0], 1000);
    assert_int_equal(d.prices[1], 119);
    assert_int_equal(d.tax_bp[1], 1900);
    assert_int_equal(d.terms.payment_methods, BOOKING_METHOD_CARD | BOOKING_METHOD_IDEAL);
    assert_true(d.plan.given);
    assert_int_equal(u64s_at(d.plan.entry.rule_prices, 0), 238);
    struct catalogue c;
    struct err err;
    assert_int_equal(catalogue_init(&c, "/nowhere", &err), 0);
    assert_int_equal(catalogue_take(&c, 3, 77, buf_slice(&d.document), &err), 0);
    assert_true(slice_equal(catalogue_event(&c, 3)->package_names[0], SLICE("Pair")));
    catalogue_finish(&c);
    definition_finish(&d);
}

static void each_fault_is_named(void **state)
{
    struct folder *f = *state;
#define AREA "{\"id\":\"a\",\"name\":\"A\",\"capacity\":5,\"price_category\":0}"
#define ALLOCATIONS(list) "{" HEAD "," PRICES ",\"areas\":[" AREA "],\"allocations\":[" list "]}"
    static const struct fault_case cases[] = {
        {"{" HEAD "," PRICES "}", PROBLEM_EVENT_INVALID, ""},
        {"{" HEAD ",\"areas\":[" AREA "]}", PROBLEM_BAD_VALUE, "price_categories"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "," AREA "]}", PROBLEM_BAD_VALUE, "areas.id"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"nope\":1}", PROBLEM_UNKNOWN_MEMBER, "nope"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"blocked\":[\"z\"]}", PROBLEM_UNKNOWN_SEAT,
         "blocked"},
        {"{" HEAD "," PRICES ",\"plan\":" PLAN ",\"plan\":1}", PROBLEM_BAD_JSON, ""},
        {"{" HEAD "," PRICES ",\"plan\":[]}", PROBLEM_BAD_VALUE, "plan"},
        {"{" HEAD "," PRICES ",\"plan\":{}}", PROBLEM_PLAN_INVALID, "plan"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"other\",\"price\":1}],\"plan\":" PLAN "}",
         PROBLEM_EVENT_INVALID, "price_categories"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"s\",\"price\":-1}],\"areas\":[" AREA "]}",
         PROBLEM_BAD_VALUE, "price_categories.price"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"s\",\"price\":{\"amount\":1,\"currency\":"
         "\"USD\"}}],\"areas\":[" AREA "]}",
         PROBLEM_BAD_VALUE, "price_categories.price"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"s\",\"price\":1},{\"name\":\"s\",\"price\":"
         "2}],\"areas\":[" AREA "]}",
         PROBLEM_BAD_VALUE, "price_categories.name"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA
         "],\"sale\":{\"opens_at\":\"2031-01-02T00:00:00Z\","
         "\"closes_at\":\"2031-01-01T00:00:00Z\"}}",
         PROBLEM_BAD_VALUE, "sale.closes_at"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"queue\":{\"target_active\":0}}",
         PROBLEM_BAD_VALUE, "queue.target_active"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"limits\":{\"disposable_email\":\"no\"}}",
         PROBLEM_BAD_VALUE, "limits.disposable_email"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"limits\":{\"single_seats\":\"maybe\"}}",
         PROBLEM_BAD_VALUE, "limits.single_seats"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"s\",\"price\":1,\"per_buyer\":1001}],"
         "\"areas\":[" AREA "]}",
         PROBLEM_BAD_VALUE, "price_categories.per_buyer"},
        {ALLOCATIONS("{}"), PROBLEM_BAD_VALUE, "allocations.id"},
        {ALLOCATIONS("7"), PROBLEM_BAD_VALUE, "allocations"},
        {ALLOCATIONS("{\"id\":\"x\"},{\"id\":\"x\"}"), PROBLEM_BAD_VALUE, "allocations.id"},
        {ALLOCATIONS("{\"id\":\"x\",\"nope\":1}"), PROBLEM_UNKNOWN_MEMBER, "allocations.nope"},
        {ALLOCATIONS("{\"id\":\"x\",\"kind\":\"gift\"}"), PROBLEM_BAD_VALUE, "allocations.kind"},
        {ALLOCATIONS("{\"id\":\"x\",\"seats\":[\"a\"]}"), PROBLEM_UNKNOWN_SEAT,
         "allocations.seats"},
        {ALLOCATIONS("{\"id\":\"x\",\"area\":\"b\",\"quantity\":1}"), PROBLEM_UNKNOWN_AREA,
         "allocations.area"},
        {ALLOCATIONS("{\"id\":\"x\",\"area\":\"a\"}"), PROBLEM_BAD_VALUE, "allocations.area"},
        {ALLOCATIONS("{\"id\":\"x\",\"areas\":[{\"id\":\"a\",\"quantity\":0}]}"), PROBLEM_BAD_VALUE,
         "allocations.areas.quantity"},
        {ALLOCATIONS("{\"id\":\"x\",\"codes\":[\"   \"]}"), PROBLEM_BAD_VALUE, "allocations.codes"},
        {ALLOCATIONS("{\"id\":\"x\",\"code_limit\":4}"), PROBLEM_BAD_VALUE,
         "allocations.code_limit"},
        {ALLOCATIONS("{\"id\":\"x\",\"opens_at\":\"soon\"}"), PROBLEM_BAD_VALUE,
         "allocations.opens_at"},
        {ALLOCATIONS("{\"id\":\"x\",\"opens_at\":\"2031-01-02T00:00:00Z\","
                     "\"releases_at\":\"2031-01-02T00:00:00Z\"}"),
         PROBLEM_EVENT_INVALID, "allocations.releases_at"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"quotas\":[{\"limit\":1}]}", PROBLEM_BAD_VALUE,
         "quotas.categories"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"quotas\":[{\"categories\":[\"gold\"],"
         "\"limit\":1}]}",
         PROBLEM_UNKNOWN_CATEGORY, "quotas.categories"},
        {"{" HEAD "," PRICES ",\"limits\":{\"per_hold\":1},\"plan\":" GROUPED "}",
         PROBLEM_EVENT_INVALID, "limits.per_hold"},
        {"{" HEAD "," PRICES ",\"limits\":{\"per_buyer\":1},\"plan\":" GROUPED "}",
         PROBLEM_EVENT_INVALID, "limits.per_buyer"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"std\",\"price\":1200,\"per_buyer\":1}],"
         "\"plan\":" GROUPED "}",
         PROBLEM_EVENT_INVALID, "price_categories.per_buyer"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"limits\":{\"per_hold\":17}}",
         PROBLEM_BAD_VALUE, "limits.per_hold"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"tax\":{\"rate_bp\":10001}}",
         PROBLEM_BAD_VALUE, "tax.rate_bp"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"tax\":{\"included\":1}}", PROBLEM_BAD_VALUE,
         "tax.included"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"fee_bearer\":\"nobody\"}", PROBLEM_BAD_VALUE,
         "fee_bearer"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"payment_methods\":[]}", PROBLEM_BAD_VALUE,
         "payment_methods"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA
         "],\"price_ceilings\":[{\"category\":0,\"price\":5}]}",
         PROBLEM_EVENT_INVALID, "price_ceilings.price"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct definition d;
        bool good = read_body(f, slice_from_string(cases[i].body), &d);
        if (good || d.request.problem != cases[i].problem ||
            strcmp(d.request.member, cases[i].member) != 0)
            fail_msg("%s: %s (%s) %s", cases[i].body,
                     good ? "taken" : problem_texts[d.request.problem].code, d.request.member,
                     d.request.detail);
        definition_finish(&d);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_cut_out_of_a_body),
        CASE(a_plan_and_areas_become_units_prices_and_a_document),
        CASE(allocations_quotas_and_limits_become_commands),
        CASE(an_attempt_takes_all_or_says_which_was_refused),
        CASE(a_revision_keeps_the_secret_and_a_plan_that_is_gone_is_told),
        CASE(a_changed_plan_file_is_not_taken_for_the_plan),
        CASE(money_without_tax_gets_it_and_rules_follow_the_event),
        CASE(each_fault_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
