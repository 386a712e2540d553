import { describe, expect, it } from 'vitest';
import { parsePromql } from './promql.js';

describe('parsePromql', () => {
  it('finds every metric with its conditions, and the labels grouped by', () => {
    const query =
      'sum by (result, le) (rate(requests_total{result=~"hit|miss",instance=~"$instance"}[$__rate_interval])) / on (pop) sum(up{job="eddy"} offset 5m)';
    expect(parsePromql(query)).toEqual({
      selectors: [
        {
          metric: 'requests_total',
          matchers: [
            { label: 'result', operator: '=~', value: 'hit|miss' },
            { label: 'instance', operator: '=~', value: '$instance' },
          ],
        },
        { metric: 'up', matchers: [{ label: 'job', operator: '=', value: 'eddy' }] },
      ],
      groupingLabels: ['result', 'le', 'pop'],
    });
  });

  it('takes a metric without conditions, and one inside functions', () => {
    const query = `histogram_quantile(0.99, sum by (le) (rate(wait_seconds_bucket[\${__interval}]))) + 1`;
    expect(parsePromql(query).selectors).toEqual([{ metric: 'wait_seconds_bucket', matchers: [] }]);
  });

  it.each([
    'sum(rate(requests_total[5m])',
    'requests_total{result="hit}',
    'rate(requests_total[5q])',
    'sum by result (requests_total)',
    '',
  ])('refuses %j', (query) => {
    expect(() => parsePromql(query)).toThrowError(/not PromQL at character/);
  });

  it('refuses a selector without a name, which could read any metric', () => {
    expect(() => parsePromql('sum({job="eddy-edge"})')).toThrowError(/names no metric/);
  });
});
