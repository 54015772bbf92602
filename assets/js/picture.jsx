// The picture of a card, from its first trace to full size: thumbhash, streamed partials, thumbnail, picture.
// Every step is decoded before it is shown, so nothing flickers and the slot never changes size.
import React, { useEffect, useMemo, useState } from "react";
import { thumbHashToDataURL } from "thumbhash";

const NEAR = 0.03; // ratios closer than this fill the slot; others stand whole inside it

function placeholder(hash) {
  if (!hash || typeof atob === "undefined") return "";
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(hash), (sign) => sign.charCodeAt(0)));
  } catch {
    return "";
  }
}

/** The address once its bytes are decoded; the one before stays until then. */
function useDecoded(address) {
  const [shown, setShown] = useState("");
  useEffect(() => {
    if (!address) return undefined;
    let wanted = true;
    const image = new Image();
    image.src = address;
    image.decode().then(() => wanted && setShown(address), () => {});
    return () => {
      wanted = false;
    };
  }, [address]);
  return address ? shown : "";
}

export function Picture({ thumb = "", full = "", hash = "", partial = "", alt = "", width = 1, height = 1, ratio = 1 }) {
  const trace = useMemo(() => placeholder(hash), [hash]);
  const early = useDecoded(partial);
  const large = useDecoded(thumb && full);
  const [here, setHere] = useState(false);
  const [broken, setBroken] = useState(false);
  const fit = Math.abs(width / height / ratio - 1) < NEAR ? "fills" : "stands";

  useEffect(() => {
    setBroken(false);
    if (!thumb) setHere(false);
  }, [thumb]);
  if (broken) return <p className="picture-broken">The picture could not be loaded. Reload the page, or download the original.</p>;
  return (
    <>
      {!thumb && early && <img className="picture-early" src={early} alt="" />}
      {thumb && trace && <img className={`picture-trace ${fit}`} src={trace} alt="" />}
      {thumb && (
        <img className={`picture ${fit}`} src={large || thumb} alt={alt} decoding="async" draggable="false" data-here={here || undefined}
          ref={(image) => image?.complete && image.naturalWidth && setHere(true)} onLoad={() => setHere(true)} onError={() => setBroken(true)} />
      )}
    </>
  );
}
