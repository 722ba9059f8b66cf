import { describe, expect, it } from 'vitest';
import { abilitiesOf, kNoAbilities } from '../src/api/projector';
import type { Projection } from '../src/api/types';
import { kDefaultView } from '../src/base/view';
import { alignMap, largestRows, movement } from '../src/pages/projector/alignment';
import { bookmarkOf, mapAsCsv, mapAsSvg, metadataAsTsv, readBookmark } from '../src/pages/projector/bookmark';
import { colourGroups, colourPoints } from '../src/pages/projector/colouring';
import { withDistinctNames } from '../src/pages/projector/column_names';
import { labelCandidates, placeLabels } from '../src/pages/projector/labels';
import { missingOf } from '../src/pages/projector/missing';
import { hypergeometricTail, overRepresented } from '../src/pages/projector/over_represented';
import { colourPlaced, overlay } from '../src/pages/projector/placed';
import { caveatOf, factsOf, leftOutText } from '../src/pages/projector/quality';
import { namingColumn, searchRows } from '../src/pages/projector/search';
import { random } from './random';

const kCities = {
  columns: ['city', 'age'],
  values: [
    ['Oslo', 'Lima', 'Oslo', '7'],
    ['young', 'old', 'old', 'young'],
  ],
};

describe('the search in metadata', () => {
  it('looks into all columns, or into one', () => {
    expect([...searchRows(kCities, 4, '', 'o.*l').rows]).toEqual([0, 1, 2]);
    expect([...searchRows(kCities, 4, 'age', 'old').rows]).toEqual([1, 2]);
    expect([...searchRows(kCities, 4, 'city', 'old').rows]).toEqual([]);
  });
  it('takes a number as a row number too, and a broken pattern as text', () => {
    expect([...searchRows(kCities, 4, '', '1').rows]).toEqual([1]);
    const broken = searchRows({ columns: ['a'], values: [['x(', 'x']] }, 2, '', 'x(');
    expect([...broken.rows]).toEqual([0]);
    expect(broken.error).not.toBe('');
  });
  it('finds nothing beyond the metadata that is there', () => {
    expect([...searchRows({ columns: ['a'], values: [['x']] }, 3, '', '^$').rows]).toEqual([]);
  });
});

describe('the names of rows', () => {
  it('are of the column that tells most rows apart, or of the one that is asked for', () => {
    const words = {
      columns: ['kind', 'id', 'word'],
      values: [
        ['a', 'a', 'b'],
        ['1', '2', '3'],
        ['x', 'y', 'x'],
      ],
    };
    expect(['', 'word', 'gone'].map((wanted) => namingColumn(words, wanted))).toEqual(['id', 'word', 'id']);
    expect(namingColumn({ columns: [], values: [] }, 'word')).toBe('');
  });
});

describe('what a selection holds more of', () => {
  it('agrees with the exact hypergeometric tail', () => {
    // 5 of 10 have the value, 4 are drawn, all 4 have it: C(5,4) / C(10,4) = 5 / 210.
    expect(hypergeometricTail(4, 4, 5, 10)).toBeCloseTo(5 / 210, 10);
    expect(hypergeometricTail(0, 4, 5, 10)).toBeCloseTo(1, 10);
    // By exact fractions of whole numbers.
    expect(hypergeometricTail(30, 50, 100, 1000) / 1.3217037116365615e-19).toBeCloseTo(1, 6);
  });
  it('names the value that fills the selection, with what chance would give', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i < 20 ? 'NO' : 'PE'));
    const [first, ...rest] = overRepresented(
      { columns: ['country'], values: [values] },
      100,
      Uint32Array.from(Array(15).keys()),
    );
    expect(first).toMatchObject({ column: 'country', value: 'NO', count: 15, expected: 3, lift: 5 });
    expect(first?.p).toBeLessThan(1e-9);
    expect(rest).toEqual([]);
  });
  it('says nothing of a random selection, of all rows, of none, or of names that differ in every row', () => {
    const values = Array.from({ length: 100 }, (_, i) => `${i % 2}`);
    const all = { columns: ['parity'], values: [values] };
    expect(overRepresented(all, 100, Uint32Array.of(1, 2, 3, 4))).toEqual([]);
    expect(overRepresented(all, 100, Uint32Array.from(Array(100).keys()))).toEqual([]);
    expect(overRepresented(all, 100, new Uint32Array(0))).toEqual([]);
    const ids = { columns: ['id'], values: [Array.from({ length: 100 }, (_, i) => `id ${i}`)] };
    expect(overRepresented(ids, 100, Uint32Array.of(1, 2, 3))).toEqual([]);
  });
});

