import { describe, expect, it } from 'vitest';
import { compareNames } from '../src/base/natural_order';
import { random } from './random';

const sorted = (...names: string[]) => [...names].sort(compareNames);

describe('compareNames', () => {
  it('orders counts by their size', () => {
    expect(sorted('layer_10', 'layer_2', 'layer_1')).toEqual(['layer_1', 'layer_2', 'layer_10']);
  });
  it('orders settings in names by their value, whatever follows them', () => {
    expect(sorted('lr0.3_a', 'lr0.1_b', 'lr0.01_c', 'lr0.03_a', 'lr0.1_a')).toEqual([
      'lr0.01_c',
      'lr0.03_a',
      'lr0.1_a',
      'lr0.1_b',
      'lr0.3_a',
    ]);
    expect(sorted('lr1e-3', 'lr3e-4', 'lr1e-4', 'lr1.5e-4')).toEqual(['lr1e-4', 'lr1.5e-4', 'lr3e-4', 'lr1e-3']);
    expect(sorted('width0.5x', 'width0.25x', 'width1.05x')).toEqual(['width0.25x', 'width0.5x', 'width1.05x']);
    expect(sorted('0.9', '0.999', '0.95')).toEqual(['0.9', '0.95', '0.999']);
  });
  it('orders decimal fractions by their value, however many digits they have', () => {
    expect(sorted('lr1.5', 'lr1.25', 'lr2', 'lr1')).toEqual(['lr1', 'lr1.25', 'lr1.5', 'lr2']);
    expect(sorted('scale_2.5_b', 'scale_2.25_a', 'scale_10.5')).toEqual(['scale_2.25_a', 'scale_2.5_b', 'scale_10.5']);
    expect(sorted('1.9', '1.10', 'weight=1.5,x', 'weight=1.25,x')).toEqual([
      '1.10',
      '1.9',
      'weight=1.25,x',
      'weight=1.5,x',
    ]);
    expect(compareNames('lr1.5', 'lr1.50')).toBe(0);
  });
  it('takes the parts of versions and layers for counts', () => {
    expect(sorted('v1.10', 'v1.9')).toEqual(['v1.9', 'v1.10']);
    expect(sorted('1.0.12', '1.0.9', '1.0.2')).toEqual(['1.0.2', '1.0.9', '1.0.12']);
    expect(sorted('model-V1.10', 'model-V1.9', 'version 2.10', 'version 2.9')).toEqual([
      'model-V1.9',
      'model-V1.10',
      'version 2.9',
      'version 2.10',
    ]);
    expect(sorted('grad/layer1.10', 'grad/layer1.9', 'encoder.1.10.w', 'encoder.1.9.w')).toEqual([
      'encoder.1.9.w',
      'encoder.1.10.w',
      'grad/layer1.9',
      'grad/layer1.10',
    ]);
    expect(sorted('conv1.5', 'conv1.25')).toEqual(['conv1.25', 'conv1.5']);
    expect(sorted('layer1.10.conv', 'layer1.9.conv')).toEqual(['layer1.9.conv', 'layer1.10.conv']);
  });
  it('knows no exponent within a word', () => {
    expect(sorted('run3e9a', 'run4e1b')).toEqual(['run3e9a', 'run4e1b']);
  });
  it('puts a name before those that go on, and its own folder before its neighbours', () => {
    expect(sorted('layer2/x', 'layer', 'layer/x')).toEqual(['layer', 'layer/x', 'layer2/x']);
  });
  it('ignores case and accents, and serves all scripts and empty names', () => {
    expect(sorted('b', 'Á', 'a2', '')).toEqual(['', 'Á', 'a2', 'b']);
    expect(sorted('потеря10', 'потеря9')).toEqual(['потеря9', 'потеря10']);
    expect(() => sorted('\u{1f600}', '\ud800', '9'.repeat(400))).not.toThrow();
  });
  it('is an order: no three names run in a circle', () => {
    const next = random(7);
    const letters = ['0', '1', '.', 'e', '-', '_', 'a', '05'];
    const names = Array.from({ length: 60 }, () =>
      Array.from({ length: 1 + Math.floor(next() * 7) }, () => letters[Math.floor(next() * letters.length)]).join(''),
    );
    for (const a of names) {
      for (const b of names) {
        expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) + 0);
        for (const c of names)
          if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) expect(compareNames(a, c)).toBeLessThanOrEqual(0);
      }
    }
  });
});
