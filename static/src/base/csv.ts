// Tables as CSV (RFC 4180). Pure.

/** A field of a line. A spreadsheet takes one that begins as formulas do for one; text from data is text. */
export function csvField(field: string): string {
  const text = /^[=+\-@\t\r]/.test(field) && Number.isNaN(Number(field)) ? `'${field}` : field;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf(lines: readonly (readonly string[])[]): string {
  return lines.map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}
