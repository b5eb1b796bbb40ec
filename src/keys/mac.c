#include "keys/mac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct mac {
    EVP_MAC_CTX *context;
};

int mac_create(struct slice key, struct mac **ret_mac, struct err *err)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    /* The library takes NULL for "keep the key": an empty key still needs an address. */
    const unsigned char *bytes = key.len ? (const unsigned char *)key.data : (const void *)"";
    struct mac *mac = calloc(1, sizeof *mac);
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (mac && algorithm)
        mac->context = EVP_MAC_CTX_new(algorithm); /* keeps its own reference */
    EVP_MAC_free(algorithm);
    if (!mac || !mac->context || !EVP_MAC_init(mac->context, bytes, key.len, params)) {
        mac_destroy(mac);
        return err_set(err, "HMAC-SHA256 cannot be set up");
    }
    *ret_mac = mac;
    return 0;
}

int mac_copy(const struct mac *mac, struct mac **ret_mac, struct err *err)
{
    struct mac *copy = calloc(1, sizeof *copy);
    if (copy)
        copy->context = EVP_MAC_CTX_dup(mac->context);
    if (!copy || !copy->context) {
        mac_destroy(copy);
        return err_set(err, "HMAC-SHA256 cannot be copied");
    }
    *ret_mac = copy;
    return 0;
}

void mac_destroy(struct mac *mac)
{
    if (!mac)
        return;
    EVP_MAC_CTX_free(mac->context); /* wipes the key */
    free(mac);
}

void mac_compute(struct mac *mac, const char *domain, struct slice message,
                 uint8_t ret_tag[MAC_BYTES])
{
    size_t written = 0;
    bool done = EVP_MAC_init(mac->context, NULL, 0, NULL);
    if (done && domain)
        done = EVP_MAC_update(mac->context, (const unsigned char *)domain, strlen(domain) + 1);
    if (done && message.len)
        done = EVP_MAC_update(mac->context, (const unsigned char *)message.data, message.len);
    if (done)
        done = EVP_MAC_final(mac->context, ret_tag, &written, MAC_BYTES);
    if (!done || written != MAC_BYTES)
        abort(); /* a tag that was not computed must never be compared or given out */
}

bool mac_verify(struct mac *mac, const char *domain, struct slice message, struct slice tag)
{
    uint8_t right[MAC_BYTES];
    if (tag.len < MAC_BYTES / 2 || tag.len > MAC_BYTES)
        return false;
    mac_compute(mac, domain, message, right);
    return CRYPTO_memcmp(right, tag.data, tag.len) == 0;
}
