/*
 * address: client addresses as 16 bytes (IPv4 mapped), lists of trusted networks, and the client's
 * address behind trusted proxies. Pure. Thread: any.
 */
#ifndef ONSALE_HTTP_ADDRESS_H
#define ONSALE_HTTP_ADDRESS_H

#include "base/err.h"
#include "base/slice.h"

struct sockaddr;

/* 16 bytes; IPv4 as ::ffff:a.b.c.d. */
struct http_address {
    uint8_t bytes[16];
};

#define ADDRESS_NETWORKS_MAX 64
#define ADDRESS_TEXT_MAX 46

struct address_network {
    uint8_t bytes[16];
    uint8_t bits; /* of 128; IPv4 networks have 96 more */
};

struct address_set {
    uint32_t count;
    struct address_network networks[ADDRESS_NETWORKS_MAX];
};

/* Reads "10.0.0.0/8, ::1" (commas or blanks between; NULL or "" is the empty set). */
int address_set_parse(const char *text, struct address_set *ret_set, struct err *err) MUST_USE;
bool address_set_has(const struct address_set *set, const struct http_address *address);

/* Reads a numeric IPv4 or IPv6 address, also "[v6]", and either with ":port". */
bool address_parse(struct slice text, struct http_address *ret_address);
void address_from_sockaddr(const struct sockaddr *from, struct http_address *ret_address);
/* "192.0.2.1" or "2001:db8::1", NUL-terminated. */
void address_format(const struct http_address *address, char ret_text[ADDRESS_TEXT_MAX]);

/* Who the client is: the peer, or, when the peer is trusted, the rightmost hop of `forwarded_for`
 * that is not trusted. A hop that is no address ends the walk: the last known address counts. */
struct http_address address_of_client(const struct address_set *trusted,
                                      const struct http_address *peer, struct slice forwarded_for);

#endif
