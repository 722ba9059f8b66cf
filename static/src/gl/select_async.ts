// selectRows, beside the page's own thread where there are many points.
import { selectRows, type SelectTask } from './select';

const kWorkerFrom = 200_000;

export function selectRowsAsync(task: SelectTask): Promise<Uint32Array> {
  if (task.triples.length / 3 <= kWorkerFrom) return Promise.resolve(selectRows(task));
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./select_worker.ts', import.meta.url), { type: 'module' });
    const finish = (rows: Uint32Array) => {
      worker.terminate();
      resolve(rows);
    };
    worker.onmessage = (event: MessageEvent<Uint32Array>) => finish(event.data);
    worker.onerror = () => finish(selectRows(task)); // a browser that refuses workers still selects
    worker.postMessage({ ...task, matrix: Float64Array.from(task.matrix) });
  });
}
