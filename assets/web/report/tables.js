// Trades and denials: sorted, filtered, opened for details. Rows are made only when shown.
const trade_rows = data.trades.map(([number, ix, sign, opened, closed, quantity, entry, exit, gross, fees, funding, slippage, net, reason, decision, regime, lesson, risked, best, worst, decider]) =>
  ({number, instrument: ix, symbol: instrument(ix).symbol, side: sign, opened, closed, held: closed - opened, quantity, entry, exit, gross, fees, funding, slippage, net, reason, decision, regime,
    lesson, risked, best, worst, decider}));
const denial_rows = data.denials.map(([time, ix, sign, quantity, code, explanation, decision, decider, reason]) =>
  ({time, instrument: ix, symbol: instrument(ix).symbol, side: sign, quantity, code, explanation, decision, decider, reason}));
const kPage = 50;
const price = (row, value) => grouped(value, instrument(row.instrument).digits);

const facts = (pairs) => el('dl', {class: 'facts'}, pairs.filter(([, v]) => v !== '' && v !== null).map(([name, value]) => el('div', null, el('dt', null, name), el('dd', null, value))));
const reasoningButton = (id) => (id !== null && known_decisions.has(id) ? el('button', {class: 'small', type: 'button', onclick: (e) => { e.stopPropagation(); showDecision(id); }}, `Reasoning of decision ${id}`)
  : id !== null ? el('span', {class: 'note'}, `promtrade agents explain ${id}`) : null);

// columns: {name, key, cell(row), num, lo}; the table sorts by row[key].
function table(host, rows, columns, options) {
  let sorted = options.sort, descending = options.descending, limit = kPage;
  const body = el('tbody'), count = el('output', {'aria-live': 'polite'});
  const more = el('button', {class: 'more', type: 'button', onclick: () => { limit += 4 * kPage; fill(); }}, 'Show more');
  const heads = columns.map((c) => el('th', {scope: 'col', class: [c.num && 'num', c.lo && 'lo', c.tight && 'tight'].filter(Boolean).join(' ') || null}, el('button', {type: 'button', onclick: () => {
    descending = sorted === c.key ? !descending : Boolean(c.num);
    sorted = c.key;
    fill();
  }}, c.name)));
  const choices = options.choices.map(({label, values, test}) => {
    const select = el('select', {'aria-label': label, onchange: () => fill()}, el('option', {value: ''}, label), values.map((v) => el('option', {value: v}, words(v))));
    return {select, test};
  });
  const search = el('input', {type: 'search', placeholder: 'Search', 'aria-label': 'Search', oninput: () => fill()});
  function fill() {
    const text = search.value.trim().toLowerCase();
    const kept = rows.filter((row) => choices.every(({select, test}) => !select.value || test(row, select.value)) && (!text || options.text(row).toLowerCase().includes(text)));
    const order = (a, b) => (typeof a === 'number' ? a - b : String(a).localeCompare(String(b)));
    kept.sort((a, b) => (descending ? -1 : 1) * order(a[sorted], b[sorted]));
    heads.forEach((head, i) => { columns[i].key === sorted ? head.setAttribute('aria-sort', descending ? 'descending' : 'ascending') : head.removeAttribute('aria-sort'); });
    body.replaceChildren(...kept.slice(0, limit).map((row) => line(row)));
    more.hidden = kept.length <= limit;
    count.textContent = kept.length === rows.length ? `${rows.length} ${options.noun}` : `${kept.length} of ${rows.length} ${options.noun}`;
  }
  function line(row) {
    const tr = el('tr', {class: 'row', tabindex: '0', 'aria-expanded': 'false'}, columns.map((c) => el('td', {class: [c.num && 'num', c.lo && 'lo', c.tight && 'tight'].filter(Boolean).join(' ') || null}, c.cell(row))));
    let detail = null;
    const toggle = () => {
      if (detail) { detail.remove(); detail = null; } else { detail = el('tr', null, el('td', {class: 'detail', colspan: columns.length}, options.detail(row))); tr.after(detail); }
      tr.classList.toggle('open', detail !== null);
      tr.setAttribute('aria-expanded', String(detail !== null));
    };
    tr.addEventListener('click', toggle);
    tr.addEventListener('keydown', (e) => { if (e.target === tr && (e.key === 'Enter' || e.key === ' ')) { e.preventDefault(); toggle(); } });
    return tr;
  }
  host.append(el('div', {class: 'filters'}, choices.map((c) => c.select), search, count), el('div', {class: 'scroll'}, el('table', null, el('thead', null, el('tr', null, heads)), body)), more);
  fill();
}

