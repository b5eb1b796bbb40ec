// The shop in each of its languages: chosen by the browser, by an address, by hand; a whole purchase in
// which no English word is left; the waiting room's page.
import { de } from "../../../web/src/i18n/de.ts";
import { en } from "../../../web/src/i18n/en.ts";
import { es } from "../../../web/src/i18n/es.ts";
import { fr } from "../../../web/src/i18n/fr.ts";
import { de as deWaiting } from "../../../web/src/waiting/words/de.ts";
import { en as enWaiting } from "../../../web/src/waiting/words/en.ts";
import { es as esWaiting } from "../../../web/src/waiting/words/es.ts";
import { fr as frWaiting } from "../../../web/src/waiting/words/fr.ts";
import {
  address,
  check,
  DESKTOP,
  hold,
  noSideways,
  noViolation,
  openRow,
  pay,
  PHONE,
  pickFromRow,
  tickets,
  withBuyer,
} from "./lib.mjs";
import { soon, withToken } from "./organiser.mjs";
import { kept } from "./tickets.mjs";
import { newEvent, titled } from "./waiting.mjs";

const SHOPS = {
  de: { locale: "de-AT", texts: de, waiting: deWaiting },
  es: { locale: "es-ES", texts: es, waiting: esWaiting },
  fr: { locale: "fr-FR", texts: fr, waiting: frWaiting },
};
const PAGE_BYTES_MAX = 15_000;

/** English sentences that another language does not have, too. */
function englishOnly(words, others) {
  const forms = (message) => (typeof message === "string" ? [message] : Object.values(message));
  const theirs = new Set(Object.values(others).flatMap(forms));
  return Object.values(words)
    .flatMap(forms)
    .filter((text) => /[a-z]{3}/.test(text) && !/[{}]/.test(text) && !theirs.has(text));
}

/** Whatever is read, seen or spoken on a page, a line each. Names of the event are the organiser's. */
async function wordsOf(page) {
  return page.evaluate(() => {
    const spoken = [...document.querySelectorAll("[aria-label], [placeholder], [alt]")].flatMap(
      (each) => ["aria-label", "placeholder", "alt"].map((name) => each.getAttribute(name) ?? ""),
    );
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const seen = [];
    while (walk.nextNode())
      if (!walk.currentNode.parentElement.closest("script, style, noscript"))
        seen.push(walk.currentNode.data);
    return [document.title, ...spoken, ...seen].map((text) => text.trim()).filter(Boolean);
  });
}

async function noEnglish(page, english, where) {
  const words = new Set(await wordsOf(page));
  const left = english.filter((text) => words.has(text));
  check(left.length === 0, `${where}: English is left: ${left.join(" | ")}`);
}

/** From the list of events to the ticket. */
const purchase = (language) => async (world) => {
  const { locale, texts } = SHOPS[language];
  const { id, price_categories } = world.events.smallest;
  const names = new Set(price_categories.map(({ name }) => name));
  const english = englishOnly(en, texts).filter((text) => !names.has(text));
  await withBuyer(world, PHONE, { locale, provokes: /404|ERR_INTERNET_DISCONNECTED/ }, async ({ page, context }) => {
    const look = async (where) => {
      check((await page.getAttribute("html", "lang")) === language, `${where} is in ${language}`);
      await noEnglish(page, english, where);
      await noSideways(page, `${where} in ${language}`);
      await world.pictures.take(page, `phone-${language}-${where}`, where !== "seats");
    };
    const served = await page.goto("/");
    check((await served.text()).includes(`<html lang="${language}"`), "the document has the language");
    await page.locator(".event-row").first().waitFor();
    check((await page.locator("h1").textContent()) === texts["home.title"], "its heading, too");
    await look("home");
    await noViolation(page, `home in ${language}`);
    await page.goto(`/events/${id}`);
    await page.getByRole("link", { name: texts["event.choose"] }).first().waitFor();
    await look("event");
    await page.goto(`/events/${id}/seats`);
    await page.getByRole("button", { name: texts["best.find"] }).waitFor();
    await look("seats");
    await page.getByRole("button", { name: texts["best.find"] }).click();
    await hold(page);
    await look("checkout");
    await noViolation(page, `checkout in ${language}`);
    await pay(page, "pm_card_chargeDeclined");
    await page.getByText(texts["checkout.declined"]).waitFor();
    await pay(page, "pm_card_visa");
    await tickets(page, 2);
    await look("order");
    await kept(page);
    await page.goto("/nowhere");
    await page.getByRole("heading", { name: texts["missing.title"] }).waitFor();
    await look("missing");
    // The worker keeps one document for all; it starts in the reader's language all the same.
    await context.setOffline(true);
    await page.goto("/tickets");
    await page.getByRole("heading", { name: texts["tickets.title"] }).waitFor();
    await look("tickets");
  });
};

