// Downloads of scalars: every point, written by the server while it is read.
import { notices } from '../base/notices.svelte';
import { escapeRegex } from '../base/regex';
import type { Failure } from '../base/result';
import * as client from './client';
import { server } from './server.svelte';

/** The most runs that the API takes by number. */
export const kExportRunsMax = 1000;

/** Begins a download, or says why there is none: asks first, since a download that fails does not tell. */
export async function startExport(url: string): Promise<Failure | null> {
  const answer = await client.checkExport(url);
  if (!answer.ok) return answer.error;
  location.assign(url);
  return null;
}

/** All points of these tags of these runs, as CSV; a failure becomes a notice. */
export async function exportCsv(tags: readonly string[], runs: readonly number[]): Promise<void> {
  const wanted = new Set(tags);
  const having = new Set(
    server.tags.filter((tag) => tag.kind === 'scalar' && wanted.has(tag.name)).map((tag) => tag.run),
  );
  // Without a list the server takes all runs, however many have the tags.
  const isAll = runs.length >= having.size;
  if (!isAll && runs.length > kExportRunsMax) {
    return notices.tell(`Not saved: an export takes all runs, or at most ${kExportRunsMax}.`, null, true);
  }
  const [only = ''] = tags;
  const exact = tags.length === 1 ? { tag: only } : { tag_regex: `^(?:${tags.map(escapeRegex).join('|')})$` };
  const error = await startExport(client.exportUrl('csv', { run: isAll ? undefined : runs, ...exact }));
  if (error !== null) notices.tell(`Not saved: ${error.detail || error.title}`, null, true);
}
