import { useLayoutEffect, useRef, useState } from "react";

/** The width that a drawing has, in pixels, so that its letters are as large as the page's. */
export function useWidth<E extends HTMLElement>(before = 560) {
  const place = useRef<E>(null);
  const [width, setWidth] = useState(before);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(220, Math.floor(entry.contentRect.width))));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { place, width };
}
