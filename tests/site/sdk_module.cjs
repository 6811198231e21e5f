// A module as applications write them, with the unmodified Azure IoT device
// SDK; it knows nothing but its environment.

const http = require('node:http');

const {Message, ModuleClient} = require('azure-iot-device');
const {Mqtt} = require('azure-iot-device-mqtt');

/// Asks at the workload socket, again and again, and says what came of it.
function trust(count) {
  http.get({
    socketPath: process.env.IOTEDGE_WORKLOADURI.replace('unix://', ''),
    path: '/trust-bundle?api-version=2022-08-03',
  }, (answer) => {
    answer.resume();
    answer.on('end', () => console.log(`trusts ${count}`));
  }).on('error', () => console.log('alone'));
  setTimeout(trust, 100, count + 1);
}

async function main() {
  const client = await ModuleClient.fromEnvironment(Mqtt);
  await client.open();
  for (let i = 1;; ++i) {
    await client.sendOutputEvent('out', new Message(`from the SDK ${i}`));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

trust(1);
main().catch((failed) => {
  console.log(failed);
  process.exit(1);
});
