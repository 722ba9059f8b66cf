// Where the tip of a point stands: beside the point, and whole wherever the map has room for it. Pure.

interface Size {
  readonly width: number;
  readonly height: number;
}

/** From the pointer, so that it covers nothing that it points at. */
const kAway = 14;

/** Behind `at` where there is room, else before it, else as near to it as the room lets it be. */
function along(at: number, tip: number, room: number): number {
  if (at + kAway + tip <= room) return at + kAway;
  if (at - kAway - tip >= 0) return at - kAway - tip;
  return Math.max(0, room - tip);
}

export function placeTip(at: { x: number; y: number }, tip: Size, room: Size): { x: number; y: number } {
  return { x: along(at.x, tip.width, room.width), y: along(at.y, tip.height, room.height) };
}
