// What is placed on the map that is shown: rows of another table, checkpoint or run.
import { Resource } from '../../api/resource.svelte';
import type { EmbeddingMetadata, Projection } from '../../api/types';
import { getNamedMetadata } from './column_names';
import { ProjectionJob } from './job.svelte';

export interface PlacedTable {
  readonly run: number;
  readonly tag: string;
  readonly step: number;
}

export class Placement {
  readonly job = new ProjectionJob();
  readonly metadata = new Resource<EmbeddingMetadata>();
  #key = '';

  /** Null: nothing is wanted on this map. Asking twice for the same is asking once. */
  show(table: PlacedTable | null, map: Projection | null): void {
    const key = table === null || map === null ? '' : `${table.run} ${table.tag} ${table.step} ${map.id}`;
    if (key === this.#key) return;
    this.#key = key;
    this.job.clear();
    if (table === null || map === null) return;
    const { dims, seed } = map;
    void this.job.start({ ...table, method: 'placement', dims, seed, onto: map.id });
    this.metadata.load(`${table.run} ${table.tag}|`, (signal) => getNamedMetadata(table.run, table.tag, signal));
  }

  /** The places of its rows on the map of that id; NaN of those that are not placed yet. */
  placesOn(map: Projection | null): Float32Array {
    const { projection, coordinates } = this.job;
    const isThere = projection !== null && projection.onto === map?.id && projection.dims === map?.dims;
    return isThere ? coordinates : kNone;
  }

  stop(): void {
    this.job.stop();
    this.metadata.stop();
    this.#key = '';
  }
}

const kNone = new Float32Array(0);