const distinct = (rows, key) => [...new Set(rows.map((row) => row[key]))].filter(Boolean).sort();

function startTrades() {
  const host = $('#trades');
  host.hidden = false;
  if (!trade_rows.length) { host.append(el('p', {class: 'note'}, 'No trade was closed.')); return; }
  const quote = data.quote;
  table(host, trade_rows, [
    {name: 'Closed, UTC', key: 'closed', cell: (t) => minute(t.closed), tight: true},
    {name: 'Market', key: 'symbol', cell: (t) => t.symbol},
    {name: 'Side', key: 'side', cell: (t) => side(t.side), lo: true},
    {name: 'Held', key: 'held', cell: (t) => lasting(t.held), num: true, lo: true},
    {name: 'Entry', key: 'entry', cell: (t) => price(t, t.entry), num: true, lo: true},
    {name: 'Exit', key: 'exit', cell: (t) => price(t, t.exit), num: true, lo: true},
    {name: 'Ended by', key: 'reason', cell: (t) => words(t.reason), lo: true},
    {name: `Net, ${quote}`, key: 'net', cell: (t) => toned(t.net), num: true},
  ], {
    sort: 'closed', descending: true, noun: 'trades', text: (t) => [t.symbol, t.reason, t.decider, t.regime, t.lesson, minute(t.closed)].join(' '),
    choices: [{label: 'All markets', values: distinct(trade_rows, 'symbol'), test: (t, v) => t.symbol === v},
      {label: 'Gains and losses', values: ['gains', 'losses'], test: (t, v) => (v === 'gains' ? t.net > 0 : t.net < 0)},
      {label: 'All endings', values: distinct(trade_rows, 'reason'), test: (t, v) => t.reason === v}],
    detail: (t) => {
      const coin = instrument(t.instrument).settle;
      return [facts([['Trade', String(t.number)], ['Side', side(t.side)], ['Quantity', `${t.quantity} ${instrument(t.instrument).unit}`], ['Opened', minute(t.opened) + ' UTC'], ['Closed', minute(t.closed) + ' UTC'],
        ['Held', lasting(t.held)], ['Entry', `${price(t, t.entry)} ${instrument(t.instrument).quote}`], ['Exit', `${price(t, t.exit)} ${instrument(t.instrument).quote}`], ['Ended by', words(t.reason)],
        ['Gross', `${signed(t.gross)} ${coin}`], ['Fees', `${money(t.fees)} ${coin}`], ['Slippage', `${money(t.slippage)} ${coin}`], ['Funding', `${signed(t.funding)} ${coin}`],
        ['At risk by its stop', t.risked ? `${money(t.risked)} ${coin}` : ''], ['Best while open', `${signed(t.best)} ${coin}`], ['Worst while open', `${signed(t.worst)} ${coin}`], ['Regime', words(t.regime)],
        ['Decided by', words(t.decider)]]), t.lesson ? el('p', {class: 'said'}, 'Lesson: ' + t.lesson) : null, el('p', {class: 'said'}, reasoningButton(t.decision))];
    },
  });
}

function startDenials() {
  const host = $('#denials');
  host.hidden = false;
  if (!denial_rows.length) { host.append(el('p', {class: 'note'}, 'The risk gate denied nothing.')); return; }
  table(host, denial_rows, [
    {name: 'Time, UTC', key: 'time', cell: (d) => minute(d.time), tight: true},
    {name: 'Market', key: 'symbol', cell: (d) => d.symbol},
    {name: 'Asked for', key: 'quantity', cell: (d) => `${d.side > 0 ? 'buy' : 'sell'} ${d.quantity} ${instrument(d.instrument).unit}`, lo: true, tight: true},
    {name: 'Denied because', key: 'code', cell: (d) => words(d.code)},
    {name: 'In words', key: 'explanation', cell: (d) => d.explanation, lo: true},
  ], {
    sort: 'time', descending: true, noun: 'denials', text: (d) => [d.symbol, d.code, d.explanation, d.reason, d.decider].join(' '),
    choices: [{label: 'All markets', values: distinct(denial_rows, 'symbol'), test: (d, v) => d.symbol === v}, {label: 'All reasons', values: distinct(denial_rows, 'code'), test: (d, v) => d.code === v}],
    detail: (d) => [el('p', null, d.explanation), d.reason ? el('p', {class: 'said'}, `The proposal (${words(d.decider)}): ${d.reason}`) : null, el('p', {class: 'said'}, reasoningButton(d.decision))],
  });
}
