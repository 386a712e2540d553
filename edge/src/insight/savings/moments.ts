/** First and second moments over clusters (streams by hour) of what savings are estimated from. Additive. */
export interface ClusterMoments {
  /** Clusters in which anybody watched. */
  readonly clusters: number;
  /** Sums of the variables, in the order of `VARIABLES`. */
  readonly sums: readonly number[];
  /** Sums of their products, `PRODUCTS` in turn. */
  readonly products: readonly number[];
}

/** Edge bytes (GB, 10^9) and watched hours of the holdout, then of the treated, in one cluster. */
export const VARIABLES = ['holdoutGb', 'holdoutHours', 'treatedGb', 'treatedHours'] as const;

/** Pairs of variables: 00, 01, 02, 03, 11, 12, … */
export const PRODUCTS: readonly (readonly [number, number])[] = VARIABLES.flatMap((_, one) =>
  VARIABLES.slice(one).map((_, more): readonly [number, number] => [one, one + more]),
);

export const NO_MOMENTS: ClusterMoments = {
  clusters: 0,
  sums: VARIABLES.map(() => 0),
  products: PRODUCTS.map(() => 0),
};

export function addMoments(one: ClusterMoments, other: ClusterMoments): ClusterMoments {
  return {
    clusters: one.clusters + other.clusters,
    sums: one.sums.map((sum, index) => sum + (other.sums[index] ?? 0)),
    products: one.products.map((sum, index) => sum + (other.products[index] ?? 0)),
  };
}

/** Of clusters, each given as its variables. */
export function momentsOf(clusters: Iterable<readonly number[]>): ClusterMoments {
  let count = 0;
  const sums = VARIABLES.map(() => 0);
  const products = PRODUCTS.map(() => 0);
  for (const values of clusters) {
    count++;
    for (const index of sums.keys()) sums[index] = (sums[index] ?? 0) + (values[index] ?? 0);
    for (const [index, [one, other]] of PRODUCTS.entries()) {
      products[index] = (products[index] ?? 0) + (values[one] ?? 0) * (values[other] ?? 0);
    }
  }
  return { clusters: count, sums, products };
}
