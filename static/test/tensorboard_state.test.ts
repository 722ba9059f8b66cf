import { describe, expect, it } from 'vitest';
import { misfitOf, readStates } from '../src/pages/projector/tensorboard_state';

const kState = {
  label: 'two clusters',
  isSelected: true,
  projections: [{ 'pca-0': 1, 'pca-1': 2 }],
  selectedProjection: 'pca',
  dataSetDimensions: [400, 10],
  tSNEIteration: 0,
  tSNEPerplexity: 12.5,
  tSNEis3d: true,
  umapIs3d: false,
  umapNeighbors: 30,
  pcaComponentDimensions: [0, 1, 2],
  selectedPoints: [8, 3, 8, 5, 400, -1, 'x'],
  cameraDef: { orthographic: false },
  selectedColorOptionName: 'country',
};
const read = (...states: unknown[]) => readStates(JSON.stringify(states));

describe("TensorBoard's states", () => {
  it('are read with what they have selected', () => {
    const [state] = read(kState);
    expect(state).toMatchObject({ title: 'two clusters', isSelected: true, points: 400 });
    expect(state?.view).toEqual({ method: 'pca', dims: 3, components: [], colour: 'country' });
    expect([...(state?.rows ?? [])]).toEqual([3, 5, 8]);
  });
  it('have the parameters of their method, within what the page takes', () => {
    const view = (change: object) => read({ ...kState, ...change })[0]?.view;
    expect(view({ selectedProjection: 'tsne' })).toMatchObject({ method: 'tsne', dims: 3, perplexity: 12.5 });
    expect(view({ selectedProjection: 'tsne', tSNEPerplexity: 0 })).not.toHaveProperty('perplexity');
    expect(view({ selectedProjection: 'umap' })).toMatchObject({ method: 'umap', dims: 2, n_neighbors: 30 });
    expect(view({ selectedProjection: 'umap', umapNeighbors: 1e9 })).not.toHaveProperty('n_neighbors');
    expect(view({ pcaComponentDimensions: [0, 1] })).toMatchObject({ dims: 2, components: [] });
    expect(view({ pcaComponentDimensions: [3, 0, 1] })).toMatchObject({ dims: 3, components: [4, 1, 2] });
    expect(view({ pcaComponentDimensions: [3, 'x'] })).toMatchObject({ dims: 2, components: [4, 1] });
    expect(view({ selectedColorOptionName: 'No color map' })).toMatchObject({ colour: 'none' });
  });
  it('have the groups of their axes: text as it stands, or an expression', () => {
    const custom = {
      ...kState,
      selectedProjection: 'custom',
      customSelectedSearchByMetadataOption: 'word',
      customXLeftText: 'a.b',
      customXLeftRegex: false,
      customXRightText: '^c',
      customXRightRegex: true,
      customYUpText: 'd',
      customYDownText: '',
    };
    expect(read(custom)[0]?.view).toMatchObject({
      method: 'axes',
      dims: 2,
      axes: ['~word:a\\.b', '~word:^c', '', '~word:d'],
    });
  });
  it('are none in other files, and named where they have no label', () => {
    expect(readStates('{')).toEqual([]);
    expect(readStates('{"spirogram_projector":1}')).toEqual([]);
    expect(read(null, 3, {}, { ...kState, selectedProjection: 'isomap' })).toEqual([]);
    expect(read({ ...kState, dataSetDimensions: undefined })).toEqual([]);
    expect(read(kState, { ...kState, label: '' }).map((one) => one.title)).toEqual(['two clusters', 'state 2']);
  });
  it('fit the table that they are of, or the first rows of a larger one', () => {
    const [state] = read(kState);
    expect(misfitOf(state!, 400)).toBe('');
    expect(misfitOf(state!, 401)).toContain('is of 400 rows, and this table has 401');
    const [cut] = read({ ...kState, dataSetDimensions: [100_000, 10] });
    expect(misfitOf(cut!, 250_000)).toBe('');
    expect(misfitOf(cut!, 3000)).not.toBe('');
  });
});
