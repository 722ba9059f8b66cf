// The time of a link is gone to once its maps are there; after that the link follows the slider.
import { untrack } from 'svelte';
import { router } from '../../base/router.svelte';
import type { Timeline } from './timeline.svelte';

/** For a component while it is made. `isReady`: the maps of the checkpoints can be asked for, which `load` does. */
export function followLinkTime(timeline: Timeline, isReady: () => boolean, load: () => void): void {
  let wanted = untrack(() => (router.view.panel === 'time' ? router.view.time : -1));
  $effect(() => {
    if (wanted >= 0 && timeline.key === '' && isReady()) untrack(load);
  });
  $effect(() => {
    if (timeline.frames.length < 2 || timeline.isLoading || timeline.isPlaying) return;
    const time = Math.round(timeline.position * 100) / 100;
    const timer = setTimeout(() => {
      if (wanted >= 0) timeline.position = Math.min(wanted, timeline.frames.length - 1);
      else router.set({ time });
      wanted = -1;
    });
    return () => clearTimeout(timer);
  });
}
