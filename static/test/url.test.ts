import { describe, expect, it } from 'vitest';
import { formatRunSet, formatView, parseRunSet, parseView } from '../src/base/url';
import { kDefaultView, viewOfPage, type View } from '../src/base/view';

function roundTrip(view: View): View {
  const [path = '', query = ''] = formatView(view).split('?');
  return parseView(path, query);
}

describe('the view in the address bar', () => {
  it('leaves out what is default', () => {
    expect(formatView({ ...kDefaultView, page: 'metrics' })).toBe('metrics');
  });
  it('keeps a single step of a profile, and a camera on a map of huge coordinates', () => {
    const zoom = { from: 7, to: 7 };
    expect(roundTrip({ ...kDefaultView, page: 'profile', zoom }).zoom).toEqual(zoom);
    const camera = '1.5e+25,-2e+24,3e+25';
    expect(roundTrip({ ...kDefaultView, page: 'projector', camera }).camera).toBe(camera);
  });
  it('survives the round trip in every field', () => {
    const view: View = {
      page: 'projector',
      runs: [1, 2, 3, 9],
      run_filter: 'lr=0\\.1|a&b',
      tag_filter: '^loss/(train|ärger) +#?%',
      smoothing: 0.93,
      x: 'wall',
      x_of: 'train/epoch & co',
      log_y: true,
      logs: ['loss/train', 'a&b'],
      pins: ['größe/x', 'loss/train'],
      ignore_outliers: false,
      y: { min: -0.5, max: null },
      ys: ['0..1e-7 loss/train', '..2 a b&c'],
      tip: 'nearest',
      cards: 'wide',
      group_by: ['folder', 'h:learning_rate', 'path:lr([\\d.]+)'],
      band: 'deviation',
      zoom: { from: -5, to: 1200 },
      folded: ['layers', 'a,b'],
      full: 'loss/train',
      run: 7,
      tag: 'embeddings/item',
      step: 0,
      at: ['3.10.0.cloud, blue', '3.-1.2.x.y'],
      scope: 'model/größe',
      node: 'f()/a&b',
      offset: 300,
      trace: 'step 7',
      plain: true,
      times: { min: 1.5, max: 20.25 },
      marked: { min: 0, max: 1e-5 },
      slice: 0,
      track_pins: ['stream 7', 'GPU'],
      track_folds: ['host', 'thread 4294967295'],
      track_hides: ['thread 11'],
      track_filter: 'stream (7|20)',
      nested: true,
      mode: 'bands',
      method: 'tsne',
      dims: 3,
      sphere: true,
      axes: ['=city:Oslo & Å', '', '~:^x|y', '#0-4,9'],
      thumbs: 64,
      camera: '-1.5,2,0.25',
      time: 2.25,
      components: [4, 1, 10],
      perplexity: 12.5,
      iterations: 500,
      seed: 42,
      colour: 'city name',
      n_neighbors: 30,
      min_dist: 0.25,
      epochs: 300,
      fast: true,
      continued: ['method=tsne&iterations=400'],
      column: 'city & land',
      row: 0,
      rows: '0-4,9',
      isolated: true,
      near: 7,
      metric: 'euclidean',
      named: true,
      named_by: 'Stadt & Land',
      panel: 'compare',
      from_run: 2,
      from_step: 0,
      search: 'Ōsaka & Lima',
      labels: ['a,b', 'c & d'],
      opened: [3, 4, 9],
      beside: 80,
      hidden: ['points'],
      columns: ['m:layers/1/gradient_norm', 'h:seed'],
      best: true,
      ranges: ['0.1..1e-7:h:lr', 'x'],
      map_metric: 'cosine',
      init: 'spectral',
      late: 4,
      late_iterations: 100,
      kl_tolerance: 0.01,
      placed_run: 2,
      placed_tag: 'embeddings/gültig',
      placed_step: 400,
      sort: '-m:loss/train',
    };
    expect(roundTrip(view)).toEqual(view);
  });
  it('tells no runs from all runs', () => {
    expect(roundTrip({ ...kDefaultView, runs: [] }).runs).toEqual([]);
    expect(roundTrip(kDefaultView).runs).toBeNull();
  });
  it.each([
    ['/', ''],
    ['/nothing', 'smoothing=abc&x=time&zoom=9..1&step=&dims=7&run=-4'],
    ['/runs', 'zoom=1..&perplexity=NaN&method=lda'],
  ])('reads %s?%s as the default', (path, query) => {
    expect(parseView(path, query)).toEqual(kDefaultView);
  });
  it('reads the page behind whatever a proxy put before it', () => {
    expect(parseView('/team/spirogram/metrics', '').page).toBe('metrics');
    expect(parseView('/metrics/', '').page).toBe(kDefaultView.page);
  });
  it('keeps numbers in their bounds', () => {
    expect(parseView('/metrics', 'smoothing=7').smoothing).toBe(0.999);
    expect(parseView('/projector', 'perplexity=0').perplexity).toBe(1);
  });
  it('writes neighbouring ids as ranges', () => {
    expect(formatRunSet([5, 1, 2, 3, 3])).toBe('1-3,5');
    expect(parseRunSet('1-3,5,x,7-6')).toEqual([1, 2, 3, 5]);
  });
  it('does not unfold a huge range', () => {
    expect(parseRunSet('1-999999999999').length).toBe(10_000);
  });
  it('leaves out what no server would take, and nothing else', () => {
    const view: View = {
      ...kDefaultView,
      page: 'metrics',
      full: '/'.repeat(10_000),
      pins: ['ö'.repeat(3000), 'loss'],
      smoothing: 0.5,
    };
    expect(formatView(view).length).toBeLessThan(8192);
    expect(roundTrip(view)).toEqual({ ...view, full: '', pins: [] });
    const fits: View = { ...view, full: 'x'.repeat(7000), pins: ['loss\0'] };
    expect(roundTrip(fits)).toEqual(fits);
  });
  it('takes the choice of runs to another page, and leaves the page its own', () => {
    const from: View = {
      ...kDefaultView,
      page: 'metrics',
      runs: [4],
      full: 'loss',
      zoom: { from: 1, to: 2 },
      search: 'x',
    };
    expect(viewOfPage(from, 'compare').zoom).toEqual({ from: 1, to: 2 });
    expect(viewOfPage({ ...from, page: 'profile' }, 'metrics').zoom).toBeNull();
    const to = viewOfPage(from, 'health', { run: 4 });
    expect(to).toMatchObject({ page: 'health', runs: [4], run: 4, full: '', zoom: null, search: '' });
  });
});
