import { afterEach, describe, expect, it } from 'vitest';
import { imageUrl, keepDigests, target } from '../src/api/client';
import type { Tag } from '../src/api/types';

function tag(name: string, digest?: string): Tag {
  const rest = {
    kind: 'scalar',
    plugin: 'scalars',
    display_name: '',
    description: '',
    count: 1,
    first_step: 0,
    last_step: 0,
  } as const;
  return { run: 1, name, ...rest, ...(digest === undefined ? {} : { digest }) };
}

describe('the target of a request', () => {
  afterEach(() => keepDigests([]));

  it('escapes every character that a tag may hold', () => {
    expect(target('/texts', { run: 1, tag: 'a\0b & #ö' })).toBe('api/v1/texts?run=1&tag=a%00b%20%26%20%23%C3%B6');
    expect(target('/texts', { run: 1, tag: '' })).toBe('api/v1/texts?run=1&tag=');
  });
  it('names a tag that no URL holds by its digest', () => {
    const long = 'x'.repeat(9000);
    keepDigests([tag('loss'), tag(long, 'd1')]);
    expect(imageUrl(1, long, { step: 2, wall_time: 0, index: 0, repeat: 1, width: 1, height: 1, bytes: 1 })).toBe(
      'api/v1/images/data?run=1&tag_digest=d1&step=2&index=0&repeat=1&v=0',
    );
    expect(target('/embeddings/changes', { tag: 'loss', from_tag: long })).toBe(
      'api/v1/embeddings/changes?tag=loss&from_tag_digest=d1',
    );
  });
});
