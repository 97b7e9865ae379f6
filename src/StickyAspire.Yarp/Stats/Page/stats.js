'use strict';

// What the gateway counts, each second. The server pushes a frame (server-sent events); where that does not work the page asks for one.
// Rows have HAProxy's own field names: scur, smax, stot, bin, bout, … (its management.txt, 9.1).

const script = document.currentScript;
const uri = script.dataset.uri;
const version = script.dataset.version;
const $ = id => document.getElementById(id);

const historyLength = 120; // seconds
const staleAfter = 5000; // ms
const pollEvery = 2000; // ms
const pushAgainAfter = 30000; // ms

// How figures are written

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const number = n => n === undefined ? '–' : n < 100000 ? whole.format(n) : short.format(n);

function bytes(n) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1000;
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

function time(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

const millis = ms => ms < 1000 ? `${ms} ms` : ms < 100000 ? `${(ms / 1000).toFixed(1)} s` : time(Math.round(ms / 1000));

// What stands in the tables. A cell has a value, a sparkline, and lines in small print; those that do not apply to a kind of row are not there.

const isSum = row => row.svname === 'FRONTEND' || row.svname === 'BACKEND';
const errors = row => (row.ereq ?? 0) + (row.econ ?? 0) + (row.eresp ?? 0);
const responses = row => [1, 2, 3, 4, 5].map(c => row[`hrsp_${c}xx`] ?? 0);

const columns = [
  {
    label: 'Rate', title: 'Sessions (for the frontend: requests) in the last second', of: 'FBS', spark: 'rate',
    value: r => `${number(r.req_rate ?? r.rate)}/s`,
    lines: r => [`max ${number(r.req_rate_max ?? r.rate_max)}/s`, r.type === 0 && `connections ${number(r.conn_rate)}/s`],
  },
  {
    label: 'Sessions', title: 'Requests and WebSockets in progress (for the frontend: connections)', of: 'FBS', spark: 'scur',
    value: r => number(r.scur),
    lines: r => [`max ${number(r.smax)}${r.slim ? ` of ${number(r.slim)}` : ''}`],
  },
  {
    label: 'Total', title: 'Sessions so far; those that balancing placed; when the last began', of: 'FBS',
    value: r => number(r.req_tot ?? r.stot),
    lines: r => [r.type === 0 ? `on ${number(r.conn_tot)} connections` : `balanced ${number(r.lbtot)}`, r.lastsess >= 0 && `last ${r.lastsess === 0 ? 'now' : `${time(r.lastsess)} ago`}`, r.type === 0 && r.intercepted > 0 && `statistics ${number(r.intercepted)}`],
  },
  {
    label: 'Bytes', title: 'Bytes from clients and to them', of: 'FBS', spark: 'bytes',
    value: r => bytes(r.bin + r.bout),
    lines: r => [`in ${bytes(r.bin)}`, `out ${bytes(r.bout)}`],
  },
  {
    label: 'Queue', title: 'Requests that wait for a free slot', of: 'BS',
    value: r => number(r.qcur), tone: r => r.qcur > 0 ? 'warn' : 'zero',
    lines: r => [`max ${number(r.qmax)}${r.qlimit ? ` of ${number(r.qlimit)}` : ''}`],
  },
  { label: 'Responses', title: 'Answers by the class of their status', of: 'FBS', draw: drawResponses },
  {
    label: 'Errors', title: 'Bad requests, failed connections, answers that failed; ends that the client or the server brought about', of: 'FBS',
    value: r => number(errors(r)), tone: r => errors(r) > 0 ? 'bad' : 'zero',
    lines: r => [r.ereq > 0 && `request ${number(r.ereq)}`, r.econ > 0 && `connect ${number(r.econ)}`, r.eresp > 0 && `response ${number(r.eresp)}`, r.dreq > 0 && `denied ${number(r.dreq)}`,
      r.cli_abrt > 0 && `left by client ${number(r.cli_abrt)}`, r.srv_abrt > 0 && `broken off ${number(r.srv_abrt)}`],
  },
  {
    label: 'Retries', title: 'Requests sent once more, and of these those that went to another server', of: 'BS',
    value: r => number(r.wretr), tone: r => r.wretr > 0 || r.wredis > 0 ? 'warn' : 'zero',
    lines: r => [`elsewhere ${number(r.wredis)}`],
  },
  {
    label: 'Times', title: 'The last 1,024 requests on average: until the answer began; in queue; in all', of: 'BS',
    value: r => millis(r.rtime),
    lines: r => [`queue ${millis(r.qtime)}`, `in all ${millis(r.ttime)}`],
  },
  {
    label: 'Weight', title: 'The weight that balancing uses now', of: 'BS',
    value: r => number(r.weight), tone: () => 'plain',
    lines: r => [r.type === 1 ? `${r.act} active${r.bck ? `, ${r.bck} backup` : ''}` : r.bck ? 'backup' : 'active', r.throttle !== undefined && `slow start ${r.throttle} %`, r.type === 2 && r.uweight !== r.weight && r.throttle === undefined && `of ${r.uweight}`],
  },
  {
    label: 'Checks', title: 'The latest health check; checks that failed; how often the server went down, and for how long in all', of: 'BS',
    value: r => r.type === 1 ? '' : r.check_status ? `${r.check_status}${r.check_code ? `/${r.check_code}` : ''}` : '–',
    tone: r => r.check_status && !/OK$/.test(r.check_status) ? 'bad' : 'plain',
    lines: r => [r.check_duration !== undefined && `in ${millis(r.check_duration)}`, r.chkfail > 0 && `failed ${number(r.chkfail)}`, r.chkdown > 0 && `down ${number(r.chkdown)}×, ${time(r.downtime)}`],
  },
];

function toneOf(row) {
  const status = row.status ?? '';
  if (status.startsWith('MAINT')) return 'maint';
  if (status.startsWith('DOWN')) return status === 'DOWN' ? 'down' : 'going';
  if (/\d\/\d/.test(status)) return 'going';
  if (status.startsWith('DRAIN') || status.startsWith('NOLB')) return 'drain';
  if (status === 'no check') return 'none';
  return row.type === 2 && row.bck === 1 ? 'backup' : 'up';
}

const isProblem = row => ['down', 'going'].includes(toneOf(row)) || row.qcur > 0;

// The page's elements, made once and then changed where something has changed.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function setLines(parent, lines) {
  const texts = lines.filter(Boolean);
  while (parent.children.length > texts.length) parent.lastChild.remove();
  texts.forEach((text, i) => {
    if (!parent.children[i]) parent.append(make('span', { class: 'sub' }));
    setText(parent.children[i], text);
  });
}

