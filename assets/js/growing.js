// A text box that is as high as its words.
import { useEffect, useLayoutEffect, useRef } from "react";

const useBrowserLayout = typeof window === "undefined" ? useEffect : useLayoutEffect;

/** The ref for a textarea that shows `text`. */
export function useGrowing(text) {
  const area = useRef(null);
  useBrowserLayout(() => {
    const { style, offsetHeight, clientHeight } = area.current;
    style.height = "auto";
    style.height = `${area.current.scrollHeight + offsetHeight - clientHeight}px`;
  }, [text]);
  return area;
}
