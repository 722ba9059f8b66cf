import { describe, expect, it } from 'vitest';
import { chooseRows, nearestOwner, placeTip, readRows } from '../src/charts/line_tip';
import type { LineSeries } from '../src/charts/lines';

function line(id: string, x: number[], y: number[], owner?: string): LineSeries {
  const column = Float64Array.from(y);
  return {
    ...{ id, label: id, colour: '', dash: [], x: Float64Array.from(x), step: Float64Array.from(x, (one) => 10 * one) },
    ...{ y: column, raw: column, min: null, max: null, nonfinite: null, ...(owner === undefined ? {} : { owner }) },
  };
}

describe('readRows', () => {
  it('reads the nearest point of each line, and names the step of the nearest of all', () => {
    const { rows, step } = readRows([line('a', [0, 1, 2], [5, 6, 7]), line('b', [0, 0.9], [1, 2])], 1.05, 1);
    expect(rows.map(({ id, value }) => [id, value])).toEqual([
      ['a', 6],
      ['b', 2],
    ]);
    expect(step).toBe(10);
  });
  it('leaves lines out that end before the cursor or begin after it', () => {
    const lines = [
      line('ended', [0, 1], [0, 0]),
      line('later', [8, 9], [0, 0]),
      line('none', [], []),
      line('here', [4], [0]),
    ];
    expect(readRows(lines, 4, 0.5).rows.map((row) => row.id)).toEqual(['here']);
    expect(readRows([], 4, 1)).toEqual({ rows: [], step: NaN });
  });
  it('reads a line whose clock was set back wherever it has been', () => {
    const back = { ...line('back', [10, 20, 30, 12, 13], [0, 1, 2, 3, 4]), goesBack: true };
    const read = (at: number) => readRows([back], at, 2).rows.map((row) => row.value);
    expect([10, 20, 29, 12.2, 13].map(read)).toEqual([[0], [1], [2], [3], [4]]);
    expect([read(7), read(33)]).toEqual([[], []]);
  });
});

describe('chooseRows', () => {
  const { rows } = readRows(
    ['a', 'b', 'c', 'd'].map((id, i) => line(id, [0], [i === 1 ? NaN : i])),
    0,
    1,
  );
  it('puts the highest value first and what is no number last', () => {
    expect(chooseRows(rows, () => 0, 9, 'descending').map((row) => row.id)).toEqual(['d', 'c', 'a', 'b']);
  });
  it('puts the lowest first where that is asked for, and what is no number last all the same', () => {
    expect(chooseRows(rows, () => 0, 9, 'ascending').map((row) => row.id)).toEqual(['a', 'c', 'd', 'b']);
  });
  it('puts those near the pointer first, and those that are at no place last', () => {
    const away = (row: { value: number }) => (Number.isNaN(row.value) ? Infinity : Math.abs(row.value - 2));
    expect(chooseRows(rows, away, 9, 'nearest').map((row) => row.id)).toEqual(['c', 'd', 'a', 'b']);
    expect(chooseRows(rows, away, 1, 'nearest').map((row) => row.id)).toEqual(['c']);
    expect(chooseRows([], away, 1, 'nearest')).toEqual([]);
  });
  it('puts what is infinite at the ends', () => {
    const lines = ['low', 'high', 'a'].map((id, i) => line(id, [0], [[-Infinity, Infinity, 1][i] as number]));
    expect(chooseRows(readRows(lines, 0, 1).rows, () => 0, 9, 'descending').map((row) => row.id)).toEqual([
      'high',
      'a',
      'low',
    ]);
  });
  it('keeps those near the pointer of more than there is room for', () => {
    expect(
      chooseRows(rows, (row) => (Number.isNaN(row.value) ? Infinity : Math.abs(row.value - 1)), 2, 'descending').map(
        (row) => row.id,
      ),
    ).toEqual(['c', 'a']);
  });
});

describe('nearestOwner', () => {
  it('names whose line is nearest, and nobody where none is near', () => {
    const { rows } = readRows(
      [line('1/loss', [0], [10], '1'), line('2/loss', [0], [30], '2'), line('mean', [0], [90])],
      0,
      1,
    );
    const away = (top: number) => (row: { value: number }) => Math.abs(row.value - top);
    expect(nearestOwner(rows, away(25), 24)).toBe('2');
    expect(nearestOwner(rows, away(80), 24)).toBe('mean');
    expect(nearestOwner(rows, away(60), 24)).toBe('');
    expect(nearestOwner(rows, () => Infinity, 24)).toBe('');
  });
});

describe('placeTip', () => {
  const page = { from: -500, to: 980 };
  it('stands in the corner that is farther from the pointer', () => {
    expect(placeTip({ pointer: 100, tip: 200, chart: 900, room: page })).toBe(900 - 12 - 200);
    expect(placeTip({ pointer: 800, tip: 200, chart: 900, room: page })).toBe(64);
  });
  it('hides nothing near the pointer: it goes on past the edge of a small chart', () => {
    for (let pointer = 50; pointer <= 460; pointer++) {
      const left = placeTip({ pointer, tip: 370, chart: 470, room: page });
      expect(left + 370 <= pointer - 16 || left >= pointer + 16, `at ${pointer}`).toBe(true);
    }
  });
  it('takes the other side where the page ends', () => {
    const atTheLeft = { from: -10, to: 1000 };
    const atTheRight = { from: -500, to: 480 };
    for (let pointer = 60; pointer <= 460; pointer++) {
      for (const room of [atTheLeft, atTheRight]) {
        const left = placeTip({ pointer, tip: 370, chart: 470, room });
        expect(left >= room.from && left + 370 <= room.to, `at ${pointer}`).toBe(true);
        if (room === atTheLeft) expect(left + 370 <= pointer - 16 || left >= pointer + 16, `at ${pointer}`).toBe(true);
      }
    }
  });
  it('stays on a page that has no room on either side', () => {
    expect(placeTip({ pointer: 200, tip: 280, chart: 300, room: { from: -10, to: 310 } })).toBe(-10);
  });
});
