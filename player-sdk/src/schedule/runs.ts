export interface ChunkRun {
  readonly first: number;
  readonly count: number;
}

/** Rising chunk numbers as the fewest runs. */
export function runsOf(chunks: readonly number[]): ChunkRun[] {
  const runs: { first: number; count: number }[] = [];
  for (const chunk of chunks) {
    const last = runs.at(-1);
    if (last !== undefined && chunk === last.first + last.count) last.count++;
    else runs.push({ first: chunk, count: 1 });
  }
  return runs;
}
