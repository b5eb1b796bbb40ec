/*
 * request: reading JSON bodies. A body is one object; each member must be one that the operation
 * knows (or begin with "x_"), each text valid UTF-8 within its bound and free of control
 * characters, each number an integer within its range. The first fault is answered as a problem
 * that names the member, and the reader remembers that it failed: handlers read all they want and
 * ask once.
 *
 *   struct request r;
 *   if (!request_begin(x, &r)) return;
 *   request_members(&r, r.root, "", "hold_id email name");
 *   struct slice email = request_text(&r, r.root, "email", &(struct text_rule){...});
 *   if (!request_end(&r)) return;          the problem has been answered, the body is gone
 *
 * On the loop a body's memory goes with the exchange (request_end keeps it until request_finish).
 * Thread: the loop, or with x NULL any thread: then the fault is only recorded.
 */
#ifndef ONSALE_API_REQUEST_H
#define ONSALE_API_REQUEST_H

#include "api/problems.h"
#include <jansson.h>

struct request {
    struct http_exchange *x; /* NULL: faults are recorded only */
    json_t *root;            /* owned; an object */
    bool failed;
    enum problem problem;
    char detail[512];
    char member[128]; /* the member that is meant; "" when the body as a whole is */
    char seat[128];   /* the seat that is meant, with PROBLEM_UNKNOWN_SEAT; else "" */
};

/* Reads the body, which must be one JSON object. False: a problem was answered. */
bool request_begin(struct http_exchange *x, struct request *ret_request);
/* The same of any bytes, without an exchange; ask `failed`. */
void request_read(struct slice body, struct request *ret_request);
/* True when nothing failed. Else answers the problem and frees the body. */
bool request_end(struct request *r);
void request_finish(struct request *r);

/* Records a fault; the first one counts. */
PRINTF_LIKE(4, 5)
void request_fail(struct request *r, enum problem problem, const char *member, const char *format,
                  ...);

/* The fault that the plan has no seat of this guid. */
void request_fail_seat(struct request *r, const char *member, struct slice guid);

/* Appends what a fault is about as members of a problem: "member":"...","seats":["..."]. */
void request_write_fault(const struct request *r, struct buf *extra);

/* Every member of `object` must be one of the blank-separated `known` or begin with "x_". `within`
 * is how the object is called in a fault ("venue", "areas[2]"; "" for the body). */
void request_members(struct request *r, const json_t *object, const char *within,
                     const char *known);

struct text_rule {
    const char *within; /* as above; NULL: the body */
    size_t max_bytes;
    bool required; /* else absent and null give an empty slice */
    bool may_be_empty;
};
struct slice request_text(struct request *r, const json_t *object, const char *key,
                          const struct text_rule *rule);

struct instant_rule {
    const char *within;
    uint64_t absent_us; /* what absent gives; null gives 0 */
};
/* An RFC 3339 time. */
uint64_t request_instant(struct request *r, const json_t *object, const char *key,
                         const struct instant_rule *rule);

struct integer_rule {
    const char *within;
    int64_t min, max;
    int64_t absent; /* what absent and null give */
    bool required;
};
int64_t request_integer(struct request *r, const json_t *object, const char *key,
                        const struct integer_rule *rule);

/* An object or array member; NULL when absent or null (a fault when it is of another type). */
const json_t *request_object(struct request *r, const json_t *object, const char *key);
const json_t *request_array(struct request *r, const json_t *object, const char *key, size_t max);

/* A text already in hand: bounds, control characters. `name` is the member as a fault calls it. */
bool request_check_text(struct request *r, const json_t *value, const char *name,
                        const struct text_rule *rule, struct slice *ret_text);

#endif
