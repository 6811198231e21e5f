import {createHmac} from 'node:crypto';

/// The MQTT user name of an identity given as a connection string.
export function userName({HostName, DeviceId, ModuleId}) {
  const id = ModuleId ? `${DeviceId}/${ModuleId}` : DeviceId;
  return `${HostName}/${id}/?api-version=2021-04-12`;
}

/// The MQTT client id of an identity.
export function clientId({DeviceId, ModuleId}) {
  return ModuleId ? `${DeviceId}/${ModuleId}` : DeviceId;
}

/// `devices/{id}` or `devices/{id}/modules/{module}`.
export function resource({DeviceId, ModuleId}) {
  return `devices/${DeviceId}` + (ModuleId ? `/modules/${ModuleId}` : '');
}

/// The topic on which an identity sends telemetry, with `properties`.
export function eventsTopic(identity, properties = {}) {
  const bag = Object.entries(properties)
    .map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  return `${resource(identity)}/messages/events/${bag}`;
}

/// A SAS token of an identity, valid for `seconds`.
export function sasToken(identity, seconds = 3600) {
  const sr = encodeURIComponent(`${identity.HostName}/${resource(identity)}`);
  const se = Math.floor(Date.now() / 1000) + seconds;
  const key = Buffer.from(identity.SharedAccessKey, 'base64');
  const sig = createHmac('sha256', key).update(`${sr}\n${se}`).digest('base64');
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}`
    + `&se=${se}`;
}
