#include "sandbox/page.h"

static const char html[] =
    "<!doctype html><html lang=en><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width,initial-scale=1'>"
    "<title>Sandbox payments</title>"
    "<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 "
    "1rem;"
    "color:#1a1a2e;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}code{background:#f2f2f7;padding:0 "
    ".3rem}"
    "@media(prefers-color-scheme:dark){body{color:#e8e8f0;background:#15151f}"
    "th,td{border-color:#333}code{background:#2a2a38}}</style>"
    "<h1>Sandbox payments</h1>"
    "<p>A payment provider with play money. Nothing here is real.</p>"
    "<p id=sum aria-live=polite></p>"
    "<table><thead><tr><th>Intent<th>Status<th>Amount<th>Captured<th>Refunded<th>Order</thead>"
    "<tbody id=rows></tbody></table>"
    "<h2>Test cards</h2><ul>"
    "<li><code>4242 4242 4242 4242</code> pays"
    "<li><code>4000 0000 0000 0002</code> is declined"
    "<li><code>4000 0000 0000 9995</code> has insufficient funds"
    "<li><code>4000 0025 0000 3155</code> asks you to prove who you are</ul>"
    "<h2>Faults</h2><p><code>POST /sandbox/faults</code> with "
    "<code>{\"on\":\"capture\",\"fault\":\"timeout_after\",\"rate\":1.0,\"times\":3}</code>; "
    "<code>DELETE /sandbox/faults</code> clears them.</p>"
    "<script>async function show(){const b=await(await fetch('/sandbox/books')).json();"
    "const t=document.getElementById('rows');t.replaceChildren();let captured=0,refunded=0;"
    "for(const i of b.intents){captured+=i.amount_captured;refunded+=i.amount_refunded}"
    "for(const i of b.intents.slice(-200).reverse()){const r=t.insertRow();"
    "[i.id,i.status,i.amount,i.amount_captured,i.amount_refunded,i.metadata.order_id||'']"
    ".forEach((v,n)=>{const c=r.insertCell();c.textContent=n>1&&n<5?"
    "(v/100).toFixed(2)+' '+i.currency.toUpperCase():v;if(n>1&&n<5)c.className='n'})}"
    "document.getElementById('sum').textContent=b.intents.length+' intents, '+"
    "(captured/100).toFixed(2)+' captured, '+(refunded/100).toFixed(2)+' refunded. "
    "The newest 200 are shown.'}show();setInterval(show,3000)</script></html>";

struct slice page_html(void)
{
    return slice_make(html, sizeof html - 1);
}
