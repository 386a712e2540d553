import { expect, it } from 'vitest';
import { parseExposition } from './exposition.js';

const text = `# HELP requests_total Requests, "quoted"
# TYPE requests_total counter
requests_total{result="hit",path="/a\\"}b"} 3
requests_total{result="miss",path="/"} 1e3 1700000000
# TYPE refusals_total counter
# TYPE wait_seconds histogram
wait_seconds_bucket{le="+Inf"} 0
wait_seconds_sum 0
wait_seconds_count 0
# TYPE later_seconds histogram
up_like 1
`;

it('knows metrics with samples, with their labels and values', () => {
  const requests = parseExposition(text).get('requests_total');
  expect(requests?.samples).toBe(2);
  expect([...(requests?.labels.get('result') ?? [])]).toEqual(['hit', 'miss']);
  expect(requests?.labels.get('path')?.size).toBe(2);
});

it('knows declared metrics that have no sample yet, histograms by the names that queries use', () => {
  expect([...parseExposition(text).keys()].sort()).toEqual([
    'later_seconds_bucket',
    'later_seconds_count',
    'later_seconds_sum',
    'refusals_total',
    'requests_total',
    'up_like',
    'wait_seconds_bucket',
    'wait_seconds_count',
    'wait_seconds_sum',
  ]);
});
