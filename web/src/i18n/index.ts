// Texts by key, in the reader's language. English is part of the program and the fallback; other
// catalogues are files of the same shape, fetched when the browser asks for them.
import { signal } from "@preact/signals";
import { en } from "./en.ts";

export type Plural = { one: string; other: string };
export type Message = string | Plural;
export type Key = keyof typeof en;
export type Catalogue = Record<Key, Message>;
export type Values = Record<string, string | number>;

/** Languages beyond English, by their short name; each a file beside this one. */
const loaders: Record<string, () => Promise<Catalogue>> = {};

export const language = signal("en");
const catalogue = signal<Catalogue>(en);

const rules = new Map<string, Intl.PluralRules>();

function pluralOf(n: number): "one" | "other" {
  let rule = rules.get(language.value);
  if (!rule) {
    rule = new Intl.PluralRules(language.value);
    rules.set(language.value, rule);
  }
  return rule.select(n) === "one" ? "one" : "other";
}

/** Puts values into `{name}` places. The count that chooses the plural is `n`. */
export function fill(message: Message, values: Values, plural: "one" | "other"): string {
  const text = typeof message === "string" ? message : message[plural];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

export function t(key: Key, values: Values = {}): string {
  const n = typeof values.n === "number" ? values.n : 2;
  return fill(catalogue.value[key], values, pluralOf(n));
}

/** Takes the first language of the browser's list that has a catalogue. */
export async function chooseLanguage(wanted: readonly string[]): Promise<void> {
  for (const tag of wanted) {
    const short = tag.toLowerCase().split("-")[0] ?? "";
    if (short === "en") break;
    const load = loaders[short];
    if (!load) continue;
    catalogue.value = await load();
    language.value = short;
    break;
  }
  document.documentElement.lang = language.value;
}
