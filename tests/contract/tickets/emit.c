/*
 * Makes tickets for readers that share no code with ours:
 *
 *   ticket_emit DIR N      DIR exists and is empty
 *
 * leaves DIR/tickets.json { keys: {"<event>": [public keys]}, tickets: [{text, and what it says}]
 * }, DIR/<i>.png and DIR/<i>.svg. Event 3 changes its key half-way.
 */
#include "effects/qr.h"
#include "keys/ticket.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENTS 5u

static void save(const char *dir, const char *name, const struct buf *bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    if (!file || bytes->failed || fwrite(bytes->data, 1, bytes->len, file) != bytes->len ||
        fclose(file)) {
        perror(path);
        exit(1);
    }
}

static void emit(struct keys *keys, const char *dir, uint32_t i, struct json *j)
{
    struct err err;
    char text[TICKET_TEXT_MAX], name[32];
    BUF_AUTO struct buf png = BUF_INIT, svg = BUF_INIT;
    struct ticket ticket = {.partition = 1 + i % EVENTS,
                            .ordinal = i * 197,
                            .serial = (uint32_t)keys_random_u64(),
                            .generation = (uint16_t)(1 + i % 3),
                            .product = (uint16_t)(i % 7),
                            .valid_from_s = i % 2 ? 1800000000 + i : 0,
                            .valid_until_s = i % 2 ? 1800040000 + i : 0};
    if (ticket_sign_text(keys, &ticket, text, &err) ||
        qr_png(slice_from_string(text), 2 + i % 7, &png, &err) ||
        qr_svg(slice_from_string(text), &svg, &err)) {
        fprintf(stderr, "%s\n", err.detail);
        exit(1);
    }
    snprintf(name, sizeof name, "%u.png", i);
    save(dir, name, &png);
    snprintf(name, sizeof name, "%u.svg", i);
    save(dir, name, &svg);
    json_put_object(j, NULL);
    json_put_string(j, "text", text);
    json_put_u64(j, "event", ticket.partition);
    json_put_u64(j, "ordinal", ticket.ordinal);
    json_put_u64(j, "serial", ticket.serial);
    json_put_u64(j, "generation", ticket.generation);
    json_put_u64(j, "product", ticket.product);
    json_put_u64(j, "valid_from", ticket.valid_from_s);
    json_put_u64(j, "valid_until", ticket.valid_until_s);
    json_end(j);
}

static int emit_keys(struct keys *keys, struct json *j, struct err *err)
{
    json_put_object(j, "keys");
    for (uint32_t event = 1; event <= EVENTS; event++) {
        char name[16];
        snprintf(name, sizeof name, "%u", event);
        if (ticket_keys_public(keys, event, j, name, err))
            return -1;
    }
    json_end(j);
    return 0;
}

int main(int argc, char **argv)
{
    char path[4096];
    struct keys *keys = NULL;
    struct err err;
    uint8_t key_id;
    BUF_AUTO struct buf out = BUF_INIT;
    struct json j;
    if (argc != 3) {
        fprintf(stderr, "usage: ticket_emit DIR N\n");
        return 2;
    }
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    snprintf(path, sizeof path, "%s/keys", argv[1]);
    if (keys_open(path, &keys, &err) || ticket_key_rotate(keys, 3, &key_id, &err)) {
        fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    json_begin(&j, &out);
    json_put_object(&j, NULL);
    json_put_array(&j, "tickets");
    for (uint32_t i = 0; i < count; i++) {
        if (i == count / 2 && ticket_key_rotate(keys, 3, &key_id, &err))
            return 1;
        emit(keys, argv[1], i, &j);
    }
    json_end(&j);
    if (emit_keys(keys, &j, &err)) {
        fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    json_end(&j);
    save(argv[1], "tickets.json", &out);
    keys_close(keys);
    return 0;
}
