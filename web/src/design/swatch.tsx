import { useLayoutEffect, useRef } from "preact/hooks";

/** A dot in a price's colour. Set by script, so that the page's policy needs no inline styles. */
export function Swatch({ colour }: { colour: string }) {
  const dot = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (dot.current) dot.current.style.backgroundColor = colour;
  }, [colour]);
  return <span class="swatch" ref={dot} aria-hidden="true" />;
}
