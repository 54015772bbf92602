// Zoom and pan of one view that any number of panes share: wheel, drag, pinch and keys.
// A view is { zoom, x, y }: 1 is the whole picture, x and y the fraction of the picture at the middle of the pane.
import { useLayoutEffect, useRef } from "react";

export const WHOLE = { zoom: 1, x: 0.5, y: 0.5 };
const MOST = 8; // times the size at which the original's pixels are the screen's
const STEP = 1.25;

const between = (low, value, high) => Math.min(high, Math.max(low, value));

/** Where a picture of width × height stands in a pane: scale and offset in pixels. */
export function placed({ zoom, x, y }, pane, picture) {
  const fit = Math.min(pane.width / picture.width, pane.height / picture.height) || 1;
  const scale = fit * zoom;
  const along = (middle, room, size) => (size <= room ? (room - size) / 2 : between(room - size, room / 2 - middle * size, 0));
  return { fit, scale, left: along(x, pane.width, picture.width * scale), top: along(y, pane.height, picture.height * scale) };
}

/** The zoom at which one pixel of the original is one pixel of the page. */
export const fullZoom = (pane, picture) => 1 / (Math.min(pane.width / picture.width, pane.height / picture.height) || 1);

export const mostZoom = (pane, picture) => Math.max(1, MOST * fullZoom(pane, picture));

/** The view zoomed to `zoom`, with the picture's fraction (at.x, at.y) staying where it is in the pane. */
export function zoomedAt(view, zoom, at, pane, picture) {
  const next = between(1, zoom, mostZoom(pane, picture));
  const before = placed(view, pane, picture);
  const scale = before.fit * next;
  const keep = (fraction, offset, size, room) => fraction + (room / 2 - (offset + fraction * size * before.scale)) / (size * scale);
  return settled(
    { zoom: next, x: keep(at.x, before.left, picture.width, pane.width), y: keep(at.y, before.top, picture.height, pane.height) },
    pane,
    picture,
  );
}

/** The view with its middle no further out than the picture's edge at the pane's. */
export function settled(view, pane, picture) {
  const { scale } = placed(view, pane, picture);
  const inside = (middle, room, size) => (size <= room ? 0.5 : between(room / 2 / size, middle, 1 - room / 2 / size));
  return { zoom: view.zoom, x: inside(view.x, pane.width, picture.width * scale), y: inside(view.y, pane.height, picture.height * scale) };
}

/** The fraction of the picture under a point of the page. */
export function fractionAt(view, box, picture, clientX, clientY) {
  const { scale, left, top } = placed(view, box, picture);
  return { x: (clientX - box.left - left) / (picture.width * scale), y: (clientY - box.top - top) / (picture.height * scale) };
}

/**
 * Wires wheel, drag and pinch of one element to a shared view. `read` gives { view, picture }, `write` takes the next
 * view; `onSwipe(direction)` is told of a flick while the whole picture is shown, `onTap` of a press that moved nothing.
 * While `pointing`, one finger only points (a loupe follows it) and two still pinch.
 */
export function useGestures(element, { read, write, onSwipe, onTap, pointing = false }) {
  const latest = useRef({});
  latest.current = { read, write, onSwipe, onTap, pointing };
  // With the picture itself: a finger may come before effects run on a machine that is busy.
  useLayoutEffect(() => {
    const pane = element.current;
    if (!pane) return undefined;
    const pointers = new Map();
    let start = null;

    const box = () => pane.getBoundingClientRect();
    const turned = (event) => {
      event.preventDefault();
      const { view, picture } = latest.current.read();
      const at = fractionAt(view, box(), picture, event.clientX, event.clientY);
      const by = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018));
      latest.current.write(zoomedAt(view, view.zoom * by, at, box(), picture));
    };
    const middle = () => {
      const points = [...pointers.values()];
      const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
      const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
      const apart = points.length > 1 ? Math.hypot(points[0].x - points[1].x, points[0].y - points[1].y) : 0;
      return { x, y, apart };
    };
    const restart = () => {
      start = pointers.size ? { ...middle(), view: latest.current.read().view, moved: start?.moved ?? false, many: pointers.size > 1 || start?.many } : null;
    };
    const down = (event) => {
      if (event.button > 0 || event.target.closest("button, a, input")) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      pane.setPointerCapture(event.pointerId);
      restart();
    };
    const moved = (event) => {
      if (!pointers.has(event.pointerId) || !start) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const now = middle();
      const [dx, dy] = [now.x - start.x, now.y - start.y];
      if (Math.hypot(dx, dy) > 6 || start.many) start.moved = true;
      if (latest.current.pointing && event.pointerType === "touch" && pointers.size === 1) return;
      const { picture } = latest.current.read();
      const size = box();
      let next = start.view;
      if (start.apart && now.apart) {
        next = zoomedAt(next, start.view.zoom * (now.apart / start.apart), fractionAt(next, size, picture, start.x, start.y), size, picture);
      }
      if (next.zoom > 1) {
        const { scale } = placed(next, size, picture);
        latest.current.write(settled({ ...next, x: next.x - dx / (picture.width * scale), y: next.y - dy / (picture.height * scale) }, size, picture));
      } else if (start.many) latest.current.write(next);
    };
    const up = (event) => {
      if (!pointers.delete(event.pointerId) || !start) return;
      const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
      const whole = latest.current.read().view.zoom <= 1;
      const { moved: was, many } = start;
      if (!pointers.size) {
        if (!was && event.type === "pointerup") latest.current.onTap?.(event);
        else if (was && whole && !many && !latest.current.pointing && event.type === "pointerup") {
          if (Math.abs(dx) > 48 && Math.abs(dx) > Math.abs(dy) * 1.4) latest.current.onSwipe?.(dx < 0 ? "next" : "before");
          else if (dy > 96 && dy > Math.abs(dx) * 1.4) latest.current.onSwipe?.("down");
        }
        start = null;
      } else restart();
    };
    pane.addEventListener("wheel", turned, { passive: false });
    pane.addEventListener("pointerdown", down);
    pane.addEventListener("pointermove", moved);
    pane.addEventListener("pointerup", up);
    pane.addEventListener("pointercancel", up);
    return () => {
      pane.removeEventListener("wheel", turned);
      pane.removeEventListener("pointerdown", down);
      pane.removeEventListener("pointermove", moved);
      pane.removeEventListener("pointerup", up);
      pane.removeEventListener("pointercancel", up);
    };
  }, [element]);
}

/** The view after a key, or null for a key that means nothing here. */
export function keyed(key, view, pane, picture) {
  const at = { x: view.x, y: view.y };
  switch (key) {
    case "f":
    case "0-fit":
      return WHOLE;
    case "z":
      return zoomedAt(view, Math.abs(view.zoom - fullZoom(pane, picture)) < 0.01 ? 1 : fullZoom(pane, picture), at, pane, picture);
    case "+":
    case "=":
      return zoomedAt(view, view.zoom * STEP, at, pane, picture);
    case "-":
      return zoomedAt(view, view.zoom / STEP, at, pane, picture);
    default:
      return null;
  }
}
