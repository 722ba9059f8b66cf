// Names of runs in less room than they need. A run in a folder is called by the folder and its own name: the folder is
// what a list of runs has in common, the name is what tells them apart. Pure.
import { middleEllipsis } from './format';

/** A name in one line, whatever is in it: a sign stands for what would break or turn the line. */
export function inOneLine(name: string): string {
  return name === ''
    ? '(empty)'
    : name.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Without its folders where it is too long with them; cut in its middle where its own name alone is. */
export function cutPath(name: string, max: number): string {
  const own = name.slice(name.lastIndexOf('/') + 1);
  if ([...name].length <= max || own === '') return middleEllipsis(name, max);
  const isWhole = own !== name && [...own].length + 2 <= max;
  return isWhole ? `…/${own}` : middleEllipsis(own, max);
}

function endOf(name: string, max: number): string {
  const letters = [...name];
  return letters.length <= max ? name : `…${letters.slice(letters.length - max + 1).join('')}`;
}

const kWays = [cutPath, middleEllipsis, endOf];

/** `names`, each once, in up to `max` letters: each in the first way that tells it from all others. */
export function cutNames(names: readonly string[], max: number): string[] {
  const ways = kWays.map((way) => {
    const cut = names.map((name) => way(name, max));
    const count = new Map<string, number>();
    for (const text of cut) count.set(text, (count.get(text) ?? 0) + 1);
    return { cut, count };
  });
  return names.map((_, i) => {
    const texts = ways.map(({ cut, count }) => ({
      text: cut[i] as string,
      isAlone: count.get(cut[i] as string) === 1,
    }));
    return (texts.find((one) => one.isAlone) ?? texts[0])?.text ?? '';
  });
}
