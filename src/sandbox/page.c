#include "sandbox/page.h"

#include "base/money.h"

struct slice page_html(void)
{
    return slice_make(page_file_html, page_file_html_len);
}

struct slice page_css(void)
{
    return slice_make(page_file_css, page_file_css_len);
}

struct slice page_js(void)
{
    return slice_make(page_file_js, page_file_js_len);
}

static const char *bank_name(const struct intent *intent)
{
    if (!intent->method)
        return "your bank";
    switch (intent->method->kind) {
    case METHOD_IDEAL: return "iDEAL";
    case METHOD_BANCONTACT: return "Bancontact";
    case METHOD_CARD:
    case METHOD_SEPA: break;
    }
    return "your bank";
}

void page_bank(const struct intent *intent, struct buf *html)
{
    bool open = intent->status == INTENT_REQUIRES_ACTION;
    char code[4] = "", sum[MONEY_TEXT_MAX];
    for (size_t i = 0; i < 3; i++)
        code[i] = (char)(intent->currency[i] & ~32);
    money_format(intent->amount, code, sum);
    buf_append_format(
        html,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<title>Approve the payment</title><link rel=\"stylesheet\" href=\"/sandbox/page.css\">"
        "<main class=\"bank\"><p class=\"brand\">%s <span>test page</span></p>"
        "<h1>Approve the payment</h1><p class=\"sum\">%s</p>",
        bank_name(intent), sum);
    if (open)
        buf_append_text(html, "<p>Play money: nothing is taken from anybody.</p>"
                              "<form method=\"post\">"
                              "<button name=\"outcome\" value=\"succeed\" class=\"main\">Approve"
                              "</button><button name=\"outcome\" value=\"fail\">Refuse</button>"
                              "</form>");
    else
        buf_append_text(html, "<p>This payment waits for nobody's approval any more. You may go "
                              "back to the shop.</p>");
    buf_append_text(html, "</main></html>");
}
