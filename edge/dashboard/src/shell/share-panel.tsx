import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Address, writeAddress } from '../address/address.js';
import { makeShare, type Share } from '../answers/session.js';
import { shareTimes } from './share-times.js';
import { useSite } from './site.js';

type Made =
  | { readonly of: string; readonly share: Share }
  | { readonly of: string; readonly problem: string };

/** Makes a link to what is seen, for people who do not log in. */
export function SharePanel({ maxSeconds }: { readonly maxSeconds: number }): JSX.Element {
  const { address, times } = useSite();
  const choices = shareTimes(maxSeconds);
  const [seconds, setSeconds] = useState(choices[0]?.seconds ?? maxSeconds);
  const [made, setMade] = useState<Made>();
  const to = writeAddress(address);
  const shown = made?.of === to ? made : undefined;
  const { stream, pop } = address.filters;
  return (
    <details class="custom share-panel">
      <summary>Share…</summary>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          setMade(await madeFor(address, to, seconds));
        }}
      >
        <p class="note">
          Whoever has the link sees {stream === undefined && pop === undefined ? 'all figures' : 'only'}
          {stream !== undefined && ` stream ${stream}`}
          {pop !== undefined && ` PoP ${pop}`} without logging in.
        </p>
        <label>
          For
          <select value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
            {choices.map((choice) => (
              <option value={choice.seconds} key={choice.seconds}>
                {choice.words}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">Make a link</button>
        <div role="status">
          {shown !== undefined && 'problem' in shown && <p class="change bad">{shown.problem}</p>}
          {shown !== undefined && 'share' in shown && (
            <label>
              Copied; until {times.moment(shown.share.expiresMs)}
              <input type="text" readonly value={location.origin + shown.share.path} />
            </label>
          )}
        </div>
      </form>
    </details>
  );
}

async function madeFor({ filters: { stream, pop } }: Address, to: string, seconds: number): Promise<Made> {
  try {
    const share = await makeShare({ expiresInSeconds: seconds, to: `/${to}`, stream, pop });
    // Where the page may not use the clipboard, the link can be copied by hand.
    await navigator.clipboard?.writeText(location.origin + share.path).catch(() => undefined);
    return { of: to, share };
  } catch (error) {
    return { of: to, problem: error instanceof Error ? error.message : String(error) };
  }
}
