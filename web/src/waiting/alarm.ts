// Calls the visitor back to the page by sound, once a gesture has allowed it.
let context: AudioContext | undefined;

const ready = (): void => void (context ??= new AudioContext()).resume();

/** What was wished before a reload needs a new gesture; any will do. */
export function wish(on: boolean): void {
  for (const gesture of ["pointerdown", "keydown"])
    if (on) addEventListener(gesture, ready);
    else removeEventListener(gesture, ready);
  if (!on) void context?.suspend();
  else if (navigator.userActivation?.hasBeenActive) ready();
}

/** So many notes, in rising threes. */
export function ring(notes: number): void {
  for (let n = 0; context && n < notes; n++) {
    const from = context.currentTime + n * 0.35;
    const tone = new OscillatorNode(context, { frequency: 523 * 1.25 ** (n % 3) });
    const volume = new GainNode(context);
    volume.gain.setTargetAtTime(0, from, 0.1);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.3);
  }
}
