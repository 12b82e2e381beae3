// Asks a Heirloom control plane for the heir that suits a device, and writes it as ONNX.
//
//     npm install
//     node tailor.js localhost:7400 fashion heir.onnx
'use strict';

const { createHash } = require('crypto');
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const proto = process.env.HEIRLOOM_PROTO || path.join(__dirname, '../../proto/src/main/proto');
const { heirloom } = grpc.loadPackageDefinition(
  loader.loadSync('heirloom/v1/models.proto', { includeDirs: [proto], keepCase: true, longs: Number, defaults: true }),
);

async function tailor(address, family, out) {
  const models = new heirloom.v1.Models(address, grpc.credentials.createInsecure());
  const answer = models.Tailor({
    family,
    profile: { device_class: 'pi-4', cores: 4, threads: 1, memory_bytes: 4 * 2 ** 30 },
    limits: { size_bytes: 100 * 2 ** 20 },
    only_if_met: true,
  });
  const digest = createHash('sha256');
  const part = `${out}.part`;
  const file = fs.openSync(part, 'w');
  let told;
  let heir;
  try {
    for await (const message of answer) {
      if (message.recommendation) told = message.recommendation;
      else if (message.heir) heir = message.heir;
      else {
        fs.writeSync(file, message.content);
        digest.update(message.content);
      }
    }
  } finally {
    fs.closeSync(file);
    models.close();
  }
  if (!told.feasible) throw new Error(`no rung meets the budget: ${told.reason}`);
  if (!digest.digest().equals(heir.sha256)) throw new Error('what arrived is not the heir that was promised');
  fs.renameSync(part, out);
  console.log(`${out}: rung ${told.rung} of ${told.family}, accuracy ${told.accuracy.expected.toFixed(4)}, ${told.reason}`);
}

tailor(...process.argv.slice(2, 5)).catch((failure) => {
  console.error(failure.message);
  process.exit(1);
});
