import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { dark } from "../../design/theme.ts";

const COLOURS: [token: string, what: string][] = [
  ["paper", "the page"],
  ["surface", "what lies on it"],
  ["raised", "what stands out: tray, ticket, field"],
  ["ink", "words"],
  ["quiet", "words that matter less"],
  ["line", "between things"],
  ["edge", "of what can be touched"],
  ["accent", "the next step"],
  ["accent-fill", "behind white words"],
  ["accent-text", "as words"],
  ["good", "gains"],
  ["warning", "soon"],
  ["note", "behind a note"],
  ["seat-off", "a seat that is gone"],
];

const valueOf = (token: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();

export function Colours() {
  return (
    <ul class="gallery-colours">
      {COLOURS.map(([token, what]) => (
        <Colour key={token} token={token} what={what} />
      ))}
    </ul>
  );
}

function Colour({ token, what }: { token: string; what: string }) {
  const area = useRef<HTMLSpanElement>(null);
  const value = useSignal("");
  useLayoutEffect(() => {
    if (area.current) area.current.style.backgroundColor = `var(--${token})`;
    value.value = valueOf(token);
  }, [token, dark.value]);
  return (
    <li>
      <span class="gallery-colour" ref={area} />
      <b>{token}</b>
      <span class="quiet figure">{value.value}</span>
      <span class="quiet">{what}</span>
    </li>
  );
}

const TYPES = ["display", "title", "large", "text", "small"];

export function Types() {
  return (
    <div class="gallery-types">
      {TYPES.map((token) => (
        <p key={token} data-type={token}>
          {token}: Row 12 seat 8, <span class="figure">€96.00</span>
        </p>
      ))}
    </div>
  );
}

const SPACES = ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"];

export function Spaces() {
  return (
    <ul class="gallery-row gallery-spaces">
      {SPACES.map((token) => (
        <Space key={token} token={token} />
      ))}
    </ul>
  );
}

function Space({ token }: { token: string }) {
  const area = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!area.current) return;
    area.current.style.inlineSize = area.current.style.blockSize = `var(--${token})`;
  }, [token]);
  return (
    <li>
      <span ref={area} />
      {token}
    </li>
  );
}