const svg = 'http://www.w3.org/2000/svg';

function makeSpark(series) {
  const element = document.createElementNS(svg, 'svg');
  element.setAttribute('class', 'spark');
  element.setAttribute('data-series', series);
  element.setAttribute('viewBox', `0 0 ${historyLength - 1} 20`);
  element.setAttribute('preserveAspectRatio', 'none');
  element.setAttribute('aria-hidden', 'true');
  for (const name of ['area', 'line']) {
    const path = document.createElementNS(svg, 'path');
    path.setAttribute('class', name);
    element.append(path);
  }
  return element;
}

function drawSpark(element, values) {
  const max = Math.max(1, ...values);
  const points = values.map((value, i) => `${historyLength - values.length + i} ${(19 - value / max * 18).toFixed(1)}`);
  if (points.length === 0) return;
  const line = `M${points.join('L')}`;
  element.lastChild.setAttribute('d', line);
  element.firstChild.setAttribute('d', `${line}V20H${historyLength - values.length}Z`);
}

function drawResponses(cell, row) {
  if (!cell.firstChild) {
    cell.append(make('div', { class: 'classes', 'aria-hidden': 'true' }, ...[1, 2, 3, 4, 5].map(c => make('i', { class: `c${c}` }))), make('div'));
  }
  const counts = responses(row);
  const sum = counts.reduce((a, b) => a + b, 0);
  counts.forEach((count, i) => { cell.firstChild.children[i].style.width = sum ? `${count / sum * 100}%` : '0'; });
  const texts = counts.map((count, i) => count > 0 && `${i + 1}xx ${number(count)}`).filter(Boolean);
  const lines = [];
  for (let i = 0; i < texts.length; i += 2) lines.push(texts.slice(i, i + 2).join(', '));
  setLines(cell.lastChild, sum ? lines : ['none yet']);
}

