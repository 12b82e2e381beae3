'use strict';

// Devices and their decisions, as the control plane tells them by server-sent events. All text from devices
// goes through textContent: none of it is trusted.

const devices = new Map();
const history = new Map(); // device name -> p95 of its last windows, ns
const rows = new Map();
const opened = new Set();
let families = [];
let rollouts = [];
let jobs = [];
let idleTrainers = 0;
let needle = '';
let drawn = false; // whether a drawing is due
let heard = false; // whether the control plane ever answered

const HISTORY = 60;
const LOG = 40;

const $ = (id) => document.getElementById(id);

function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function svg(tag, attributes) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// --- Texts -----------------------------------------------------------------------------------------

function ms(ns) {
  const value = ns / 1e6;
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function percent(share) {
  return (share * 100).toFixed(1) + ' %';
}

function bytes(count) {
  if (count >= 1073741824) return (count / 1073741824).toFixed(1) + ' GiB';
  if (count >= 1048576) return (count / 1048576).toFixed(1) + ' MiB';
  if (count >= 1024) return (count / 1024).toFixed(count >= 10240 ? 0 : 1) + ' KiB';
  return count + ' B';
}

function number(count) {
  if (count >= 1e6) return (count / 1e6).toFixed(2) + ' M';
  if (count >= 1e4) return (count / 1e3).toFixed(0) + ' k';
  return String(count);
}

function ago(unixMs) {
  const seconds = Math.max(0, (Date.now() - unixMs) / 1000);
  if (seconds < 90) return Math.round(seconds) + ' s ago';
  if (seconds < 5400) return Math.round(seconds / 60) + ' min ago';
  if (seconds < 129600) return Math.round(seconds / 3600) + ' h ago';
  return Math.round(seconds / 86400) + ' days ago';
}

function clock(unixMs) {
  return new Date(unixMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
}

// --- What a device amounts to ------------------------------------------------------------------------

function accuracy(window) {
  if (!window) return null;
  if (window.labelled > 0) return { share: window.correct / window.labelled, of: window.labelled, kind: 'labels' };
  if (window.probe_samples > 0) return { share: window.probe_correct / window.probe_samples, of: window.probe_samples, kind: 'probe' };
  return null;
}

function measured(device) {
  return device.window !== null && device.window.request.count > 0;
}

function overBudget(device) {
  return measured(device) && device.budget.p95_ns > 0 && device.window.request.p95_ns > device.budget.p95_ns;
}

function move(decision) {
  if (decision.from === null) return { className: 'first', text: '→ ' + decision.to };
  if (decision.to > decision.from) return { className: 'up', text: decision.from + ' ↑ ' + decision.to };
  if (decision.to < decision.from) return { className: 'down', text: decision.from + ' ↓ ' + decision.to };
  return { className: 'first', text: 'stays ' + decision.to };
}

// --- Rows ------------------------------------------------------------------------------------------

function steps(device) {
  const box = el('div', 'steps');
  const total = Math.max(device.rungs, device.desired_rung, device.reported_rung);
  for (let rung = 1; rung <= total; rung++) {
    const step = el('i');
    step.style.height = Math.round(30 + (70 * rung) / total) + '%';
    if (rung <= device.reported_rung && rung > device.desired_rung && device.desired_rung > 0) step.className = 'leaving';
    else if (rung <= device.reported_rung) step.className = 'on';
    else if (rung <= device.desired_rung) step.className = 'next';
    box.append(step);
  }
  return box;
}

function sparkline(values, budget) {
  const chart = svg('svg', { class: 'spark', viewBox: '0 0 100 22', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  if (values.length < 2) return chart;
  const top = Math.max(budget * 1.15, ...values) || 1;
  const y = (value) => (21 - (20 * value) / top).toFixed(2);
  if (budget > 0) chart.append(svg('line', { x1: 0, x2: 100, y1: y(budget), y2: y(budget) }));
  const step = 100 / Math.max(values.length - 1, 20);
  const path = values.map((value, i) => (i === 0 ? 'M' : 'L') + (100 - (values.length - 1 - i) * step).toFixed(2) + ' ' + y(value));
  chart.append(svg('path', { d: path.join('') }));
  return chart;
}

function deviceCell(device) {
  const cell = el('td');
  const name = el('button', 'name');
  name.type = 'button';
  name.setAttribute('aria-expanded', String(opened.has(device.name)));
  name.append(el('span', '', device.name));
  const facts = [device.device_class];
  for (const [key, value] of Object.entries(device.labels)) facts.push(key + '=' + value);
  if (!device.online) facts.unshift('offline, seen ' + ago(device.last_seen_unix_ms));
  const under = el('div', 'under', facts.filter((fact) => fact).join(' · '));
  under.title = under.textContent;
  cell.append(name, under);
  return cell;
}

function rungCell(device) {
  const cell = el('td');
  const text = el('div');
  const served = device.reported_rung === 0 ? '–' : String(device.reported_rung);
  text.append(el('b', '', served), el('span', 'of', ' of ' + (device.rungs || '–')));
  const bars = steps(device);
  if (device.pinned_rung > 0) bars.append(el('span', 'tag', 'pinned'));
  if (device.quarantine) {
    const tag = el('span', 'tag', 'quarantine');
    tag.title = device.quarantine;
    bars.append(tag);
  }
  else if (device.desired_rung !== device.reported_rung && device.desired_rung > 0) bars.append(el('span', 'tag', 'to ' + device.desired_rung));
  if (device.flag) {
    const tag = el('span', 'tag flag', device.flag.kind);
    tag.title = device.flag.reason;
    bars.append(tag);
  }
  if (device.copy) {
    const tag = el('span', 'tag flag', 'copied');
    tag.title = 'A second agent under this name was refused.';
    bars.append(tag);
  }
  cell.append(text, bars);
  return cell;
}

function latencyCell(device) {
  const cell = el('td', 'num');
  const line = el('div');
  if (measured(device)) {
    const judged = device.budget.p95_ns === 0 ? '' : overBudget(device) ? ' over-budget' : ' under-budget';
    line.append(el('span', 'p95' + judged, ms(device.window.request.p95_ns)));
  } else {
    line.append(el('span', 'of', '–'));
  }
  line.append(el('span', 'of', device.budget.p95_ns > 0 ? ' / ' + ms(device.budget.p95_ns) + ' ms' : ' ms, no limit'));
  cell.append(line, sparkline(history.get(device.name) || [], device.budget.p95_ns));
  return cell;
}

function accuracyCell(device) {
  const cell = el('td', 'num');
  const found = accuracy(device.window);
  cell.append(el('div', '', found ? percent(found.share) : '–'));
  if (found) cell.append(el('div', 'small', number(found.of) + (found.kind === 'probe' ? ' probe' : found.of === 1 ? ' label' : ' labels')));
  return cell;
}

function decisionCell(device) {
  const cell = el('td');
  const last = device.decisions[device.decisions.length - 1];
  if (!last) return cell;
  const text = el('div', 'reason');
  const moved = move(last);
  text.append(el('span', moved.className, moved.text), document.createTextNode('  ' + last.reason));
  text.title = last.reason;
  cell.append(text, outcomeLine(last));
  return cell;
}

function outcomeLine(decision) {
  const outcome = decision.outcome;
  if (decision.from === decision.to) return el('div', 'small', ago(decision.at_unix_ms));
  if (!outcome) return el('div', 'small', ago(decision.at_unix_ms) + ', not answered yet');
  if (!outcome.installed) return el('div', 'small failed', 'failed: ' + outcome.failed_check + (outcome.message ? ', ' + outcome.message : ''));
  return el('div', 'small', ago(decision.at_unix_ms) + ', ' + bytes(outcome.wire_bytes) + ' sent');
}

function fact(list, term, value) {
  if (value === null || value === '') return;
  const box = el('div');
  box.append(el('dt', '', term), el('dd', '', value));
  list.append(box);
}

const LIMITS = [
  { key: 'p95_ns', name: 'Latency budget', text: (value) => ms(value) + ' ms' },
  { key: 'memory_bytes', name: 'Memory budget', text: bytes },
  { key: 'size_bytes', name: 'Size budget', text: bytes },
  { key: 'least_accuracy', name: 'Least accuracy', text: percent },
];

// A limit in force, who asked for it, and by how much the rung misses it.
function limitText(device, limit) {
  const value = device.budget[limit.key];
  const origin = device.budget.origins[limit.key];
  if (value === 0) return origin === 'its own' ? null : 'none: ' + origin;
  const miss = device.misses.find((found) => found.limit === limit.key);
  return limit.text(value) + ': ' + origin + (miss ? ', missed by ' + limit.text(miss.by) : '');
}

function detailCell(device) {
  const cell = el('td');
  cell.colSpan = 5;
  const list = el('dl', 'facts');
  const w = device.window;
  fact(list, 'Family', device.family);
  for (const limit of LIMITS) fact(list, limit.name, limitText(device, limit));
  fact(list, 'Cores, threads', device.cores + ', ' + device.threads);
  fact(list, 'Memory', device.memory_bytes > 0 ? bytes(device.memory_bytes) : null);
  fact(list, 'Runs on', device.execution_providers.map((name) => name.replace('ExecutionProvider', '')).join(', '));
  if (w) {
    fact(list, 'Measured by', w.source);
    fact(list, 'Requests', number(w.request.count) + ' in ' + (w.duration_ms / 1000).toFixed(0) + ' s');
    fact(list, 'p50, p99', ms(w.request.p50_ns) + ', ' + ms(w.request.p99_ns) + ' ms');
    fact(list, 'Session p95', ms(w.session.p95_ns) + ' ms');
    fact(list, 'Agrees with teacher', w.probe_samples > 0 ? percent(w.probe_agreeing / w.probe_samples) : null);
    fact(list, 'Mean confidence', w.mean_confidence > 0 ? percent(w.mean_confidence) : null);
    fact(list, 'Resident', w.resident_bytes > 0 ? bytes(w.resident_bytes) : null);
    fact(list, 'Processor', w.cpu_cores > 0 ? w.cpu_cores.toFixed(2) + ' cores' : null);
    fact(list, 'Errors', w.errors > 0 ? String(w.errors) : null);
  }
  const known = device.field_accuracy;
  fact(list, 'Accuracy in the field', known ? percent(known.estimate) + ' (' + percent(known.lower) + ' to ' + percent(known.upper) + ', ' + number(known.labels) + ' labels)' : null);
  fact(list, 'Least accuracy', device.budget.least_accuracy > 0 ? percent(device.budget.least_accuracy) : null);
  fact(list, 'Copied', device.copy ? ago(device.copy.at_unix_ms) + ': a second agent under this name was refused, ' + number(device.copy.times) + ' times' : null);
  fact(list, 'Flagged', device.flag ? ago(device.flag.since_unix_ms) + ': ' + device.flag.reason : null);
  const timeline = el('ol', 'timeline');
  for (const decision of device.decisions.slice().reverse()) {
    const item = el('li');
    const moved = move(decision);
    item.append(el('time', '', clock(decision.at_unix_ms)), el('span', moved.className, moved.text), el('span', '', decision.reason), outcomeLine(decision));
    timeline.append(item);
  }
  cell.append(list, timeline);
  return cell;
}

function matches(device) {
  if (!needle) return true;
  const labels = Object.entries(device.labels).map(([key, value]) => key + '=' + value);
  return [device.name, device.device_class, ...labels].some((text) => text.toLowerCase().includes(needle));
}

function row(device) {
  let pair = rows.get(device.name);
  if (!pair) {
    pair = { main: el('tr', 'row'), detail: el('tr', 'detail'), last: 0 };
    pair.main.addEventListener('click', () => {
      if (!opened.delete(device.name)) opened.add(device.name);
      draw();
    });
    rows.set(device.name, pair);
  }
  const last = device.decisions.length ? device.decisions[device.decisions.length - 1].decision : 0;
  const moved = pair.last !== 0 && last > pair.last;
  pair.last = last;
  pair.main.className = device.online ? 'row' : 'row offline';
  if (moved) {
    pair.main.classList.add('fresh');
  }
  const focused = pair.main.contains(document.activeElement);
  pair.main.replaceChildren(deviceCell(device), rungCell(device), latencyCell(device), accuracyCell(device), decisionCell(device));
  if (focused) pair.main.querySelector('button').focus();
  pair.detail.replaceChildren(...(opened.has(device.name) ? [detailCell(device)] : []));
  return opened.has(device.name) ? [pair.main, pair.detail] : [pair.main];
}

// --- Around the table ------------------------------------------------------------------------------

function figure(id, value, rest) {
  const box = $(id);
  box.replaceChildren(document.createTextNode(value));
  if (rest) box.append(el('small', '', rest));
}

function drawTiles(all) {
  const online = all.filter((device) => device.online);
  figure('t-online', String(online.length), ' of ' + all.length);
  const offline = all.length - online.length;
  $('t-online-sub').textContent = offline === 0 ? (all.length === 0 ? 'none enrolled yet' : 'every known device') : offline + ' offline';

  const judged = online.filter((device) => measured(device) && device.budget.p95_ns > 0);
  const over = judged.filter(overBudget);
  figure('t-budget', judged.length ? String(judged.length - over.length) : '–', judged.length ? ' of ' + judged.length : '');
  $('t-budget-sub').textContent = over.length ? 'over: ' + over.slice(0, 3).map((device) => device.name).join(', ') + (over.length > 3 ? ', …' : '')
    : judged.length ? 'request p95, last window' : 'nothing measured yet';

  let correct = 0;
  let labelled = 0;
  for (const device of online) {
    if (device.window) {
      correct += device.window.correct;
      labelled += device.window.labelled;
    }
  }
  figure('t-accuracy', labelled ? percent(correct / labelled) : '–');
  const latest = families[families.length - 1];
  $('t-accuracy-sub').textContent = labelled ? number(labelled) + ' labels' + (latest ? ', teacher ' + percent(latest.teacher.accuracy) : '') : 'no labels in the last windows';

  let up = 0;
  let down = 0;
  let sent = 0;
  const since = Date.now() - 3600000;
  for (const device of all) {
    for (const decision of device.decisions) {
      if (decision.at_unix_ms < since) continue;
      if (decision.from !== null && decision.to > decision.from) up++;
      if (decision.from !== null && decision.to < decision.from) down++;
      if (decision.outcome) sent += decision.outcome.wire_bytes;
    }
  }
  $('t-moves').replaceChildren(el('span', 'up', '↑ ' + up), document.createTextNode('  '), el('span', 'down', '↓ ' + down));
  $('t-moves-sub').textContent = bytes(sent) + ' sent to devices';
}

/* What a family's accuracy is: without labels, how near it is to the teacher. */
function measure(family) {
  if (!family.labelled) return 'Like teacher';
  if (family.task === 'regression' || family.task === 'reconstruction') return 'R²';
  return family.task === 'embedding' ? 'Cosine' : 'Accuracy';
}

function ladder(family, all) {
  const card = el('section', 'card');
  const head = el('div', 'card-head');
  head.append(el('h2', '', family.name), el('span', 'sub', family.manifest_sha256.slice(0, 12) + ', ' + ago(family.published_unix_ms)));
  const grid = el('div', 'ladder');
  grid.append(el('span', 'h', 'Rung'), el('span', 'h', 'Weights'), el('span', 'h num', measure(family)), el('span', 'h num', 'Size'), el('span', 'h num', 'On it'));
  const line = (label, share, accuracyOf, size, on, teacher) => {
    const track = el('div', teacher ? 'track teacher' : 'track');
    const bar = el('i');
    bar.style.width = Math.min(100, share * 100).toFixed(1) + '%';
    track.append(bar);
    track.title = percent(share) + " of the teacher's weights";
    const className = teacher ? 'num teacher' : 'num';
    grid.append(el('span', teacher ? 'teacher' : '', label), track, el('span', className, percent(accuracyOf)), el('span', className, bytes(size)),
      on === null ? el('span') : el('span', on ? 'pips' : 'pips zero', String(on)));
  };
  for (const rung of family.rungs.slice().reverse()) {
    const on = all.filter((device) => device.manifest_sha256 === family.manifest_sha256 && device.reported_rung === rung.rung).length;
    line(String(rung.rung), rung.parameters / family.teacher.parameters, rung.accuracy, rung.size_bytes, on, false);
  }
  line('T', 1, family.teacher.accuracy, family.teacher.size_bytes, null, true);
  card.append(head, grid);
  return card;
}

function drawFamilies(all) {
  const served = new Set(all.map((device) => device.manifest_sha256));
  const shown = families.filter((family, i) => i === families.length - 1 || served.has(family.manifest_sha256)).reverse();
  if (shown.length === 0) {
    const card = el('section', 'card');
    const head = el('div', 'card-head');
    head.append(el('h2', '', 'Families'));
    const empty = el('p', 'empty', 'Nothing is published yet. Publish a family with');
    empty.append(el('code', '', 'heirloom publish FAMILY --control-plane HOST:PORT'));
    card.append(head, empty);
    shown.push(null);
    $('families').replaceChildren(card);
    return;
  }
  $('families').replaceChildren(...shown.slice(0, 4).map((family) => ladder(family, all)));
}

// --- Rollouts --------------------------------------------------------------------------------------

const points = (share, sign) => sign + (share * 100).toFixed(1).replace('-', '−') + ' pt';

// A value beside its threshold, in the unit in which operators think of the gate.
function gateFigure(gate) {
  const text = (value) => value === null ? '–' : gate.gate === 'p95' ? value.toFixed(2) + '×'
    : gate.gate === 'success' ? percent(value) : points(value, value > 0 ? '+' : '');
  const limit = gate.gate === 'p95' ? '≤ ' + gate.threshold.toFixed(2) + '×' : gate.gate === 'success' ? '≥ ' + percent(gate.threshold)
    : gate.gate === 'drift' ? '± ' + points(gate.threshold, '') : '≥ ' + points(gate.threshold, '');
  return text(gate.value) + ' (' + limit + ')';
}

function funnel(group, current) {
  const line = el('div', current ? 'funnel current' : 'funnel');
  const track = el('div', 'track');
  const part = (count, className) => {
    const bar = el('i', className);
    bar.style.width = (100 * count / group.devices).toFixed(1) + '%';
    track.append(bar);
  };
  part(group.installed, 'on');
  part(group.failed, 'bad');
  const others = group.overdue + group.refused + group.withdrawn;
  part(group.told - group.installed - group.failed - others, 'next');
  track.title = group.installed + ' installed, ' + group.failed + ' failed, ' + group.overdue + ' not there, '
    + group.refused + ' refused, ' + group.withdrawn + ' withdrawn';
  line.append(el('span', 'of', String(group.number)), track, el('span', 'num', group.installed + ' / ' + group.devices));
  return line;
}

let operatorToken = ''; // where the control plane asks who calls; kept by this page only

async function stop(rollout, button) {
  if (!window.confirm('Give up ' + rollout.name + ', and bring every device back?')) return;
  button.disabled = true;
  try {
    let answer = await pressStop(rollout);
    if (answer.status === 401) {
      operatorToken = (window.prompt("An operator's token (nothing keeps it but this page):") || '').trim();
      if (operatorToken) answer = await pressStop(rollout);
    }
    if (!answer.ok) {
      operatorToken = '';
      window.alert((await answer.json()).error);
    }
  } finally {
    button.blur();
    loadRollouts();
  }
}

function pressStop(rollout) {
  const headers = { 'X-Heirloom': 'stop' };
  if (operatorToken) headers.Authorization = 'Bearer ' + operatorToken;
  return fetch('/api/rollouts/' + encodeURIComponent(rollout.name) + '/abort', { method: 'POST', headers });
}

function rolloutCard(rollout) {
  const card = el('section', 'card rollout');
  const head = el('div', 'card-head');
  head.append(el('h2', '', 'Rollout ' + rollout.name), el('span', 'sub', rollout.family + ' ' + rollout.manifest_sha256.slice(0, 12)),
    el('span', 'tag ' + rollout.phase, rollout.paused ? 'paused' : rollout.phase === 'running' ? rollout.stage : rollout.phase));
  if (rollout.phase === 'running') {
    const button = el('button', 'stop', 'Stop');
    button.type = 'button';
    button.addEventListener('click', () => stop(rollout, button));
    head.append(button);
  }
  const columns = el('div', 'funnel columns');
  columns.append(el('span', '', 'Group'), el('span', 'num', 'Installed'));
  card.append(head, columns);
  for (const group of rollout.groups) card.append(funnel(group, !rollout.over && group.number === rollout.group));
  for (const gate of rollout.gates) {
    const line = el('div', 'gate ' + gate.verdict);
    line.append(el('span', '', gate.gate), el('span', 'num', gateFigure(gate)));
    line.title = gate.reason;
    card.append(line);
  }
  if (rollout.waits) card.append(el('p', 'small', 'Waits for ' + rollout.waits));
  const last = rollout.decisions[rollout.decisions.length - 1];
  if (last) card.append(el('p', 'small', ago(last.at_unix_ms) + ': ' + last.reason));
  return card;
}

function drawRollouts() {
  const open = rollouts.filter((rollout) => !rollout.over);
  const shown = [...open, ...rollouts.filter((rollout) => rollout.over)].slice(0, Math.max(open.length, 2));
  if (!$('rollouts').contains(document.activeElement)) $('rollouts').replaceChildren(...shown.map(rolloutCard));
}

async function loadRollouts() {
  try {
    const answer = await fetch('/api/rollouts');
    if (answer.ok) rollouts = (await answer.json()).rollouts;
    drawRollouts();
  } catch (unreachable) {
    // The stream of events says whether the control plane is there.
  }
}

// --- Jobs ------------------------------------------------------------------------------------------

const JOBS = 8;

function left(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return seconds + ' s left';
  if (seconds < 3600) return Math.round(seconds / 60) + ' min left';
  return (seconds / 3600).toFixed(1) + ' h left';
}

function amount(progress, count) {
  return progress.stage === 'fetch' || progress.stage === 'publish' ? bytes(count) : number(count);
}

function jobProgress(job) {
  const progress = job.progress;
  const box = el('div', 'progress');
  const track = el('div', 'track');
  const bar = el('i');
  const share = progress.total > 0 ? progress.done / progress.total : 0;
  bar.style.width = (100 * share).toFixed(1) + '%';
  track.append(bar);
  track.setAttribute('role', 'progressbar');
  track.setAttribute('aria-label', job.id + ', ' + progress.stage);
  track.setAttribute('aria-valuenow', String(Math.round(100 * share)));
  const figures = progress.total > 0 ? amount(progress, progress.done) + ' of ' + amount(progress, progress.total) : '';
  const text = el('p', 'small');
  text.append(el('span', '', [progress.stage, figures].filter(Boolean).join(' ')), el('span', '', progress.left_ms > 0 ? left(progress.left_ms) : ''));
  box.append(track, text);
  return box;
}

function jobTag(job) {
  if (job.state === 'failed') return el('span', 'tag flag', 'failed');
  if (job.state === 'queued') return el('span', 'tag wait', job.priority === 0 ? 'queued' : 'queued, priority ' + job.priority);
  return el('span', job.ended ? 'tag wait' : 'tag', job.publishing ? 'publishing' : job.state);
}

function say(text) {
  $('jobs-said').textContent = text;
  $('jobs-said').hidden = text === '';
}

async function cancelJob(job, button) {
  if (!window.confirm('End ' + job.id + ' (' + job.teacher + ')? What it has done is kept for a week, should it be tried again.')) return;
  button.disabled = true;
  const headers = { 'X-Heirloom': 'cancel' };
  let answer = null;
  try {
    answer = await fetch('/api/jobs/' + encodeURIComponent(job.id) + '/cancel', { method: 'POST', headers });
    if (answer.status === 401) {
      const token = window.prompt('A token of the role operator:');
      if (token) answer = await fetch('/api/jobs/' + encodeURIComponent(job.id) + '/cancel', { method: 'POST', headers: { ...headers, Authorization: 'Bearer ' + token.trim() } });
    }
    say(answer.ok ? '' : (await answer.json()).error);
  } catch (unreachable) {
    say('The control plane did not answer.');
  }
  loadJobs();
}

function jobItem(job) {
  const item = el('li');
  const what = el('div', 'what');
  what.append(el('b', '', job.teacher), jobTag(job));
  if (!job.ended && !job.publishing) {
    const button = el('button', 'stop', 'Cancel');
    button.type = 'button';
    button.setAttribute('aria-label', 'Cancel ' + job.id);
    button.addEventListener('click', () => cancelJob(job, button));
    what.append(button);
  }
  item.append(what);
  if (job.running && job.progress) item.append(jobProgress(job));
  const facts = [job.id];
  if (job.running) facts.push('on ' + job.trainer);
  if (job.attempt > 1) facts.push('attempt ' + job.attempt);
  facts.push(job.ended ? 'ended ' + ago(job.changed_unix_ms) : 'submitted ' + ago(job.submitted_unix_ms));
  item.append(el('p', 'small facts-line', facts.join(' · ')));
  if (job.state === 'published' && job.family) item.append(el('p', '', 'family ' + job.family));
  else if (job.reason) item.append(el('p', job.state === 'failed' ? 'failed' : '', job.reason));
  return item;
}

function drawJobs() {
  const waiting = jobs.filter((job) => job.state === 'queued').length;
  const running = jobs.filter((job) => job.running).length;
  $('jobs-card').hidden = jobs.length === 0;
  $('jobs-sub').textContent = [running > 0 ? running + ' worked on' : '', waiting > 0 ? waiting + ' waiting' : '',
    waiting > 0 && running === 0 && idleTrainers === 0 ? 'no trainer yet' : ''].filter(Boolean).join(', ');
  // A button that has the focus is not taken away under it.
  if ($('jobs').contains(document.activeElement)) return;
  const open = jobs.filter((job) => !job.ended);
  $('jobs').replaceChildren(...[...open.slice(0, JOBS), ...jobs.filter((job) => job.ended).slice(0, Math.max(2, JOBS - open.length))].map(jobItem));
}

async function loadJobs() {
  try {
    const answer = await fetch('/api/jobs');
    if (answer.ok) {
      const told = await answer.json();
      jobs = told.jobs;
      idleTrainers = told.idle_trainers;
    }
    drawJobs();
  } catch (unreachable) {
    // The stream of events says whether the control plane is there.
  }
}

function followJobs() {
  loadJobs().then(() => setTimeout(followJobs, document.hidden || !jobs.some((job) => job.running) ? 5000 : 1000));
}

function drawLog(all) {
  const entries = [];
  for (const device of all) for (const decision of device.decisions) entries.push({ device, decision });
  entries.sort((a, b) => b.decision.at_unix_ms - a.decision.at_unix_ms);
  $('log').replaceChildren(...entries.slice(0, LOG).map(({ device, decision }) => {
    const item = el('li');
    const what = el('div', 'what');
    const moved = move(decision);
    what.append(el('b', '', device.name), el('span', moved.className, moved.text), el('time', '', clock(decision.at_unix_ms)));
    item.append(what, el('p', '', decision.reason));
    if (decision.outcome && !decision.outcome.installed) item.append(el('p', 'failed', 'failed: ' + decision.outcome.failed_check));
    return item;
  }));
  $('log-none').hidden = entries.length > 0;
}

function drawNow() {
  drawn = false;
  if (!heard) return;
  document.body.classList.remove('waiting');
  const all = [...devices.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  $('rows').replaceChildren(...all.filter(matches).flatMap(row));
  $('none').hidden = all.length > 0;
  document.querySelector('.devices table').hidden = all.length === 0;
  $('filter').hidden = all.length === 0;
  drawTiles(all);
  drawFamilies(all);
  drawLog(all);
}

function draw() {
  if (drawn) return;
  drawn = true;
  requestAnimationFrame(drawNow);
}

// --- From the control plane ------------------------------------------------------------------------

function take(device) {
  if (device.removed) {
    devices.delete(device.name);
    history.delete(device.name);
    draw();
    return;
  }
  const before = devices.get(device.name);
  devices.set(device.name, device);
  const w = device.window;
  if (w && w.request.count > 0 && !(before && before.window && before.window.sequence === w.sequence && before.window.start_unix_ms === w.start_unix_ms)) {
    const past = history.get(device.name) || [];
    past.push(w.request.p95_ns);
    history.set(device.name, past.slice(-HISTORY));
  }
  if (device.manifest_sha256 && !families.some((family) => family.manifest_sha256 === device.manifest_sha256)) loadFamilies();
  draw();
}

let loading = false;
async function loadFamilies() {
  if (loading) return;
  loading = true;
  try {
    const answer = await fetch('/api/families');
    if (answer.ok) {
      families = (await answer.json()).families;
      heard = true;
    }
    draw();
  } catch (unreachable) {
    // The stream of events says whether the control plane is there.
  } finally {
    loading = false;
  }
}

let attempts = 0;
function listen() {
  const events = new EventSource('/api/devices/events');
  events.onopen = () => {
    attempts = 0;
    show('live', 'live');
    loadFamilies();
  };
  events.addEventListener('device', (event) => take(JSON.parse(event.data)));
  events.onerror = () => {
    events.close();
    show('lost', 'control plane unreachable, trying again');
    const wait = Math.min(15000, 500 * 2 ** attempts++);
    setTimeout(listen, wait * (0.8 + 0.4 * Math.random()));
  };
}

function show(state, text) {
  $('link').dataset.state = state;
  $('link').textContent = text;
}

$('filter').addEventListener('input', (event) => {
  needle = event.target.value.trim().toLowerCase();
  draw();
});
setInterval(loadFamilies, 15000);
setInterval(loadRollouts, 2000);
loadRollouts();
followJobs();
setInterval(draw, 5000); // ages of what is shown
listen();
