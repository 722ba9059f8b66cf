import type { Page } from '../base/view';

/** Name and jump key (after g) of each page. */
export const kPageNames: Readonly<Record<Page, { name: string; key: string }>> = {
  runs: { name: 'Runs', key: 'r' },
  metrics: { name: 'Metrics', key: 'm' },
  health: { name: 'Health', key: 'h' },
  distributions: { name: 'Distributions', key: 'd' },
  projector: { name: 'Projector', key: 'p' },
  profile: { name: 'Profile', key: 'f' },
  media: { name: 'Media', key: 'i' },
  compare: { name: 'Compare', key: 'c' },
  data: { name: 'Data', key: 't' },
};
