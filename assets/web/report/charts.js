// Charts: equity, drawdown, candles. Times are UTC and every axis says so; lines differ by dash, markers by shape, never by colour alone.
const charts = [];
const kDashes = [[], [6, 4], [2, 3], [8, 3, 2, 3], [10, 5], [3, 6]];

const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC');

function timeAxis() {
  return {
    stroke: () => css('--soft'), grid: {show: false}, ticks: {stroke: () => css('--line'), size: 4}, font: '12px ' + css('--sans'), space: 72, size: 30,
    label: 'UTC', labelSize: 16, labelGap: 0, labelFont: '11px ' + css('--sans'),
    values: (u, splits, i, space, step) => splits.map((s) => (step >= 86400 || s % 86400 === 0 ? date(s) : minute(s).slice(11))),
  };
}
// The default axis cuts long numbers off: its width follows from the longest label.
function valueAxis(format, label) {
  return {
    stroke: () => css('--soft'), grid: {stroke: () => css('--line'), width: 1}, ticks: {show: false}, font: '12px ' + css('--sans'), gap: 6,
    label, labelSize: 16, labelGap: 0, labelFont: '11px ' + css('--sans'),
    values: (u, splits, i, space, step) => splits.map((v) => format(v, step)),
    size: (u, values) => {
      if (!values) return 40;
      u.ctx.font = `${12 * devicePixelRatio}px ${css('--sans')}`;
      return Math.ceil(Math.max(...values.map((v) => u.ctx.measureText(v).width / devicePixelRatio))) + 14;
    },
  };
}
// A legend's value: under the cursor, else the last one.
const last = (u, i) => u.data[i].findLast((v) => v !== null && v !== undefined);
const value = (format) => (u, v, i, at) => { const said = at === null || at === undefined ? last(u, i) : v; return said === null || said === undefined ? 'n/a' : format(said); };
const kTime = {label: 'UTC', value: value((t) => minute(t))};
const digitsFor = (step) => (step >= 1 ? 0 : Math.min(8, Math.ceil(-Math.log10(step))));

function place(box, options, columns) {
  const chart = new uPlot({...options, width: box.clientWidth, tzDate: utc, cursor: {points: {size: 7}, drag: {x: true, y: false, setScale: options.zoom !== 'own'}}}, columns, box);
  charts.push({box, chart});
  return chart;
}

function drawCurves() {
  const curves = data.curves.filter((c) => c.t.length > 1);
  if (!curves.length || curves[0].name !== 'This run') return;
  $('#curves').hidden = false;
  const opening = data.opening;
  const tables = curves.map((c, i) => (i === 0 || c.t[0] <= curves[0].t[0] ? [c.t, c.v] : [[curves[0].t[0], ...c.t], [opening, ...c.v]]));
  const holds = ['--c1', '--c2', '--c3', '--c4', '--c5'];
  const basket = curves.findIndex((c) => c.name.endsWith('equal parts'));
  const series = curves.map((c, i) => ({
    label: i === 0 ? c.name : c.name.replace('buy and hold, equal parts', 'All held, equal parts').replace('buy and hold', 'Held'),
    stroke: () => css(i === 0 ? '--run' : i === basket ? '--ink' : holds[(i - 1) % holds.length]), width: i === 0 ? 2.25 : 1.5, dash: i === 0 ? [] : kDashes[1 + (i - 1) % 5], spanGaps: true,
    points: {show: false}, value: value((v) => money(v)), show: i === 0 || basket < 0 || i === basket || curves.length <= 4,
  }));
  const height = Math.round(Math.min(380, Math.max(240, innerWidth * 0.45)));
  const line = (u, i) => (i <= 1 ? 'solid' : kDashes[1 + (i - 2) % 5][0] < 4 ? 'dotted' : 'dashed');
  place($('#equity'), {height, legend: {markers: {width: 2, dash: line}}, series: [kTime, ...series],
    axes: [timeAxis(), valueAxis((v, step) => grouped(v, digitsFor(step)), data.quote)]}, uPlot.join(tables));
  let peak = -Infinity;
  const below = curves[0].v.map((v) => { peak = Math.max(peak, v); return peak > 0 ? (v / peak - 1) * 100 : 0; });
  place($('#drawdown'), {height: 170, legend: {show: true}, series: [kTime,
    {label: 'Below the peak', stroke: () => css('--run'), fill: () => css('--run') + '26', width: 1.25, points: {show: false}, value: value((v) => v.toFixed(2) + ' %')}],
    scales: {y: {range: (u, low) => [Math.min(low * 1.08, -0.1), 0]}}, axes: [timeAxis(), valueAxis((v, step) => grouped(v, digitsFor(step)), 'percent')]}, [curves[0].t, below]);
}

