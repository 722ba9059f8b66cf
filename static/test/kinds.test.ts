import { describe, expect, it } from 'vitest';
import type { AudioClip, CustomCategory } from '../src/api/media_types';
import type { Tag, TagKind } from '../src/api/types';
import { chosenStep, stepIndex, withChosenStep } from '../src/base/chosen_steps';
import { interpolate } from '../src/base/series';
import { moveThreshold, nearestThreshold, onlyPlace, rowAtThreshold, type PrLine } from '../src/charts/pr_lines';
import { boundsOf } from '../src/gl/fit';
import { fieldOfView, linearColours, plainColours } from '../src/gl/mesh_data';
import { clipFacts, clipFileName } from '../src/pages/media/clips';
import { mediaModeOf, mediaTags } from '../src/pages/media/media_kinds';
import { hasPreview, previewRows, shapeText } from '../src/pages/media/tensor_preview';
import { linesOfChart } from '../src/pages/metrics/layout_lines';
import { marginBounds, mergeLayouts, tagsOfMargins, tagsOfMultiline } from '../src/pages/metrics/layouts';
import { pointSeries } from './testing';

describe('the step that a card shows', () => {
  it('is the last until another is chosen, and each card remembers its own', () => {
    let at = withChosenStep([], 3, 'a.b/c', { step: 10, index: 1 });
    at = withChosenStep(at, 3, 'a', { step: 7, index: 0 });
    at = withChosenStep(at, 3, 'a.b/c', { step: 20, index: 1 });
    expect(chosenStep(at, 3, 'a.b/c')).toEqual({ step: 20, index: 1 });
    expect(chosenStep(at, 3, 'a')).toEqual({ step: 7, index: 0 });
    expect(chosenStep(at, 4, 'a')).toEqual({ step: -1, index: 0 });
    expect(withChosenStep(at, 3, 'a', { step: -1, index: 0 })).toEqual(['3.20.1.a.b/c']);
  });
  it('takes nothing from entries that are none', () => {
    expect(chosenStep(['3.x.0.a', '3.9', '', '3.99999999999999999999.0.a'], 3, 'a').step).toBe(-1);
  });
  it('is the last one before where a link names a step that is not there', () => {
    expect([stepIndex([0, 10, 20], 15), stepIndex([0, 10, 20], -1), stepIndex([5], 1), stepIndex([], 3)]).toEqual([
      1, 2, 0, -1,
    ]);
  });
  it('forgets the oldest choices before a link grows too long', () => {
    let at: string[] = [];
    for (let run = 0; run < 200; run++) at = withChosenStep(at, run, 'x', { step: 1, index: 0 });
    expect(at.length).toBe(60);
    expect(chosenStep(at, 199, 'x').step).toBe(1);
  });
});