describe('one map laid over another', () => {
  for (const dims of [2, 3]) {
    it(`undoes a rotation, a reflection and a shift in ${dims} dimensions`, () => {
      const next = random(1);
      const onto = Float32Array.from({ length: 300 * dims }, () => next() * 10);
      const map = onto.slice();
      for (let at = 0; at < map.length; at += dims) {
        const [x, y] = [map[at] as number, map[at + 1] as number];
        map[at] = 0.6 * x - 0.8 * y + 5;
        map[at + 1] = -(0.8 * x + 0.6 * y) - 3;
      }
      const { coordinates, residual } = alignMap(map, onto, dims);
      expect(residual).toBeLessThan(1e-5);
      expect(Math.max(...movement(onto, coordinates, dims))).toBeLessThan(1e-5);
    });
  }
  it('keeps the size of a map, and lays points on a line too', () => {
    const line = Float32Array.of(0, 0, 1, 0, 2, 0);
    expect(alignMap(Float32Array.of(0, 0, 0, 1, 0, 2), line, 2).residual).toBeLessThan(1e-6);
    expect(alignMap(Float32Array.of(0, 0, 2, 0, 4, 0), line, 2).residual).toBeCloseTo(1, 6);
  });
  it('leaves maps of other sizes alone', () => {
    const map = Float32Array.of(1, 2);
    expect(alignMap(map, Float32Array.of(1, 2, 3, 4), 2).coordinates).toBe(map);
  });
  it('lists the rows that moved most', () => {
    const moved = movement(Float32Array.of(-1, 0, 1, 0, 0, 0), Float32Array.of(-1, 0, 1, 3, 0, 1), 2);
    expect(largestRows(moved, 2)).toEqual([1, 2]);
  });
  it('passes over rows without a place', () => {
    const onto = Float32Array.of(-1, 0, NaN, NaN, 1, 0, 0, 3);
    const map = Float32Array.of(5, 4, 9, 9, 5, 6, NaN, NaN);
    const { coordinates, residual } = alignMap(map, onto, 2);
    expect(residual).toBeLessThan(1e-6);
    [-1, 0].forEach((value, i) => expect(coordinates[i]).toBeCloseTo(value, 5));
    expect([...coordinates.subarray(6)]).toEqual([NaN, NaN]);
    const moved = movement(onto, Float32Array.of(-1, 1, 0, 0, 1, 0, NaN, NaN), 2);
    expect([...moved].map(Number.isNaN)).toEqual([false, true, false, true]);
    expect(largestRows(moved, 3)).toEqual([0, 2]);
  });
});

describe('labels', () => {
  it('puts no label over another, the first first', () => {
    const at = [{ x: 10, y: 20 }, { x: 12, y: 22 }, { x: 10, y: 60 }, null];
    const labels = ['a', 'b', 'c', 'd'].map((text, row) => ({ row, text, isStrong: false }));
    const placed = placeLabels(
      labels,
      (row) => at[row] ?? null,
      () => 40,
      { width: 200, height: 100 },
    );
    expect(placed.map((one) => one.text)).toEqual(['a', 'c']);
  });
  it('takes marked rows first and each row once', () => {
    expect(labelCandidates(4, ['a', 'b', 'c', 'd'], [2, 2]).map((one) => one.text)).toEqual(['c', 'a', 'b', 'd']);
    expect(labelCandidates(1_000_000, [], []).length).toBeLessThanOrEqual(1500);
  });
});

describe('a bookmark', () => {
  it('gives back the view and the selection, however long it is', () => {
    const view = { ...kDefaultView, page: 'projector' as const, tag: 'a/b', search: 'x&y' };
    const read = readBookmark(bookmarkOf(view, Uint32Array.of(1, 5, 9), 'lasso'));
    expect(read?.view).toEqual(view);
    expect([...(read?.rows ?? [])]).toEqual([1, 5, 9]);
  });
  it('refuses what is none, and drops rows that are no rows', () => {
    for (const text of ['', '[]', '{"view":"/projector"}', '{"spirogram_projector":1,"view":"/runs"}'])
      expect(readBookmark(text)).toBeNull();
    const hostile = '{"spirogram_projector":1,"view":"/projector","rows":[1,-1,0.5,"2",1e99]}';
    expect([...(readBookmark(hostile)?.rows ?? [])]).toEqual([1]);
  });
});

