// rhea, the AMQP 1.0 library under the Azure SDK for Node.js, against a
// gateway.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';

import rhea from 'rhea';
import WebSocket from 'ws';

import {resource, sasToken} from '../site/sas.mjs';
import {Events, Site} from '../site/site.mjs';

const {message} = rhea;
const batchFormat = 0x80013700;
let site, hub, gateway, events, leaf, sender, receiver;

before(async () => {
  site = new Site();
  hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1', {
    listeners: {amqp: '127.0.0.1:0', ws: '127.0.0.1:0'},
    routes: {
      up: 'FROM /messages/* INTO $upstream',
      across: 'FROM /messages/modules/sender/outputs/across '
        + 'INTO BrokeredEndpoint("/modules/receiver/inputs/in")',
    },
  });
  events = new Events(hub);
  leaf = hub.create('device', 'leaf-1', '--parent', 'edge-1');
  sender = hub.create('module', 'edge-1/sender');
  receiver = hub.create('module', 'edge-1/receiver');
});

after(async () => {
  events?.stop();
  await site?.close();
});

/// Resolves with the context of the event `name`, rejects on trouble.
function first(emitter, name) {
  const trouble = ['connection_error', 'disconnected', 'sender_error',
    'receiver_error', 'rejected', 'released', 'modified'];
  return new Promise((resolve, reject) => {
    emitter.once(name, resolve);
    for (const bad of trouble)
      emitter.once(bad, (context) => reject(new Error(
        `${bad}: ${context.connection?.error ?? context.error ?? ''}`)));
  });
}

async function connect(options = {}) {
  const container = rhea.create_container();
  const connection = container.connect({
    host: gateway.address,
    port: gateway.ports.amqps,
    transport: 'tls',
    ca: site.ca,
    reconnect: false,
    ...options,
  });
  await first(connection, 'connection_open');
  return connection;
}

/// Ends a connection in order.
async function close(connection) {
  connection.close();
  await once(connection, 'connection_close');
}

/// Puts the token of `identity` through `$cbs`; returns the answer's status.
async function putToken(connection, identity, token = sasToken(identity)) {
  const replies = connection.open_receiver({source: '$cbs', autoaccept: true});
  const requests = connection.open_sender({target: '$cbs'});
  await first(requests, 'sendable');
  const reply = first(replies, 'message');
  requests.send({
    message_id: 'token-1',
    to: '$cbs',
    reply_to: 'cbs',
    application_properties: {
      operation: 'put-token',
      type: 'servicebus.windows.net:sastoken',
      name: `${identity.HostName}/${resource(identity)}`,
    },
    body: token,
  });
  const answer = (await reply).message;
  assert.equal(answer.correlation_id, 'token-1');
  return answer.application_properties['status-code'];
}

async function openEvents(connection, identity) {
  const link = connection.open_sender({
    target: `/${resource(identity)}/messages/events`,
    properties: {'com.microsoft:client-version': 'interop/1'},
  });
  await first(link, 'sendable');
  return link;
}

/// Sends one transfer and waits until it is accepted.
async function send(link, content, format) {
  const outcome = first(link, 'accepted');
  link.send(content, undefined, format);
  await outcome;
}

test('events arrive after a token was put, properties included', async () => {
  const connection = await connect();
  assert.equal(await putToken(connection, leaf), 200);
  const link = await openEvents(connection, leaf);
  await send(link, {
    message_id: 'm-1',
    correlation_id: 'c-1',
    content_type: 'application/json',
    content_encoding: 'utf-8',
    application_properties: {level: 'high', count: 12},
    body: message.data_section(Buffer.from('{"rpm":1480}')),
  });
  const event = await events.find('m-1',
    (e) => e.systemProperties.messageId === 'm-1');
  assert.equal(event.from, 'leaf-1');
  assert.equal(event.body, '{"rpm":1480}');
  assert.deepEqual(event.properties, {level: 'high', count: '12'});
  assert.equal(event.systemProperties.contentType, 'application/json');
  assert.equal(event.systemProperties.contentEncoding, 'utf-8');
  await close(connection);
});

test('a batch is stored as its messages, in order', async () => {
  const connection = await connect();
  await putToken(connection, leaf);
  const link = await openEvents(connection, leaf);
  const bodies = ['one', 'two', 'three'];
  const batch = message.encode({
    body: message.data_sections(bodies.map((body, index) => message.encode({
      application_properties: {batch: 'yes', index: String(index)},
      body: message.data_section(Buffer.from(body)),
    }))),
  });
  await send(link, batch, batchFormat);
  await events.find('three', (e) => e.body === 'three');
  const stored = events.seen.filter((e) => e.properties.batch === 'yes');
  assert.deepEqual(stored.map((e) => e.body), bodies);
  assert.deepEqual(stored.map((e) => e.properties.index), ['0', '1', '2']);
  await close(connection);
});