describe('the Media page', () => {
  const tag = (name: string, kind: TagKind, last_step = 0): Tag => ({
    run: 1,
    name,
    kind,
    plugin: '',
    display_name: '',
    description: '',
    count: 1,
    first_step: 0,
    last_step,
  });
  it('shows the parts of a mesh as one, of both ways to name them', () => {
    const tags = [
      tag('m_VERTEX', 'mesh', 3),
      tag('m_FACE', 'mesh', 9),
      tag('t_1', 'mesh'),
      tag('t_3', 'mesh'),
      tag('loss', 'scalar'),
    ];
    expect(mediaTags(tags, [{ id: 1 }], 'all').map((one) => [one.title, one.name, one.last_step])).toEqual([
      ['m', 'm_VERTEX', 9],
      ['t', 't_1', 0],
    ]);
    expect(mediaTags(tags, [{ id: 1 }], 'mesh')[0]?.parts).toEqual(
      tags.flatMap(({ name }) => (name.startsWith('m_') ? [name] : [])),
    );
    expect(mediaTags(tags, [{ id: 2 }], 'all')).toEqual([]);
  });
  it('leaves the metadata of embeddings to the Projector', () => {
    const tags = ['attention', 'spirogram_embedding_metadata'].map(
      (plugin) => ({ name: plugin, plugin, run: 1, kind: 'other' }) as Tag,
    );
    expect(mediaTags(tags, [{ id: 1 }], 'all').map((one) => one.name)).toEqual(['attention']);
  });
  it('falls back on all kinds', () => {
    expect([mediaModeOf('audio'), mediaModeOf('ridges'), mediaModeOf('')]).toEqual(['audio', 'all', 'all']);
  });
  const clip: AudioClip = {
    step: 4,
    wall_time: 1,
    index: 0,
    repeat: 0,
    sample_rate: 16_000,
    channels: 1,
    frames: 24_000,
    content_type: 'audio/wav',
    label: '',
    bytes: 2048,
  };
  it('says of a clip what is known', () => {
    expect(clipFacts(clip)).toBe('16 kHz · mono · 1.5 s · 2 KiB');
    expect(clipFacts({ ...clip, sample_rate: 0, channels: 0, frames: 0 })).toBe('2 KiB');
    expect(clipFacts({ ...clip, sample_rate: 44_100, channels: 6 })).toContain('44.1 kHz · 6 channels');
  });
  it("names a clip's file so that no system stumbles over it", () => {
    expect(clipFileName('a/b: größe', clip)).toBe('a_b_größe_4_0.wav');
    expect(clipFileName('x', { ...clip, content_type: '' })).toBe('x_4_0.audio');
    expect(clipFileName('x', { ...clip, repeat: 1 })).toBe('x_4_0_2.wav');
  });
  it('shows the first values of a tensor in rows of its last dimension', () => {
    expect(previewRows([0, 1, 2, 3, 4, 5], [2, 3])).toEqual([
      ['0', '1', '2'],
      ['3', '4', '5'],
    ]);
    expect(previewRows([1, 'NaN', 0.123456], [2, 2])).toEqual([['1', 'NaN'], ['0.1235']]);
    expect(previewRows([true, false], [])).toEqual([['true', 'false']]);
    expect(
      previewRows(
        Array.from({ length: 13 }, () => 7),
        [1, 13],
      ).map((row) => row.length),
    ).toEqual([12, 1]);
    expect(previewRows([], [0, 3])).toEqual([]);
    expect([shapeText([]), shapeText([2, 3])]).toEqual(['scalar', '[2, 3]']);
    expect(['float32', 'string', 'float16', 'complex64'].map(hasPreview)).toEqual([true, true, false, false]);
  });
});

describe('meshes', () => {
  it('colours what has no colours of its own', () => {
    const data = { vertices: new Float32Array(6), faces: new Uint32Array(0), colours: new Uint8Array(0) };
    expect([...plainColours(data, [1, 2, 3])]).toEqual([1, 2, 3, 1, 2, 3]);
    const colours = Uint8Array.of(9, 9, 9, 8, 8, 8);
    expect(plainColours({ ...data, colours }, [1, 2, 3])).toBe(colours);
  });
  it('lights them in linear light', () => {
    const linear = linearColours(Uint8Array.of(0, 255, 188));
    expect([linear[0], linear[1]]).toEqual([0, 1]);
    expect(linear[2]).toBeCloseTo(0.5029, 3);
  });
  it("takes a camera's field of view from free text only where it is one", () => {
    const texts = [
      '{"camera":{"fov":75}}',
      '{"camera":{"fov":1e9}}',
      '{"camera":null}',
      'null',
      '',
      '[',
      '{"camera":{"fov":"75"}}',
    ];
    expect(texts.map(fieldOfView)).toEqual([75, null, null, null, null, null, null]);
  });
  it('are found also where some corners are not finite', () => {
    expect(boundsOf(Float32Array.of(0, 0, 0, Infinity, NaN, 2, 4, 0, 0))).toEqual({ centre: [2, 0, 1], radius: 2 });
  });
});

function line(threshold: number[], recall: number[], precision: number[]): PrLine {
  const zero = new Float64Array(threshold.length);
  return {
    id: '1',
    label: 'run',
    colour: '',
    dash: [],
    threshold: Float64Array.from(threshold),
    recall: Float64Array.from(recall),
    precision: Float64Array.from(precision),
    truePositives: zero,
    falsePositives: zero,
    trueNegatives: zero,
    falseNegatives: zero,
  };
}