describe('the map as a file', () => {
  it('quotes CSV, and lets no text become a formula', () => {
    const metadata = { columns: ['name'], values: [['=1+1', 'a,"b"']] };
    expect(mapAsCsv({ coordinates: Float32Array.of(0, -1, 2, 3), metadata }, 2, null)).toBe(
      'row,x,y,name\r\n0,0,-1,\'=1+1\r\n1,2,3,"a,""b"""\r\n',
    );
    expect(mapAsCsv({ coordinates: Float32Array.of(0, 1, 2, 3), metadata: null }, 2, Uint32Array.of(1))).toBe(
      'row,x,y\r\n1,2,3\r\n',
    );
    expect(mapAsCsv({ coordinates: Float32Array.of(NaN, NaN), metadata: null }, 2, null)).toBe('row,x,y\r\n0,,\r\n');
  });
  it('writes metadata as projectors read it, without a header for one column', () => {
    expect(metadataAsTsv({ columns: ['a'], values: [['x\ty', 'z']] }, 2)).toBe('x y\nz\n');
    expect(metadataAsTsv({ columns: ['a', 'b'], values: [['1'], ['2']] }, 1)).toBe('a\tb\n1\t2\n');
  });
  it('tells placed rows from those of the map', () => {
    const map = {
      coordinates: Float32Array.of(0, 1),
      metadata: { columns: ['name', 'city'], values: [['a'], ['Kyoto']] },
    };
    const placed = {
      coordinates: Float32Array.of(2, 3, 4, 5),
      metadata: {
        columns: ['name', 'age'],
        values: [
          ['b', 'c'],
          ['7', '8'],
        ],
      },
    };
    expect(mapAsCsv(map, 2, null, placed)).toBe(
      'row,placed,x,y,name,city,age\r\n0,no,0,1,a,Kyoto,\r\n0,yes,2,3,b,,7\r\n1,yes,4,5,c,,8\r\n',
    );
    const svg = mapAsSvg(
      3,
      1,
      { at: (row) => ({ x: row, y: 0 }), width: 10, height: 10 },
      new Uint8Array(9),
      '#fff',
      2,
      new Uint32Array(0),
    );
    expect(svg).toMatch(/<g id="map"[^>]*><circle cx="0.0"[^>]*><\/g><g id="placed"[^>]*><circle cx="1.0"/);
  });
  it('draws the shown points alone', () => {
    const svg = mapAsSvg(
      2,
      2,
      { at: (row) => (row === 0 ? { x: 1, y: 2 } : null), width: 10, height: 10 },
      Uint8Array.of(255, 0, 16, 0, 0, 0),
      '#fff',
      2,
      Uint32Array.of(0, 1),
    );
    expect(svg.match(/<circle/g)?.length).toBe(1);
    expect(svg).toContain('fill="#ff0010"');
    expect(svg).not.toContain('<path');
  });
  it('draws the lines between rows that follow each other behind the points', () => {
    const svg = mapAsSvg(
      3,
      3,
      { at: (row) => ({ x: row, y: 2 * row }), width: 10, height: 10 },
      Uint8Array.of(255, 0, 16, 0, 0, 0, 0, 0, 0),
      '#fff',
      2,
      Uint32Array.of(0, 2, 2, 1),
    );
    expect(svg).toMatch(/<g id="lines"[^>]*><path d="M0.0 0.0L2.0 4.0" stroke="#ff0010"\/><path d="M2.0 4.0L1.0 2.0"/);
    expect(svg.indexOf('<path')).toBeLessThan(svg.indexOf('<circle'));
  });
});

describe('what the server can do', () => {
  it('is read from its own description', () => {
    expect(abilitiesOf({ paths: { '/api/v1/projections': { post: {} } } })).toEqual(kNoAbilities);
    const paths = {
      '/api/v1/embeddings/neighbors': {},
      '/api/v1/projections/{id}/pause': {},
      '/api/v1/projections': { post: { properties: { affinity: {} } } },
    };
    expect(abilitiesOf({ paths })).toEqual({
      neighbors: true,
      statistics: false,
      changes: false,
      pause: true,
      start: true,
      ending: false,
      placement: false,
      find: false,
    });
    const parameters = [{ name: 'if_known' }];
    expect(abilitiesOf({ paths: { '/api/v1/projections': { post: { parameters } } } }).find).toBe(true);
  });
  it('is nothing where there is none', () => {
    expect(abilitiesOf(null)).toEqual(kNoAbilities);
  });
});

