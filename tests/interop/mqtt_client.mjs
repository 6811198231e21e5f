// An MQTT client that shows a node who it is by a token.

import mqtt from 'mqtt';

import {clientId, sasToken, userName} from '../site/sas.mjs';

/// Connects to `node` as `identity`, over TLS where `ca` is given, and does not
/// connect again by itself; `more` are options of MQTT.js.
export function connectMqtt(node, identity, {ca, ...more} = {}) {
  const url = ca ? `mqtts://${node.address}:${node.ports.mqtts}`
    : `mqtt://${node.address}:${node.ports.mqtt}`;
  return mqtt.connectAsync(url, {
    clientId: clientId(identity),
    username: userName(identity),
    password: sasToken(identity),
    ca,
    reconnectPeriod: 0,
    ...more,
  });
}
