// Decodes application/vnd.spirogram.columns (docs/api.md):
//
//   byte[4] "SPC1" | uint32 H | byte[H] JSON header | column data, each column 8-byte aligned
//
// The columns are views of the received bytes: nothing is copied or parsed number by number. Every
// offset and length is checked before a view is made, so a damaged answer is an error, not a RangeError.
import { brokenAnswer, success, type Result } from '../base/result';

export type Column = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

export interface Item {
  /** The fields beside the columns, as they came. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly columns: ReadonlyMap<string, Column>;
}

export const kColumnsType = 'application/vnd.spirogram.columns';

const kMagic = 0x31435053; // "SPC1", read as a little-endian uint32
const kElementBytes = { f64: 8, f32: 4, u32: 4, u16: 2, u8: 1 } as const;
type ColumnType = keyof typeof kElementBytes;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isColumnType(value: unknown): value is ColumnType {
  return typeof value === 'string' && Object.hasOwn(kElementBytes, value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function view(buffer: ArrayBuffer, type: ColumnType, begin: number, length: number): Column {
  switch (type) {
    case 'f64':
      return new Float64Array(buffer, begin, length);
    case 'f32':
      return new Float32Array(buffer, begin, length);
    case 'u32':
      return new Uint32Array(buffer, begin, length);
    case 'u16':
      return new Uint16Array(buffer, begin, length);
    case 'u8':
      return new Uint8Array(buffer, begin, length);
  }
}

function decodeColumn(buffer: ArrayBuffer, dataBegin: number, raw: unknown): Result<[string, Column]> {
  if (!isRecord(raw) || typeof raw['name'] !== 'string') return brokenAnswer('a column has no name');
  const { name, type, offset, length } = raw;
  if (!isColumnType(type)) return brokenAnswer(`column ${name}: unknown type ${String(type)}`);
  if (!isCount(offset) || !isCount(length)) {
    return brokenAnswer(`column ${name}: offset and length must be whole numbers`);
  }
  if (offset % 8 !== 0) return brokenAnswer(`column ${name}: offset ${offset} is not a multiple of 8`);
  const begin = dataBegin + offset;
  const end = begin + length * kElementBytes[type];
  if (end > buffer.byteLength) {
    return brokenAnswer(`column ${name}: ends at byte ${end} of ${buffer.byteLength}`);
  }
  return success([name, view(buffer, type, begin, length)]);
}

function decodeItem(buffer: ArrayBuffer, dataBegin: number, raw: unknown): Result<Item> {
  if (!isRecord(raw)) return brokenAnswer('an item is not an object');
  const { columns: list, ...fields } = raw;
  if (!Array.isArray(list)) return brokenAnswer('an item has no columns');
  const columns = new Map<string, Column>();
  for (const one of list) {
    const column = decodeColumn(buffer, dataBegin, one);
    if (!column.ok) return column;
    columns.set(column.value[0], column.value[1]);
  }
  return success({ fields, columns });
}

function parseHeader(buffer: ArrayBuffer, length: number): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(buffer, 8, length));
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function decodeColumns(buffer: ArrayBuffer): Result<Item[]> {
  if (buffer.byteLength < 8) return brokenAnswer(`${buffer.byteLength} bytes are too few for columns`);
  const head = new DataView(buffer);
  if (head.getUint32(0, true) !== kMagic) return brokenAnswer('the answer does not begin with SPC1');
  const headerLength = head.getUint32(4, true);
  const dataBegin = 8 + headerLength;
  if (dataBegin > buffer.byteLength) {
    return brokenAnswer(`the header ends at byte ${dataBegin} of ${buffer.byteLength}`);
  }
  if (dataBegin % 8 !== 0) return brokenAnswer(`the header's length ${headerLength} is not aligned`);
  const header = parseHeader(buffer, headerLength);
  if (!isRecord(header) || !Array.isArray(header['items'])) {
    return brokenAnswer('the header is not JSON with items');
  }
  const items: Item[] = [];
  for (const raw of header['items']) {
    const item = decodeItem(buffer, dataBegin, raw);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return success(items);
}

/** A column by name and type; one that is missing or of another type is empty. */
export function float64(item: Item, name: string): Float64Array {
  const column = item.columns.get(name);
  return column instanceof Float64Array ? column : new Float64Array(0);
}

export function float32(item: Item, name: string): Float32Array {
  const column = item.columns.get(name);
  return column instanceof Float32Array ? column : new Float32Array(0);
}

const kLevels = 65_534;
const kNoPlace = 65_535;

/** Coordinates as they come: float32, or 16 bits an axis between `min` and `max` of the item; NaN where a row has no place. */
export function coordinatesOf(item: Item): Float32Array {
  const column = item.columns.get('coordinates');
  const [min, max] = [item.fields['min'], item.fields['max']];
  if (!(column instanceof Uint16Array) || !Array.isArray(min) || !Array.isArray(max))
    return float32(item, 'coordinates');
  const dims = min.length;
  const out = new Float32Array(column.length);
  for (let axis = 0; axis < dims; axis++) {
    const from = Number(min[axis]);
    const scale = (Number(max[axis]) - from) / kLevels;
    for (let at = axis; at < out.length; at += dims)
      out[at] = column[at] === kNoPlace ? NaN : from + (column[at] as number) * scale;
  }
  return out;
}

export function uint32(item: Item, name: string): Uint32Array {
  const column = item.columns.get(name);
  return column instanceof Uint32Array ? column : new Uint32Array(0);
}

export function uint8(item: Item, name: string): Uint8Array {
  const column = item.columns.get(name);
  return column instanceof Uint8Array ? column : new Uint8Array(0);
}

export function numberField(item: Item, name: string): number {
  const value = item.fields[name];
  return typeof value === 'number' ? value : NaN;
}

export function textsField(item: Item, name: string): string[] {
  const value = item.fields[name];
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