/** The foot's switch: at once, nothing is lost, and it stays. */
async function byHand(world) {
  await withBuyer(world, DESKTOP, { locale: "en-GB" }, async ({ page, context }) => {
    const { id } = world.events.smallest;
    await page.goto(`/events/${id}/seats`);
    await openRow(page, 1);
    await pickFromRow(page, 1);
    await hold(page);
    const email = page.locator('input[name="email"]');
    await email.fill("typed@example.com");
    await page.getByRole("button", { name: "Deutsch" }).click();
    await page.getByRole("heading", { name: de["checkout.title"] }).waitFor();
    check((await email.inputValue()) === "typed@example.com", "what was typed stays");
    check((await page.title()).startsWith(de["checkout.title"]), "the title changed, too");
    check((await page.getAttribute("html", "lang")) === "de", "and the document's language");
    await page.reload();
    await page.getByRole("heading", { name: de["checkout.title"] }).waitFor();
    await page.getByRole("button", { name: de["checkout.back"] }).click();
    await page.getByRole("button", { name: de["checkout.backYes"], exact: true }).click();
    await page.waitForURL(/\/(seats|events\/[^/]+)$/);
    const home = await page.goto("/");
    check((await home.text()).includes('<html lang="de"'), "the server knows the choice");
    const [cookie] = (await context.cookies()).filter(({ name }) => name === "onsale_language");
    check(cookie.value === "de" && cookie.sameSite === "Lax", "it is kept as a cookie");
    await page.goto("/?lang=fr");
    await page.getByRole("heading", { name: fr["home.title"] }).waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: en["home.title"] }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: en["home.title"] }).waitFor();
  });
}

/** A catalogue that does not come: the page stays as it is, and a second press works. */
async function withoutNetwork(world) {
  const provokes = /ERR_FAILED|ERR_INTERNET_DISCONNECTED|Failed to fetch/;
  await withBuyer(world, PHONE, { locale: "en-GB", provokes }, async ({ page }) => {
    await page.goto("/");
    await page.locator(".event-row").first().waitFor();
    await page.route(/\/assets\/es-/, (route) => route.abort());
    const spanish = page.getByRole("button", { name: "Español" });
    await spanish.click();
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
    check((await page.getAttribute("html", "lang")) === "en", "still English");
    await page.unroute(/\/assets\/es-/);
    await page.getByRole("button", { name: "Français" }).click();
    await page.getByRole("heading", { name: fr["home.title"] }).waitFor();
  });
}

const waitingRoom = (language) => async (world) => {
  const { locale, waiting } = SHOPS[language];
  const english = englishOnly(enWaiting, waiting);
  const event = await newEvent(world, { lobby_opens_at: soon(-1000) }, { sale: { opens_at: soon(9000) } });
  await withBuyer(world, PHONE, { locale }, async ({ page }) => {
    const served = await page.goto(`/events/${event}/queue`);
    const bytes = (await served.body()).length;
    check(bytes < PAGE_BYTES_MAX, `the page has ${bytes} bytes`);
    check(/Accept-Language/i.test(served.headers().vary), "caches are told what it depends on");
    check((await page.getAttribute("html", "lang")) === language, `it is in ${language}`);
    await titled(page, waiting.lobby);
    await page.getByText(waiting.howDrawn).click();
    await page.getByText(waiting.fingerprint).waitFor();
    await noEnglish(page, english, "the lobby");
    await noViolation(page, `the lobby in ${language}`);
    await noSideways(page, `the lobby in ${language}`);
    await world.pictures.take(page, `phone-${language}-waiting-lobby`);
    await titled(page, waiting.called);
    await noEnglish(page, english, "the call");
    await world.pictures.take(page, `phone-${language}-waiting-called`);
    await page.getByRole("button", { name: waiting.comeIn }).click();
    await page.waitForURL(/\/seats$/);
    await page.locator('html[lang="' + language + '"]').waitFor({ state: "attached" });
  });
};

export const languageCases = [
  ...Object.keys(SHOPS).map((language) => [`languages: a purchase in ${language}`, purchase(language)]),
  ["languages: chosen by hand, and by an address", byHand],
  ["languages: a catalogue that does not come", withoutNetwork],
  ...Object.keys(SHOPS).map((language) => [
    `languages: the waiting room in ${language}`,
    withToken(waitingRoom(language)),
  ]),
];
