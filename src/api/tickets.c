/* tickets: GET /tickets/{ticket}, .svg and .png, for the session that bought it. */
#include "keys/ticket.h"

#include "api/event_json.h"
#include "api/items.h"
#include "effects/qr.h"
#include "routes.gen.h"

#include <stdio.h>

#define PNG_SCALE 10u

struct found_ticket {
    struct api_event *event;
    const struct booking *booking;
    struct booking_ticket ticket;
    struct id id, order;
    char text[ID_TEXT_MAX];
    char token[TICKET_TEXT_MAX];
};

/* The ticket of the path if it is valid and this session's. */
static bool own_ticket(struct http_exchange *x, struct found_ticket *f)
{
    struct api *api = api_of(x);
    if (!id_parse(ID_TICKET, http_param(x, "ticket"), &f->id))
        return false;
    f->event = catalogue_event(&api->catalogue, f->id.partition);
    f->booking = engine_booking(api->options.engine, f->id.partition);
    if (!f->event || !f->booking ||
        !booking_ticket_get(f->booking, f->id.slot, f->id.random, &f->ticket) || !f->ticket.valid)
        return false;
    uint64_t random = booking_order_random(f->booking, f->ticket.order);
    f->order = (struct id){f->id.partition, f->ticket.order, random};
    struct booking_order order;
    return booking_order_get(f->booking, f->ticket.order, random, &order) &&
           hash16_equal(order.session, api_caller(x)->session.hash);
}

/* Finds the ticket and signs its token. False: a problem was answered. */
static bool find_ticket(struct http_exchange *x, struct found_ticket *f)
{
    struct api *api = api_of(x);
    uint64_t barrier = engine_barrier(api->options.engine);
    if (!own_ticket(x, f)) {
        problem_answer(x, PROBLEM_TICKET_NOT_FOUND, barrier, "This session has no such ticket");
        return false;
    }
    id_format(ID_TICKET, f->id, f->text);
    struct ticket ticket = {
        .partition = f->id.partition,
        .ordinal = f->ticket.unit,
        .serial = f->ticket.serial,
        .generation = f->ticket.generation,
        .product = (uint16_t)booking_unit_category(f->booking, f->ticket.unit),
    };
    struct err err;
    if (ticket_sign_text(api->options.keys, &ticket, f->token, &err) == 0)
        return true;
    problem_answer(x, PROBLEM_INTERNAL, barrier, "The ticket cannot be signed at the moment");
    return false;
}

static void write_event(struct json *j, const struct api_event *event)
{
    json_put_object(j, "event");
    json_put_text(j, "name", event->name);
    json_put_time(j, "starts_at", event->starts_at_us);
    json_put_text(j, "starts_local", event->starts_local);
    json_put_text(j, "timezone", event->timezone);
    event_write_venue(j, "venue", event);
    json_end(j);
}

void api_ticket_get(struct http_exchange *x)
{
    struct found_ticket f;
    if (!find_ticket(x, &f))
        return;
    char text[80];
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "id", f.text);
    json_put_string(&j, "event_id", f.event->id);
    json_put_text(&j, "order_id", slice_make(text, id_format(ID_ORDER, f.order, text)));
    json_put_string(&j, "token", f.token);
    items_write_place(&j, f.event, f.booking, f.ticket.unit);
    write_event(&j, f.event);
    (void)snprintf(text, sizeof text, "/api/v1/tickets/%s.svg", f.text);
    json_put_string(&j, "svg_url", text);
    (void)snprintf(text, sizeof text, "/api/v1/tickets/%s.png", f.text);
    json_put_string(&j, "png_url", text);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("private, no-cache"));
    api_answer_json(x, 200, &body, engine_barrier(api_of(x)->options.engine));
}

static void answer_picture(struct http_exchange *x, const char *type, const struct buf *picture,
                           int made)
{
    uint64_t barrier = engine_barrier(api_of(x)->options.engine);
    if (made < 0 || picture->failed) {
        problem_answer(x, PROBLEM_INTERNAL, barrier, "The picture cannot be made at the moment");
        return;
    }
    http_add_header(x, "Cache-Control", SLICE("private, no-cache"));
    http_add_header(x, "X-Content-Type-Options", SLICE("nosniff"));
    http_answer(x, 200, type, buf_slice(picture), barrier);
}

void api_ticket_svg(struct http_exchange *x)
{
    struct found_ticket f;
    if (!find_ticket(x, &f))
        return;
    BUF_AUTO struct buf picture = BUF_INIT;
    struct err err;
    int made = qr_svg(slice_from_string(f.token), &picture, &err);
    answer_picture(x, "image/svg+xml", &picture, made);
}

void api_ticket_png(struct http_exchange *x)
{
    struct found_ticket f;
    if (!find_ticket(x, &f))
        return;
    BUF_AUTO struct buf picture = BUF_INIT;
    struct err err;
    int made = qr_png(slice_from_string(f.token), PNG_SCALE, &picture, &err);
    answer_picture(x, "image/png", &picture, made);
}
