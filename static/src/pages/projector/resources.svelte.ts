// What the page asks the server for, beside the map itself.
import * as client from '../../api/client';
import * as projector from '../../api/projector';
import { Resource } from '../../api/resource.svelte';
import type { Checkpoint, EmbeddingFile, EmbeddingMetadata, EmbeddingStatistics, Neighbours } from '../../api/types';
import type { RowGroup } from './colouring';
import { getNamedMetadata } from './column_names';

export class Resources {
  readonly abilities = new Resource<projector.Abilities>();
  readonly largest = new Resource<string>();
  readonly checkpoints = new Resource<Checkpoint[]>();
  /** Of the run that the map is compared with. */
  readonly otherCheckpoints = new Resource<Checkpoint[]>();
  readonly metadata = new Resource<EmbeddingMetadata>();
  readonly neighbours = new Resource<Neighbours>();
  readonly statistics = new Resource<EmbeddingStatistics>();
  readonly changes = new Resource<projector.EmbeddingChanges>();
  readonly files = new Resource<EmbeddingFile[]>();

  can(): projector.Abilities {
    return this.abilities.value ?? projector.kNoAbilities;
  }

  loadTable(run: number, tag: string, mark: string): void {
    this.abilities.load('|once', (signal) => projector.getAbilities(signal));
    this.checkpoints.load(`${run} ${tag}|${mark}`, (signal) => client.getCheckpoints(run, tag, signal));
    this.files.load(`${run}|`, (signal) => projector.getEmbeddingFiles(run, signal));
  }

  loadMetadata(run: number, tag: string): void {
    this.metadata.load(`${run} ${tag}|`, (signal) => getNamedMetadata(run, tag, signal));
  }

  loadNeighbours(query: projector.NeighbourQuery): void {
    const { run, tag, step, row, k, metric } = query;
    const isAble = this.can().neighbors;
    const fetch = isAble ? projector.getNeighbours : projector.getCosineNeighbours;
    this.neighbours.load(`${run} ${tag} ${step}|${row} ${k} ${isAble ? metric : ''}`, (signal) => fetch(query, signal));
  }

  loadStatistics(run: number, tag: string, step: number): void {
    if (!this.can().statistics) return;
    this.statistics.load(`${run} ${tag} ${step}|`, (signal) => projector.getStatistics({ run, tag, step }, signal));
  }

  stop(): void {
    for (const one of [
      this.abilities,
      this.largest,
      this.checkpoints,
      this.otherCheckpoints,
      this.metadata,
      this.neighbours,
      this.statistics,
      this.changes,
      this.files,
    ])
      one.stop();
  }
}

/** The rows of each finding, or of its clusters where it has some. */
export function groupsOf(statistics: EmbeddingStatistics | null): RowGroup[] {
  const groups = (statistics?.findings ?? []).flatMap((finding) =>
    finding.clusters.length > 0
      ? finding.clusters.map(({ label, rows, rows_total }, i) => ({
          label: label ?? `${finding.title} ${i + 1}`,
          rows,
          total: rows_total,
        }))
      : [{ label: finding.title, rows: finding.rows, total: finding.rows_total }],
  );
  const seen = new Map<string, number>();
  return groups
    .filter((group) => group.rows.length > 0)
    .map((group) => {
      const count = (seen.get(group.label) ?? 0) + 1;
      seen.set(group.label, count);
      return count === 1 ? group : { ...group, label: `${group.label} (${count})` };
    });
}
