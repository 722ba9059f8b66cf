// What a mark of the live socket says of a series that is shown already. Pure.
import type { Change } from './types';

/**
 * A restart or a back-fill: what is shown, up to step `shown`, is no longer what lies there. A mark may stand for all
 * that a program logged in minutes, from where it began anew to beyond what is shown; but the first one may also be of
 * what was answered already. `told`: the last step of the mark before; undefined without one.
 */
export function goesBack({ first_step, last_step }: Change, told: number | undefined, shown: number): boolean {
  if (told !== undefined && first_step < told) return true;
  if (first_step > shown) return false;
  return last_step < shown || (told === undefined && last_step > shown);
}
