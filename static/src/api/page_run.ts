// Pages that show one run: the run of the address bar if it fits, else the first that has something to
// show, the picker's runs before all others.
import { compareNames } from '../base/natural_order';
import { server } from './server.svelte';
import type { Run, Tag, TagKind } from './types';

export interface PageRun {
  /** Runs that have tags of the kinds, selected ones first. */
  readonly runs: readonly Run[];
  /** 0 if there is none. */
  readonly run: number;
  /** Its tags of the kinds, by name. */
  readonly tags: readonly Tag[];
}

export function choosePageRun(wanted: number, kinds: readonly TagKind[]): PageRun {
  const fitting = server.tags.filter((tag) => kinds.includes(tag.kind));
  const having = new Set(fitting.map((tag) => tag.run));
  const shown = new Set(server.shownRuns.map((run) => run.id));
  const all = server.runs.filter((run) => having.has(run.id));
  const runs = [...all.filter((run) => shown.has(run.id)), ...all.filter((run) => !shown.has(run.id))];
  const run = having.has(wanted) ? wanted : (runs[0]?.id ?? 0);
  const tags = fitting.filter((tag) => tag.run === run).sort((a, b) => compareNames(a.name, b.name));
  return { runs, run, tags };
}
