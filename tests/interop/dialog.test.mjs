// Clients and their hub - telemetry, methods, twins, messages from the cloud -
// as the unmodified Azure IoT device SDK for Node.js sees it, over each of its
// transports and with each kind of credentials: one script for clients of a hub
// and for those of a gateway behind it.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {certificate} from '../site/certificate.mjs';
import {mayListen, ownAddress, standardPorts} from '../site/ports.mjs';
import {sasToken} from '../site/sas.mjs';
import {Events, Site, eventually} from '../site/site.mjs';
import {SdkClient, transports} from './sdk.mjs';
import {Story, service} from './story.mjs';

const addresses = [ownAddress(), ownAddress()];

for (const place of ['hub', 'gateway'])
describe(`clients of a ${place}`, {
  skip: !mayListen && 'needs port 443',
}, () => {
  let site, hub, node, events, story;
  const shown = {};
  const clients = [];

  const at = (address) => ({
    node: {host: address},
    listeners: standardPorts(address),
    routes: {up: 'FROM /messages/* INTO $upstream'},
    twins: {report_period: '100ms'},
  });

  before(async () => {
    site = new Site(...addresses);
    hub = await site.hub('hub', at(addresses[0]));
    if (place === 'hub')
      hub.create('device', 'edge-1', '--edge');
    node = place === 'hub'
      ? hub : await site.gateway(hub, 'edge-1', at(addresses[1]));
    shown.pinned = certificate(site, 'pinned');
    events = new Events(hub);
    story = new Story(hub, events);
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    events?.stop();
    await site?.close();
  });

  const key = (kind, id) => ({
    connection: hub.create(kind, id, ...behind(kind)).text
      + (place === 'hub' ? '' : `;GatewayHostName=${node.address}`),
  });
  const behind = (kind) =>
    kind === 'device' && place !== 'hub' ? ['--parent', 'edge-1'] : [];
  // The SDK knows no GatewayHostName with these.
  const token = (kind, id) => ({
    connection: sasToken({...hub.create(kind, id, ...behind(kind)),
      HostName: node.address}),
  });
  const shows = (id, {cert, key}, ...how) => {
    hub.create('device', id, ...behind('device'), ...how);
    return {
      connection: `HostName=${node.address};DeviceId=${id};x509=true`,
      options: {cert: cert.toString(), key: key.toString()},
    };
  };
  const credentials = {
    'a device with a key': (name) => ['', key('device', name)],
    'a module with a key': (name) => ['edge-1/', key('module', `edge-1/${name}`)],
    'a device with a token': (name) => ['', token('device', name)],
    'a module with a token': (name) =>
      ['edge-1/', token('module', `edge-1/${name}`)],
    'a device that shows a known certificate': (name) => ['', shows(name,
      shown.pinned, '--x509-thumbprint', shown.pinned.sha256)],
    'a device that shows one of a known authority': (name) => ['', shows(name,
      certificate(site, name, {issued: true}), '--x509-ca')],
  };

  let count = 0;
  for (const transport of Object.keys(transports))
    for (const [who, make] of Object.entries(credentials))
      test(`${who} over ${transport}`, async () => {
        const name = `story-${++count}`;
        const [prefix, {connection, options}] = make(name);
        const client = new SdkClient(prefix + name, connection, transport);
        clients.push(client);
        await client.open({ca: site.ca.toString(), ...options});
        await story.tell(client);
      });

  test('tokens are renewed', async () => {
    const peer = async (id) => (await service(node, 'clients'))
      .find((one) => one.id === id)?.peer;
    await Promise.all(Object.keys(transports).flatMap((transport) =>
      [['device', ''], ['module', 'edge-1/']].map(async ([kind, prefix]) => {
        const id = `${prefix}renews-${transport}`;
        const client = new SdkClient(id, key(kind, id).connection, transport);
        clients.push(client);
        await client.open({ca: site.ca.toString()});
        const first = await peer(id);
        assert.ok(first);
        client.renewToken();
        // The SDK connects again to show a new token over MQTT; over AMQP it
        // puts it on the connection that it has.
        if (!client.overAmqp)
          await eventually('it connects again', async () =>
            ![first, undefined].includes(await peer(id)));
        await story.telemetry(client);
        await story.method(client);
        await story.desired(client);
        if (client.overAmqp)
          assert.equal(await peer(id), first);
      })));
  });
});
