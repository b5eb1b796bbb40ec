#include "site/words.h"

#include "base/money.h"
#include "base/time.h"
#include "site/site.h"

#include <assert.h>
#include <stdio.h>

#define NBSP "\xC2\xA0"

static const char *const words[WORDS][SITE_LANGUAGES] = {
    [WORD_HOME_TITLE] = {"What’s on", "Was läuft", "En cartel", "À l’affiche"},
    [WORD_HOME_LEAD] = {"Pick your seats, see the whole price, pay, go.",
                        "Plätze wählen, den ganzen Preis sehen, zahlen, hingehen.",
                        "Elija asientos, vea el precio completo, pague y disfrute.",
                        "Choisissez vos places, voyez le prix tout compris, payez, venez."},
    [WORD_HOME_SEARCH] = {"Search events, artists, places",
                          "Veranstaltungen, Künstler, Orte suchen",
                          "Buscar eventos, artistas, lugares",
                          "Chercher événements, artistes, lieux"},
    [WORD_HOME_EVERYWHERE] = {"Everywhere", "Überall", "En todas partes", "Partout"},
    [WORD_HOME_DATES] = {"All dates", "Alle Termine", "Todas las fechas", "Toutes les dates"},
    [WORD_HOME_NONE] = {"Nothing is on sale right now.", "Zurzeit ist nichts im Verkauf.",
                        "Ahora mismo no hay nada a la venta.",
                        "Rien n’est en vente pour le moment."},
    [WORD_FROM] = {"from {price}", "ab {price}", "desde {price}", "dès {price}"},
    [WORD_FREE] = {"Free", "Kostenlos", "Gratis", "Gratuit"},
    [WORD_PRICES] = {"Prices", "Preise", "Precios", "Prix"},
    [WORD_FEE] = {"incl. {fee} fee", "inkl. {fee} Gebühr", "incl. {fee} de gastos",
                  "dont {fee} de frais"},
    [WORD_FEES_INCLUDED] = {"Fees are included. This is what you pay.",
                            "Gebühren sind enthalten. So viel zahlen Sie.",
                            "Gastos incluidos. Esto es lo que paga.",
                            "Frais compris. C’est ce que vous payez."},
    [WORD_SOLD_OUT] = {"Sold out", "Ausverkauft", "Agotado", "Complet"},
    [WORD_CHOOSE_SEATS] = {"Choose seats", "Plätze wählen", "Elegir asientos",
                           "Choisir des places"},
    [WORD_CHOOSE_TICKETS] = {"Choose tickets", "Tickets wählen", "Elegir entradas",
                             "Choisir des billets"},
    [WORD_ENTER_ROOM] = {"Go to the waiting room", "Zum Warteraum", "Ir a la sala de espera",
                         "Aller à la salle d’attente"},
    [WORD_ROOM] = {"This event has a waiting room.", "Diese Veranstaltung hat einen Warteraum.",
                   "Este evento tiene sala de espera.", "Cet événement a une salle d’attente."},
    [WORD_OPENS] = {"Sale opens {when}", "Der Verkauf beginnt: {when}", "La venta se abre: {when}",
                    "Ouverture de la vente : {when}"},
    [WORD_PAUSED] = {"The sale is paused. It goes on here by itself.",
                     "Der Verkauf ist unterbrochen. Er geht hier von selbst weiter.",
                     "La venta está en pausa. Aquí seguirá por sí sola.",
                     "La vente est en pause. Elle reprendra ici d’elle-même."},
    [WORD_ALL_SOLD] =
        {"Every ticket is sold. Seats that come back appear here.",
         "Alle Tickets sind verkauft. Plätze, die zurückkommen, erscheinen hier.",
         "Todas las entradas están vendidas. Los asientos que vuelvan aparecerán aquí.",
         "Tous les billets sont vendus. Les places qui reviennent apparaîtront ici."},
    [WORD_CLOSED] = {"The sale has closed.", "Der Verkauf ist beendet.", "La venta se ha cerrado.",
                     "La vente est close."},
    [WORD_PAST] = {"This event has taken place.", "Diese Veranstaltung hat stattgefunden.",
                   "Este evento ya se ha celebrado.", "Cet événement a eu lieu."},
    [WORD_STATUS_UPCOMING] = {"On sale soon", "Bald im Verkauf", "Pronto a la venta",
                              "Bientôt en vente"},
    [WORD_STATUS_ON_SALE] = {"On sale", "Im Verkauf", "A la venta", "En vente"},
    [WORD_STATUS_PAUSED] = {"Paused", "Unterbrochen", "En pausa", "En pause"},
    [WORD_STATUS_CLOSED] = {"Sale closed", "Verkauf beendet", "Venta cerrada", "Vente close"},
    [WORD_STATUS_PAST] = {"Past", "Vorbei", "Finalizado", "Terminé"},
    [WORD_ABOUT_EVENT] = {"Tickets for {name}: {when}, {where}.",
                          "Tickets für {name}: {when}, {where}.",
                          "Entradas para {name}: {when}, {where}.",
                          "Billets pour {name} : {when}, {where}."},
    [WORD_ABOUT_PRICE] = {"From {price}, fees included.", "Ab {price}, Gebühren inbegriffen.",
                          "Desde {price}, gastos incluidos.", "Dès {price}, frais inclus."},
    [WORD_NEEDS_SCRIPT] =
        {"To show the hall and to hold seats for you, this shop needs JavaScript. Please allow it "
         "for this site.",
         "Um den Saal zu zeigen und Plätze für Sie zu halten, braucht dieser Shop JavaScript. "
         "Bitte "
         "erlauben Sie es für diese Seite.",
         "Para mostrar la sala y reservarle asientos, esta tienda necesita JavaScript. Actívelo "
         "para este sitio.",
         "Pour montrer la salle et vous réserver des places, cette boutique a besoin de "
         "JavaScript. "
         "Veuillez l’autoriser pour ce site."},
    [WORD_MISSING_TITLE] = {"Nothing is here", "Hier ist nichts", "Aquí no hay nada",
                            "Il n’y a rien ici"},
    [WORD_MISSING_TEXT] =
        {"This address leads nowhere. It may be mistyped, or the event is gone.",
         "Diese Adresse führt nirgendwohin. Vielleicht ist sie vertippt, oder die "
         "Veranstaltung gibt es nicht mehr.",
         "Esta dirección no lleva a ninguna parte. Quizá esté mal escrita o el "
         "evento ya no exista.",
         "Cette adresse ne mène nulle part. Elle est peut-être mal saisie, ou "
         "l’événement n’existe plus."},
    [WORD_ALL_EVENTS] = {"All events", "Programm", "Eventos", "Programme"},
    [WORD_MY_TICKETS] = {"My tickets", "Meine Tickets", "Mis entradas", "Mes billets"},
    [WORD_SKIP] = {"Skip to content", "Zum Inhalt", "Ir al contenido", "Aller au contenu"},
    [WORD_PROMISE] = {"Every seat sold exactly once.", "Jeder Platz wird genau einmal verkauft.",
                      "Cada asiento se vende una sola vez.",
                      "Chaque place est vendue une seule fois."},
    [WORD_IMPRINT] = {"Imprint", "Impressum", "Aviso legal", "Mentions légales"},
    [WORD_TERMS] = {"Terms", "AGB", "Condiciones", "Conditions"},
    [WORD_PRIVACY] = {"Privacy", "Datenschutz", "Privacidad", "Confidentialité"},
    [WORD_DEMO_LEGAL] =
        {"This is a demonstration on somebody’s own computer. Nothing is sold here, no money "
         "moves, "
         "and no contract comes about. The texts show what a shop would say.",
         "Dies ist eine Vorführung auf einem eigenen Rechner. Hier wird nichts verkauft, es fließt "
         "kein Geld, und es kommt kein Vertrag zustande. Die Texte zeigen, was ein Shop sagen "
         "würde.",
         "Esto es una demostración en un ordenador particular. Aquí no se vende nada, no se mueve "
         "dinero y no se celebra ningún contrato. Los textos muestran lo que diría una tienda.",
         "Ceci est une démonstration sur un ordinateur particulier. Rien n’y est vendu, aucun "
         "argent "
         "ne circule et aucun contrat n’est conclu. Les textes montrent ce que dirait une "
         "boutique."},
    [WORD_NOT_GIVEN] = {"not given by the operator", "vom Betreiber nicht angegeben",
                        "no indicado por el operador", "non indiqué par l’exploitant"},
};

