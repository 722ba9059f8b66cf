// Slices as the API sends them, as a timeline wants them.
import { float64, textsField, uint32, uint8, type Item } from '../../api/columns';
import type { Slices } from './timeline';

/** `phases`: the names of all phases of the run, in the order of a step. */
export function slicesOf(item: Item, phases: readonly string[]): Slices {
  return {
    names: textsField(item, 'names'),
    phases,
    kind: uint8(item, 'kind'),
    name: uint32(item, 'name'),
    start: float64(item, 'start_ms'),
    duration: float64(item, 'duration_ms'),
    step: float64(item, 'step'),
    stream: uint32(item, 'stream'),
    correlation: uint32(item, 'correlation_id'),
  };
}
