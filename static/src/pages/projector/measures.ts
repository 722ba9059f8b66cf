// What the numbers of an embedding are called, and what they mean in a line.

export interface Measure {
  readonly name: string;
  readonly meaning: string;
}

/** In the order of the page; a number that is not here goes by its own name. */
export const kMeasures: Readonly<Record<string, Measure>> = {
  rankme: { name: 'RankMe', meaning: 'How many directions the rows use, as they are' },
  rankme_centred: {
    name: 'RankMe, centred',
    meaning: 'The same around their mean: far above the raw one, the rows lie in a cone',
  },
  participation_ratio: { name: 'Participation ratio', meaning: 'How many directions share the variance' },
  nesum: { name: 'NESum', meaning: 'All variance over that of the strongest direction' },
  information_abundance: { name: 'Information abundance', meaning: 'Sum of the singular values over the largest' },
  isoscore: { name: 'IsoScore', meaning: '1: every direction is used alike' },
  largest_share: { name: 'Strongest direction', meaning: 'Its share of the variance' },
  channel_std: { name: 'Spread of the directions', meaning: '1 is healthy, 0 is a collapse' },
  mean_cosine: { name: 'Mean cosine', meaning: 'Of all pairs of rows; near 1 all point one way' },
  uniformity: { name: 'Uniformity', meaning: 'Lower: spread more evenly over the sphere' },
  spread_ratio: { name: 'Spread over mean', meaning: 'Distance from the mean row, over its length' },
  zero_rows: { name: 'Zero rows', meaning: 'Rows without a direction' },
  hub_skew: { name: 'Hubness', meaning: 'Skew of how often a row is a neighbour of others' },
  hub_skew_gaussian: { name: 'Hubness of a Gaussian', meaning: 'What as many rows and dims have by nature' },
  antihub_share: { name: 'Rows that are no neighbour', meaning: 'Share of rows that no other row is near to' },
  silhouette: { name: 'Silhouette', meaning: 'How clearly the rows fall into clusters; above 0.5 they do' },
  clusters: { name: 'Clusters', meaning: 'The number that fits best' },
  within_share: { name: 'Variance within clusters', meaning: 'Its share of all' },
  tightness: { name: 'Nearest over random distance', meaning: 'Near 0: the rows lump together' },
  intrinsic_dimension: { name: 'Intrinsic dimension', meaning: 'From the two nearest neighbours' },
  norm_mean: { name: 'Mean length', meaning: 'Of the rows' },
  norm_spread: { name: 'Spread of lengths', meaning: 'Standard deviation over the mean' },
  norm_skew: { name: 'Skew of lengths', meaning: 'Above 0: a few rows are much longer' },
  duplicate_share: { name: 'Duplicates', meaning: 'Share of rows that another row equals' },
  dead_dims: { name: 'Dead dims', meaning: 'Dims that hardly vary' },
  unmoved_share: { name: 'Unmoved rows', meaning: 'Share of rows that are as at the first checkpoint' },
};
