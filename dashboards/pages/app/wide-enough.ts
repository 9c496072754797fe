// Whether filters have room beside a list. Elsewhere they are folded away.
import { useEffect, useState } from 'preact/hooks';

const QUERY = '(min-width: 1000px)';

export function useWideEnough(): boolean {
  const [wide, setWide] = useState(matchMedia(QUERY).matches);
  useEffect(() => {
    const query = matchMedia(QUERY);
    const look = (): void => { setWide(query.matches); };
    query.addEventListener('change', look);
    return () => { query.removeEventListener('change', look); };
  }, []);
  return wide;
}
