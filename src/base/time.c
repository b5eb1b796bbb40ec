#include "base/time.h"

#define DAY_SECONDS 86400ull
#define LAST_SECOND 253402300799ull /* 9999-12-31T23:59:59Z */

/* Days since 1970-01-01 of a civil date, and back: Howard Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms", https://howardhinnant.github.io/date_algorithms.html (years >= 1970 only). */
static uint64_t days_from_civil(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month <= 2 ? year - 1 : year;
    unsigned era = y / 400;
    unsigned yoe = y - era * 400;
    unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (uint64_t)era * 146097 + doe - 719468;
}

static void civil_from_days(uint64_t days, unsigned *ret_year, unsigned *ret_month,
                            unsigned *ret_day)
{
    uint64_t z = days + 719468;
    uint64_t era = z / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    *ret_day = doy - (153 * mp + 2) / 5 + 1;
    *ret_month = mp < 10 ? mp + 3 : mp - 9;
    *ret_year = (unsigned)(yoe + era * 400) + (*ret_month <= 2);
}

static void put_digits(char *to, unsigned value, unsigned count)
{
    while (count-- > 0) {
        to[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

size_t time_format(uint64_t time_us, char ret_text[TIME_TEXT_MAX])
{
    uint64_t seconds = time_us / TIME_SECOND_US;
    unsigned milli = (unsigned)(time_us % TIME_SECOND_US / 1000);
    if (seconds > LAST_SECOND) {
        seconds = LAST_SECOND;
        milli = 999;
    }
    unsigned year, month, day;
    civil_from_days(seconds / DAY_SECONDS, &year, &month, &day);
    unsigned rest = (unsigned)(seconds % DAY_SECONDS);
    memcpy(ret_text, "0000-00-00T00:00:00.000Z", 24);
    put_digits(ret_text, year, 4);
    put_digits(ret_text + 5, month, 2);
    put_digits(ret_text + 8, day, 2);
    put_digits(ret_text + 11, rest / 3600, 2);
    put_digits(ret_text + 14, rest / 60 % 60, 2);
    put_digits(ret_text + 17, rest % 60, 2);
    put_digits(ret_text + 20, milli, 3);
    return 24;
}

/* Reads exactly `count` digits at *at; false when one is missing. */
static bool take_digits(struct slice text, size_t *at, unsigned count, unsigned *ret_value)
{
    unsigned value = 0;
    if (text.len - *at < count)
        return false;
    for (unsigned i = 0; i < count; i++) {
        char c = text.data[(*at)++];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (unsigned)(c - '0');
    }
    *ret_value = value;
    return true;
}

static bool take_char(struct slice text, size_t *at, char lower)
{
    if (*at >= text.len)
        return false;
    char c = text.data[(*at)++];
    return c == lower || (lower >= 'a' && c == lower - 32);
}

static unsigned month_days(unsigned year, unsigned month)
{
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

bool time_parse(struct slice text, uint64_t *ret_time_us)
{
    size_t at = 0;
    unsigned year, month, day, hour, minute, second, micro = 0;
    if (!take_digits(text, &at, 4, &year) || !take_char(text, &at, '-') ||
        !take_digits(text, &at, 2, &month) || !take_char(text, &at, '-') ||
        !take_digits(text, &at, 2, &day) || !take_char(text, &at, 't') ||
        !take_digits(text, &at, 2, &hour) || !take_char(text, &at, ':') ||
        !take_digits(text, &at, 2, &minute) || !take_char(text, &at, ':') ||
        !take_digits(text, &at, 2, &second))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > month_days(year, month) ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    if (at < text.len && text.data[at] == '.') {
        at++;
        unsigned digits = 0, scale = 100000;
        for (; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++, digits++) {
            micro += (unsigned)(text.data[at] - '0') * scale;
            scale /= 10;
        }
        if (digits == 0 || digits > 9)
            return false;
    }
    uint64_t seconds =
        days_from_civil(year, month, day) * DAY_SECONDS + hour * 3600ull + minute * 60ull + second;
    if (at >= text.len)
        return false;
    char sign = text.data[at];
    if (sign == 'Z' || sign == 'z') {
        at++;
    } else if (sign == '+' || sign == '-') {
        at++;
        unsigned offset_hour, offset_minute;
        if (!take_digits(text, &at, 2, &offset_hour) || !take_char(text, &at, ':') ||
            !take_digits(text, &at, 2, &offset_minute) || offset_hour > 23 || offset_minute > 59)
            return false;
        uint64_t offset = offset_hour * 3600ull + offset_minute * 60ull;
        if (sign == '+' && offset > seconds)
            return false;
        seconds = sign == '+' ? seconds - offset : seconds + offset;
    } else {
        return false;
    }
    if (at != text.len || seconds > LAST_SECOND)
        return false;
    *ret_time_us = seconds * TIME_SECOND_US + micro;
    return true;
}
