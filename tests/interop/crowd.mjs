// Many devices that speak over one AMQP connection, as a child gateway's or a
// test's: each with a token, twin links and messages from the cloud.

import http from 'node:http';
import path from 'node:path';

import rhea from 'rhea';

import {resource, sasToken} from '../site/sas.mjs';
import {connectionString} from '../site/site.mjs';

const {message} = rhea;
const body = (text) => message.data_section(Buffer.from(text));

/// Runs `job(0)` to `job(count - 1)`, `width` at a time; their results.
export async function inTurn(count, width, job) {
  const results = [];
  let next = 0;
  await Promise.all(Array.from({length: width}, async () => {
    while (next < count) {
      const at = next++;
      results[at] = await job(at);
    }
  }));
  return results;
}

/// Creates devices behind `edge` at a hub, quicker than by its commands.
export function createDevices(hub, edge, count) {
  const agent = new http.Agent({keepAlive: true, maxSockets: 8});
  const create = (deviceId) => new Promise((resolve, reject) => {
    http.request({
      agent,
      socketPath: path.join(hub.run, 'management.sock'),
      path: '/identities',
      method: 'POST',
    }, async (answer) => {
      let text = '';
      for await (const part of answer)
        text += part;
      if (answer.statusCode !== 200)
        return reject(new Error(`${deviceId}: ${text}`));
      resolve(connectionString(JSON.parse(text).connectionString));
    }).on('error', reject).end(JSON.stringify({
      deviceId, status: 'enabled', parentScopes: [`ms-azure-iot-edge://${edge}-0`],
    }));
  });
  return inTurn(count, 8, (n) => create(`crowd-${n}`))
    .finally(() => agent.destroy());
}

export class Crowd {
  #waiting = new Map();
  #next = 0;

  /// Connects to `node` and opens the twin links of each identity.
  static async join(node, ca, identities) {
    const crowd = new Crowd();
    crowd.connection = rhea.create_container().connect({
      host: node.address, port: node.ports.amqps, transport: 'tls', ca,
      reconnect: false,
    });
    await crowd.#opened(crowd.connection, 'connection_open');
    crowd.connection.on('disconnected', () => crowd.#giveUp());
    await crowd.#putTokens(identities);
    crowd.links = await inTurn(identities.length, 100,
      (n) => crowd.#openTwin(identities[n]));
    return crowd;
  }

  #opened(what, event) {
    return new Promise((resolve, reject) => {
      what.once(event, resolve);
      for (const bad of ['disconnected', 'connection_error', 'sender_error',
        'receiver_error'])
        what.once(bad, () => reject(new Error(
          `${bad}: ${what.error?.description ?? what.error ?? ''}`)));
    });
  }

  /// Resolves with what comes back under this correlation id.
  #reply(id) {
    return new Promise((resolve, reject) =>
      this.#waiting.set(id, {resolve, reject}));
  }

  #take({message: reply}) {
    this.#waiting.get(reply.correlation_id)?.resolve(reply);
    this.#waiting.delete(reply.correlation_id);
  }

  #giveUp() {
    for (const {reject} of this.#waiting.values())
      reject(new Error('the connection was lost'));
    this.#waiting.clear();
  }

  async #putTokens(identities) {
    const replies = this.connection.open_receiver('$cbs');
    replies.on('message', (context) => this.#take(context));
    const requests = this.connection.open_sender('$cbs');
    await this.#opened(requests, 'sendable');
    await inTurn(identities.length, 20, async (n) => {
      const identity = identities[n];
      const answer = this.#reply(`token-${n}`);
      requests.send({
        message_id: `token-${n}`,
        application_properties: {
          operation: 'put-token',
          type: 'servicebus.windows.net:sastoken',
          name: `${identity.HostName}/${resource(identity)}`,
        },
        body: sasToken(identity),
      });
      const status = (await answer).application_properties['status-code'];
      if (status !== 200)
        throw new Error(`${identity.DeviceId}: status ${status}`);
    });
  }

  /// A gateway refuses many of a crowd that it has not heard of yet for now.
  async #openTwin(identity) {
    for (let tries = 0;; ++tries) {
      try {
        return await this.#tryTwin(identity);
      } catch (error) {
        if (tries === 100 || !error.message.includes('verified now'))
          throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #tryTwin(identity) {
    const address = `/${resource(identity)}/twin`;
    const properties = {
      'com.microsoft:channel-correlation-id': `twin:${identity.DeviceId}`,
    };
    const replies = this.connection.open_receiver(
      {source: address, properties, snd_settle_mode: 1});
    replies.on('message', (context) => this.#take(context));
    const requests = this.connection.open_sender(
      {target: address, properties, snd_settle_mode: 1});
    await Promise.all([this.#opened(replies, 'receiver_open'),
      this.#opened(requests, 'sendable')]);
    return requests;
  }

  /// The twin of identity `n`.
  async get(n) {
    const id = `get-${this.#next++}`;
    const answer = this.#reply(id);
    this.links[n].send({
      correlation_id: id,
      message_annotations: {operation: 'GET'},
      body: body(' '),
    });
    const reply = await answer;
    if (reply.message_annotations.status !== 200)
      throw new Error(`status ${reply.message_annotations.status}`);
    return JSON.parse(reply.body.content);
  }

  /// Messages from the cloud for `identity`; resolves when they may come.
  async listen(identity, take) {
    const link = this.connection.open_receiver({
      source: `/${resource(identity)}/messages/devicebound`,
      rcv_settle_mode: 1, autoaccept: true,
    });
    link.on('message', ({message: got}) => take(got));
    await this.#opened(link, 'receiver_open');
  }

  close() {
    this.connection.removeAllListeners();
    this.connection.close();
  }
}
