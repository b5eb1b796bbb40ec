// Before each file of tests: texts are the English ones, as a page has them once it is drawn.
import { en } from "../src/i18n/en.ts";
import { show } from "../src/i18n/index.ts";
import { en as words } from "../src/waiting/words/en.ts";

show("en", en);
globalThis.WORDS = words;
