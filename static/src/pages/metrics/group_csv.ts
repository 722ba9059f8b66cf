// The means of groups as a file: what is drawn, without smoothing. Pure.
import { csvField } from '../../base/csv';
import type { GroupCurve } from './group_lines';

/**
 * A line for each x of each group: `runs` is how many runs the mean is of, `deviation` that of a sample, `nonfinite` how
 * many values are NaN or infinite and in no other column. `x` is seconds, where the axis shows times.
 */
export function csvOfGroups(curves: readonly GroupCurve[], xName: 'step' | 'relative' | 'wall'): string {
  const isTime = xName !== 'step';
  const name = xName === 'wall' ? 'wall_time' : 'relative_time';
  const lines = [`group,step,${isTime ? `${name},` : ''}mean,deviation,min,max,runs,nonfinite`];
  for (const { group, found, step } of curves) {
    const label = csvField(group.label);
    for (let row = 0; row < found.x.length; row++) {
      const { x, mean, deviation, min, max, count, nonfinite } = found;
      const place = isTime ? `${step[row]},${x[row]}` : `${step[row]}`;
      lines.push(
        `${label},${place},${mean[row]},${deviation[row]},${min[row]},${max[row]},${count[row]},${nonfinite[row]}`,
      );
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}
