// Builds dist/offline.html, which the service worker shows for an address that it keeps nothing of: the
// shop's own head and styles without its script, in all languages, since nobody is there to choose one.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const dist = resolve(dirname(fileURLToPath(import.meta.url)), "../dist");
const TEXTS = {
  en: ["No network", "This page cannot be reached right now. What is yours stays yours: seats you hold are kept for their time.", "Try again", "Tickets on this device"],
  de: ["Kein Netz", "Diese Seite ist gerade nicht erreichbar. Was Ihnen gehört, bleibt Ihnen: Plätze, die Sie reserviert haben, bleiben es für ihre Zeit.", "Noch einmal versuchen", "Tickets auf diesem Gerät"],
  es: ["Sin conexión", "Ahora mismo no se puede abrir esta página. Lo que es suyo sigue siéndolo: los asientos que ha reservado se guardan durante su tiempo.", "Volver a intentarlo", "Entradas en este dispositivo"],
  fr: ["Pas de réseau", "Cette page est inaccessible pour le moment. Ce qui est à vous le reste : les places que vous avez réservées sont gardées pour leur durée.", "Réessayer", "Billets sur cet appareil"],
};

const sections = Object.entries(TEXTS)
  .map(
    ([lang, [title, text, again, tickets]], i) =>
      `<section lang="${lang}"><h${i === 0 ? 1 : 2}>${title}</h${i === 0 ? 1 : 2}>
<p class="lead">${text}</p>
<p class="actions"><a class="button" href="">${again}</a> <a class="button quiet-button" href="/tickets">${tickets}</a></p></section>`,
  )
  .join("\n");

const page = readFileSync(resolve(dist, "index.html"), "utf8")
  .replace(/\s*<script type="module".*?<\/script>/gs, "")
  .replace(/\s*<link rel="modulepreload"[^>]*>/g, "")
  .replace(/\s*<noscript>.*?<\/noscript>/gs, "")
  .replace(/\s*<meta name="description"[^>]*>/, '\n    <meta name="robots" content="noindex" />')
  .replace(/<title>.*?<\/title>/, `<title>${TEXTS.en[0]} · Onsale</title>`)
  .replace(/\s*<!--(skip|nav)-->/g, "")
  .replace("<!--page-->", `<main id="main" class="page narrow offline">\n${sections}\n</main>`);
if (!page.includes("offline")) throw new Error("index.html has no place for the page");
writeFileSync(resolve(dist, "offline.html"), page);
