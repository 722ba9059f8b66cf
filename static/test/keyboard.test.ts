import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handleKeys } from '../src/widgets/keyboard';

describe('the letter of a page after a g', () => {
  const gone: string[] = [];
  let handle: (event: KeyboardEvent) => void;
  beforeEach(() => {
    vi.stubGlobal('HTMLElement', class {});
    gone.length = 0;
    const nothing = () => undefined;
    handle = handleKeys({ go: (page) => gone.push(page), help: nothing, picker: nothing, theme: nothing });
  });
  afterEach(() => vi.unstubAllGlobals());

  /** Pressed at `ms`; heard of whenever the page comes to it. */
  function press(key: string, timeStamp: number): void {
    const stop = { preventDefault: () => undefined, stopImmediatePropagation: () => undefined };
    handle({ key, timeStamp, target: null, ...stop } as unknown as KeyboardEvent);
  }

  it('is waited for a second', () => {
    press('g', 1000);
    press('m', 1900);
    press('g', 3000);
    press('r', 9000);
    expect(gone).toEqual(['metrics']);
  });
  it('counts where it was pressed soon, although the page was at work between the two', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    press('g', 990);
    now.mockReturnValue(9000);
    press('r', 1200);
    now.mockRestore();
    expect(gone).toEqual(['runs']);
  });
});
