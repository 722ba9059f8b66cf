// Which finding is which from one update to the next, so that a card that is open stays so.
import type { Finding } from '../../api/types';

/**
 * One key a finding, no two alike: a list with the same key twice is none that Svelte draws. Two faults
 * of a table, rows that never change and rows that hardly move, begin at the same step; their first
 * evidence tells them apart, and where even that is alike, their place.
 */
export function keysOf(findings: readonly Finding[]): string[] {
  const counts = new Map<string, number>();
  return findings.map((one) => {
    const key = [one.rule, one.entity, one.onset_step, one.evidence[0]?.label ?? ''].join('\n');
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count === 0 ? key : `${key}\n${count}`;
  });
}
