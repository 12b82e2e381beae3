'use strict';

// Calls an agent by the Open Inference Protocol and compares what it answers with what the protocol
// says. Usage: node client.js ADDRESS MODEL HALF_MODEL ROUNDS. MODEL has for each data type T but FP16
// an input x_T and an output y_T of three elements a sample that are the same, HALF_MODEL has them for
// FP16; both have an output scores besides. Prints one JSON object: calls, mismatches and what differed.

const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const { types, half, numbers } = require('./types');

const [address, model, halfModel, rounds] = process.argv.slice(2);
const WIDTH = 3;
const CALL_MS = 20000;
const PATIENCE_MS = 60000;

const definition = loader.loadSync(path.join(__dirname, 'inference.proto'), {
  keepCase: true,
  longs: String,
  defaults: true,
  oneofs: true,
});
const { inference } = grpc.loadPackageDefinition(definition);
const client = new inference.GRPCInferenceService(address, grpc.credentials.createInsecure());

let calls = 0;
const wrong = [];

function check(holds, what) {
  if (!holds) wrong.push(what);
}

/** Calls; gives the answer as {response} or {error}. */
function call(method, request, ms = CALL_MS) {
  calls++;
  return new Promise((resolve) => {
    client[method](request, { deadline: Date.now() + ms }, (error, response) =>
      resolve(error ? { error } : { response }),
    );
  });
}

async function expect(what, method, request, holds) {
  const { error, response } = await call(method, request);
  if (error) {
    check(false, `${what}: ${error.message}`);
  } else {
    check(holds(response), `${what}: ${JSON.stringify(response).slice(0, 300)}`);
  }
  return response;
}

async function refused(what, method, request, code, ...said) {
  const { error } = await call(method, request);
  if (!error) {
    check(false, `${what}: was not refused`);
    return;
  }
  check(error.code === code, `${what}: code ${error.code} (expected: ${code}): ${error.details}`);
  for (const part of said) {
    check(error.details.includes(part), `${what}: '${error.details}' does not say '${part}'`);
  }
  check(!error.details.includes('\n'), `${what}: more than one line`);
}

// --- Requests ---

/** Values by type for a batch: the edges first, or random ones. */
function values(batch, next) {
  const all = {};
  for (const [name, type] of Object.entries(types)) {
    all[name] = Array.from({ length: batch * WIDTH }, (_, i) =>
      next ? type.random(next) : type.edges[i % type.edges.length],
    );
  }
  return all;
}

function request(all, raw, outputs) {
  const made = { model_name: model, id: 'r', inputs: [], outputs: [], raw_input_contents: [] };
  for (const [name, held] of Object.entries(all)) {
    const input = { name: `x_${name}`, datatype: name, shape: [held.length / WIDTH, WIDTH] };
    if (raw) {
      made.raw_input_contents.push(types[name].raw(held));
    } else {
      input.contents = { [types[name].list]: held };
    }
    made.inputs.push(input);
  }
  made.outputs = outputs.map((name) => ({ name }));
  return made;
}

const at = (name) => Object.keys(types).indexOf(name);

/** A good request with one change. */
function changed(raw, change) {
  const made = request(values(1), raw, []);
  change(made);
  return made;
}

// --- Comparisons ---

function sameTyped(name, held, contents) {
  const lists = Object.entries(contents).filter(([, list]) => list.length > 0);
  if (lists.length !== 1 || lists[0][0] !== types[name].list) return false;
  const given = lists[0][1];
  return (
    given.length === held.length &&
    given.every((value, i) =>
      Buffer.isBuffer(value) ? value.equals(held[i]) : Object.is(value, held[i]),
    )
  );
}

/** Whether every output asked for came back as it went in. */
function echoes(all, raw, response) {
  if (response.model_name !== model || response.id !== 'r' || !response.model_version) return false;
  if (response.raw_output_contents.length !== (raw ? response.outputs.length : 0)) return false;
  return response.outputs.every((output, i) => {
    const name = output.datatype;
    if (output.name === 'scores') return name === 'FP32' && output.shape[1] === '4';
    const held = all[name];
    return (
      output.name === `y_${name}` &&
      output.shape.length === 2 &&
      output.shape[0] === String(held.length / WIDTH) &&
      output.shape[1] === String(WIDTH) &&
      (raw
        ? response.raw_output_contents[i].equals(types[name].raw(held))
        : sameTyped(name, held, output.contents))
    );
  });
}

