// What is told of a map: how good it is, how it was made, each with one line of what it means. Pure.
import { toNumber, type Projection } from '../../api/types';
import { formatDuration, formatShare, formatStep } from '../../base/format';

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

function number(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function iterationFact(projection: Projection): Fact {
  const value = `${formatStep(projection.iteration)} of ${formatStep(projection.iterations)}`;
  if (projection.method === 'umap') return { name: 'epoch', value, meaning: 'Rounds of attraction and repulsion that are done, and how many were asked for.' };
  return { name: 'iteration', value, meaning: 'Steps of the descent that are done, and how many were asked for.' };
}

function tsneFacts(projection: Projection): Fact[] {
  const quality = projection.quality ?? null;
  const kl = quality === null ? toNumber(projection.kl_divergence) : toNumber(quality.kl);
  const isEstimate = quality !== null && !quality.kl_is_exact;
  return [
    {
      name: isEstimate ? 'KL (estimate)' : 'KL',
      value: number(kl, 4),
      meaning: 'Kullback-Leibler divergence in nats: how much of the neighbourhoods the map loses. Lower is better; compare only maps of the same perplexity.',
    },
    iterationFact(projection),
  ];
}

function qualityFacts(projection: Projection): Fact[] {
  const quality = projection.quality ?? null;
  if (quality === null) return [];
  const sample = `Measured on ${formatStep(quality.queries)} rows.`;
  return [
    { name: 'trustworthiness', value: number(toNumber(quality.trustworthiness), 3), meaning: `1: no point has a neighbour on the map that is far away in the original space. ${sample}` },
    { name: 'recall@10', value: number(toNumber(quality.recall_10), 3), meaning: `Share of the 10 nearest neighbours in the original space that are among the 10 nearest on the map. ${sample}` },
    { name: 'span', value: number(toNumber(quality.span), 1), meaning: 'How wide the map is, in its own units; a map that still grows has not settled.' },
  ];
}

function varianceFact(projection: Projection): Fact[] {
  const shares = (projection.variance_share ?? []).map(toNumber);
  if (shares.length === 0) return [];
  const total = shares.reduce((a, b) => a + b, 0);
  // Chosen axes need not be at right angles: their shares do not add up.
  const isSum = projection.method !== 'axes';
  const value = isSum ? `${shares.map(formatShare).join(' + ')} = ${formatShare(total)}` : shares.map(formatShare).join(', ');
  return [{ name: 'variance', value, meaning: 'Share of the total variance along each axis: what the picture shows of the data.' }];
}

function stageText(projection: Projection): string {
  const stages = projection.stages ?? null;
  if (stages === null) return 'From the start of the job to its end.';
  const parts = (['start', 'neighbors', 'affinity', 'descent'] as const).map((name) => `${name} ${formatDuration(stages[name])}`);
  return `From the start of the job to its end: ${parts.join(', ')}.`;
}

export function factsOf(projection: Projection): Fact[] {
  const facts = { pca: varianceFact, axes: varianceFact, tsne: tsneFacts, umap: (umap: Projection) => [iterationFact(umap)], placement: () => [] }[projection.method](projection);
  facts.push(...qualityFacts(projection));
  const residual = toNumber(projection.alignment_residual);
  if (Number.isFinite(residual)) {
    facts.push({ name: 'alignment', value: number(residual, 3), meaning: 'What is left of the difference to the map it started from, after rotating one onto the other; 0: the same map.' });
  }
  facts.push({ name: 'time', value: formatDuration(projection.seconds), meaning: stageText(projection) });
  if (projection.device !== '') {
    const engine = projection.engine ?? '';
    facts.push({ name: 'on', value: engine === '' ? projection.device : `${projection.device}, ${engine}`, meaning: projection.neighbors ? `Neighbours: ${projection.neighbors}` : 'Where it was computed.' });
  }
  return facts;
}
