/** "9:58", or "1:02:03" from an hour on; never below zero; a begun second counts. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  const s = seconds % 60;
  return `${h > 0 ? `${h}:${two(m)}` : m}:${two(s)}`;
}
