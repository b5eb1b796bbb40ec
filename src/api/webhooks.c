/* webhooks: POST /webhooks/stripe. Answered after what it says is durable. */
#include "api/context.h"
#include "base/time.h"
#include "effects/stripe.h"
#include "routes.gen.h"

void api_webhook_stripe(struct http_exchange *x)
{
    const struct api_options *o = &api_of(x)->options;
    struct stripe_signature signature = {
        .header = http_header(x, "stripe-signature"),
        .body = http_body(x),
        .secrets = o->webhook_secrets,
        .secret_count = o->webhook_secret_count,
        .now_s = o->wall_us(o->host) / TIME_SECOND_US,
    };
    if (!stripe_signature_valid(&signature)) {
        problem_answer(x, PROBLEM_BAD_SIGNATURE, 0,
                       "Stripe-Signature is missing, too old or not over this body");
        return;
    }
    struct stripe_event event;
    struct err err;
    if (stripe_event_read(http_body(x), &event, &err) < 0) {
        problem_answer(x, PROBLEM_BAD_JSON, 0, "%s", err.detail);
        return;
    }
    struct engine_result result = {.no_space = true};
    if (cashier_webhook(o->cashier, &event, &result.barrier))
        http_answer(x, 200, "application/json", SLICE("{\"received\":true}"), result.barrier);
    else
        (void)api_result_failed(x, &result); /* it will be delivered again */
}