describe('the quality line', () => {
  const projection: Projection = {
    id: 1,
    run: 1,
    tag: 't',
    step: 5,
    method: 'tsne',
    dims: 2,
    perplexity: 30,
    iterations: 750,
    seed: 1,
    state: 'done',
    iteration: 750,
    kl_divergence: 1.25,
    seconds: 2,
    device: 'cpu',
    points: 100,
    error: null,
    variance_share: null,
  };
  it('tells what an older server knows', () => {
    expect(factsOf(projection).map((one) => one.name)).toEqual(['KL', 'iteration', 'perplexity', 'time', 'on']);
  });
  it('tells all that was measured, and says what is an estimate', () => {
    const quality = {
      kl: 1.2,
      kl_is_exact: false,
      trustworthiness: 0.97,
      recall_10: 'NaN' as const,
      queries: 50,
      span: 80,
    };
    const facts = factsOf({ ...projection, quality, alignment_residual: 0.1 });
    expect(facts.map((one) => `${one.name} ${one.value}`).slice(0, 7)).toEqual([
      'KL (estimate) 1.2000',
      'iteration 750 of 750',
      'perplexity 30',
      'trustworthiness 0.970',
      'recall@10 –',
      'span 80.0',
      'alignment 0.100',
    ]);
    expect(facts.every((one) => one.meaning !== '')).toBe(true);
  });
  it('tells how wide a map is, however its rows are scaled', () => {
    const spanOf = (span: number) => {
      const quality = { kl: null, kl_is_exact: false, trustworthiness: 1, recall_10: 1, queries: 50, span };
      return factsOf({ ...projection, method: 'pca', quality }).find(({ name }) => name === 'span')?.value;
    };
    expect([0, 6.3e-4, 0.0213, 1.049, 45.84, 2828429.8, NaN].map(spanOf)).toEqual([
      '0',
      '6.3e-4',
      '0.0213',
      '1.05',
      '45.8',
      '2,830,000',
      '–',
    ]);
  });
  it('tells the epochs of a UMAP, and no divergence of t-SNE', () => {
    const quality = { kl: null, kl_is_exact: false, trustworthiness: 0.97, recall_10: 0.5, queries: 50, span: 30 };
    const facts = factsOf({ ...projection, method: 'umap', iteration: 500, iterations: 500, quality });
    expect(facts.map((one) => one.name).slice(0, 4)).toEqual(['epoch', 'trustworthiness', 'recall@10', 'span']);
  });
  it('tells what the rows allowed where that was less than is usual', () => {
    const value = (of: Projection, name: string) => factsOf(of).find((one) => one.name === name);
    expect(value({ ...projection, points: 50, perplexity: 16 }, 'perplexity')).toMatchObject({
      value: '16, the most',
      meaning: expect.stringContaining('50 rows allow no more'),
    });
    expect(value({ ...projection, points: 100, rows_left_out: 8, perplexity: 91 / 3 }, 'perplexity')?.value).toBe(
      '30.3, the most',
    );
    expect(value({ ...projection, affinity: 'uniform' }, 'neighbours')?.value).toBe('15 alike');
    const umap: Projection = { ...projection, method: 'umap', points: 12, n_neighbors: 12 };
    expect(value(umap, 'neighbours')?.value).toBe('12, all');
    expect(value({ ...umap, points: 100 }, 'neighbours')?.value).toBe('12');
  });
  it('tells why a spectral start is none, and which rows have no place', () => {
    const umap: Projection = {
      ...projection,
      method: 'umap',
      init: 'spectral',
      init_fallback: 'principal components: 9 parts',
    };
    expect(factsOf(umap).find((one) => one.name === 'start')?.value).toBe('principal components: 9 parts');
    expect(factsOf({ ...umap, init_fallback: null }).some((one) => one.name === 'start')).toBe(false);
    expect(leftOutText(projection)).toBe('');
    expect(leftOutText({ ...projection, rows_left_out: 1, left_out: [4] })).toBe(
      'Row 4 holds NaN, Inf or a number beyond 1e30 and has no place.',
    );
    expect(leftOutText({ ...projection, metric: 'cosine', rows_left_out: 1, left_out: [0] })).toBe(
      'Row 0 holds NaN, Inf, zeros alone or a number beyond 1e30 and has no place.',
    );
    expect(
      leftOutText({ ...projection, rows_left_out: 1200, left_out: Array.from({ length: 100 }, (_, i) => i) }),
    ).toMatch(/^1,200 rows .*: 0, 1, .*, 9 and 1,190 more\.$/);
  });
  it('warns of distances on the maps that do not keep them alone', () => {
    expect(caveatOf({ ...projection, method: 'tsne' })).toMatch(/t-SNE keeps who is near whom/);
    expect(caveatOf({ ...projection, method: 'umap' })).toMatch(/UMAP keeps/);
    for (const method of ['pca', 'axes', 'placement'] as const) expect(caveatOf({ ...projection, method })).toBe('');
  });
});

