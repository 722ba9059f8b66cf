// What is told of a map: how good it is, how it was made, each with one line of what it means. Pure.
import { toNumber, type Projection } from '../../api/types';
import { formatDuration, formatShare, formatStep, formatValue } from '../../base/format';

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
  if (projection.method === 'umap')
    return {
      name: 'epoch',
      value,
      meaning: 'Rounds of attraction and repulsion that are done, and how many were asked for.',
    };
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
      meaning:
        'Kullback-Leibler divergence in nats: how much of the neighbourhoods the map loses. Lower is better; compare only maps of the same perplexity.',
    },
    iterationFact(projection),
    ...neighbourFact(projection),
  ];
}

/** Rows that the map is drawn of. */
const mappedRows = (projection: Projection): number => projection.points - (projection.rows_left_out ?? 0);

/** What was used of a figure that the rows bound: it may be less than was asked for. */
function neighbourFact(projection: Projection): Fact[] {
  const rows = mappedRows(projection);
  if (projection.method === 'umap') {
    const count = projection.n_neighbors;
    if (count === undefined) return [];
    const bound = count >= rows ? ` These are all ${formatStep(rows)} rows: more cannot be asked for.` : '';
    return [
      {
        name: 'neighbours',
        value: `${formatStep(count)}${bound === '' ? '' : ', all'}`,
        meaning: `How many points, itself included, a point minds.${bound}`,
      },
    ];
  }
  if (projection.affinity === 'uniform')
    return [
      {
        name: 'neighbours',
        value: '15 alike',
        meaning: 'A fast look: the 15 nearest rows of each count alike, whatever the perplexity.',
      },
    ];
  const perplexity = projection.perplexity;
  if (perplexity === undefined) return [];
  const isMost = perplexity + 1 > (rows - 1) / 3;
  const value = `${Number(perplexity.toFixed(1))}`;
  return [
    {
      name: 'perplexity',
      value: isMost ? `${value}, the most` : value,
      meaning: `About how many neighbours count.${isMost ? ` A third of the other rows is the most that makes a map: ${formatStep(rows)} rows allow no more.` : ''}`,
    },
  ];
}

function startFact(projection: Projection): Fact[] {
  const fallback = projection.init_fallback ?? '';
  return fallback === ''
    ? []
    : [
        {
          name: 'start',
          value: fallback,
          meaning: 'A spectral start was asked for; this is what it was, or a part of it, and why.',
        },
      ];
}

/** In the units of the map: of t-SNE tens, of principal components whatever the rows are of. */
function spanText(span: number): string {
  return !Number.isFinite(span) || (span >= 10 && span < 1e4)
    ? number(span, 1)
    : formatValue(Number(span.toPrecision(3)));
}

function qualityFacts(projection: Projection): Fact[] {
  const quality = projection.quality ?? null;
  if (quality === null) return [];
  const sample = `Measured on ${formatStep(quality.queries)} rows.`;
  return [
    {
      name: 'trustworthiness',
      value: number(toNumber(quality.trustworthiness), 3),
      meaning: `1: no point has a neighbour on the map that is far away in the original space. ${sample}`,
    },
    {
      name: 'recall@10',
      value: number(toNumber(quality.recall_10), 3),
      meaning: `Share of the 10 nearest on the map that are among the 10 nearest in the original space, or as near. ${sample}`,
    },
    {
      name: 'span',
      value: spanText(toNumber(quality.span)),
      meaning: 'How wide the map is, in its own units; a map that still grows has not settled.',
    },
  ];
}

function varianceFact(projection: Projection): Fact[] {
  const shares = (projection.variance_share ?? []).map(toNumber);
  if (shares.length === 0) return [];
  const total = shares.reduce((a, b) => a + b, 0);
  // Chosen axes need not be at right angles: their shares do not add up.
  const isSum = projection.method !== 'axes';
  const value = isSum
    ? `${shares.map(formatShare).join(' + ')} = ${formatShare(total)}`
    : shares.map(formatShare).join(', ');
  return [
    {
      name: 'variance',
      value,
      meaning: 'Share of the total variance along each axis: what the picture shows of the data.',
    },
  ];
}

function stageText(projection: Projection): string {
  const stages = projection.stages ?? null;
  if (stages === null) return 'From the start of the job to its end.';
  const parts = (['start', 'neighbors', 'affinity', 'descent'] as const).map(
    (name) => `${name} ${formatDuration(stages[name])}`,
  );
  return `From the start of the job to its end: ${parts.join(', ')}.`;
}

const kRowsNamedMax = 10;

/** Which rows have no place; empty where all have one. */
export function leftOutText(projection: Projection): string {
  const count = projection.rows_left_out ?? 0;
  if (count === 0) return '';
  const named = (projection.left_out ?? []).slice(0, kRowsNamedMax).join(', ');
  const rest = count > kRowsNamedMax ? ` and ${formatStep(count - kRowsNamedMax)} more` : '';
  const what = `NaN, Inf${projection.metric === 'cosine' ? ', zeros alone' : ''} or a number beyond 1e30`;
  return count === 1
    ? `Row ${named} holds ${what} and has no place.`
    : `${formatStep(count)} rows hold ${what} and have no place: ${named}${rest}.`;
}

/** What a map of this method cannot be read for; empty where it can. */
export function caveatOf({ method }: Projection): string {
  if (method !== 'tsne' && method !== 'umap') return '';
  const name = method === 'umap' ? 'UMAP' : 't-SNE';
  return `Distances between clusters, and their sizes, mean little: ${name} keeps who is near whom, not how far apart groups are.`;
}

export function factsOf(projection: Projection): Fact[] {
  const facts = {
    pca: varianceFact,
    axes: varianceFact,
    tsne: tsneFacts,
    umap: (umap: Projection) => [iterationFact(umap), ...neighbourFact(umap), ...startFact(umap)],
    placement: () => [],
  }[projection.method](projection);
  facts.push(...qualityFacts(projection));
  const residual = toNumber(projection.alignment_residual);
  if (Number.isFinite(residual)) {
    facts.push({
      name: 'alignment',
      value: number(residual, 3),
      meaning:
        'What is left of the difference to the map it started from, after rotating one onto the other; 0: the same map.',
    });
  }
  facts.push({ name: 'time', value: formatDuration(projection.seconds), meaning: stageText(projection) });
  if (projection.device !== '') {
    const engine = projection.engine ?? '';
    facts.push({
      name: 'on',
      value: engine === '' ? projection.device : `${projection.device}, ${engine}`,
      meaning: projection.neighbors ? `Neighbours: ${projection.neighbors}` : 'Where it was computed.',
    });
  }
  return facts;
}
