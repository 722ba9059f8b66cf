// Rows of a table as text for a link: ranges ("0-4,9"), or a bitmap ("~" and base64url) where that is shorter,
// as for a lasso around every second row.

/** The most rows that a hand-made link may unfold into. */
const kRowsMax = 4_000_000;

function formatRanges(rows: Uint32Array): string {
  const parts: string[] = [];
  for (let i = 0; i < rows.length;) {
    let end = i;
    while (end + 1 < rows.length && rows[end + 1] === (rows[end] as number) + 1) end++;
    parts.push(end === i ? `${rows[i]}` : `${rows[i]}-${rows[end]}`);
    i = end + 1;
  }
  return parts.join(',');
}

function formatBitmap(rows: Uint32Array): string {
  const bytes = new Uint8Array(Math.floor((rows[rows.length - 1] ?? 0) / 8) + 1);
  for (const row of rows) bytes[row >> 3]! |= 1 << (row & 7);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `~${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** `rows` ascending, each once; null where the text would be longer than `most`. */
export function formatRows(rows: Uint32Array, most: number): string | null {
  const ranges = formatRanges(rows);
  if (ranges.length <= most / 4) return ranges;
  const last = rows[rows.length - 1] ?? 0;
  const isDense = last / 6 < Math.min(most - 8, ranges.length);
  const text = isDense ? formatBitmap(rows) : ranges;
  return text.length <= most ? text : null;
}

function parseBitmap(text: string): number[] {
  const rows: number[] = [];
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    for (let at = 0; at < binary.length; at++) {
      const byte = binary.charCodeAt(at);
      for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) rows.push(at * 8 + bit);
    }
  } catch {
    return []; // not base64
  }
  return rows;
}

/** Ascending, each once; what cannot be read is left out. */
export function parseRows(text: string): Uint32Array {
  if (text.startsWith('~')) return Uint32Array.from(parseBitmap(text.slice(1)));
  const rows = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part);
    if (match === null) continue;
    const from = Number(match[1]);
    const to = Math.min(0xffffffff, match[2] === undefined ? from : Number(match[2]));
    for (let row = from; row <= to && rows.size < kRowsMax; row++) rows.add(row);
  }
  return Uint32Array.from(rows).sort();
}
