// Which language a reader gets: the one that the address names, then the one chosen in the page's foot (a
// cookie, so that the server knows it, too), then the first of the browser's list that we have, then
// English. src/app says the same for the document; both must agree, or a page would change its language
// while it loads.

/** In the order of the switch. */
export const LANGUAGES = ["en", "de", "es", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own words: who looks for a language reads that one. */
export const NAMES: Record<Language, string> = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
};

const COOKIE = "onsale_language";
const COOKIE_SECONDS = 400 * 86_400;

export const languageOf = (tag: string): Language | undefined => {
  const name = tag.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === name);
};

/** What the reader chose before, by document.cookie. */
export const kept = (cookies: string): Language | undefined =>
  languageOf(new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(cookies)?.[1] ?? "");

/** `address` is location.search: "?lang=de" is what a link to a page in German has. */
export const named = (address: string): Language | undefined =>
  languageOf(new URLSearchParams(address).get("lang") ?? "");

/** `cookies` as document.cookie has them, `wanted` as navigator.languages. */
export function choose(address: string, cookies: string, wanted: readonly string[]): Language {
  const first = (): Language | undefined => wanted.map(languageOf).find(Boolean);
  return named(address) ?? kept(cookies) ?? first() ?? "en";
}

/** What document.cookie is to be set to. */
export function keptAs(language: Language, secure: boolean): string {
  const rest = `Path=/; Max-Age=${COOKIE_SECONDS}; SameSite=Lax${secure ? "; Secure" : ""}`;
  return `${COOKIE}=${language}; ${rest}`;
}

/** How figures and dates look: as the reader's own region writes the language of the texts. de-AT and
 * en-GB are taken as they are; whose browser does not have the language gets it with the region. */
export function figuresTag(language: Language, wanted: readonly string[]): string {
  const own = wanted.find((tag) => languageOf(tag) === language);
  if (own !== undefined) return own;
  const region = wanted.map((tag) => /-([A-Z]{2})\b/.exec(tag)?.[1]).find(Boolean);
  return region === undefined ? language : `${language}-${region}`;
}
