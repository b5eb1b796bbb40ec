interface Props {
  value: number;
  min: number;
  max: number;
  label: string;
  fewer: string;
  more: string;
  onChange: (value: number) => void;
}

/** A number between two buttons, big enough for a thumb. */
export function Stepper({ value, min, max, label, fewer, more, onChange }: Props) {
  return (
    <div class="stepper" role="group" aria-label={label}>
      <button
        type="button"
        aria-label={fewer}
        disabled={value <= min}
        onClick={() => onChange(value - 1)}
      >
        −
      </button>
      <output class="figure" aria-live="polite">
        {value}
      </output>
      <button
        type="button"
        aria-label={more}
        disabled={value >= max}
        onClick={() => onChange(value + 1)}
      >
        +
      </button>
    </div>
  );
}
