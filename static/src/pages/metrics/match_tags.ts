// Asks the server which tags the expressions of a chart mean.
import * as client from '../../api/client';
import { failure, success, type Result } from '../../base/result';
import type { PatternMatch } from './layouts';

/** An expression that is none is a fault of the layout, not of the request. */
export async function matchTags(patterns: readonly string[], signal: AbortSignal): Promise<Result<PatternMatch[]>> {
  const answers = await Promise.all(patterns.map((pattern) => client.getMatchingTags(pattern, signal)));
  const matches: PatternMatch[] = [];
  for (const [i, answer] of answers.entries()) {
    const { status, detail } = answer.ok ? { status: 200, detail: '' } : answer.error;
    if (!answer.ok && status !== 400 && status !== 414) return failure(answer.error);
    if (answer.ok) matches.push({ tags: answer.value.filter((tag) => tag.kind === 'scalar').map((tag) => tag.name) });
    else matches.push({ problem: `“${patterns[i]}”: ${detail}` });
  }
  return success(matches);
}
