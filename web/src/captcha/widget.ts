// The widget of a captcha service. Its script is the service's own, and is loaded only when the box
// office asks for a captcha; only then does the pages' policy allow it (src/guard/captcha.h).
import type { components } from "../generated/openapi.ts";

type Challenge = components["schemas"]["Challenge"];
type Provider = NonNullable<Challenge["provider"]>;

/** What both services give: `render` shows a widget in an element. */
interface Service {
  render: (box: HTMLElement, options: Record<string, unknown>) => string;
  remove: (widget: string) => void;
}

const READY = "onsaleCaptchaReady";
const SCRIPTS: Record<Provider, string> = {
  turnstile: "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit",
  hcaptcha: "https://js.hcaptcha.com/1/api.js?render=explicit&recaptchacompat=off",
};
const all = globalThis as unknown as Record<string, unknown>;

const loading: Partial<Record<Provider, Promise<Service>>> = {};

function load(provider: Provider): Promise<Service> {
  loading[provider] ??= new Promise<Service>((done, fail) => {
    const script = document.createElement("script");
    all[READY] = () => done(all[provider] as Service);
    script.src = `${SCRIPTS[provider]}&onload=${READY}`;
    script.onerror = () => {
      script.remove();
      delete loading[provider]; // the next who asks tries again
      fail(new Error("the captcha's script did not come"));
    };
    document.head.append(script);
  });
  return loading[provider];
}

/** Shows the widget in `box` until it gives a token. Fails when the service is out of reach or gives
 * up, and when it is stopped; the widget is gone then, too. */
export async function personIn(
  box: HTMLElement,
  { provider, site_key }: Pick<Challenge, "provider" | "site_key">,
  stop: AbortSignal,
): Promise<string> {
  if (!provider || !site_key) throw new Error("no such captcha");
  const service = await load(provider);
  stop.throwIfAborted();
  let widget: string | undefined;
  try {
    return await new Promise<string>((done, fail) => {
      stop.addEventListener("abort", fail);
      widget = service.render(box, {
        sitekey: site_key,
        theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
        callback: done,
        "error-callback": fail,
        "response-field": false,
      });
    });
  } finally {
    if (widget !== undefined) service.remove(widget);
  }
}