// Candles between two times, merged until each has at least five pixels.
function merged(series, from, to, pixels) {
  let first = 0, last = series.t.length;
  while (first < last && series.t[first] + series.step <= from) first++;
  while (last > first && series.t[last - 1] > to) last--;
  const factor = [1, 2, 3, 4, 6, 8, 12, 24, 48, 96, 192, 384].find((k) => (last - first) / k <= pixels / 5) || 768;
  const step = series.step * factor, scale = 10 ** series.digits, out = [[], [], [], [], []];
  for (let i = first; i < last; i++) {
    const at = Math.floor(series.t[i] / step) * step, n = out[0].length - 1;
    if (n < 0 || out[0][n] !== at) {
      [at, series.o[i] / scale, series.h[i] / scale, series.l[i] / scale, series.c[i] / scale].forEach((v, k) => out[k].push(v));
    } else {
      out[2][n] = Math.max(out[2][n], series.h[i] / scale);
      out[3][n] = Math.min(out[3][n], series.l[i] / scale);
      out[4][n] = series.c[i] / scale;
    }
  }
  return {columns: out, step};
}

function paintCandles(u, step) {
  const [t, o, h, l, c] = u.data, ctx = u.ctx, ratio = devicePixelRatio;
  const wide = Math.max(1, Math.round((u.valToPos(t[0] + step, 'x', true) - u.valToPos(t[0], 'x', true)) * 0.64));
  ctx.save();
  ctx.beginPath(); ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); ctx.clip();
  ctx.lineWidth = Math.max(1, Math.round(ratio));
  for (let i = 0; i < t.length; i++) {
    const x = Math.round(u.valToPos(t[i] + step / 2, 'x', true)), y = (v) => Math.round(u.valToPos(v, 'y', true));
    const rising = c[i] >= o[i];
    ctx.strokeStyle = ctx.fillStyle = css('--soft');
    ctx.globalAlpha = 0.75;
    const top = y(Math.max(o[i], c[i])), bottom = Math.max(y(Math.min(o[i], c[i])), top + 1);
    ctx.beginPath(); ctx.moveTo(x, y(h[i])); ctx.lineTo(x, top); ctx.moveTo(x, bottom); ctx.lineTo(x, y(l[i])); ctx.stroke();
    // A rising candle is hollow, a falling one is filled.
    if (rising) ctx.strokeRect(x - wide / 2, top, wide, bottom - top); else ctx.fillRect(x - wide / 2, top, wide, bottom - top);
  }
  ctx.restore();
}

function paintTrades(u, trades) {
  const ctx = u.ctx, r = 5.5 * devicePixelRatio;
  ctx.save();
  ctx.beginPath(); ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); ctx.clip();
  for (const trade of trades) {
    const x0 = u.valToPos(trade.opened, 'x', true), y0 = u.valToPos(trade.entry, 'y', true), x1 = u.valToPos(trade.closed, 'x', true), y1 = u.valToPos(trade.exit, 'y', true);
    const colour = css(trade.net < 0 ? '--loss' : '--gain');
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash(trade.net < 0 ? [4 * devicePixelRatio, 3 * devicePixelRatio] : []);
    ctx.beginPath(); ctx.moveTo(x0, y0); ctx.lineTo(x1, y1); ctx.stroke();
    ctx.setLineDash([]);
    const tip = -trade.side * r;
    ctx.beginPath(); ctx.moveTo(x0, y0 + tip); ctx.lineTo(x0 - r * 0.9, y0 - tip * 0.7); ctx.lineTo(x0 + r * 0.9, y0 - tip * 0.7); ctx.closePath();
    ctx.fill(); ctx.strokeStyle = css('--paper'); ctx.lineWidth = devicePixelRatio; ctx.stroke();
    const cross = () => { ctx.beginPath(); ctx.moveTo(x1 - r * 0.7, y1 - r * 0.7); ctx.lineTo(x1 + r * 0.7, y1 + r * 0.7); ctx.moveTo(x1 + r * 0.7, y1 - r * 0.7); ctx.lineTo(x1 - r * 0.7, y1 + r * 0.7); ctx.stroke(); };
    ctx.lineWidth = 4.5 * devicePixelRatio; cross();
    ctx.strokeStyle = colour; ctx.lineWidth = 2.25 * devicePixelRatio; cross();
  }
  ctx.restore();
}

