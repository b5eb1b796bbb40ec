#include "page.h"

/* An event as the API tells it; `more` are members that replace or add. */
static json_t *told(const char *more)
{
    static const char text[] =
        "{\"event\":{\"id\":\"evt_1\",\"name\":\"The Glass Orchard\","
        "\"starts_at\":\"2027-06-12T18:30:00.000Z\",\"starts_local\":\"2027-06-12T20:30:00\","
        "\"timezone\":\"Europe/Berlin\",\"category\":\"concert\",\"currency\":\"EUR\","
        "\"venue\":{\"name\":\"Hall\",\"city\":\"Berlin\",\"country\":\"DE\"},"
        "\"performers\":[\"Orchard\",\"Mara Quill\"],\"status\":\"on_sale\","
        "\"sale\":{\"state\":\"open\",\"opens_at\":\"2027-01-01T09:00:00.000Z\",\"closes_at\":null}"
        ","
        "\"queue\":{\"active\":false},\"plan_url\":\"/plan\",\"payment\":{\"api_base\":\"http://"
        "x\"},"
        "\"price_categories\":["
        "{\"name\":\"Stalls\",\"price\":{\"amount\":6000},\"fee\":{\"amount\":850}},"
        "{\"name\":\"Gods\",\"price\":{\"amount\":900},\"fee\":{\"amount\":100}}]},"
        "\"opens_local\":\"2027-01-01T10:00:00\",\"on_offer\":[true,false]}";
    json_t *whole = json_loads(text, 0, NULL), *change = json_loads(more, 0, NULL);
    assert_non_null(whole);
    assert_non_null(change);
    assert_int_equal(json_object_update(json_object_get(whole, "event"), change), 0);
    json_decref(change);
    return whole;
}

static void make(const struct site_context *context, const char *more, struct site_page *ret_page)
{
    json_t *json = told(more);
    *ret_page = (struct site_page){.still = false};
    site_event(context, json, ret_page);
    assert_false(site_page_failed(ret_page));
    json_decref(json);
}

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void the_head_says_what_the_event_is(void **state)
{
    (void)state;
    struct site_page page;
    make(&english, "{}", &page);
    assert_has(&page.title, "The Glass Orchard, Berlin, 12 June 2027 · Onsale");
    assert_string_equal(text_of(&page.description),
                        "Tickets for The Glass Orchard: Saturday, 12 June 2027, 20:30, Hall, "
                        "Berlin. From €68.50, fees included.");
    assert_has(&page.head,
               "<link rel=\"canonical\" href=\"https://tickets.example/events/evt_1\">");
    assert_has(&page.head, "hreflang=\"fr\" href=\"https://tickets.example/events/evt_1?lang=fr\"");
    assert_has(&page.head, "<meta property=\"og:title\" content=\"The Glass Orchard, Berlin");
    assert_has(&page.head, "<meta property=\"og:image\" "
                           "content=\"https://tickets.example/icon-512.png\">");
    site_page_finish(&page);
}

static void a_named_language_is_an_address_of_its_own(void **state)
{
    (void)state;
    struct site_context context = english;
    struct site_page page;
    context.language = 1;
    context.language_named = true;
    make(&context, "{}", &page);
    assert_has(&page.head,
               "<link rel=\"canonical\" href=\"https://tickets.example/events/evt_1?lang=de\">");
    assert_has(&page.title, "12. Juni 2027");
    site_page_finish(&page);
}

static void linked_data_is_an_event_with_offers(void **state)
{
    (void)state;
    struct site_page page;
    struct site_context context = english;
    context.organiser = "Fox & Sons";
    make(&context, "{}", &page);
    json_t *data = json_in(&page.head, "application/ld+json");
    const json_t *place = json_object_get(data, "location");
    const json_t *offers = json_object_get(data, "offers");
    assert_string_equal(text_at(data, "@context"), "https://schema.org");
    assert_string_equal(text_at(data, "@type"), "MusicEvent");
    assert_string_equal(text_at(data, "name"), "The Glass Orchard");
    assert_string_equal(text_at(data, "startDate"), "2027-06-12T20:30:00+02:00");
    assert_string_equal(text_at(place, "name"), "Hall");
    assert_string_equal(text_at(json_object_get(place, "address"), "addressCountry"), "DE");
    assert_string_equal(text_at(json_object_get(data, "organizer"), "name"), "Fox & Sons");
    assert_int_equal(json_array_size(json_object_get(data, "performer")), 2);
    assert_int_equal(json_array_size(offers), 2);
    assert_string_equal(text_at(json_array_get(offers, 0), "price"), "68.50");
    assert_string_equal(text_at(json_array_get(offers, 0), "priceCurrency"), "EUR");
    assert_string_equal(text_at(json_array_get(offers, 0), "availability"),
                        "https://schema.org/InStock");
    assert_string_equal(text_at(json_array_get(offers, 1), "availability"),
                        "https://schema.org/SoldOut");
    assert_string_equal(text_at(json_array_get(offers, 0), "validFrom"),
                        "2027-01-01T09:00:00.000Z");
    json_decref(data);
    site_page_finish(&page);
}

