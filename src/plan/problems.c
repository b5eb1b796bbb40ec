#include "plan/model.h"

#include "base/json.h"
#include "base/utf8.h"

#define NAME_SHOWN_BYTES 80

/* Appends a name as a JSON string (so that no name breaks the line), cut when it is long. */
static void name_append(struct buf *out, struct slice name)
{
    size_t len = 0;
    while (len < name.len) {
        size_t step = utf8_length(name.data + len, name.len - len);
        step = step ? step : 1;
        if (len + step > NAME_SHOWN_BYTES)
            break;
        len += step;
    }
    json_escape(out, slice_make(name.data, len));
    if (len < name.len)
        buf_append_text(out, "...");
}

static void name_finish(struct buf *out, char ret_text[NAME_TEXT_MAX])
{
    size_t len = out->len < NAME_TEXT_MAX ? out->len : NAME_TEXT_MAX - 1;
    if (len)
        memcpy(ret_text, out->data, len);
    ret_text[len] = '\0';
}

static void name_zone(const struct plan *plan, uint32_t zone, struct buf *out)
{
    const struct zone *z = &plan->zones.items[zone];
    if (z->name.len > 0) {
        buf_append_text(out, "zone ");
        name_append(out, model_text(plan, z->name));
    } else {
        buf_append_format(out, "zone %u", zone + 1);
    }
}

static void name_row(const struct plan *plan, uint32_t row, struct buf *out)
{
    const struct row *r = &plan->rows.items[row];
    name_zone(plan, r->zone, out);
    if (r->number.len > 0) {
        buf_append_text(out, " row ");
        name_append(out, model_text(plan, r->number));
    } else {
        buf_append_format(out, " row %u", row - plan->zones.items[r->zone].first_row + 1);
    }
}

void model_name_zone(const struct plan *plan, uint32_t zone, char ret_text[NAME_TEXT_MAX])
{
    BUF_AUTO struct buf out = BUF_INIT;
    name_zone(plan, zone, &out);
    name_finish(&out, ret_text);
}

void model_name_row(const struct plan *plan, uint32_t row, char ret_text[NAME_TEXT_MAX])
{
    BUF_AUTO struct buf out = BUF_INIT;
    name_row(plan, row, &out);
    name_finish(&out, ret_text);
}

void model_name_seat(const struct plan *plan, uint32_t seat, char ret_text[NAME_TEXT_MAX])
{
    BUF_AUTO struct buf out = BUF_INIT;
    const struct seat *s = &plan->seats.items[seat];
    name_row(plan, s->row, &out);
    if (s->number.len > 0) {
        buf_append_text(&out, " seat ");
        name_append(&out, model_text(plan, s->number));
    } else {
        buf_append_format(&out, " seat %u", seat - plan->rows.items[s->row].first_seat + 1);
    }
    name_finish(&out, ret_text);
}

PRINTF_LIKE(3, 0)
static void add_line(struct problems *problems, const char *where, const char *format, va_list args)
{
    char line[4 * NAME_TEXT_MAX];
    if (problems->count++ >= LIMIT_PLAN_PROBLEMS || !problems->lines)
        return;
    (void)vsnprintf(line, sizeof line, format, args);
    if (where) {
        buf_append_text(problems->lines, where);
        buf_append_text(problems->lines, ": ");
    }
    buf_append_text(problems->lines, line);
    buf_append_char(problems->lines, '\n');
}

void problems_add(struct problems *problems, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(problems, NULL, format, args);
    va_end(args);
}

void problems_add_seat(struct problems *problems, const struct plan *plan, uint32_t seat,
                       const char *format, ...)
{
    char where[NAME_TEXT_MAX] = "";
    if (problems->count < LIMIT_PLAN_PROBLEMS && problems->lines)
        model_name_seat(plan, seat, where);
    va_list args;
    va_start(args, format);
    add_line(problems, where, format, args);
    va_end(args);
}

void problems_close(struct problems *problems)
{
    if (problems->lines && problems->count > LIMIT_PLAN_PROBLEMS)
        buf_append_format(problems->lines, "... and %llu more\n",
                          (unsigned long long)(problems->count - LIMIT_PLAN_PROBLEMS));
}
