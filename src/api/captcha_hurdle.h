/*
 * captcha_hurdle: a captcha service's widget (guard/captcha.h) in place of work, when the host has
 * one set. The page is told provider and site key, the request comes again with the widget's token,
 * and the token is shown to the provider while the request waits. The request is then handled once
 * more from its beginning, with the verdict in its caller: whatever changed meanwhile is seen.
 *
 * A verdict is good for the one request that brought the token, so for one session and one event;
 * the provider takes no token twice. While it does not answer, or too many tokens are under way,
 * visitors are asked for our own challenge.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_CAPTCHA_HURDLE_H
#define ONSALE_API_CAPTCHA_HURDLE_H

#include "api/context.h"

/* Whether visitors are to be asked for a captcha now. */
bool captcha_hurdle_stands(const struct api *api);

/* Writes the challenge that asks for one, as an object of this name. */
void captcha_hurdle_write(struct api *api, struct json *j, const char *name);

/* What the provider says of the token. CAPTCHA_OPEN: it was asked; nothing more is to be done with
 * the exchange, its handler is called again. */
enum captcha_verdict captcha_hurdle_show(struct http_exchange *x, struct slice token);

#endif
