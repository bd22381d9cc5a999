// Positions in the hub's log. The id of an event is its position, or the publisher's own; then the position is a field of its own.

const POSITION = /^[0-9a-z]{8}~([0-9a-z]{1,13})$/;

/** The offset of a position; null if the text is not a position. */
export function offsetOf(text) {
  const position = POSITION.exec(text ?? '');
  return position ? parseInt(position[1], 36) : null;
}

/** How far a stream has been read: the id to resume after, its offset, and the time of the newest event up to there. Immutable. */
export class Cursor {
  constructor(id = '', offset = null, time = Infinity) {
    this.id = id;
    this.offset = offset;
    this.time = time;
  }

  /** The cursor after one more line; a line without a position does not move it. */
  after({ id, position, time }) {
    const offset = offsetOf(position ?? id);
    if (offset === null) return this;
    return new Cursor(position ?? id, offset, time ? Date.parse(time) : this.time);
  }

  /** Whether the event lies before the cursor. The time guards against offsets of another epoch of the log. */
  covers({ id, position, time }) {
    const offset = offsetOf(position ?? id);
    return offset !== null && this.offset !== null && offset <= this.offset && Date.parse(time) <= this.time;
  }
}
