import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { HomePage } from "../pages/home/home-page.tsx";
import { EventPage } from "../pages/event/event-page.tsx";
import { MissingPage } from "../pages/missing/missing-page.tsx";
import { t } from "../i18n/index.ts";
import type { Params, Route } from "./router.ts";
import { match, place } from "./router.ts";
import { Shell } from "./shell.tsx";

interface PageProps {
  params: Params;
}
type Page = ComponentType<PageProps>;

interface Entry {
  /** At hand, or fetched when first needed. */
  page: Page | (() => Promise<Page>);
  lazy: boolean;
  /** Whether the page fills the screen by itself, without the site's head and foot. */
  bare?: boolean;
}

const here = (page: Page): Entry => ({ page, lazy: false });
const later = (load: () => Promise<Page>, bare = false): Entry => ({
  page: load,
  lazy: true,
  bare,
});

const routes: Route<Entry>[] = [
  { pattern: "/", page: here(() => <HomePage />) },
  { pattern: "/events/:id", page: here(({ params }) => <EventPage id={params.id} />) },
  {
    pattern: "/events/:id/seats",
    page: later(async () => {
      const { SeatsPage } = await import("../pages/seats/seats-page.tsx");
      return ({ params }) => <SeatsPage key={params.id} id={params.id} />;
    }, true),
  },
  {
    pattern: "/events/:id/checkout/:hold",
    page: later(async () => {
      const { CheckoutPage } = await import("../pages/checkout/checkout-page.tsx");
      return ({ params }) => <CheckoutPage key={params.hold} id={params.id} hold={params.hold} />;
    }),
  },
  {
    pattern: "/events/:id/orders/:order",
    page: later(async () => {
      const { OrderPage } = await import("../pages/order/order-page.tsx");
      return ({ params }) => <OrderPage key={params.order} id={params.id} order={params.order} />;
    }),
  },
  {
    pattern: "/tickets",
    page: later(async () => {
      const { TicketsPage } = await import("../pages/tickets/tickets-page.tsx");
      return () => <TicketsPage />;
    }),
  },
  {
    pattern: "/mailbox",
    page: later(async () => {
      const { MailboxPage } = await import("../pages/mailbox/mailbox-page.tsx");
      return () => <MailboxPage mail={null} />;
    }),
  },
  {
    pattern: "/mailbox/:mail",
    page: later(async () => {
      const { MailboxPage } = await import("../pages/mailbox/mailbox-page.tsx");
      return ({ params }) => <MailboxPage mail={params.mail} />;
    }),
  },
  {
    pattern: "/gallery",
    page: later(async () => {
      const { GalleryPage } = await import("../pages/gallery/gallery-page.tsx");
      return () => <GalleryPage />;
    }),
  },
];

const loaded = new Map<Entry, Page>();
const arrived = signal(0);

function pageOf(entry: Entry): Page | null {
  if (!entry.lazy) return entry.page as Page;
  const page = loaded.get(entry);
  if (page) return page;
  void (entry.page as () => Promise<Page>)().then(
    (fresh) => {
      loaded.set(entry, fresh);
      arrived.value++;
    },
    // A new version of the shop was laid out meanwhile: the page's old files are gone.
    () => location.reload(),
  );
  return null;
}

export function App() {
  const { path } = place.value;
  void arrived.value;
  const found = match(routes, path);
  const Page = found ? pageOf(found.page) : null;

  // A new page begins at its heading, for those who cannot see that it changed.
  useEffect(() => {
    if (!first) document.querySelector<HTMLElement>("main h1, .seats h1")?.focus();
    first = false;
  }, [path]);

  if (!found)
    return (
      <Shell>
        <MissingPage />
      </Shell>
    );
  const content = Page ? (
    <Page params={found.params} />
  ) : (
    <main id="main" class="page wait" aria-busy="true">
      <p class="hidden">{t("app.loading")}</p>
    </main>
  );
  return found.page.bare ? content : <Shell>{content}</Shell>;
}

let first = true;
