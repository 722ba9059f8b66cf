// How wide the run picker is: a matter of this screen and of how long names are, not of the view that a link shares. It
// is remembered, as the theme is.

export const kPickerWidth = { min: 180, standard: 232, max: 600 } as const;
const kKey = 'spirogram.picker_width';

/** What is no width becomes the standard one. */
export function widthWithin(width: number): number {
  return width > 0 ? Math.round(Math.min(kPickerWidth.max, Math.max(kPickerWidth.min, width))) : kPickerWidth.standard;
}

/** The width after a key on the picker's edge; undefined where it is none of its keys. */
export function widthAfterKey(width: number, key: string, isShift: boolean): number | undefined {
  const stride = isShift ? 80 : 16;
  if (key === 'ArrowLeft') return widthWithin(width - stride);
  if (key === 'ArrowRight') return widthWithin(width + stride);
  if (key === 'Home') return kPickerWidth.min;
  if (key === 'End') return kPickerWidth.max;
  return key === 'Enter' ? kPickerWidth.standard : undefined;
}

function readWidth(): number {
  try {
    return widthWithin(Number(localStorage.getItem(kKey) ?? NaN));
  } catch {
    return kPickerWidth.standard; // storage is off
  }
}

class PickerWidth {
  #width = $state(readWidth());

  get value(): number {
    return this.#width;
  }

  set(width: number): void {
    this.#width = widthWithin(width);
    try {
      localStorage.setItem(kKey, String(this.#width));
    } catch {
      // Not remembered, and nothing is lost by it.
    }
  }
}

export const pickerWidth = new PickerWidth();