static void expect_start(const char *utc, const char *local, const char *wanted)
{
    char more[160];
    struct site_page page;
    (void)snprintf(more, sizeof more, "{\"starts_at\":\"%s\",\"starts_local\":\"%s\"}", utc, local);
    make(&english, more, &page);
    json_t *data = json_in(&page.head, "application/ld+json");
    assert_string_equal(text_at(data, "startDate"), wanted);
    json_decref(data);
    site_page_finish(&page);
}

static void the_start_has_the_venues_distance_from_utc(void **state)
{
    (void)state;
    expect_start("2026-12-19T00:30:00.000Z", "2026-12-18T19:30:00", "2026-12-18T19:30:00-05:00");
    expect_start("2026-12-11T19:30:00.000Z", "2026-12-11T19:30:00", "2026-12-11T19:30:00+00:00");
    expect_start("2026-12-11T13:45:00.000Z", "2026-12-11T19:30:00", "2026-12-11T19:30:00+05:45");
    expect_start("2026-12-11T13:45:00.000Z", "nonsense", "2026-12-11T13:45:00.000Z");
}

static void expect_availability(const char *more, const char *wanted)
{
    struct site_page page;
    make(&english, more, &page);
    json_t *data = json_in(&page.head, "application/ld+json");
    assert_string_equal(text_at(json_array_get(json_object_get(data, "offers"), 0), "availability"),
                        wanted);
    json_decref(data);
    site_page_finish(&page);
}

static void offers_follow_the_sale(void **state)
{
    (void)state;
    expect_availability("{\"sale\":{\"state\":\"upcoming\"}}", "https://schema.org/PreOrder");
    expect_availability("{\"sale\":{\"state\":\"paused\"}}", "https://schema.org/OutOfStock");
    expect_availability("{\"sale\":{\"state\":\"closed\"}}", "https://schema.org/Discontinued");
    expect_availability("{\"status\":\"past\"}", "https://schema.org/Discontinued");
}

static void the_content_is_useful_without_a_script(void **state)
{
    (void)state;
    struct site_page page;
    make(&english, "{}", &page);
    assert_has(&page.content, "<h1>The Glass Orchard</h1>");
    assert_has(&page.content, "Saturday, 12 June 2027, 20:30</time>");
    /* "Orchard" stands in the name already. */
    assert_has(&page.content, "<p class=\"lead\">Mara Quill<br>Hall, Berlin</p>");
    assert_has(&page.content, "€68.50");
    assert_has(&page.content, "<li data-gone=\"yes\"><span class=\"swatch\"></span>"
                              "<span class=\"prices-name\">Gods");
    assert_has(&page.content, "href=\"/events/evt_1/seats\">Choose seats</a>");
    assert_has(&page.content, "<noscript>");
    site_page_finish(&page);
}

static void the_dearest_price_stands_first(void **state)
{
    (void)state;
    struct site_page page;
    make(&english,
         "{\"price_categories\":[{\"name\":\"C\",\"price\":{\"amount\":1}},"
         "{\"name\":\"A\",\"price\":{\"amount\":3},\"fee\":{\"amount\":2}},"
         "{\"name\":\"B\",\"price\":{\"amount\":4}},{\"name\":\"D\",\"price\":{\"amount\":1}}]}",
         &page);
    const char *at = text_of(&page.content);
    for (const char *name = "ABCD"; *name; name++) {
        char wanted[32];
        (void)snprintf(wanted, sizeof wanted, "prices-name\">%c<", *name);
        at = strstr(at, wanted);
        assert_non_null(at);
    }
    assert_has(&page.content, "incl. €0.02 fee");
    site_page_finish(&page);
}

static void expect_next(const char *more, const char *words, const char *link)
{
    struct site_page page;
    make(&english, more, &page);
    assert_has(&page.content, words);
    if (*link)
        assert_has(&page.content, link);
    else
        assert_has_not(&page.content, "class=\"button primary");
    site_page_finish(&page);
}

