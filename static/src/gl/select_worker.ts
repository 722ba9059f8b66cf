// selectRows on a thread of its own, for maps so large that it would hold up the page.
import { selectRows, type SelectTask } from './select';

addEventListener('message', (event: MessageEvent<SelectTask>) => {
  const rows = selectRows(event.data);
  (postMessage as (message: unknown, transfer: Transferable[]) => void)(rows, [rows.buffer]);
});