function drawCell(cell, column, row) {
  if (column.draw) {
    column.draw(cell, row);
    return;
  }
  if (!cell.firstChild) {
    const value = make('div', { class: 'value' }, make('span'));
    if (column.spark) value.append(makeSpark(column.spark));
    cell.append(value, make('div'));
  }
  setText(cell.firstChild.firstChild, column.value(row));
  setAttribute(cell.firstChild, 'data-tone', column.tone ? column.tone(row) : 'plain');
  if (column.spark) drawSpark(cell.firstChild.lastChild, seriesOf(row, column.spark));
  setLines(cell.lastChild, column.lines(row));
}

// One table for each proxy

const proxies = new Map();
const statuses = new Map();

function makeProxy(row) {
  const kind = row.type === 0 ? 'F' : 'B';
  const shown = columns.filter(column => column.of.includes(kind));
  const name = row.pxname;
  const id = `proxy-${row.iid}`;
  const tbody = make('tbody', { role: 'rowgroup' });
  const head = make('tr', { role: 'row' }, ...['Name', 'Status'].map(label => make('th', { scope: 'col', role: 'columnheader' }, label)),
    ...shown.map(column => make('th', { scope: 'col', role: 'columnheader', title: column.title }, column.label)));
  const badge = make('span', { class: 'badge' });
  const rest = make('span', { class: 'rest' });
  const element = make('section', { class: 'proxy', 'aria-labelledby': id },
    make('header', {}, make('h2', { id }, name), badge, make('span', { class: 'kind' }, kind === 'F' ? 'frontend' : 'backend'), rest),
    make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${name}, table` }, make('table', { role: 'table', 'aria-labelledby': id }, make('thead', { role: 'rowgroup' }, head), tbody)));
  $('proxies').append(element);
  return { element, tbody, badge, rest, columns: shown, rows: new Map() };
}

function makeRow(proxy, row) {
  const name = make('th', { scope: 'row', role: 'rowheader' }, make('span'), make('div'));
  const status = make('td', { role: 'cell', class: 'status', 'data-label': 'Status' }, make('span', { class: 'badge' }), make('div'));
  const cells = proxy.columns.map(column => make('td', { role: 'cell', 'data-label': column.label }));
  const element = make('tr', { role: 'row', class: isSum(row) ? 'sum' : 'server' }, name, status, ...cells);
  return { element, name, status, cells };
}

function drawRow(proxy, shown, row) {
  const tone = toneOf(row);
  setAttribute(shown.element, 'data-tone', tone);
  setText(shown.name.firstChild, row.svname === 'BACKEND' ? 'All together' : row.svname === 'FRONTEND' ? 'All clients' : row.svname);
  setLines(shown.name.lastChild, row.type === 2 ? [row.addr?.replace(/\/$/, '')] : []);
  setText(shown.status.firstChild, row.status);
  setAttribute(shown.status.firstChild, 'data-tone', tone);
  setLines(shown.status.lastChild, [row.lastchg !== undefined && `for ${time(row.lastchg)}`, tone !== 'up' && tone !== 'backup' && row.last_chk]);
  proxy.columns.forEach((column, i) => drawCell(shown.cells[i], column, row));
}

function drawProxies(rows) {
  const seen = new Set();
  for (const row of rows) {
    if (!proxies.has(row.pxname)) proxies.set(row.pxname, makeProxy(row));
    const proxy = proxies.get(row.pxname);
    if (!proxy.rows.has(row.svname)) proxy.rows.set(row.svname, makeRow(proxy, row));
    const shown = proxy.rows.get(row.svname);
    drawRow(proxy, shown, row);
    shown.row = row;
    seen.add(key(row));
    if (row.type !== 2) {
      setText(proxy.badge, row.status);
      setAttribute(proxy.badge, 'data-tone', toneOf(row));
      setText(proxy.rest, [row.algo && `balance ${row.algo}`, row.cookie && `cookie ${row.cookie}`].filter(Boolean).join(' · '));
    }
  }
  for (const [name, proxy] of proxies) {
    for (const [server, shown] of proxy.rows) {
      if (!seen.has(`${name}/${server}`)) {
        shown.element.remove();
        proxy.rows.delete(server);
      }
    }
    if (proxy.rows.size === 0) {
      proxy.element.remove();
      proxies.delete(name);
    }
  }
  const order = rows.map(row => proxies.get(row.pxname));
  for (const proxy of new Set(order)) {
    rows.filter(row => proxies.get(row.pxname) === proxy).forEach((row, i) => {
      const element = proxy.rows.get(row.svname).element;
      if (proxy.tbody.children[i] !== element) proxy.tbody.insertBefore(element, proxy.tbody.children[i] ?? null);
    });
  }
}

function applyFilter() {
  const words = $('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const onlyProblems = $('problems').checked;
  let any = false;
  for (const [name, proxy] of proxies) {
    let anyHere = false;
    for (const { element, row } of proxy.rows.values()) {
      const text = `${name} ${row.svname} ${row.status} ${row.addr ?? ''}`.toLowerCase();
      const visible = words.every(word => text.includes(word)) && (!onlyProblems || isProblem(row));
      element.hidden = !visible;
      anyHere ||= visible;
    }
    proxy.element.hidden = !anyHere;
    any ||= anyHere;
  }
  $('nothing').hidden = any || proxies.size === 0;
}

// Totals

const tiles = [
  { label: 'Requests', spark: 'rate', figure: t => `${number(t.frontend.req_rate)}/s`, more: t => `max ${number(t.frontend.req_rate_max)}/s, ${number(t.frontend.req_tot)} in all` },
  { label: 'In progress', spark: 'scur', figure: t => number(t.sum('scur')), more: t => `on ${number(t.frontend.scur)} connections` },
  { label: 'Traffic', spark: 'bytes', figure: t => `${bytes(t.traffic)}/s`, more: t => `in ${bytes(t.frontend.bin)}, out ${bytes(t.frontend.bout)}` },
  {
    label: 'Servers up', figure: t => `${t.up} of ${t.servers.length}`, more: t => t.problems.length ? t.problems.slice(0, 3).join(', ') : 'all of them',
    tone: t => t.up < t.servers.length ? 'down' : '',
  },
  { label: 'Queue', figure: t => number(t.sum('qcur')), more: t => `max ${number(t.sum('qmax'))}`, tone: t => t.sum('qcur') > 0 ? 'going' : '' },
  { label: 'Errors', figure: t => number(t.backends.reduce((sum, row) => sum + errors(row), t.frontend.ereq ?? 0)), more: t => `${number(t.frontend.hrsp_5xx)} answers 5xx` },
];

function drawTotals(rows) {
  const frontend = rows.find(row => row.type === 0);
  const backends = rows.filter(row => row.type === 1);
  const servers = rows.filter(row => row.type === 2);
  const down = servers.filter(row => ['down', 'maint'].includes(toneOf(row)) || row.status.startsWith('DOWN'));
  const totals = {
    frontend, backends, servers,
    sum: field => backends.reduce((sum, row) => sum + (row[field] ?? 0), 0),
    traffic: seriesOf(frontend, 'bytes').at(-1) ?? 0,
    up: servers.length - down.length,
    problems: down.map(row => `${row.pxname}/${row.svname}`),
  };
  tiles.forEach((tile, i) => {
    if (!$('totals').children[i]) {
      const made = make('div', { class: 'tile' }, make('dt', {}, tile.label), make('dd', { class: 'figure' }), make('dd', { class: 'more' }));
      if (tile.spark) made.children[1].append(make('span'), makeSpark(tile.spark));
      else made.children[1].append(make('span'));
      $('totals').append(made);
    }
    const element = $('totals').children[i];
    setText(element.children[1].firstChild, tile.figure(totals));
    setText(element.children[2], tile.more(totals));
    setAttribute(element, 'data-tone', tile.tone?.(totals) ?? '');
    if (tile.spark) drawSpark(element.children[1].lastChild, tile.spark === 'scur' ? sumSeries(backends, 'scur') : seriesOf(frontend, tile.spark));
  });
  document.title = down.length ? `${down.length} down · Statistics` : 'Statistics';
}

// The last two minutes

const histories = new Map();
const key = row => `${row.pxname}/${row.svname}`;
const seriesOf = (row, name) => histories.get(key(row))?.[name] ?? [];

function sumSeries(rows, name) {
  const all = rows.map(row => seriesOf(row, name));
  const length = Math.max(0, ...all.map(values => values.length));
  return Array.from({ length }, (_, i) => all.reduce((sum, values) => sum + (values[values.length - length + i] ?? 0), 0));
}

function remember(frame) {
  if (frame.history) {
    histories.clear();
    for (const [name, series] of Object.entries(frame.history)) histories.set(name, series);
  }
  for (const row of frame.rows) {
    const name = key(row);
    if (!histories.has(name)) histories.set(name, { rate: [], scur: [], bytes: [] });
    const history = histories.get(name);
    const total = row.bin + row.bout;
    if (!frame.history) {
      const add = (values, value) => { values.push(value); if (values.length > historyLength) values.shift(); };
      add(history.rate, row.req_rate ?? row.rate);
      add(history.scur, row.scur);
      add(history.bytes, Math.max(0, total - (history.total ?? total)));
    }
    history.total = total;
  }
}

// Frames coming in

let paused = false;
let lastFrameAt = 0;

function show(frame) {
  lastFrameAt = Date.now();
  remember(frame);
  if (paused) return;
  drawProxies(frame.rows);
  drawTotals(frame.rows);
  applyFilter();
  tellNews(frame.rows);
  setText($('about'), [frame.rows.find(row => row.type === 0).pxname, `up ${time(frame.uptime)}`, new Date(frame.time).toLocaleTimeString(), version && `StickyAspire ${version}`].filter(Boolean).join(' · '));
}

function tellNews(rows) {
  const word = row => row.status.split(' ')[0];
  const news = rows.filter(row => row.type === 2 && statuses.has(key(row)) && statuses.get(key(row)) !== word(row)).map(row => `${key(row)} is ${word(row)}`);
  for (const row of rows) statuses.set(key(row), word(row));
  if (news.length) setText($('news'), news.join(', '));
}

function setState(state, text) {
  setAttribute($('state'), 'data-state', state);
  setText($('state-text'), text);
  document.body.classList.toggle('stale', state === 'lost');
}

let source = null;
let polling = 0;

function stop() {
  source?.close();
  source = null;
  clearTimeout(polling);
  polling = 0;
}

function push() {
  stop();
  source = new EventSource(`${uri};events`);
  const receive = event => {
    show(JSON.parse(event.data));
    setState('live', 'Live');
  };
  source.addEventListener('full', receive);
  source.addEventListener('next', receive);
  source.onerror = () => {
    // The browser tries again by itself, unless the answer was a refusal: then as many watch as may.
    if (source?.readyState === EventSource.CLOSED) poll(Date.now());
    else setState('lost', 'Connection lost');
  };
}

async function poll(since) {
  stop();
  let own = polling = setTimeout(() => {}, 0);
  try {
    const answer = await fetch(`${uri};live`);
    if (!answer.ok) throw new Error(answer.statusText);
    show(await answer.json());
    setState('polling', 'Every two seconds');
  } catch {
    setState('lost', 'Connection lost');
  }
  if (own !== polling) return; // stopped meanwhile
  polling = setTimeout(() => Date.now() - since > pushAgainAfter ? push() : poll(since), pollEvery);
}

setInterval(() => {
  if (!document.hidden && lastFrameAt && Date.now() - lastFrameAt > staleAfter) setState('lost', 'Connection lost');
}, 1000);

// Nobody looks at a hidden page: it makes room for others.
document.addEventListener('visibilitychange', () => document.hidden ? stop() : push());

// The tools

$('filter').addEventListener('input', applyFilter);
$('problems').addEventListener('change', applyFilter);

$('pause').addEventListener('click', () => {
  paused = !paused;
  setAttribute($('pause'), 'aria-pressed', `${paused}`);
});

const themes = ['auto', 'light', 'dark'];

function setTheme(theme) {
  if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', theme);
  setText($('theme'), `Theme: ${theme}`);
  try { localStorage.setItem('stats-theme', theme); } catch { /* private windows may forbid it */ }
}

$('theme').addEventListener('click', () => setTheme(themes[(themes.indexOf(document.documentElement.getAttribute('data-theme') ?? 'auto') + 1) % themes.length]));

try { setTheme(themes.includes(localStorage.getItem('stats-theme')) ? localStorage.getItem('stats-theme') : 'auto'); } catch { setTheme('auto'); }

push();