test('one connection carries several identities', async () => {
  const connection = await connect();
  await putToken(connection, leaf);
  await putToken(connection, sender);
  const links = [await openEvents(connection, leaf),
    await openEvents(connection, sender)];
  for (const link of links)
    await send(link, {body: message.data_section(Buffer.from('shared'))});
  for (const from of ['leaf-1', 'edge-1/sender'])
    await events.find(`shared of ${from}`,
      (e) => e.body === 'shared' && e.from === from);
  await close(connection);
});

test('a module receives its input and settles it', async () => {
  const input = await connect();
  await putToken(input, receiver);
  const link = input.open_receiver({
    source: `/${resource(receiver)}/messages/events`,
    credit_window: 10,
    autoaccept: true,
  });
  await first(link, 'receiver_open');
  const arrival = first(link, 'message');
  const output = await connect();
  await putToken(output, sender);
  await send(await openEvents(output, sender), {
    application_properties: {'iothub-outputname': 'across', level: 'low'},
    body: message.data_section(Buffer.from('to the input')),
  });
  const got = (await arrival).message;
  assert.equal(got.body.content.toString(), 'to the input');
  assert.equal(got.application_properties.level, 'low');
  assert.equal(got.message_annotations['x-opt-input-name'], 'in');
  assert.equal(got.message_annotations['iothub-connection-device-id'],
    'edge-1');
  assert.equal(got.message_annotations['iothub-connection-module-id'],
    'sender');
  await close(output);
  await close(input);
});

test('SASL PLAIN with a token as password is let in', async () => {
  const hubName = leaf.HostName.split('.')[0];
  for (const [transport, port] of
    [['tls', gateway.ports.amqps], ['tcp', gateway.ports.amqp]]) {
    const connection = await connect({
      transport,
      port,
      username: `leaf-1@sas.${hubName}`,
      password: sasToken(leaf),
    });
    const link = await openEvents(connection, leaf);
    const body = `plain over ${transport}`;
    await send(link, {body: message.data_section(Buffer.from(body))});
    await events.find(body, (e) => e.body === body);
    await close(connection);
  }
});

test('the same is spoken over WebSocket, encrypted and plain', async () => {
  const dial = rhea.websocket_connect(WebSocket);
  for (const [scheme, port] of
    [['wss', gateway.ports.https], ['ws', gateway.ports.ws]]) {
    const url = `${scheme}://localhost:${port}/$iothub/websocket`;
    const connection = await connect({
      connection_details: dial(url, ['AMQPWSB10'], {ca: site.ca}),
    });
    assert.equal(await putToken(connection, leaf), 200);
    const link = await openEvents(connection, leaf);
    const body = `${scheme} `.repeat(50_000);
    await send(link, {body: message.data_section(Buffer.from(body))});
    await events.find(scheme, (e) => e.body === body);
    await close(connection);
  }
});

/// The status a WebSocket upgrade for these sub-protocols is refused with.
function refusal(protocols) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(
      `ws://localhost:${gateway.ports.ws}/$iothub/websocket`, protocols);
    socket.on('unexpected-response', (_, answer) => {
      resolve(answer.statusCode);
      socket.terminate();
    });
    socket.on('open', () => reject(new Error('was let in')));
    socket.on('error', () => {});
  });
}

test('a WebSocket for another sub-protocol, or none, gets 400', async () => {
  assert.equal(await refusal(['amqpwsb10']), 400);
  assert.equal(await refusal([]), 400);
});

test('a wrong key passes put-token and fails at the link', async () => {
  const connection = await connect();
  const wrong = {...leaf, SharedAccessKey: 'bm90IHRoZSBrZXkgYXQgYWxs'};
  assert.equal(await putToken(connection, leaf, sasToken(wrong)), 200);
  const link = connection.open_sender(`/${resource(leaf)}/messages/events`);
  await assert.rejects(first(link, 'sendable'), /sender_error/);
});

test('an expired token is answered with 400', async () => {
  const connection = await connect();
  assert.equal(await putToken(connection, leaf, sasToken(leaf, -3600)), 400);
  await close(connection);
});
