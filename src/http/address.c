#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool parse_numeric(struct slice text, struct http_address *ret_address, bool *ret_v4)
{
    char copy[64];
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    struct http_address a;
    bool v4 = inet_pton(AF_INET, copy, a.bytes + 12) == 1;
    if (v4)
        memcpy(a.bytes, mapped_prefix, 12);
    else if (inet_pton(AF_INET6, copy, a.bytes) != 1)
        return false;
    *ret_address = a;
    *ret_v4 = v4;
    return true;
}

static bool is_port(const char *data, size_t len)
{
    if (len < 2 || len > 6 || data[0] != ':')
        return false;
    for (size_t i = 1; i < len; i++)
        if (data[i] < '0' || data[i] > '9')
            return false;
    return true;
}

bool address_parse(struct slice text, struct http_address *ret_address)
{
    bool v4;
    if (text.len && text.data[0] == '[') {
        const char *close = memchr(text.data, ']', text.len);
        if (!close)
            return false;
        size_t inner = (size_t)(close - text.data) - 1, rest = text.len - inner - 2;
        if (rest && !is_port(close + 1, rest))
            return false;
        return parse_numeric(slice_make(text.data + 1, inner), ret_address, &v4);
    }
    if (parse_numeric(text, ret_address, &v4))
        return true;
    const char *colon = memchr(text.data, ':', text.len);
    if (!colon || !is_port(colon, text.len - (size_t)(colon - text.data)))
        return false;
    return parse_numeric(slice_make(text.data, (size_t)(colon - text.data)), ret_address, &v4);
}

void address_from_sockaddr(const struct sockaddr *from, struct http_address *ret_address)
{
    memset(ret_address, 0, sizeof *ret_address);
    if (from->sa_family == AF_INET) {
        memcpy(ret_address->bytes, mapped_prefix, 12);
        memcpy(ret_address->bytes + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr,
               4);
    } else if (from->sa_family == AF_INET6) {
        memcpy(ret_address->bytes, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
               16);
    }
}

void address_format(const struct http_address *address, char ret_text[ADDRESS_TEXT_MAX])
{
    bool v4 = memcmp(address->bytes, mapped_prefix, 12) == 0;
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? 12 : 0), ret_text,
                   ADDRESS_TEXT_MAX))
        ret_text[0] = 0;
}

static int parse_network(struct slice text, struct address_network *network, struct err *err)
{
    const char *slash = memchr(text.data, '/', text.len);
    size_t len = slash ? (size_t)(slash - text.data) : text.len;
    struct http_address address;
    bool v4;
    if (!parse_numeric(slice_make(text.data, len), &address, &v4))
        return err_set(err, "\"%.*s\" is not an IPv4 or IPv6 network", SLICE_ARG(text));
    unsigned most = v4 ? 32 : 128, bits = most;
    if (slash) {
        size_t digits = text.len - len - 1;
        bits = 0;
        for (size_t i = 0; i < digits; i++) {
            char d = slash[1 + i];
            bits = d < '0' || d > '9' || digits > 3 ? 999 : bits * 10 + (unsigned)(d - '0');
        }
        if (digits == 0 || bits > most)
            return err_set(err, "\"%.*s\": the prefix length is 0 to %u", SLICE_ARG(text), most);
    }
    memcpy(network->bytes, address.bytes, 16);
    network->bits = (uint8_t)(v4 ? bits + 96 : bits);
    return 0;
}

int address_set_parse(const char *text, struct address_set *ret_set, struct err *err)
{
    struct address_set set = {.count = 0};
    const char *at = text ? text : "";
    for (;;) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ", \t");
        if (len == 0)
            break;
        if (set.count == ADDRESS_NETWORKS_MAX)
            return err_set(err, "more than %d networks", ADDRESS_NETWORKS_MAX);
        if (parse_network(slice_make(at, len), &set.networks[set.count], err) < 0)
            return -1;
        set.count++;
        at += len;
    }
    *ret_set = set;
    return 0;
}

bool address_set_has(const struct address_set *set, const struct http_address *address)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const struct address_network *n = &set->networks[i];
        size_t whole = n->bits / 8, odd = n->bits % 8;
        if (memcmp(n->bytes, address->bytes, whole) != 0)
            continue;
        uint8_t mask = (uint8_t)(0xff00u >> odd);
        if (odd == 0 || ((n->bytes[whole] ^ address->bytes[whole]) & mask) == 0)
            return true;
    }
    return false;
}

struct http_address address_of_client(const struct address_set *trusted,
                                      const struct http_address *peer, struct slice forwarded_for)
{
    struct http_address client = *peer;
    size_t end = forwarded_for.len;
    const char *data = forwarded_for.data;
    while (end > 0 && address_set_has(trusted, &client)) {
        size_t begin = end;
        while (begin > 0 && data[begin - 1] != ',')
            begin--;
        size_t from = begin, to = end;
        while (from < to && (data[from] == ' ' || data[from] == '\t'))
            from++;
        while (to > from && (data[to - 1] == ' ' || data[to - 1] == '\t'))
            to--;
        if (!address_parse(slice_make(data + from, to - from), &client))
            break;
        end = begin > 0 ? begin - 1 : 0;
    }
    return client;
}
