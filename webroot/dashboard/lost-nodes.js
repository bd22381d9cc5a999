// The nodes that do not answer. Each stays until its cluster no longer counts it: a voter until the voters are changed, an edge until
// cluster.edge.forget. One that is no voter may be dismissed before that; it is lost again if it has answered in the meantime.

const KEY = 'tidings.dismissed-nodes';

export class LostNodes {
  #storage;
  #dismissed;

  /** storage: as localStorage; it may refuse to be read or written. */
  constructor(storage) {
    this.#storage = storage;
    this.#dismissed = new Set(read(storage));
  }

  /** Those of the lost nodes that are shown: gone and nodes are the lists of the hub's statistics. */
  shown({ nodes, gone = [] }) {
    const answering = nodes.map(({ address }) => address);
    this.#forget((address) => answering.includes(address) || !gone.some((node) => node.address === address));
    return gone.filter(({ address }) => !this.#dismissed.has(address));
  }

  dismiss(address) {
    this.#dismissed.add(address);
    this.#write();
  }

  #forget(condition) {
    const before = this.#dismissed.size;
    for (const address of this.#dismissed) if (condition(address)) this.#dismissed.delete(address);
    if (this.#dismissed.size < before) this.#write();
  }

  #write() {
    try {
      this.#storage.setItem(KEY, JSON.stringify([...this.#dismissed]));
    } catch {
      // over the quota, or not allowed: dismissed until the page is reloaded
    }
  }
}

/** Only voters have to be removed by a change of the voters. */
export const mayDismiss = ({ role }) => role !== 'voter';

function read(storage) {
  try {
    return JSON.parse(storage.getItem(KEY)) ?? [];
  } catch {
    return []; // not allowed, or not written by this page
  }
}
