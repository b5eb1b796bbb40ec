#include "base/money.h"

#include <stdio.h>

/* Codes in rows by their number of decimals, three letters each. */
static const char decimals_0[] = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXVNDVUVXAFXOFXPF";
static const char decimals_2[] =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBRLBSDBTNBWPBYNBZDCAD"
    "CDFCHFCNYCOPCRCCUPCVECZKDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYD"
    "HKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKRLRDLSLMADMDLMGAMKD"
    "MMKMNTMOPMRUMURMVRMWKMXNMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRON"
    "RSDRUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWD"
    "TZSUAHUSDUYUUZSVEDVESWSTXCDYERZARZMWZWG";
static const char decimals_3[] = "BHDIQDJODKWDLYDOMRTND";
static const char decimals_4[] = "CLFUYW";

static bool row_has(const char *row, const char code[3])
{
    for (; *row; row += 3)
        if (memcmp(row, code, 3) == 0)
            return true;
    return false;
}

int money_decimals(const char code[3])
{
    if (row_has(decimals_2, code))
        return 2;
    if (row_has(decimals_0, code))
        return 0;
    if (row_has(decimals_3, code))
        return 3;
    return row_has(decimals_4, code) ? 4 : -1;
}

size_t money_format(int64_t amount_minor, const char code[3], char ret_text[MONEY_TEXT_MAX])
{
    static const unsigned scales[] = {1, 10, 100, 1000, 10000};
    int decimals = money_decimals(code);
    unsigned scale = scales[decimals < 0 ? 0 : decimals];
    uint64_t amount = amount_minor < 0 ? 0 - (uint64_t)amount_minor : (uint64_t)amount_minor;
    const char *sign = amount_minor < 0 ? "-" : "";
    int len;
    if (scale == 1)
        len = snprintf(ret_text, MONEY_TEXT_MAX, "%s%llu %.3s", sign, (unsigned long long)amount,
                       code);
    else
        len = snprintf(ret_text, MONEY_TEXT_MAX, "%s%llu.%0*llu %.3s", sign,
                       (unsigned long long)(amount / scale), decimals,
                       (unsigned long long)(amount % scale), code);
    return (size_t)len;
}
