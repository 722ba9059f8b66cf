import { describe, expect, it } from 'vitest';
import { waitingText, type Waiting } from '../src/pages/projector/waiting';

describe('waitingText', () => {
  const idle: Waiting = {
    isAsking: false,
    isComputing: false,
    hasFailed: false,
    method: 'tsne',
    tooFew: '',
    axesProblem: '',
  };
  it('names the button of the method, unless the rows are too few for it', () => {
    expect(waitingText(idle)).toBe('Press “Run t-SNE” to start.');
    expect(waitingText({ ...idle, method: 'umap' })).toBe('Press “Run UMAP” to start.');
    expect(waitingText({ ...idle, tooFew: '2 rows: want at least 4.' })).toBe('2 rows: want at least 4.');
  });
  it('tells what is under way before what could be done', () => {
    expect(waitingText({ ...idle, isComputing: true, hasFailed: true })).toBe('The server is computing…');
    expect(waitingText({ ...idle, isAsking: true, isComputing: true })).toBe('Asking the server…');
    expect(waitingText({ ...idle, hasFailed: true })).toBe('There is no map: see below.');
  });
  it('says what is wrong with the axes', () => {
    expect(waitingText({ ...idle, method: 'axes', axesProblem: 'Choose two groups.' })).toBe('Choose two groups.');
    expect(waitingText({ ...idle, method: 'axes' })).toBe('Nothing is projected yet.');
    expect(waitingText({ ...idle, method: 'pca' })).toBe('Nothing is projected yet.');
  });
});
