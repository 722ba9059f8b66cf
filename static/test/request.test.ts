import { describe, expect, it } from 'vitest';
import { kNoAbilities, type Abilities } from '../src/api/projector';
import { kDefaultView } from '../src/base/view';
import { requestFor, tooFewRows } from '../src/pages/projector/request';

const kAll: Abilities = { ...kNoAbilities, start: true, ending: true };
const kTable = { run: 3, tag: 'embeddings/item', rows: 100, dims: 8 };

describe('requestFor', () => {
  it('asks for no more neighbours than the rows allow', () => {
    const view = { ...kDefaultView, perplexity: 50, n_neighbors: 200 };
    expect(requestFor({ ...view, method: 'tsne' }, kTable, null, kAll)).toMatchObject({ perplexity: 33 });
    expect(requestFor({ ...view, method: 'umap' }, kTable, null, kAll)).toMatchObject({ n_neighbors: 100 });
  });
  it('lays rows on the sphere for every method', () => {
    for (const method of ['pca', 'tsne', 'umap', 'axes'] as const) {
      expect(requestFor({ ...kDefaultView, method, sphere: true }, kTable, [], kAll).sphereize).toBe(true);
    }
  });
  it('says the distance and the start of t-SNE and UMAP, spectral of UMAP alone', () => {
    const view = { ...kDefaultView, map_metric: 'cosine', init: 'spectral' } as const;
    expect(requestFor({ ...view, method: 'umap' }, kTable, null, kAll)).toMatchObject({
      metric: 'cosine',
      init: 'spectral',
    });
    expect(requestFor({ ...view, method: 'tsne' }, kTable, null, kAll)).toMatchObject({
      metric: 'cosine',
      init: 'pca',
    });
    expect(requestFor({ ...view, method: 'pca' }, kTable, null, kAll)).not.toHaveProperty('metric');
  });
  it('leaves out what an old server does not know', () => {
    const request = requestFor({ ...kDefaultView, method: 'tsne', fast: true, late: 4 }, kTable, null, kNoAbilities);
    for (const field of ['metric', 'init', 'affinity', 'late_exaggeration']) expect(request).not.toHaveProperty(field);
  });
  it('names the components of a PCA that are not the first, as many as there are axes', () => {
    const view = { ...kDefaultView, components: [4, 2] };
    expect(requestFor(kDefaultView, kTable, null, kAll)).not.toHaveProperty('components');
    expect(requestFor(view, kTable, null, kAll)).toMatchObject({ components: [4, 2] });
    expect(requestFor({ ...view, dims: 3 }, kTable, null, kAll)).toMatchObject({ components: [4, 2, 1] });
    expect(requestFor(view, { ...kTable, dims: 3 }, null, kAll)).toMatchObject({ components: [2, 1] });
    expect(requestFor({ ...view, method: 'tsne' }, kTable, null, kAll)).not.toHaveProperty('components');
  });
  it('leaves the perplexity to t-SNE', () => {
    expect(requestFor({ ...kDefaultView, method: 'pca' }, { ...kTable, rows: 1 }, null, kAll)).not.toHaveProperty(
      'perplexity',
    );
  });
});

describe('tooFewRows', () => {
  it('names what a method wants', () => {
    expect(tooFewRows('tsne', 3)).toBe('t-SNE wants at least 4 rows, this table has 3. PCA shows any.');
    expect(tooFewRows('tsne', 4)).toBe('');
    expect(tooFewRows('umap', 1)).toMatch(/^UMAP wants at least 2/);
    expect(tooFewRows('pca', 1)).toBe('');
    expect(tooFewRows('tsne', undefined)).toBe('');
  });
});
