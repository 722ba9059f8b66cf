// One row of the runs table out of what the server's lists say of a run and its sub-runs.
import type { FinalValues } from '../../api/final_values.svelte';
import { server } from '../../api/server.svelte';
import type { Run } from '../../api/types';
import { openCounts, type RunRow } from './rows';

function joinMetrics(runs: readonly number[], finals: FinalValues): ReadonlyMap<string, number> {
  const [run = 0, ...subRuns] = runs;
  const own = finals.values.get(run) ?? new Map<string, number>();
  if (subRuns.length === 0) return own;
  // Later ones are the newer ones, and the run's own values come before all.
  return new Map([...subRuns.flatMap((id) => [...(finals.values.get(id) ?? [])]), ...own]);
}

/** `sizes`: bytes in the database by run; empty while they are not known. */
export function makeRow(run: Run, finals: FinalValues, sizes: ReadonlyMap<number, number>, isSubRun = false): RunRow {
  const subRuns = server.subRunsOf(run.id).flatMap((id) => server.runById.get(id) ?? []);
  const subRows = subRuns.map((one) => makeRow(one, finals, sizes, true));
  const size = sizes.get(run.id);
  return {
    run,
    subRows,
    isSubRun,
    ...openCounts(server.findings.get(run.id)),
    hparams: server.hparams.get(run.id) ?? {},
    metrics: joinMetrics([run.id, ...subRuns.map((one) => one.id)], finals),
    points: subRuns.reduce((sum, one) => sum + one.points, run.points),
    diskBytes: subRuns.reduce((sum, one) => sum + one.bytes_on_disk, run.bytes_on_disk),
    databaseBytes: size === undefined ? null : subRows.reduce((sum, row) => sum + (row.databaseBytes ?? 0), size),
  };
}
