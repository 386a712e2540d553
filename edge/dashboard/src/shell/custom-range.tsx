import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { timeOf, toTime } from '../address/address.js';
import { dayField, dayStart } from '../figures/times.js';
import { useSite } from './site.js';

/** Any days, the last one included. */
export function CustomRange(): JSX.Element {
  const { address, go, times, nowMs } = useSite();
  const time = timeOf(address);
  const chosen = typeof time === 'string' ? undefined : time;
  const place = useRef<HTMLDetailsElement>(null);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [fromMs, toMs] = [chosen?.fromMs, chosen?.toMs];
  useEffect(() => {
    setFrom(fromMs === undefined ? '' : dayField(fromMs));
    setTo(toMs === undefined ? '' : dayField(toMs - 1));
  }, [fromMs, toMs]);
  const [first, end] = [dayStart(from), dayStart(to, 1)];
  const isWrong = first !== undefined && end !== undefined && first >= end;
  return (
    <details class={chosen === undefined ? 'custom' : 'custom chosen'} ref={place}>
      <summary>
        {chosen === undefined ? 'Days…' : times.span(chosen.fromMs, chosen.toMs, nowMs || undefined)}
      </summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (first === undefined || end === undefined || isWrong) return;
          if (place.current !== null) place.current.open = false;
          go(toTime(address, { fromMs: first, toMs: end }));
        }}
      >
        <label>
          From
          <input type="date" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          To, that day included
          <input type="date" required value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        {isWrong && <p role="alert">The last day lies before the first one.</p>}
        <button type="submit">Show these days</button>
      </form>
    </details>
  );
}
