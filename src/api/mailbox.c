/* mailbox: what the demo wrote instead of sending. Files are read on the loop: the folder is the
 * demo's, small and local. */
#include "api/context.h"
#include "effects/mail.h"
#include "routes.gen.h"

#define MAILBOX_SHOWN 100u

void api_mailbox_list(struct http_exchange *x)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    struct err err;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    if (mailbox_list(api_of(x)->options.mailbox_dir, MAILBOX_SHOWN, &j, "items", &err) < 0) {
        problem_answer(x, PROBLEM_INTERNAL, 0, "The mailbox cannot be read");
        return;
    }
    json_put_null(&j, "next_cursor");
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, 0);
}

void api_mailbox_get(struct http_exchange *x)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    struct err err;
    json_begin(&j, &body);
    int found = mailbox_read(api_of(x)->options.mailbox_dir, http_param(x, "mail"), &j, NULL, &err);
    if (found < 0) {
        problem_answer(x, PROBLEM_INTERNAL, 0, "The mail cannot be read");
    } else if (found > 0) {
        problem_answer(x, PROBLEM_NOT_FOUND, 0, "There is no such mail");
    } else {
        http_add_header(x, "Cache-Control", SLICE("no-store"));
        api_answer_json(x, 200, &body, 0);
    }
}
