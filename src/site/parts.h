/* parts: what the pages of this folder have in common. Not for other folders. Thread: any. */
#ifndef ONSALE_SITE_PARTS_H
#define ONSALE_SITE_PARTS_H

#include "base/json.h"
#include "site/html.h"
#include "site/site.h"
#include "site/words.h"

/* Members of an object; of another type or missing: empty, NULL or 0. */
struct slice parts_text(const json_t *object, const char *key);
int64_t parts_number(const json_t *object, const char *key);

/* A page's own address, "https://..." with the language where that is named; `path` begins with
 * "/". */
void parts_url(const struct site_context *context, const char *path, struct buf *out);
/* Canonical link, other languages, Open Graph, and the header's links; title and description stand
 * already. `path` is the page's. */
void parts_head(const struct site_context *context, const char *path, struct site_page *page);
/* The same for a page that is not for search engines. */
void parts_head_hidden(const struct site_context *context, struct site_page *page);
/* `json` is JSON-LD. */
void parts_linked_data(struct site_page *page, struct slice json);

/* A word, escaped: none of ours needs it, but a translator may write an "&". */
void parts_word(const struct site_context *context, enum word which, struct buf *out);
/* The note for readers whose browser runs no script. */
void parts_needs_script(const struct site_context *context, struct buf *out);
/* What ends every page; `path` is where the page is asked for in another language. */
void parts_foot(const struct site_context *context, const char *path, struct buf *out);

#define PARTS_PATH_MAX 96
/* "/events/ID", or "/" for what is no id. */
void parts_event_path(struct slice id, char ret_path[PARTS_PATH_MAX]);
/* "Venue, City" of an event. */
void parts_where(const json_t *event, struct buf *out);
/* Appends as HTML those performers whom the event's name does not tell already; false: none. */
bool parts_performers(const json_t *event, struct buf *out);
/* " · Onsale" behind what stands in the title. */
void parts_title_end(struct site_page *page);

#endif
