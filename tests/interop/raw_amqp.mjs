// AMQP frames by hand, for what no client library would send.

const u32 = (n) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};

export const nothing = Buffer.from([0x40]);
export const yes = Buffer.from([0x41]);
export const no = Buffer.from([0x42]);
export const uint = (n) => Buffer.concat([Buffer.from([0x70]), u32(n)]);
export const string = (text) =>
  Buffer.concat([Buffer.from([0xb1]), u32(Buffer.byteLength(text)),
                 Buffer.from(text)]);
export const symbol = (text) =>
  Buffer.concat([Buffer.from([0xb3]), u32(text.length), Buffer.from(text)]);
const binary = (bytes) =>
  Buffer.concat([Buffer.from([0xb0]), u32(bytes.length), bytes]);

const compound = (code) => (values) => {
  const body = Buffer.concat(values);
  return Buffer.concat([Buffer.from([code]), u32(body.length + 4),
                        u32(values.length), body]);
};
export const list = compound(0xd0);
export const map = compound(0xd1);

export const described = (code, value) =>
  Buffer.concat([Buffer.from([0, 0x53, code]), value]);

/// `type` 0 is AMQP, 1 is SASL.
export function frame(performative, {channel = 0, type = 0, payload} = {}) {
  const body = payload ? Buffer.concat([performative, payload]) : performative;
  const head = Buffer.from([0, 0, 0, 0, 2, type, channel >> 8, channel & 255]);
  head.writeUInt32BE(body.length + 8);
  return Buffer.concat([head, body]);
}

export const amqpHeader = Buffer.from('AMQP\0\x01\0\0', 'latin1');
export const saslHeader = Buffer.from('AMQP\x03\x01\0\0', 'latin1');

export const saslInit = (mechanism = symbol('ANONYMOUS'), ...more) =>
  frame(described(0x41, list([mechanism, ...more])), {type: 1});

export const open = (...more) =>
  frame(described(0x10, list([string('client'), nothing, ...more])));

export const begin = (channel = 0) =>
  frame(described(0x11, list([nothing, uint(0), uint(5000), uint(5000)])),
        {channel});

/// A link to `address`: the client sends on it, or receives.
export function attach(name, handle, address, {
  channel = 0, receives = false, properties = nothing, filter = nothing,
} = {}) {
  const filters = receives ? [nothing, nothing, nothing, nothing, nothing,
                              nothing, filter] : [];
  const source = described(0x28, list(receives ? [string(address), ...filters]
                                               : []));
  const target = described(0x29, list(receives ? [] : [string(address)]));
  return frame(described(0x12, list([
    string(name), uint(handle), receives ? yes : no, nothing, nothing, source,
    target, nothing, nothing, receives ? nothing : uint(0), nothing, nothing,
    nothing, properties])), {channel});
}

export const transfer = (handle, id, payload, {more = false} = {}) =>
  frame(described(0x14, list([uint(handle), uint(id),
                              binary(Buffer.from(String(id))), uint(0), no,
                              more ? yes : no])), {payload});

/// What an anonymous client says first.
export const greeting = () => Buffer.concat([saslHeader, saslInit(),
                                             amqpHeader, open(), begin()]);
