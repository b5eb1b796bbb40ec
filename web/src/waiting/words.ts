// The page's words in its language, and what they are put together by.
import type { Words } from "./words/en.ts";

declare global {
  /** Laid in by the build, one by one; in tests an object. */
  var WORDS: Words;
}

/** How figures and dates are written: as the reader's own region writes the page's language. */
export const tag = (): string =>
  navigator.languages.find((each) => each.startsWith(WORDS.tag)) ?? WORDS.tag;

export const count = (n: number): string => n.toLocaleString(tag());

/** Puts values into the places `{}`, one after the other. */
export const say = (words: string, ...values: (string | number)[]): string =>
  values.reduce<string>((text, value) => text.replace("{}", value as string), words);
