import { useCallback, useEffect, useState } from 'preact/hooks';
import { type Address, readAddress, writeAddress } from '../address/address.js';

/** The address as it is now, and a way to another; follows back and forward. */
export function useAddress(): readonly [Address, (address: Address, how?: 'replace') => void] {
  const [address, setAddress] = useState(() => readAddress(location.search));
  useEffect(() => {
    const follow = (): void => setAddress(readAddress(location.search));
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = useCallback((to: Address, how?: 'replace') => {
    const path = location.pathname + writeAddress(to);
    if (how === 'replace') history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    setAddress(to);
  }, []);
  return [address, go];
}
