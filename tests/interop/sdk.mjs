// Clients as applications write them, with the unmodified Azure IoT device SDK
// for Node.js.

import {promisify} from 'node:util';

import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';
import mqtt from 'azure-iot-device-mqtt';

export const transports = {
  Mqtt: mqtt.Mqtt,
  MqttWs: mqtt.MqttWs,
  Amqp: amqp.Amqp,
  AmqpWs: amqp.AmqpWs,
};

/// A device, or a module `device/module`, that lives by its twin.
export class SdkClient {
  /// `connection` is a connection string or a token.
  constructor(id, connection, transport) {
    this.id = id;
    this.isModule = id.includes('/');
    this.overAmqp = transport.startsWith('Amqp');
    const Kind = this.isModule ? device.ModuleClient : device.Client;
    const Transport = transports[transport];
    if (connection.includes('SharedAccessKey=')) {
      this.keys = device.SharedAccessKeyAuthenticationProvider
        .fromConnectionString(connection);
      this.client = Kind.fromAuthenticationProvider(this.keys, Transport);
    } else if (connection.startsWith('SharedAccessSignature ')) {
      this.client = Kind.fromSharedAccessSignature(connection, Transport);
    } else {
      this.client = Kind.fromConnectionString(connection, Transport);
    }
    this.acknowledged = [];
  }

  /// Connects; follows its desired properties.
  async open(options) {
    await this.client.setOptions(options);
    await this.client.open();
    this.twin = await this.client.getTwin();
    this.twin.on('properties.desired', () => {});
  }

  close() {
    return this.client.close();
  }

  async send(text) {
    const message = new device.Message(text);
    message.properties.add('level', 'a b/ü=&');
    if (this.isModule)
      await this.client.sendOutputEvent('out', message);
    else
      await this.client.sendEvent(message);
    this.acknowledged.push(text);
  }

  report(patch) {
    return promisify(this.twin.properties.reported.update)
      .call(this.twin.properties.reported, patch);
  }

  /// Its properties, read anew.
  async properties() {
    await promisify(this.twin.get).call(this.twin);
    return this.twin.properties;
  }

  onMethod(name, handler) {
    if (this.isModule)
      this.client.onMethod(name, handler);
    else
      this.client.onDeviceMethod(name, handler);
  }

  /// Messages from the cloud, as they arrive from now on.
  listen() {
    const arrived = [];
    this.client.on('message', (message) => arrived.push(message));
    return arrived;
  }

  /// Has the SDK do now what it does before its token ends.
  renewToken() {
    this.keys.setTokenRenewalValues(3000, 900);
  }
}