// --- What is checked ---

async function untilReady() {
  const until = Date.now() + PATIENCE_MS;
  for (const name of [model, halfModel]) {
    for (;;) {
      const { response } = await call('ModelReady', { name });
      calls--;
      if (response && response.ready) break;
      if (Date.now() > until) throw new Error(`${name} was not ready in ${PATIENCE_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function descriptions() {
  await expect('ServerLive', 'ServerLive', {}, (r) => r.live === true);
  await expect('ServerReady', 'ServerReady', {}, (r) => r.ready === true);
  await expect('ServerMetadata', 'ServerMetadata', {}, (r) => r.name && r.version);
  const tensor = (list, name, datatype) =>
    list.some(
      (t) =>
        t.name === name && t.datatype === datatype && t.shape.join() === (name === 'scores' ? '-1,4' : '-1,3'),
    );
  const described = await expect('ModelMetadata', 'ModelMetadata', { name: model }, (r) => {
    const names = Object.keys(types);
    return (
      r.name === model &&
      r.platform &&
      r.versions.length === 1 &&
      r.inputs.length === names.length &&
      r.outputs.length === names.length + 1 &&
      names.every((n) => tensor(r.inputs, `x_${n}`, n) && tensor(r.outputs, `y_${n}`, n)) &&
      tensor(r.outputs, 'scores', 'FP32')
    );
  });
  await expect('ModelMetadata of FP16', 'ModelMetadata', { name: halfModel }, (r) =>
    tensor(r.inputs, 'x_FP16', 'FP16') && tensor(r.outputs, 'y_FP16', 'FP16'),
  );
  const version = described ? described.versions[0] : '';
  await expect('ModelReady', 'ModelReady', { name: model, version }, (r) => r.ready === true);
  await expect('ModelMetadata by version', 'ModelMetadata', { name: model, version }, (r) =>
    r.versions.includes(version),
  );
  const all = values(1);
  await expect('ModelInfer by version', 'ModelInfer',
    { ...request(all, true, []), model_version: version }, (r) =>
      r.model_version === version && echoes(all, true, r));
  for (const method of ['ModelReady', 'ModelMetadata']) {
    await refused(`${method}, model`, method, { name: 'nothing' }, grpc.status.NOT_FOUND, 'nothing');
    await refused(`${method}, version`, method, { name: model, version: 'v0' }, grpc.status.NOT_FOUND, 'v0');
  }
}

async function everyType() {
  for (const raw of [true, false]) {
    const way = raw ? 'raw' : 'typed';
    for (const batch of [1, 2, 3, 8]) {
      const all = values(batch);
      await expect(`all ${way}, batch ${batch}`, 'ModelInfer', request(all, raw, []), (r) =>
        r.outputs.length === Object.keys(types).length + 1 && echoes(all, raw, r),
      );
      for (const name of Object.keys(types)) {
        const what = `${name} ${way}, batch ${batch}`;
        await expect(what, 'ModelInfer', request(all, raw, [`y_${name}`]), (r) =>
          r.outputs.length === 1 && r.outputs[0].datatype === name && echoes(all, raw, r),
        );
      }
    }
    const next = numbers(7);
    for (let round = 0; round < Number(rounds); round++) {
      const all = values(1 + (next() % 16), next);
      await expect(`random ${way} ${round}`, 'ModelInfer', request(all, raw, []), (r) =>
        echoes(all, raw, r),
      );
    }
  }
  const some = ['y_BYTES', 'y_BOOL', 'y_INT8'];
  await expect('outputs in the order asked for', 'ModelInfer', request(values(2), true, some), (r) =>
    r.outputs.map((o) => o.name).join() === some.join(),
  );
}

async function halfType() {
  const halfRequest = (held) => ({
    model_name: halfModel,
    inputs: [{ name: 'x_FP16', datatype: 'FP16', shape: [held.length / WIDTH, WIDTH] }],
    outputs: [{ name: 'y_FP16' }],
    raw_input_contents: [half.raw(held)],
  });
  const next = numbers(3);
  for (let round = 0; round < Number(rounds); round++) {
    const held = Array.from({ length: WIDTH * (1 + (round % 4)) }, (_, i) =>
      round === 0 ? half.edges[i] : half.random(next),
    );
    await expect(`FP16 ${round}`, 'ModelInfer', halfRequest(held), (r) =>
      r.raw_output_contents.length === 1 && r.raw_output_contents[0].equals(half.raw(held)),
    );
  }
  const all = half.edges.slice(0, 6);
  await expect('FP16 edges', 'ModelInfer', halfRequest(all), (r) =>
    r.raw_output_contents[0].equals(half.raw(all)),
  );
  const typed = { ...halfRequest([0, 0, 0]), raw_input_contents: [] };
  typed.inputs[0].contents = { fp32_contents: [0, 0, 0] };
  await refused('FP16 typed', 'ModelInfer', typed, grpc.status.INVALID_ARGUMENT, 'raw_input_contents');
}

async function wrongRequests() {
  const invalid = (what, raw, change, ...said) =>
    refused(what, 'ModelInfer', changed(raw, change), grpc.status.INVALID_ARGUMENT, ...said);
  for (const [name, type] of Object.entries(types)) {
    const i = at(name);
    const field = `inputs[${i}]`;
    await invalid(`${name}: wrong datatype`, true, (r) => (r.inputs[i].datatype = 'FP16'), `${field}.datatype`);
    await invalid(`${name}: unknown datatype`, true, (r) => (r.inputs[i].datatype = 'BF16'), `${field}.datatype`);
    for (const shape of [[], [1], [1, 4], [0, 3], [-1, 3], [1, 3, 1], ['4611686018427387904', 3]]) {
      await invalid(`${name}: shape [${shape}]`, true, (r) => (r.inputs[i].shape = shape), `${field}.shape`);
    }
    await invalid(`${name}: another batch`, true, (r) => {
      r.inputs[i].shape = [2, 3];
      r.raw_input_contents[i] = type.raw(values(2)[name]);
    }, 'inputs[', 'batch of');
    await invalid(`${name}: a byte more`, true, (r) => {
      r.raw_input_contents[i] = Buffer.concat([r.raw_input_contents[i], Buffer.alloc(1)]);
    }, `raw_input_contents[${i}]`);
    await invalid(`${name}: a byte less`, true, (r) => {
      r.raw_input_contents[i] = r.raw_input_contents[i].subarray(0, -1);
    }, `raw_input_contents[${i}]`);
    await invalid(`${name}: no bytes`, true, (r) => (r.raw_input_contents[i] = Buffer.alloc(0)), `raw_input_contents[${i}]`);
    await invalid(`${name}: a value less`, false, (r) => r.inputs[i].contents[type.list].pop(), `${field}.contents.${type.list}`);
    await invalid(`${name}: no values`, false, (r) => delete r.inputs[i].contents, `${field}.contents.${type.list}`);
    const other = type.list === 'fp32_contents' ? 'fp64_contents' : 'fp32_contents';
    await invalid(`${name}: two lists`, false, (r) => (r.inputs[i].contents[other] = [1]), `${field}.contents.${other}`);
    await invalid(`${name}: raw and typed`, true, (r) => {
      r.inputs[i].contents = { [type.list]: types[name].edges.slice(0, WIDTH) };
    }, `${field}.contents`);
    await invalid(`${name}: missing`, true, (r) => {
      r.inputs.splice(i, 1);
      r.raw_input_contents.splice(i, 1);
    }, `x_${name}`);
    await invalid(`${name}: twice`, true, (r) => {
      r.inputs.push(r.inputs[i]);
      r.raw_input_contents.push(r.raw_input_contents[i]);
    }, 'twice');
    if (type.tooLarge !== undefined) {
      await invalid(`${name}: too large`, false, (r) => (r.inputs[i].contents[type.list][1] = type.tooLarge), 'value 1 is');
    }
  }
  const put = (name, bytes) => (r) => (r.raw_input_contents[at(name)] = bytes);
  await invalid('BOOL: 2', true, put('BOOL', Buffer.from([0, 1, 2])), 'byte 2 is 2');
  const length = Buffer.alloc(12);
  length.writeUInt32LE(0xfffffff0, 4);
  await invalid('BYTES: huge length', true, put('BYTES', length), 'element 1');
  await invalid('BYTES: ends in a length', true, put('BYTES', Buffer.alloc(10)), 'element 2');
  const texts = (last) => types.BYTES.raw([Buffer.from('a'), Buffer.from('b'), last]);
  await invalid('BYTES: not UTF-8', true, put('BYTES', texts(Buffer.from([0xc3, 0x28]))), 'element 2 is not UTF-8');
  await invalid('BYTES: NUL', true, put('BYTES', texts(Buffer.from([0]))), 'text 2 holds U+0000');
  await invalid('BYTES: beyond U+FFFF', true, put('BYTES', texts(Buffer.from('😀'))), 'text 2 holds U+1F600');
  await invalid('raw: one entry less', true, (r) => r.raw_input_contents.pop(), 'raw_input_contents');
  await invalid('no inputs', true, (r) => Object.assign(r, { inputs: [], raw_input_contents: [] }), 'inputs');
  await invalid('unknown input', true, (r) => (r.inputs[0].name = 'z'), "inputs[0].name: 'z'");
  await invalid('unknown output', true, (r) => (r.outputs = [{ name: 'z' }]), "outputs[0].name: 'z'");
  const infer = (what, change, code, ...said) => refused(what, 'ModelInfer', changed(true, change), code, ...said);
  await infer('unknown model', (r) => (r.model_name = 'nothing'), grpc.status.NOT_FOUND, 'nothing');
  await infer('no model', (r) => (r.model_name = ''), grpc.status.NOT_FOUND);
  await infer('unknown version', (r) => (r.model_version = 'v0'), grpc.status.NOT_FOUND, 'v0');
  await infer('a message of 5 MiB', (r) => {
    r.raw_input_contents[0] = Buffer.alloc(5 << 20);
  }, grpc.status.RESOURCE_EXHAUSTED);
  const { error } = await call('ModelInfer', request(values(1), true, []), -1);
  check(error && error.code === grpc.status.DEADLINE_EXCEEDED, 'a deadline that has passed');
}

/** Sends requests in one stream; gives the answers, and the status that it ended with. */
function stream(requests) {
  calls += requests.length;
  return new Promise((resolve) => {
    const answers = [];
    const open = client.ModelStreamInfer({ deadline: Date.now() + CALL_MS });
    open.on('data', (answer) => answers.push(answer));
    open.on('error', () => {});
    open.on('status', (status) => setImmediate(() => resolve({ answers, status })));
    requests.forEach((each) => open.write(each));
    open.end();
  });
}

async function streams() {
  const all = values(2);
  const good = (id) => ({ ...request(all, Number(id) % 2 === 0, []), id });
  const bad = {
    5: (r) => (r.inputs[0].datatype = 'FP16'),
    6: (r) => (r.model_name = 'nothing'),
    17: (r) => (r.inputs = []),
    39: (r) => (r.model_version = 'v0'),
  };
  const requests = Array.from({ length: 60 }, (_, i) => {
    const made = good(String(i));
    if (bad[i]) bad[i](made);
    return made;
  });
  const { answers, status } = await stream(requests);
  check(status.code === grpc.status.OK, `stream: ended with ${status.code} ${status.details}`);
  check(answers.length === requests.length, `stream: ${answers.length} answers`);
  answers.forEach((answer, i) => {
    const given = answer.infer_response;
    check(given && given.id === String(i), `stream: answer ${i} has the id ${given && given.id}`);
    const failed = answer.error_message !== '';
    check(failed === (bad[i] !== undefined), `stream: answer ${i}: '${answer.error_message}'`);
    check(failed || echoes(all, i % 2 === 0, { ...given, id: 'r' }), `stream: answer ${i} differs`);
  });
  const empty = await stream([]);
  check(empty.status.code === grpc.status.OK && empty.answers.length === 0, 'stream: an empty one');
  await cancelled(good('0'));
  await expect('after a cancelled stream', 'ModelInfer', request(all, true, []), (r) => echoes(all, true, r));
}

/** A stream that the client leaves while it has requests in it. */
function cancelled(each) {
  calls++;
  return new Promise((resolve) => {
    const open = client.ModelStreamInfer({ deadline: Date.now() + CALL_MS });
    open.on('data', () => open.cancel());
    open.on('error', () => {});
    open.on('status', (status) => {
      check(status.code === grpc.status.CANCELLED, `cancelled stream: ended with ${status.code}`);
      resolve();
    });
    for (let i = 0; i < 20; i++) open.write(each);
  });
}

async function main() {
  await untilReady();
  await descriptions();
  await everyType();
  await halfType();
  await wrongRequests();
  await streams();
}

main()
  .then(() => {
    console.log(JSON.stringify({ calls, mismatches: wrong.length, wrong: wrong.slice(0, 50) }));
    client.close();
  })
  .catch((error) => {
    console.error(String(error.stack || error));
    process.exit(1);
  });