static void the_next_step_follows_the_sale(void **state)
{
    (void)state;
    expect_next("{\"sale\":{\"state\":\"upcoming\"}}", "Sale opens Friday, 1 January 2027, 10:00",
                "");
    expect_next("{\"sale\":{\"state\":\"paused\"}}", "The sale is paused", "/evt_1/seats\"");
    expect_next("{\"sale\":{\"state\":\"closed\"}}", "The sale has closed", "");
    expect_next("{\"status\":\"past\"}", "This event has taken place", "");
    expect_next("{\"queue\":{\"active\":true}}", "has a waiting room", "/evt_1/queue\"");
    expect_next("{\"plan_url\":null}", "Choose tickets", "/evt_1/seats\"");
}

static void the_script_is_given_the_event_but_not_whose_payment(void **state)
{
    (void)state;
    struct site_page page;
    make(&english, "{}", &page);
    json_t *given = json_loadb(page.given.data, page.given.len, 0, NULL);
    const json_t *event = json_object_get(given, "event");
    assert_string_equal(text_at(event, "id"), "evt_1");
    assert_null(json_object_get(event, "payment"));
    json_decref(given);
    site_page_finish(&page);
}

static void members_that_are_missing_or_of_another_type_are_left_out(void **state)
{
    (void)state;
    const char *const odd[] = {
        "{}",
        "[]",
        "7",
        "{\"event\":7}",
        "{\"event\":{\"name\":[],\"venue\":[],\"performers\":7}}",
        "{\"event\":{\"price_categories\":[{},7,null],\"currency\":\"EURO\"},\"on_offer\":7}",
        "{\"event\":{\"id\":\"../../evil\",\"starts_local\":7,\"sale\":\"x\",\"queue\":null}}"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct site_page page = {.still = false};
        json_t *json = json_loads(odd[i], 0, NULL);
        site_event(&english, json, &page);
        assert_has_not(&page.content, "evil");
        assert_has_not(&page.head, "evil");
        json_decref(json_in(&page.head, "application/ld+json"));
        json_decref(json);
        site_page_finish(&page);
        page = (struct site_page){.still = false};
        json = json_loads(odd[i], 0, NULL);
        site_home(&english, json, &page);
        assert_has(&page.content, "Nothing is on sale");
        json_decref(json);
        site_page_finish(&page);
    }
}

static void home_lists_events_as_links(void **state)
{
    (void)state;
    struct site_page page = {.still = false};
    json_t *json = json_loads(
        "{\"items\":[{\"id\":\"evt_2\",\"name\":\"Night & Day\",\"status\":\"on_sale\","
        "\"starts_local\":\"2027-06-12T20:30:00\",\"starts_at\":\"2027-06-12T18:30:00.000Z\","
        "\"venue\":{\"name\":\"Hall\",\"city\":null},"
        "\"price_from\":{\"amount\":4500,\"currency\":\"EUR\"}}],\"next_cursor\":null}",
        0, NULL);
    site_home(&english, json, &page);
    assert_has(&page.content, "<a href=\"/events/evt_2\">Night &amp; Day</a>");
    assert_has(&page.content, "from €45.00");
    assert_has(&page.content, "<p>Hall</p>");
    assert_has(&page.given, "{\"events\":{\"items\":[");
    json_decref(json);
    site_page_finish(&page);
}

static void pages_of_a_visitor_are_not_for_search_engines(void **state)
{
    (void)state;
    struct site_page page = {.still = false};
    site_app(&english, SLICE(""), &page);
    assert_has(&page.head, "<meta name=\"robots\" content=\"noindex\">");
    site_page_finish(&page);
    page = (struct site_page){.still = false};
    site_app(&english, SLICE("evt_1"), &page);
    assert_has(&page.head, "rel=\"canonical\" href=\"https://tickets.example/events/evt_1\"");
    site_page_finish(&page);
    page = (struct site_page){.still = false};
    site_missing(&english, &page);
    assert_has(&page.head, "noindex");
    assert_has(&page.content, "href=\"/\"");
    site_page_finish(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_says_what_the_event_is),
        cmocka_unit_test(a_named_language_is_an_address_of_its_own),
        cmocka_unit_test(linked_data_is_an_event_with_offers),
        cmocka_unit_test(the_start_has_the_venues_distance_from_utc),
        cmocka_unit_test(offers_follow_the_sale),
        cmocka_unit_test(the_content_is_useful_without_a_script),
        cmocka_unit_test(the_dearest_price_stands_first),
        cmocka_unit_test(the_next_step_follows_the_sale),
        cmocka_unit_test(the_script_is_given_the_event_but_not_whose_payment),
        cmocka_unit_test(members_that_are_missing_or_of_another_type_are_left_out),
        cmocka_unit_test(home_lists_events_as_links),
        cmocka_unit_test(pages_of_a_visitor_are_not_for_search_engines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
