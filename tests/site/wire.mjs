// A TCP wire that misbehaves when told to, between a node and its parent.

import {once} from 'node:events';
import net from 'node:net';

/// What goes through in a tenth of a second on a slow wire, and how late.
const slowBytes = 4096;
const slowDelay = 150;

/// Forwards connections to `host:port`. `set` says how: `open`, `cut`
/// (connections are reset, new ones as well), `half-open` (they stay, or are
/// taken, and nothing passes any more) or `slow`.
export class Wire {
  static async to(host, port) {
    const made = new Wire();
    made.how = 'open';
    made.pairs = new Set();
    made.server = net.createServer((near) => made.#take(near, host, port));
    made.server.listen(0, '127.0.0.1');
    await once(made.server, 'listening');
    made.port = made.server.address().port;
    return made;
  }

  set(how) {
    const was = this.how;
    this.how = how;
    // What was held back on a dead wire is lost, as on a real one.
    if (how === 'cut' || was === 'half-open')
      for (const pair of this.pairs)
        pair.forEach((one) => one.destroy());
  }

  close() {
    this.set('cut');
    this.server.close();
  }

  #take(near, host, port) {
    if (this.how === 'cut')
      return near.destroy();
    const far = net.connect(port, host);
    const pair = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        this.pairs.delete(pair);
      });
      from.on('data', (bytes) => this.#pass(bytes, from, to));
    }
  }

  #pass(bytes, from, to) {
    if (this.how === 'open')
      return void to.write(bytes);
    if (this.how !== 'slow')
      return;
    from.pause();
    const time = slowDelay + 100 * bytes.length / slowBytes;
    setTimeout(() => {
      if (this.how === 'half-open' || to.destroyed)
        return;
      to.write(bytes);
      from.resume();
    }, time);
  }
}
