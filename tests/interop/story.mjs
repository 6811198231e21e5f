// What a client of a hub does and has done to it, wherever it is connected:
// every step ends when hub and client agree.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

import {eventually, tidegate} from '../site/site.mjs';

/// A command at a node, while clients go on; its answer.
export async function service(node, ...words) {
  const {stdout} = await promisify(execFile)(
    tidegate, [...words, '--json', '--config', node.config]);
  return JSON.parse(stdout);
}

export class Story {
  #count = 0;

  constructor(hub, events) {
    this.hub = hub;
    this.events = events;
  }

  /// The steps one after the other.
  async tell(client) {
    await this.telemetry(client);
    await this.method(client);
    await this.reported(client);
    await this.desired(client);
    if (!client.isModule)
      await this.commands(client);
  }

  async telemetry(client) {
    const text = `of ${client.id}, ${++this.#count}`;
    await client.send(text);
    const event = await this.events.find(text, ({body}) => body === text);
    assert.equal(event.from, client.id);
    assert.equal(event.properties.level, 'a b/ü=&');
    assert.equal(event.systemProperties.outputName,
      client.isModule ? 'out' : undefined);
  }

  async method(client) {
    const name = `reboot-${++this.#count}`;
    client.onMethod(name, (asked, response) => response.send(
      201, {name: asked.methodName, got: asked.payload}, assert.ifError));
    // The SDK subscribes in the background.
    const answer = await eventually(`${client.id} takes methods`, () =>
      service(this.hub, 'method', 'invoke', client.id, name,
        '--payload', '{"after":1.5}').catch((error) => {
        if (!error.stderr?.includes('takes no methods'))
          throw error;
      }));
    assert.deepEqual(answer,
      {status: 201, payload: {name, got: {after: 1.5}}});
  }

  async reported(client) {
    const rpm = ++this.#count;
    await client.report({rpm, place: {hall: 'N4', row: 3}});
    await client.report({place: {hall: null}});
    // The SDK does not look at the status of an answer over MQTT.
    const refused = client.report({'a b': 1});
    if (client.overAmqp)
      await assert.rejects(refused);
    else
      await refused;
    const {reported} = await client.properties();
    assert.equal(reported['a b'], undefined);
    assert.equal(reported.rpm, rpm);
    assert.deepEqual(reported.place, {row: 3});
    await this.#twin(client, `what ${client.id} reports`, ({properties}) =>
      properties.reported.rpm === rpm
      && properties.reported.place.hall === undefined);
  }

  async desired(client) {
    const speed = ++this.#count;
    await service(this.hub, 'twin', 'patch', client.id,
      JSON.stringify({properties: {desired: {speed}}}));
    await eventually('the client is told what is desired', () =>
      client.twin.properties.desired.speed === speed);
  }

  async commands(client) {
    const {id} = client;
    // It was sent before the device has subscribed.
    await service(this.hub, 'c2d', 'send', id, 'first',
      '--property', 'k=a b/ü=&', '--ack', 'full');
    const arrived = client.listen();
    const expect = async (count, text) => {
      await eventually(text, () => arrived.length === count);
      assert.equal(arrived[count - 1].getData().toString(), text);
      return arrived[count - 1];
    };
    const first = await expect(1, 'first');
    assert.equal(first.properties.getValue('k'), 'a b/ü=&');
    await client.client.complete(first);
    await this.commandsAreOver(client);
    await service(this.hub, 'c2d', 'send', id, 'second');
    const second = await expect(2, 'second');
    if (client.overAmqp) { // over MQTT one is complete when it arrives
      await client.client.abandon(second);
      await client.client.reject(await expect(3, 'second'));
    }
    await this.commandsAreOver(client);
    client.client.removeAllListeners('message');
  }

  commandsAreOver({id}) {
    return eventually(`nothing waits for ${id} at the hub`, async () =>
      !(await service(this.hub, 'c2d', 'list', id)).length);
  }

  #twin(client, what, wanted) {
    return eventually(what, async () =>
      wanted(await service(this.hub, 'twin', 'get', client.id)));
  }
}
