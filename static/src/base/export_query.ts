// Which tags an export is asked for: exactly those that the page shows, where their names fit into a
// request, else the pattern by which they were found.
import { escapeRegex } from './regex';

/** Below the server's bound of 4,096 bytes, and with room for the rest of the target. */
const kRegexBytesMax = 3000;

/**
 * An RE2 expression for `tag_regex`, or undefined where it is not needed: `names` are the tags that
 * are shown, `all` how many there are without the filter.
 */
export function tagRegex(names: readonly string[], all: number, pattern: string): string | undefined {
  if (names.length === all) return undefined;
  const exact = `^(?:${names.map(escapeRegex).join('|')})$`;
  return new TextEncoder().encode(exact).length <= kRegexBytesMax ? exact : `(?i)${pattern}`;
}
