// The standard ports. Azure IoT SDKs know no others, so nodes get them, each
// on a loopback address of its own that nothing else is likely to use.

import net from 'node:net';

const random = () => 1 + Math.floor(Math.random() * 253);
export const ownAddress = () => `127.${random()}.${random()}.${random()}`;

/// The listeners of a node at `address`.
export const standardPorts = (address) => ({
  mqtts: `${address}:8883`,
  amqps: `${address}:5671`,
  https: `${address}:443`,
});

/// Whether this process may listen there.
export const mayListen = await new Promise((resolve) => {
  const server = net.createServer();
  server.once('error', () => resolve(false));
  server.listen(443, ownAddress(), () => server.close(() => resolve(true)));
});
