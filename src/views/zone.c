#include "views/zone.h"

#include <assert.h>
#include <stdio.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

/* The zone's name as ICU wants it; 0 when it cannot be a name. */
static int32_t zone_name(struct slice zone, UChar to[ZONE_NAME_BYTES + 1])
{
    if (zone.len == 0 || zone.len > ZONE_NAME_BYTES)
        return 0;
    for (size_t i = 0; i < zone.len; i++) {
        if (zone.data[i] <= ' ' || zone.data[i] > '~')
            return 0;
        to[i] = (UChar)zone.data[i];
    }
    to[zone.len] = 0;
    return (int32_t)zone.len;
}

bool zone_valid(struct slice zone)
{
    UChar name[ZONE_NAME_BYTES + 1], canonical[128];
    int32_t len = zone_name(zone, name);
    if (!len)
        return false;
    /* ICU takes custom ids ("GMT+5") as well: those are not IANA names. It knows three-letter names
     * of its own past ("AST", "PST") too; a slash or UTC is what the database has for places. */
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = false;
    ucal_getCanonicalTimeZoneID(name, len, canonical, 128, &is_system, &status);
    if (U_FAILURE(status) || !is_system)
        return false;
    bool slash = memchr(zone.data, '/', zone.len) != NULL;
    return slash || slice_equal(zone, SLICE("UTC")) || slice_equal(zone, SLICE("GMT"));
}

static UCalendar *zone_calendar(struct slice zone)
{
    UChar name[ZONE_NAME_BYTES + 1];
    if (!zone_valid(zone))
        return NULL;
    int32_t len = zone_name(zone, name);
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(name, len, "en_US_POSIX", UCAL_GREGORIAN, &status);
    return U_FAILURE(status) ? NULL : calendar;
}

static bool two_digits(const char *text, int *ret_value)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *ret_value = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

struct zone_fields {
    int year, month, day, hour, minute, second;
};

static bool read_local(struct slice local, struct zone_fields *ret_fields)
{
    struct zone_fields f = {0};
    int century, years;
    const char *t = local.data;
    if (local.len < 16 || !two_digits(t, &century) || !two_digits(t + 2, &years) || t[4] != '-' ||
        !two_digits(t + 5, &f.month) || t[7] != '-' || !two_digits(t + 8, &f.day) ||
        (t[10] != 'T' && t[10] != ' ') || !two_digits(t + 11, &f.hour) || t[13] != ':' ||
        !two_digits(t + 14, &f.minute))
        return false;
    f.year = century * 100 + years;
    if (local.len > 16) {
        if (local.len < 19 || t[16] != ':' || !two_digits(t + 17, &f.second))
            return false;
        if (local.len > 19 && (t[19] != '.' || local.len == 20 || local.len > 29))
            return false;
        for (size_t i = 20; i < local.len; i++) {
            if (t[i] < '0' || t[i] > '9')
                return false;
        }
    }
    *ret_fields = f;
    return f.year >= 1970 && f.month >= 1 && f.month <= 12 && f.day >= 1 && f.hour <= 23 &&
           f.minute <= 59 && f.second <= 59;
}

bool zone_to_utc(struct slice zone, struct slice local, uint64_t *ret_time_us)
{
    struct zone_fields f;
    if (!read_local(local, &f))
        return false;
    UCalendar *calendar = zone_calendar(zone);
    if (!calendar)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_setAttribute(calendar, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
    ucal_setAttribute(calendar, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_LAST);
    ucal_clear(calendar);
    ucal_setDateTime(calendar, f.year, f.month - 1, f.day, f.hour, f.minute, f.second, &status);
    UDate millis = ucal_getMillis(calendar, &status);
    /* The 31st of April becomes the 1st of May in a lenient calendar: ask what it made of it. */
    bool same_day = ucal_get(calendar, UCAL_DATE, &status) == f.day &&
                    ucal_get(calendar, UCAL_MONTH, &status) == f.month - 1;
    ucal_close(calendar);
    if (U_FAILURE(status) || !same_day || millis < 0)
        return false;
    *ret_time_us = (uint64_t)millis * 1000;
    return true;
}

size_t zone_to_local(struct slice zone, uint64_t time_us, char ret_text[ZONE_LOCAL_MAX])
{
    UCalendar *calendar = zone_calendar(zone);
    if (!calendar)
        return 0;
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)(time_us / 1000), &status);
    unsigned fields[6];
    static const UCalendarDateFields wanted[6] = {UCAL_YEAR,        UCAL_MONTH,  UCAL_DATE,
                                                  UCAL_HOUR_OF_DAY, UCAL_MINUTE, UCAL_SECOND};
    for (int i = 0; i < 6; i++)
        fields[i] = (unsigned)ucal_get(calendar, wanted[i], &status);
    ucal_close(calendar);
    if (U_FAILURE(status) || fields[0] > 9999)
        return 0;
    int len = snprintf(ret_text, ZONE_LOCAL_MAX, "%04u-%02u-%02uT%02u:%02u:%02u", fields[0] % 10000,
                       (fields[1] + 1) % 100, fields[2] % 100, fields[3] % 100, fields[4] % 100,
                       fields[5] % 100);
    assert(len > 0 && len < ZONE_LOCAL_MAX);
    return (size_t)len;
}

const char *zone_data_version(void)
{
    UErrorCode status = U_ZERO_ERROR;
    const char *version = ucal_getTZDataVersion(&status);
    return U_FAILURE(status) ? "unknown" : version;
}
