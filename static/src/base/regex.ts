// Filters that a user types: a regular expression, case ignored; text that is none matches literally.

export interface TextFilter {
  readonly matches: (text: string) => boolean;
  /** Why the text is no regular expression; empty where it is one. */
  readonly error: string;
}

export function textFilter(pattern: string): TextFilter {
  if (pattern === '') return { matches: () => true, error: '' };
  try {
    const regex = new RegExp(pattern, 'i');
    return { matches: (text) => regex.test(text), error: '' };
  } catch (error) {
    const lower = pattern.toLowerCase();
    const message = error instanceof Error ? error.message : 'not a regular expression';
    return { matches: (text) => text.toLowerCase().includes(lower), error: message };
  }
}

/** An expression that matches exactly this text. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** What stands before the first '/', or the whole name. */
export function tagGroup(tag: string): string {
  const slash = tag.indexOf('/');
  return slash <= 0 ? tag : tag.slice(0, slash);
}
