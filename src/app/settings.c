#include "app/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_FLAG };

struct setting {
    const char *name, *value, *help;
    enum setting_type type;
    size_t offset;
};

static const struct setting settings_table[] = {
#define SETTING_ROW(type, name, value, help) \
    {#name, value, help, SETTING_##type, offsetof(struct settings, name)},
    SETTINGS(SETTING_ROW)
#undef SETTING_ROW
};

#define SETTING_COUNT (sizeof settings_table / sizeof settings_table[0])

/* Each text may be set by default, file, environment and flag. */
_Static_assert(SETTING_COUNT * 4 < 200, "settings.owned holds every text that can be set");

/* Edit distance (Levenshtein) of two short names. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[65];
    size_t n = strlen(b);
    if (n > 64)
        return 64;
    for (unsigned j = 0; j <= n; j++)
        row[j] = j;
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            unsigned best = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

/* `name` with - for _ and in any case. */
static void normalise(const char *name, size_t len, char *ret_name, size_t size)
{
    size_t n = len < size - 1 ? len : size - 1;
    for (size_t i = 0; i < n; i++)
        ret_name[i] = name[i] == '-' ? '_' : (char)tolower((unsigned char)name[i]);
    ret_name[n] = '\0';
}

static const struct setting *find(const char *name, const char *where, struct err *err)
{
    const struct setting *nearest = &settings_table[0];
    unsigned best = 1000;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        unsigned d = distance(name, settings_table[i].name);
        if (d == 0)
            return &settings_table[i];
        if (d < best) {
            best = d;
            nearest = &settings_table[i];
        }
    }
    (void)err_set(err, "%s: there is no setting \"%s\"; did you mean \"%s\"?", where, name,
                  nearest->name);
    return NULL;
}

static int set_flag(bool *to, const char *value)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};
    for (int i = 0; i < 4; i++) {
        if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) {
            *to = strcasecmp(value, yes[i]) == 0;
            return 0;
        }
    }
    return -1;
}

static int set(struct settings *s, const struct setting *setting, const char *value,
               const char *where, struct err *err)
{
    char *to = (char *)s + setting->offset;
    switch (setting->type) {
    case SETTING_TEXT: {
        char *copy = strdup(value);
        if (!copy || s->owned_count == sizeof s->owned / sizeof s->owned[0]) {
            free(copy);
            return err_set(err, "%s: \"%s\" is set too often", where, setting->name);
        }
        s->owned[s->owned_count++] = copy;
        memcpy(to, &copy, sizeof copy);
        return 0;
    }
    case SETTING_NUMBER: {
        char *end;
        errno = 0;
        unsigned long long number = strtoull(value, &end, 10);
        if (!isdigit((unsigned char)value[0]) || *end || errno || number > 1000000000ull)
            return err_set(err, "%s: \"%s\" wants a whole number, not \"%s\"", where, setting->name,
                           value);
        uint32_t small = (uint32_t)number;
        memcpy(to, &small, sizeof small);
        return 0;
    }
    case SETTING_FLAG:
        if (set_flag((bool *)(void *)to, value) != 0)
            return err_set(err, "%s: \"%s\" wants yes or no, not \"%s\"", where, setting->name,
                           value);
        return 0;
    }
    return -1;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

static int read_file(struct settings *s, const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set(err, "cannot read the settings file %s: %s", path, strerror(errno));
    char line[4096];
    unsigned number = 0;
    int result = 0;
    while (result == 0 && fgets(line, sizeof line, file)) {
        char where[300];
        number++;
        (void)snprintf(where, sizeof where, "%.200s line %u", path, number);
        char *comment = strchr(line, '#');
        if (comment)
            *comment = '\0';
        char *key = trim(line), *equals = strchr(key, '=');
        if (*key == '\0')
            continue;
        if (!equals) {
            result = err_set(err, "%s: write key = value", where);
            break;
        }
        *equals = '\0';
        char name[64];
        key = trim(key);
        normalise(key, strlen(key), name, sizeof name);
        const struct setting *setting = find(name, where, err);
        result = setting ? set(s, setting, trim(equals + 1), where, err) : -1;
    }
    (void)fclose(file);
    return result;
}

static int read_environment(struct settings *s, struct err *err)
{
    static const char prefix[] = "ONSALE_";
    static const char *const others[] = {"config", "top", "shared"}; /* not settings */
    for (char **at = environ; *at; at++) {
        const char *equals = strchr(*at, '=');
        if (strncmp(*at, prefix, sizeof prefix - 1) != 0 || !equals)
            continue;
        const char *begin = *at + sizeof prefix - 1;
        char name[64];
        normalise(begin, (size_t)(equals - begin), name, sizeof name);
        bool known = false;
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            known = known || strcmp(name, others[i]) == 0;
        if (known)
            continue;
        const struct setting *setting = find(name, "environment", err);
        if (!setting || set(s, setting, equals + 1, "environment", err) != 0)
            return -1;
    }
    return 0;
}

/* Goes through the flags. With `s` NULL it only looks for --config and --help. */
static int read_flags(struct settings *s, int argc, char **argv, const char **ret_config,
                      struct err *err)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return 1;
        if (strncmp(argv[i], "--", 2) != 0)
            return err_set(err, "\"%s\" is not a flag", argv[i]);
        const char *begin = argv[i] + 2, *equals = strchr(begin, '=');
        char name[64];
        normalise(begin, equals ? (size_t)(equals - begin) : strlen(begin), name, sizeof name);
        bool config = strcmp(name, "config") == 0;
        const struct setting *setting = config ? NULL : find(name, "flag", err);
        if (!config && !setting)
            return -1;
        const char *value = equals ? equals + 1 : NULL;
        if (!value && setting && setting->type == SETTING_FLAG)
            value = "yes";
        else if (!value && i + 1 < argc)
            value = argv[++i];
        if (!value)
            return err_set(err, "--%s wants a value", name);
        if (config)
            *ret_config = value;
        else if (s && set(s, setting, value, "flag", err) != 0)
            return -1;
    }
    return 0;
}

