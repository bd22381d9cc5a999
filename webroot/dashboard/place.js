// Places in the hub's one order. The id of an event is its position, or the publisher's own, and then its position is beside it.

const POSITION = /^[0-9a-z]{8}~([0-9a-z]{1,13})$/;

/** How far along the log the position is; null where the text is none. */
export function offset(text) {
  const position = POSITION.exec(text ?? '');
  return position ? parseInt(position[1], 36) : null;
}

/** How far a stream has come: the id to go on after, its offset, and the time of the newest event up to there. */
export class Reached {
  constructor(id = '', at = null, time = Infinity) {
    this.id = id;
    this.offset = at;
    this.time = time;
  }

  /** After another line; of the hub's own lines only those that say a place move it. */
  after({ id, position, time }) {
    const at = offset(position ?? id);
    if (at === null) return this;
    return new Reached(position ?? id, at, time ? Date.parse(time) : this.time);
  }

  /** Whether whoever has come so far has the event already. The time guards against offsets of another life of the log. */
  has({ id, position, time }) {
    const at = offset(position ?? id);
    return at !== null && this.offset !== null && at <= this.offset && Date.parse(time) <= this.time;
  }
}
