// The means of groups as a file: what is drawn, without smoothing. Pure.
import { csvField } from '../../base/csv';
import type { XAxis } from '../../base/series';
import type { GroupCurve } from './group_lines';

/**
 * A line for each x of each group: `runs` is how many runs the mean is of, `deviation` that of a sample, `nonfinite` how
 * many values are NaN or infinite and in no other column. An axis that shows no steps has a column of its own: seconds of
 * times, or values of `metric`.
 */
export function csvOfGroups(curves: readonly GroupCurve[], x: XAxis, metric = ''): string {
  const isStep = x === 'step';
  const name = x === 'metric' ? csvField(metric) : x === 'wall' ? 'wall_time' : 'relative_time';
  const lines = [`group,step,${isStep ? '' : `${name},`}mean,deviation,min,max,runs,nonfinite`];
  for (const { group, found, step } of curves) {
    const label = csvField(group.label);
    for (let row = 0; row < found.x.length; row++) {
      const { mean, deviation, min, max, count, nonfinite } = found;
      const place = isStep ? `${step[row]}` : `${step[row]},${found.x[row]}`;
      lines.push(
        `${label},${place},${mean[row]},${deviation[row]},${min[row]},${max[row]},${count[row]},${nonfinite[row]}`,
      );
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}