int settings_read(struct settings *ret_settings, int argc, char **argv, struct err *err)
{
    struct settings s = {0};
    const char *config = getenv("ONSALE_CONFIG");
    int result = read_flags(NULL, argc, argv, &config, err);
    if (result != 0)
        return result;
    for (size_t i = 0; i < SETTING_COUNT && result == 0; i++)
        result = set(&s, &settings_table[i], settings_table[i].value, "default", err);
    if (result == 0 && config && *config)
        result = read_file(&s, config, err);
    if (result == 0)
        result = read_environment(&s, err);
    if (result == 0)
        result = read_flags(&s, argc, argv, &config, err);
    if (result != 0) {
        settings_finish(&s);
        return -1;
    }
    *ret_settings = s;
    return 0;
}

void settings_finish(struct settings *s)
{
    while (s->owned_count > 0)
        free(s->owned[--s->owned_count]);
}

void settings_print(FILE *out)
{
    (void)fprintf(out, "  %-28s %s\n", "--config FILE", "settings file (key = value)");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *s = &settings_table[i];
        char flag[64];
        (void)snprintf(flag, sizeof flag, "--%s", s->name);
        for (char *at = flag; *at; at++)
            if (*at == '_')
                *at = '-';
        (void)fprintf(out, "  %-28s %s%s%s%s\n", flag, s->help, *s->value ? " [" : "", s->value,
                      *s->value ? "]" : "");
    }
}

int settings_captcha(const struct settings *s, struct captcha_settings *ret_captcha,
                     struct err *err)
{
    struct captcha_settings captcha = {.site_key = s->captcha_site_key,
                                       .secret = s->captcha_secret,
                                       .hostname = s->captcha_hostname,
                                       .url = s->captcha_url};
    struct err why;
    if (!captcha_provider_of(slice_from_string(s->captcha_provider), &captcha.provider))
        return err_set(err, "captcha_provider must be off, turnstile or hcaptcha, not \"%s\"",
                       s->captcha_provider);
    if (captcha_check(&captcha, &why) < 0)
        return err_set(err, "captcha_provider is %s: %s", s->captcha_provider, why.detail);
    *ret_captcha = captcha;
    return 0;
}

int settings_listen(const char *listen, char *ret_address, uint16_t *ret_port, struct err *err)
{
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    size_t len = colon ? (size_t)(colon - listen) : 0;
    if (!colon || len == 0 || len > 62 || !isdigit((unsigned char)colon[1]) || *end || port > 65535)
        return err_set(err, "\"%s\" is not ADDRESS:PORT", listen);
    if (listen[0] == '[' && listen[len - 1] == ']') {
        listen++;
        len -= 2;
    }
    memcpy(ret_address, listen, len);
    ret_address[len] = '\0';
    *ret_port = (uint16_t)port;
    return 0;
}