static const char *const months[SITE_LANGUAGES][12] = {
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
    {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
     "November", "Dezember"},
    {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
     "octubre", "noviembre", "diciembre"},
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
     "octobre", "novembre", "décembre"},
};
static const char *const weekdays[SITE_LANGUAGES][7] = {
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
    {"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
    {"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
    {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
};
static const char *const months_short[SITE_LANGUAGES][12] = {
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"},
    {"Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sept", "Okt", "Nov", "Dez"},
    {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
    {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
     "déc."},
};
static const char *const weekdays_short[SITE_LANGUAGES][7] = {
    {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
    {"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
    {"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
    {"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
};
/* How each language writes a date, and separates thousands and decimals. */
static const struct {
    const char *tag, *own_name, *locale, *date, *day, *thousands, *point;
    bool symbol_first;
} manners[SITE_LANGUAGES] = {
    {"en", "English", "en_GB", "{weekday}, {day} {month} {year}, {time}", "{day} {month} {year}",
     ",", ".", true},
    {"de", "Deutsch", "de_DE", "{weekday}, {day}. {month} {year}, {time} Uhr",
     "{day}. {month} {year}", ".", ",", false},
    {"es", "Español", "es_ES", "{weekday}, {day} de {month} de {year}, {time}",
     "{day} de {month} de {year}", ".", ",", false},
    {"fr", "Français", "fr_FR", "{weekday} {day} {month} {year}, {time}", "{day} {month} {year}",
     "\xE2\x80\xAF", ",", false},
};

const char *words_say(unsigned language, enum word which)
{
    assert(language < SITE_LANGUAGES && which < WORDS);
    return words[which][language];
}

const char *words_tag(unsigned language)
{
    assert(language < SITE_LANGUAGES);
    return manners[language].tag;
}

const char *words_own_name(unsigned language)
{
    assert(language < SITE_LANGUAGES);
    return manners[language].own_name;
}

const char *words_locale(unsigned language)
{
    assert(language < SITE_LANGUAGES);
    return manners[language].locale;
}

const char *words_weekday_short(unsigned language, int weekday)
{
    assert(language < SITE_LANGUAGES && weekday >= 0 && weekday < 7);
    return weekdays_short[language][weekday];
}

const char *words_month_short(unsigned language, int month)
{
    assert(language < SITE_LANGUAGES && month >= 1 && month <= 12);
    return months_short[language][month - 1];
}

/* The value of the place that `text` begins with, or NULL. */
static const struct word_value *place_at(const char *text, const struct word_value *values,
                                         size_t count, size_t *ret_len)
{
    const char *end = strchr(text, '}');
    for (size_t i = 0; end && i < count; i++) {
        size_t len = strlen(values[i].name);
        if ((size_t)(end - text) == len + 1 && memcmp(text + 1, values[i].name, len) == 0) {
            *ret_len = len + 2;
            return &values[i];
        }
    }
    return NULL;
}

void words_fill(struct buf *out, const char *text, const struct word_value *values, size_t count)
{
    while (*text) {
        size_t len = 1;
        const struct word_value *value = *text == '{' ? place_at(text, values, count, &len) : NULL;
        if (value)
            buf_append_slice(out, value->value);
        else
            buf_append_char(out, *text);
        text += len;
    }
}

static bool read_number(struct slice text, size_t at, size_t digits, int *ret_number)
{
    int number = 0;
    if (at + digits > text.len)
        return false;
    for (size_t i = at; i < at + digits; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (text.data[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool words_date_read(struct slice local, struct word_date *ret_date)
{
    struct word_date date = {0};
    char utc[TIME_TEXT_MAX];
    uint64_t time_us;
    if (local.len < 16 || local.len + 2 > sizeof utc)
        return false;
    int len = snprintf(utc, sizeof utc, "%.*s%sZ", SLICE_ARG(local), local.len == 16 ? ":00" : "");
    if (len < 0 || (size_t)len >= sizeof utc || !time_parse(slice_make(utc, (size_t)len), &time_us))
        return false;
    if (!read_number(local, 0, 4, &date.year) || !read_number(local, 5, 2, &date.month) ||
        !read_number(local, 8, 2, &date.day) || !read_number(local, 11, 2, &date.hour) ||
        !read_number(local, 14, 2, &date.minute))
        return false;
    /* 1970 began on a Thursday. */
    date.weekday = (int)((time_us / TIME_SECOND_US / 86400 + 4) % 7);
    *ret_date = date;
    return true;
}

static void write_date(struct buf *out, unsigned language, struct slice local, const char *manner)
{
    struct word_date date;
    if (!words_date_read(local, &date))
        return;
    char day[16], year[16], at[16];
    (void)snprintf(day, sizeof day, "%d", date.day);
    (void)snprintf(year, sizeof year, "%d", date.year);
    (void)snprintf(at, sizeof at, "%02d:%02d", date.hour, date.minute);
    const struct word_value values[] = {
        {"weekday", slice_from_string(weekdays[language][date.weekday])},
        {"day", slice_from_string(day)},
        {"month", slice_from_string(months[language][date.month - 1])},
        {"year", slice_from_string(year)},
        {"time", slice_from_string(at)},
    };
    words_fill(out, manner, values, sizeof values / sizeof values[0]);
}

void words_date(struct buf *out, unsigned language, struct slice local)
{
    assert(language < SITE_LANGUAGES);
    write_date(out, language, local, manners[language].date);
}

void words_day(struct buf *out, unsigned language, struct slice local)
{
    assert(language < SITE_LANGUAGES);
    write_date(out, language, local, manners[language].day);
}

/* The sign of a currency that everybody here reads, or its code. */
static struct slice symbol_of(struct slice currency)
{
    static const struct {
        const char *code, *symbol;
    } symbols[] = {{"EUR", "€"}, {"GBP", "£"}, {"USD", "$"}};
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (slice_equal(currency, slice_from_string(symbols[i].code)))
            return slice_from_string(symbols[i].symbol);
    }
    return currency;
}

void words_money(struct buf *out, unsigned language, int64_t amount_minor, struct slice currency)
{
    assert(language < SITE_LANGUAGES);
    struct slice symbol = symbol_of(currency);
    int decimals = currency.len == 3 ? money_decimals(currency.data) : 2;
    char digits[32];
    uint64_t minor = amount_minor < 0 ? -(uint64_t)amount_minor : (uint64_t)amount_minor, unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)(minor / unit));
    if (manners[language].symbol_first) {
        buf_append_slice(out, symbol);
        if (symbol.len == currency.len && symbol.data == currency.data)
            buf_append_text(out, NBSP);
    }
    if (amount_minor < 0)
        buf_append_char(out, '-');
    for (int i = 0; i < len; i++) {
        buf_append_char(out, digits[i]);
        int left = len - 1 - i;
        if (left > 0 && left % 3 == 0)
            buf_append_text(out, manners[language].thousands);
    }
    if (decimals > 0)
        buf_append_format(out, "%s%0*llu", manners[language].point, decimals,
                          (unsigned long long)(minor % unit));
    if (!manners[language].symbol_first) {
        buf_append_text(out, NBSP);
        buf_append_slice(out, symbol);
    }
}