let shown = null;  // {series, from, to, chart}
function drawCandles(series, from, to) {
  const box = $('#candles');
  if (shown) {
    charts.splice(charts.findIndex((c) => c.chart === shown.chart), 1);
    shown.chart.destroy();
  }
  const name = instrument(series.n);
  const start = from ?? series.t[0], end = to ?? series.t[series.t.length - 1] + series.step;
  const {columns, step} = merged(series, start, end, box.clientWidth - 90);
  const trades = trade_rows.filter((t) => t.instrument === series.n && t.closed >= start && t.opened <= end);
  const hidden = {paths: () => null, points: {show: false}};
  const price = value((v) => grouped(v, series.digits));
  const chart = place(box, {
    zoom: 'own', height: Math.round(Math.min(440, Math.max(280, innerWidth * 0.5))),
    series: [kTime, {label: 'Open', value: price, ...hidden}, {label: 'High', value: price, ...hidden}, {label: 'Low', value: price, ...hidden},
      {label: 'Close', value: price, ...hidden}],
    scales: {x: {range: () => [start, end]}, y: {range: (u, low, high) => { const room = (high - low) * 0.06 || high * 0.01; return [low - room, high + room]; }}},
    axes: [timeAxis(), valueAxis((v, s) => grouped(v, digitsFor(s)), name.quote)],
    hooks: {
      draw: [(u) => { if (u.data[0].length) paintCandles(u, step); paintTrades(u, trades); }],
      setSelect: [(u) => { if (u.select.width > 8) drawCandles(series, u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')); }],
      ready: [(u) => u.over.addEventListener('dblclick', () => drawCandles(series))],
    },
  }, columns);
  shown = {series, from, to, chart};
  const hours = step / 3600;
  const note = $('#candles-note');
  note.replaceChildren(`${name.code}, ${hours >= 24 ? hours / 24 + ' d' : hours >= 1 ? hours + ' h' : step / 60 + ' min'} candles in ${name.quote}; hollow rose, filled fell. `
    + `\u25B2 long entry, \u25BC short entry, \u2715 exit; a solid line gained, a dashed one lost. Drag to zoom in. `);
  if (from !== undefined) note.append(el('button', {class: 'small', type: 'button', onclick: () => drawCandles(series)}, 'Show all'));
}

function startCandles() {
  const all = data.candles.filter((c) => c.t.length);
  if (!all.length) return;
  $('#prices').hidden = false;
  const buttons = all.map((series) => {
    const count = trade_rows.filter((t) => t.instrument === series.n).length;
    const button = el('button', {type: 'button', 'aria-pressed': 'false'}, `${instrument(series.n).symbol} (${count})`);
    button.addEventListener('click', () => {
      buttons.forEach((b) => b.setAttribute('aria-pressed', String(b === button)));
      drawCandles(series);
    });
    return button;
  });
  $('#prices .tabs').append(...buttons);
  buttons[0].click();
}

function resizeCharts() {
  for (const {box, chart} of [...charts]) {
    if (shown && chart === shown.chart) continue;
    chart.setSize({width: box.clientWidth, height: chart.height});
  }
  if (shown) drawCandles(shown.series, shown.from, shown.to);
}
const repaintCharts = () => charts.forEach(({chart}) => chart.redraw(false, true));
