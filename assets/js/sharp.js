// Which file a shown picture is drawn from: ours of 1024 pixels, or the original once its pixels can be seen.
import { useEffect, useState } from "react";

const LARGE = 1100; // device pixels across, beyond which the original is fetched

/** The address to draw `one` from at this scale; it changes when the original has been decoded. */
export function useSharp(one, scale) {
  const [decoded, setDecoded] = useState("");
  const wanted = scale * one.width * (globalThis.devicePixelRatio || 1) > LARGE;
  useEffect(() => {
    if (!wanted) return undefined;
    let here = true;
    const image = new Image();
    image.src = one.original;
    image.decode().then(() => here && setDecoded(one.original), () => {});
    return () => {
      here = false;
    };
  }, [wanted, one.original]);
  return decoded === one.original ? decoded : one.large;
}
