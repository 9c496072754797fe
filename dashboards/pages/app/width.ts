// How wide there is room to draw, in pixels.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export function useWidth(first: number): [(element: Element | null) => void, number] {
  const [width, setWidth] = useState(first);
  const watch = useRef<ResizeObserver | undefined>(undefined);
  useEffect(() => () => { watch.current?.disconnect(); }, []);
  const ref = useCallback((element: Element | null) => {
    watch.current?.disconnect();
    if (element === null) return;
    setWidth(Math.floor(element.getBoundingClientRect().width));
    watch.current = new ResizeObserver(([entry]) => { if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width)); });
    watch.current.observe(element);
  }, []);
  return [ref, width];
}
