/** The name of the waiting page in a language; waiting.html is the English one, and any that asks for
 * it by this name gets its own (src/app/waiting_page.c). */
export const waitingPage = (language) =>
  language === "en" ? "waiting.html" : `waiting.${language}.html`;
