// Changes of runs as a user asks for them: sent, shown at once, and told with a way back.
import { copyText } from '../base/clipboard';
import { notices } from '../base/notices.svelte';
import type { Failure } from '../base/result';
import * as client from './client';
import { stillLogging } from './run_list';
import { server } from './server.svelte';
import type { Run, RunChange, RunEdit } from './types';

function tellFailure(what: string, error: Failure): void {
  notices.tell(`${what}: ${error.detail || error.title}`, null, true);
}

const count = (runs: readonly number[]) => (runs.length === 1 ? '1 run' : `${runs.length} runs`);

/** True when the run is changed. What another page changed meanwhile is not overwritten. */
export async function editRun(run: Run, edit: RunEdit): Promise<boolean> {
  const answer = await client.editRun(run.id, edit, run.revision);
  if (answer.ok) {
    server.applyRuns([answer.value]);
    return true;
  }
  if (answer.error.status !== 412) {
    tellFailure('Not changed', answer.error);
    return false;
  }
  const current = await client.getRun(run.id);
  if (current.ok) server.applyRuns([current.value]);
  const again = { label: 'Change it anyway', run: () => current.ok && void editRun(current.value, edit) };
  notices.tell('Another page changed this run meanwhile.', current.ok ? again : null, true);
  return false;
}

async function change(what: string, request: RunChange): Promise<Run[] | null> {
  const answer = await client.changeRuns(request);
  if (!answer.ok) {
    tellFailure(what, answer.error);
    return null;
  }
  server.applyRuns(answer.value);
  return answer.value;
}

export async function editRuns(runs: readonly number[], edit: NonNullable<RunChange['edit']>): Promise<boolean> {
  return (await change('Not changed', { runs, action: 'edit', edit })) !== null;
}

/** With the sub-runs that are joined with them: what is shown as one leaves as one. */
function wholeLines(runs: readonly number[]): number[] {
  return [...new Set(runs.flatMap((run) => [run, ...server.subRunsOf(run)]))];
}

export async function archiveRuns(runs: readonly number[], isArchived: boolean): Promise<void> {
  const all = wholeLines(runs);
  if (!(await editRuns(all, { is_archived: isArchived }))) return;
  notices.tell(`${count(runs)} ${isArchived ? 'archived' : 'back from the archive'}.`, {
    label: 'Undo',
    run: () => void editRuns(all, { is_archived: !isArchived }),
  });
}

export async function deleteRuns(runs: readonly number[]): Promise<boolean> {
  const all = wholeLines(runs);
  const deleted = await change('Not deleted', { runs: all, action: 'delete' });
  if (deleted === null) return false;
  notices.tell(`${count(runs)} deleted.${stillLogging(deleted)}`, { label: 'Undo', run: () => void restoreRuns(all) });
  return true;
}

/** Their names, a line each. */
export async function copyNames(runs: readonly number[]): Promise<void> {
  const isCopied = await copyText(runs.map((run) => server.runById.get(run)?.name ?? '').join('\n'));
  if (isCopied) notices.tell(runs.length === 1 ? 'Name copied.' : `${runs.length} names copied.`);
  else notices.tell('The browser does not let the page copy.', null, true);
}

export async function restoreRuns(runs: readonly number[]): Promise<boolean> {
  return (await change('Not restored', { runs, action: 'restore' })) !== null;
}

/** There is no way back: the page asks before. */
export async function purgeRuns(runs: readonly number[], deleteFiles: boolean): Promise<boolean> {
  const request: RunChange = { runs, action: 'purge', ...(deleteFiles ? { delete_files: true } : {}) };
  return (await change('Not purged', request)) !== null;
}
