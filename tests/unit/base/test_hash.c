/* Checksums and hashes against published values. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void crc32c_gives_the_published_values(void **state)
{
    (void)state;
    unsigned char bytes[32];
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283u);
    assert_int_equal(crc32c(0, "", 0), 0);
    /* RFC 3720, B.4 */
    memset(bytes, 0, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43u);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794eu);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(31 - i);
    assert_int_equal(crc32c(0, bytes, 32), 0x113fdb5cu);
}

static void crc32c_goes_on_from_any_cut(void **state)
{
    (void)state;
    char text[100];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 37);
    uint32_t whole = crc32c(0, text, sizeof text);
    for (size_t cut = 0; cut <= sizeof text; cut++)
        assert_int_equal(crc32c(crc32c(0, text, cut), text + cut, sizeof text - cut), whole);
}

static void xxh3_gives_the_values_of_its_own_test_suite(void **state)
{
    (void)state;
    /* XXH3_64bits and XXH3_128bits of no bytes, seed 0: xxHash's tests */
    assert_true(hash64_of("", 0, 0) == 0x2d06800538d394c2ull);
    struct hash128 h = hash128_of("", 0);
    assert_true(h.low == 0x6001c324468d497full && h.high == 0x99aa06d3014798d8ull);
    assert_true(hash64_of("a", 1, 1) != hash64_of("a", 1, 2));
}

/* FIPS 180-4, as its examples give them. */
static void sha256_gives_the_published_values(void **state)
{
    (void)state;
    static const uint8_t abc[4] = {0xba, 0x78, 0x16, 0xbf}, nothing[4] = {0xe3, 0xb0, 0xc4, 0x42};
    struct hash256 h = hash256_of("abc", 3), empty = hash256_of("", 0);
    assert_memory_equal(h.bytes, abc, sizeof abc);
    assert_int_equal(h.bytes[31], 0xad);
    assert_memory_equal(empty.bytes, nothing, sizeof nothing);
    assert_int_equal(empty.bytes[31], 0x55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_gives_the_published_values),
        cmocka_unit_test(crc32c_goes_on_from_any_cut),
        cmocka_unit_test(xxh3_gives_the_values_of_its_own_test_suite),
        cmocka_unit_test(sha256_gives_the_published_values),
    };
    return cmocka_run_group_tests_name("base hash", tests, NULL, NULL);
}
