import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fetchSession, logOut, type Session } from '../answers/session.js';
import { useSite } from './site.js';

/** Who reads; undefined until it is known. */
export function useSession(): Session | undefined {
  const [session, setSession] = useState<Session>();
  useEffect(() => void fetchSession().then(setSession), []);
  return session;
}

/** Says who is logged in, or that a link is looked at and when it ends. Nothing where all may read. */
export function ReaderLine({ session }: { readonly session: Session | undefined }): JSX.Element | null {
  const { times } = useSite();
  if (session === undefined || session.login === 'open') return null;
  const { role, user, expiresMs, login } = session;
  return (
    <div class="reader">
      {role === 'guest' ? (
        <p>
          Shared{user === null ? '' : ` by ${user}`}
          {expiresMs !== null && `, until ${times.moment(expiresMs)}`}
        </p>
      ) : (
        <p>{user ?? 'Logged in'}</p>
      )}
      {login === 'oidc' && (
        <button type="button" class="quiet-button" onClick={() => void logOut()}>
          Log out
        </button>
      )}
    </div>
  );
}