describe('PR curves', () => {
  const curve = line([0, 0.5, 1], [1, 0.6, 0], [0.3, 0.8, NaN]);
  const place = { x: (value: number) => 100 * value, y: (value: number) => 100 * (1 - value) };
  it('know the place of a curve that is one point, of which no line is seen', () => {
    expect(onlyPlace(line([0, 0.5, 1], [0, 0, 0], [0, 0, NaN]))).toEqual({ recall: 0, precision: 0 });
    expect([onlyPlace(curve), onlyPlace(line([0], [NaN], [1])), onlyPlace(line([], [], []))]).toEqual([
      null,
      null,
      null,
    ]);
  });
  it('choose the threshold of the nearest point that there is', () => {
    expect(nearestThreshold([curve], place, 62, 22)).toBe(0.5);
    expect(nearestThreshold([curve], place, 0, 0)).toBe(0.5);
    expect(nearestThreshold([], place, 0, 0)).toBeNull();
  });
  it('find the row of a threshold in a curve of other thresholds', () => {
    expect([rowAtThreshold(curve, 0.4), rowAtThreshold(curve, 9), rowAtThreshold(line([], [], []), 1)]).toEqual([
      1, 2, -1,
    ]);
  });
  it('move by keys and stay on the curve', () => {
    expect([
      moveThreshold([curve], null, 1),
      moveThreshold([curve], 0.5, 1),
      moveThreshold([curve], 1, 1),
      moveThreshold([curve], 1, -Infinity),
    ]).toEqual([0.5, 1, 1, 0]);
    expect([moveThreshold([curve], null, -Infinity), moveThreshold([curve], null, Infinity)]).toEqual([0, 1]);
    expect(moveThreshold([], 0.5, 1)).toBeNull();
  });
});

describe('custom layouts', () => {
  const multiline = (title: string, ...tags: string[]) => ({ title, kind: 'multiline' as const, tags });
  it('join categories of one title, with each chart once', () => {
    const first: CustomCategory[] = [{ title: 'shared', is_closed: true, charts: [multiline('a', 'x')] }];
    const second: CustomCategory[] = [
      { title: 'shared', is_closed: false, charts: [multiline('a', 'x'), multiline('a', 'y')] },
      { title: 'own', is_closed: false, charts: [] },
    ];
    const merged = mergeLayouts([first, second]);
    expect(merged.map((one) => [one.title, one.is_closed, one.charts.length])).toEqual([
      ['shared', true, 2],
      ['own', false, 0],
    ]);
    expect(first[0]?.charts.length).toBe(1);
  });
  it('draw what any expression matched, and say which is none and which tags are missing', () => {
    const matches = [{ tags: ['b', 'a'] }, { problem: '“(”: missing )' }, { tags: ['a', 'elsewhere'] }];
    expect(tagsOfMultiline(matches, ['a', 'b', 'c'])).toEqual({ tags: ['a', 'b'], problems: ['“(”: missing )'] });
    const margins = [
      { value: 'v', lower: 'l', upper: 'u' },
      { value: 'v', lower: 'l', upper: 'u' },
    ];
    expect(tagsOfMargins(margins, ['v', 'u', 'value'])).toEqual({
      tags: ['v', 'u'],
      problems: ['no shown run has “l”'],
    });
  });
  it('lay bounds of other steps beside a value, and none beyond them', () => {
    expect([...interpolate(pointSeries([10, 20], [1, 3]), Float64Array.of(5, 10, 15, 20, 25))]).toEqual([
      NaN,
      1,
      2,
      3,
      NaN,
    ]);
    const value = pointSeries([0, 5, 10], [1, 1, 1]);
    const bounds = marginBounds(value, pointSeries([0, 10], [0, -2]), pointSeries([0, 5], [2, 4]));
    expect([...(bounds?.min ?? [])]).toEqual([0, -1, NaN]);
    expect([...(bounds?.max ?? [])]).toEqual([2, 4, NaN]);
    expect(marginBounds(value, undefined, value)).toBeNull();
    expect(marginBounds(value, pointSeries([], []), value)).toBeNull();
  });
  it('tell tags by colour in one run, and runs by colour in several', () => {
    const context = {
      look: (run: number) => ({ name: `run ${run}`, colour: `c${run}`, startTime: 0 }),
      isDark: false,
      x: 'step' as const,
      smoothing: 0,
    };
    const named = (run: number, tag: string) => ({ ...pointSeries([0, 1], [1, 2], run), tag });
    const chart = multiline('t', '.*');
    const one = linesOfChart(chart, [named(1, 'a'), named(1, 'b')], context).lines;
    expect(one.map((each) => each.label)).toEqual(['a', 'b']);
    expect(one[0]?.colour).not.toBe(one[1]?.colour);
    const two = linesOfChart(chart, [named(1, 'a'), named(2, 'a'), named(2, 'b')], context).lines;
    expect(two.map((each) => [each.label, each.colour, each.dash.length > 0])).toEqual([
      ['run 1 a', 'c1', false],
      ['run 2 a', 'c2', false],
      ['run 2 b', 'c2', true],
    ]);
  });
});
