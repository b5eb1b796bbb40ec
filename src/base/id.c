#include "base/id.h"

#include <assert.h>

static const char id_letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const char id_prefix[ID_TYPE_COUNT][4] = {
    [ID_EVENT] = "evt",  [ID_HOLD] = "hld",      [ID_ORDER] = "ord",
    [ID_TICKET] = "tkt", [ID_ORGANISER] = "org",
};

#define ID_LETTERS 26 /* 130 bits for 128: the top two bits are zero */

size_t id_format(enum id_type type, struct id id, char ret_text[ID_TEXT_MAX])
{
    assert(type < ID_TYPE_COUNT);
    uint64_t high = (uint64_t)id.partition << 32 | id.slot;
    uint64_t low = id.random;
    memcpy(ret_text, id_prefix[type], 3);
    ret_text[3] = '_';
    for (int i = ID_LETTERS - 1; i >= 0; i--) {
        ret_text[4 + i] = id_letters[low & 31];
        low = low >> 5 | high << 59;
        high >>= 5;
    }
    ret_text[4 + ID_LETTERS] = '\0';
    return 4 + ID_LETTERS;
}

static int id_letter_value(char c)
{
    const char *at = c ? strchr(id_letters, c) : NULL;
    return at ? (int)(at - id_letters) : -1;
}

bool id_parse(enum id_type type, struct slice text, struct id *ret_id)
{
    assert(type < ID_TYPE_COUNT);
    if (text.len != 4 + ID_LETTERS || memcmp(text.data, id_prefix[type], 3) != 0 ||
        text.data[3] != '_')
        return false;
    uint64_t high = 0, low = 0;
    for (size_t i = 0; i < ID_LETTERS; i++) {
        int value = id_letter_value(text.data[4 + i]);
        if (value < 0 ||
            (i == 0 && value > 7)) /* 26 x 5 = 130 bits; 3 bits may stand in the first */
            return false;
        high = high << 5 | low >> 59;
        low = low << 5 | (uint64_t)value;
    }
    *ret_id = (struct id){(uint32_t)(high >> 32), (uint32_t)high, low};
    return true;
}
