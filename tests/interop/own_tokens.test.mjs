// Clients that only the hub knows: they are not in the gateway's scope, and come
// in by tokens of their own. Unmodified Azure IoT device SDKs, while the hub is
// there, while it is away, and after the gateway was started again. The SDK
// makes a new token of a key for each connection, which nobody but the hub can
// tell from a wrong one; clients that were given a token keep it.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import mqtt from 'mqtt';

import {mayListen, ownAddress, standardPorts} from '../site/ports.mjs';
import {clientId, eventsTopic, sasToken, userName} from '../site/sas.mjs';
import {eventually, Events, Site} from '../site/site.mjs';
import {Wire} from '../site/wire.mjs';
import {SdkClient} from './sdk.mjs';
import {Story} from './story.mjs';

const address = ownAddress();
const patience = 60_000;

describe('clients that are not in scope', {
  skip: !mayListen && 'needs port 443',
}, () => {
  let site, hub, gateway, events, story, guest;
  const wires = [];
  const withKeys = [];
  const withTokens = [];
  const clients = () => [...withKeys, ...withTokens];
  const wire = (how) => wires.forEach((one) => one.set(how));

  before(async () => {
    site = new Site('127.0.0.1', address);
    // Tokens are for the hub by a name that leads to the gateway.
    hub = await site.hub('hub', {node: {host: address}});
    for (const port of [hub.ports.amqps, hub.ports.https])
      wires.push(await Wire.to('127.0.0.1', port));
    gateway = await site.gateway(hub, 'edge-1', {
      node: {host: address, authentication: 'cloud-and-scope'},
      listeners: standardPorts(address),
      routes: {up: 'FROM /messages/* INTO $upstream'},
      parent: {
        amqp_port: wires[0].port, https_port: wires[1].port,
        retry_longest: '500ms', progress_timeout: '5s',
      },
      twins: {report_period: '100ms'},
    });
    events = new Events(hub);
    story = new Story(hub, events);
    hub.create('device', 'far');
    for (const transport of ['Mqtt', 'Amqp'])
      for (const [kind, id] of [['device', ''], ['module', 'far/']]) {
        withKeys.push(new SdkClient(`${id}key-${transport}`,
          hub.create(kind, `${id}key-${transport}`).text, transport));
        withTokens.push(new SdkClient(`${id}token-${transport}`,
          sasToken(hub.create(kind, `${id}token-${transport}`)), transport));
      }
    guest = hub.create('device', 'guest');
  });

  after(async () => {
    await Promise.all(clients().map((client) => client.close()));
    events?.stop();
    wires.forEach((one) => one.close());
    await site?.close();
  });

  const open = (identity, token = sasToken(identity)) => mqtt.connectAsync(
    `mqtts://${address}:8883`, {
      clientId: clientId(identity),
      username: userName(identity),
      password: token,
      ca: site.ca,
      reconnectPeriod: 0,
      protocolVersion: 4,
    }, false);
  const refused = (token, code) =>
    assert.rejects(open(guest, token), (error) => error.code === code);
  const arrived = (text) => events.find(text, ({body}) => body === text);

  test('live through the gateway as at the hub', async () => {
    for (const client of clients()) {
      await client.open({ca: site.ca.toString()});
      await story.tell(client);
    }
  });

  test('show new tokens', async () => {
    for (const client of withKeys) {
      client.renewToken();
      await story.telemetry(client);
      await story.method(client);
    }
  });

  test('are let in by no wrong token', async () => {
    await refused(sasToken({...guest, SharedAccessKey: 'bm90IHRoZSBrZXk='}), 5);
    await refused(sasToken(guest, -3600), 5);
    await refused(sasToken({...guest, DeviceId: 'key-Mqtt'}), 5);
    await refused(sasToken({...guest, DeviceId: 'stranger'}), 5);
    await (await open(guest)).endAsync();
  });

  test('go on while the hub is away, also after the gateway starts again',
    async () => {
      const known = sasToken(guest, 1800);
      await (await open(guest, known)).endAsync();
      const sent = [];
      const send = async (when, who) => {
        for (const client of who) {
          sent.push(`${client.id} ${when}`);
          await client.send(sent.at(-1));
        }
      };
      wire('cut');
      await eventually('the gateway notices', () =>
        gateway.command('uplink', 'status').includes('disconnected'), patience);
      await send('while the hub is away', clients());
      // With a new token they would be turned away for now, which the SDK takes
      // as final over AMQP.
      const away = withKeys.filter((one) => one.overAmqp);
      await Promise.all(away.map((client) => client.close()));
      await gateway.stop('SIGKILL');
      await gateway.start();
      await send('after the gateway was killed', withTokens);
      const again = await open(guest, known);
      sent.push('guest after the gateway was killed');
      await again.publishAsync(eventsTopic(guest), sent.at(-1), {qos: 1});
      await again.endAsync();
      await refused(sasToken(guest, 7200), 3); // never seen
      await refused(
        sasToken({...guest, SharedAccessKey: 'bm90IHRoZSBrZXk='}), 3);
      assert.ok(!events.seen.some(({body}) => sent.includes(body)));
      wire('open');
      for (const text of sent)
        await eventually(text, () =>
          events.seen.some(({body}) => body === text), patience);
      // The parent is asked again about each of them within ten seconds.
      await Promise.all(away.map((client) => eventually(
        `${client.id} is back`, () => client.open({ca: site.ca.toString()})
          .then(() => true, () => false), patience)));
      for (const client of clients())
        await story.tell(client);
    });

  test('are let go when the hub disables them', async () => {
    // The parent is asked about one client once in ten seconds.
    const letIn = (lasts) => eventually('it is let in', () =>
      open(guest, sasToken(guest, lasts)).catch(() => false), patience);
    const client = await letIn(3600);
    const closed = new Promise((resolve) => client.once('close', resolve));
    await client.publishAsync(eventsTopic(guest), 'before', {qos: 1});
    await arrived('before');
    hub.command('device', 'update', 'guest', '--disabled');
    // It hears of that when the gateway next speaks for it.
    await client.publishAsync(eventsTopic(guest), 'disabled', {qos: 1})
      .catch(() => {});
    await closed;
    await refused(sasToken(guest, 1000), 5);
    for (const one of clients())
      await story.telemetry(one);
    hub.command('device', 'update', 'guest', '--enabled');
    const back = await letIn(2000);
    await arrived('disabled'); // nothing acknowledged is lost
    await back.endAsync();
  });

  test('are unknown to a gateway that only takes its scope', async () => {
    const other = await site.gateway(hub, 'edge-2');
    await assert.rejects(mqtt.connectAsync(
      `mqtts://${other.address}:${other.ports.mqtts}`, {
        clientId: clientId(guest), username: userName(guest),
        password: sasToken(guest), ca: site.ca, reconnectPeriod: 0,
        protocolVersion: 4,
      }, false), (error) => error.code === 5);
  });
});