describe('colours of findings', () => {
  it('gives a row of several groups the colour of the first', () => {
    const { rgb, legend } = colourGroups(
      3,
      [
        { label: 'a', rows: [0], total: 1 },
        { label: 'b', rows: [0, 1, 99], total: 3 },
      ],
      false,
    );
    expect(rgb.slice(0, 3)).not.toEqual(rgb.slice(3, 6));
    expect(legend.map((one) => one.label)).toEqual(['a', 'b', 'none']);
  });
  it('tells how many groups have no colour of their own', () => {
    const groups = Array.from({ length: 100 }, (_, g) => ({ label: `cluster ${g}`, rows: [g], total: 3 }));
    const { legend } = colourGroups(100, groups, false);
    expect(legend.slice(-2).map(({ label, note }) => [label, note])).toEqual([
      ['80 others', '240'],
      ['none', ''],
    ]);
  });
});

describe('rows placed on a map', () => {
  it('follow the rows of the map', () => {
    expect([...overlay(Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6))]).toEqual([1, 2, 3, 4, 5, 6]);
  });
  it('stand out in one colour where they share no column', () => {
    const { rgb, legend } = colourPlaced(2, ['a', 'b'], 1, undefined, false);
    expect([...rgb.slice(0, 3)]).toEqual([...rgb.slice(3, 6)]);
    expect([...rgb.slice(6)]).not.toEqual([...rgb.slice(0, 3)]);
    expect(legend.map((one) => one.note)).toEqual(['1', '2']);
  });
  it('have the colour of their value, strong, beside pale ones of the map', () => {
    const { rgb, legend } = colourPlaced(3, ['a', 'b'], 2, ['b', 'a'], false);
    const colour = (row: number) => [...rgb.slice(3 * row, 3 * row + 3)];
    expect(colour(0)).not.toEqual(colour(4));
    expect(colour(1)).not.toEqual(colour(3));
    const alone = colourPlaced(0, [], 5, ['a', 'b', '', 'b', 'a'], false).rgb;
    expect(colour(4)).toEqual([...alone.slice(0, 3)]);
    expect(legend.map((one) => one.label)).toContain('a');
  });
});

describe('columns of metadata', () => {
  it('are told apart by name, whatever the file calls them', () => {
    const { columns } = withDistinctNames({ columns: ['a', 'a', '', 'none', '@finding', 'a (2)', 'a'], values: [] });
    expect(columns).toEqual(['a', 'a (2)', 'column 3', 'column none', 'column @finding', 'a (2) (2)', 'a (3)']);
  });
  it('are a scale although some rows have no number, and the legend counts these', () => {
    const values = Array.from({ length: 40 }, (_, row) => ['nan', 'None', '', 'N/A'][row % 8] ?? `${row / 4}`);
    const { legend, isNumeric } = colourPoints(40, values, false);
    expect(isNumeric).toBe(true);
    expect(legend.at(-1)).toMatchObject({ label: 'no number', note: '20' });
    expect(
      colourPoints(
        40,
        values.map((value) => (value === 'None' ? 'unknown' : value)),
        false,
      ).isNumeric,
    ).toBe(false);
    expect(
      colourPoints(
        40,
        Array.from({ length: 40 }, () => 'none'),
        false,
      ).isNumeric,
    ).toBe(false);
  });
});

describe('a link to what is not there', () => {
  const name = (run: number) => `run ${run}`;
  const shown = { run: 2, tag: 'items', step: 40 };
  it('is told, the outermost first', () => {
    expect(missingOf({ run: 1, tag: 'users', step: 7 }, shown, name)).toBe('');
    expect(missingOf({ run: 2, tag: 'users', step: 7 }, shown, name)).toBe(
      'run 2 has no embedding “users”: this is items.',
    );
    expect(missingOf({ run: 2, tag: '', step: 7 }, shown, name)).toBe(
      'There is no checkpoint at step 7: this is step 40.',
    );
  });
  it('is none where nothing was asked for, or nothing is known yet', () => {
    expect(missingOf({ run: 0, tag: '', step: -1 }, shown, name)).toBe('');
    expect(missingOf(shown, shown, name)).toBe('');
    expect(missingOf({ run: 2, tag: 'items', step: 7 }, { ...shown, step: -1 }, name)).toBe('');
    expect(missingOf({ run: 2, tag: 'users', step: 7 }, { run: 2, tag: '', step: -1 }, name)).toBe('');
  });
});
