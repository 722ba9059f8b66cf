// Names of metadata's columns by which the page can tell them apart, whatever a file calls them.
import * as client from '../../api/client';
import type { EmbeddingMetadata } from '../../api/types';
import { success, type Result } from '../../base/result';

/** The page chooses columns by name: no two are alike, none is empty, and none is one of its own colours. */
export function withDistinctNames(metadata: EmbeddingMetadata): EmbeddingMetadata {
  const taken = new Set<string>();
  const columns = metadata.columns.map((name, at) => {
    const isOwn = name === 'none' || name.startsWith('@');
    const base = name.trim() === '' ? `column ${at + 1}` : isOwn ? `column ${name}` : name;
    let distinct = base;
    for (let n = 2; taken.has(distinct); n++) distinct = `${base} (${n})`;
    taken.add(distinct);
    return distinct;
  });
  return { ...metadata, columns };
}

export async function getNamedMetadata(
  run: number,
  tag: string,
  signal?: AbortSignal,
): Promise<Result<EmbeddingMetadata>> {
  const answer = await client.getMetadata(run, tag, signal);
  return answer.ok ? success(withDistinctNames(answer.value)) : answer;
}
