// What each agent said, for every decision carried by the page. A decision's body is made when it is opened.
const known_decisions = new Map(data.decisions.map((d) => [d.i, d]));
const kStances = {bullish: '\u25B2', bearish: '\u25BC', neutral: '\u25C6', abstain: '\u25CB'};
const kActions = {hold: '\u25CB', open_long: '\u25B2', open_short: '\u25BC', add: '+', reduce: '\u2212', close: '\u2715', move_stop: '\u2195'};
const kKinds = {thought: 0, tool_call: 1, conclusion: 2};

function evidenceTable(evidence) {
  return el('table', {class: 'evidence'}, el('thead', null, el('tr', null, ['Result', 'Field', 'Value', 'What it says'].map((h, i) => el('th', {scope: 'col', class: i === 2 ? 'num' : null}, h)))),
    el('tbody', null, evidence.map(([result, path, value, says]) => el('tr', null, el('td', null, '#' + result), el('td', null, el('code', null, path)),
      el('td', {class: 'num'}, value === null ? 'n/a' : String(Number(value.toPrecision(7)))), el('td', null, says)))));
}

function stepItem([kind, text, tool, input, output, result]) {
  if (kind !== kKinds.tool_call) return el('li', null, text);
  return el('li', null, el('details', null, el('summary', null, `#${result} `, el('code', null, tool)), el('div', null, el('code', null, input)),
    output === null ? el('p', {class: 'note'}, 'Output left out here.') : el('div', null, '\u2192 ', el('code', null, output))));
}

function agentBlock([role, stance, confidence, weight, summary, model, evidence, steps]) {
  const view = stance === 'abstain' ? `${kStances[stance]} abstains` : `${kStances[stance]} ${stance}, ${(confidence * 100).toFixed(0)} % sure`;
  const calls = steps.filter((s) => s[0] === kKinds.tool_call).length;
  return el('div', {class: stance === 'abstain' ? 'agent silent' : 'agent'},
    el('div', null, el('div', {class: 'name'}, words(role)), el('div', {class: 'view'}, view), weight > 0 ? el('div', {class: 'view'}, `weight ${weight.toFixed(3)}`) : null),
    el('div', null, summary,
      evidence.length ? el('details', null, el('summary', null, `Evidence: ${evidence.length} ${evidence.length === 1 ? 'number' : 'numbers'}`), el('div', {class: 'scroll'}, evidenceTable(evidence))) : null,
      steps.length ? el('details', null, el('summary', null, `Steps: ${steps.length}` + (calls ? `, ${calls} tool ${calls === 1 ? 'call' : 'calls'}` : '') + `, ${model}`), el('ul', {class: 'steps'}, steps.map(stepItem))) : null));
}

function decisionItem(d) {
  const trades = trade_rows.filter((t) => t.decision === d.i), denials = denial_rows.filter((x) => x.decision === d.i);
  const tags = [...trades.map((t) => el('span', {class: 'tag'}, `trade ${t.number}: `, toned(t.net), ` ${instrument(t.instrument).settle}`)), ...denials.map((x) => el('span', {class: 'tag'}, `denied: ${words(x.code)}`))];
  const item = el('details', {class: 'decision', id: 'd' + d.i}, el('summary', null, el('span', {class: 'when'}, minute(d.t)), el('span', {class: 'market'}, instrument(d.n).symbol),
    el('span', {class: 'what'}, `${kActions[d.a] || ''} ${words(d.a)}`), el('span', {class: 'why'}, d.x, ' ', tags.flatMap((t) => [t, ' ']))));
  item.addEventListener('toggle', () => {
    if (!item.open || item.querySelector('.body')) return;
    item.append(el('div', {class: 'body'}, el('p', null, `Decision ${d.i}, ${minute(d.t)} UTC. Score ${signed(d.s, 2)} from -1 (bearish) to +1 (bullish)` + (d.r ? `; regime ${words(d.r)}.` : '.')), d.v.map(agentBlock)));
  });
  return item;
}

let showDecision = () => {};
function startReasoning() {
  const host = $('#reasoning');
  host.hidden = false;
  if (!data.decisions.length) return;
  const list = el('div'), count = el('output', {'aria-live': 'polite'});
  const traded = new Set(trade_rows.map((t) => t.decision)), denied = new Set(denial_rows.map((d) => d.decision));
  const groups = {'': () => true, traded: (d) => traded.has(d.i), denied: (d) => denied.has(d.i), 'other actions': (d) => d.a !== 'hold' && !traded.has(d.i) && !denied.has(d.i), holds: (d) => d.a === 'hold'};
  const kind = el('select', {'aria-label': 'Kind of decision', onchange: () => fill()}, Object.keys(groups).map((g) => el('option', {value: g}, g || 'All decisions')));
  const market = el('select', {'aria-label': 'Market', onchange: () => fill()}, el('option', {value: ''}, 'All markets'), [...new Set(data.decisions.map((d) => d.n))].map((n) => el('option', {value: n}, instrument(n).symbol)));
  const search = el('input', {type: 'search', placeholder: 'Search', 'aria-label': 'Search', oninput: () => fill()});
  let limit = 20;
  const more = el('button', {class: 'more', type: 'button', onclick: () => { limit += 100; fill(); }}, 'Show more');
  function fill() {
    const text = search.value.trim().toLowerCase();
    const kept = data.decisions.filter((d) => groups[kind.value](d) && (market.value === '' || String(d.n) === market.value) && (!text || `${d.i} ${d.x} ${words(d.a)} ${minute(d.t)}`.toLowerCase().includes(text)));
    list.replaceChildren(...kept.slice(0, limit).map(decisionItem));
    more.hidden = kept.length <= limit;
    count.textContent = `${kept.length} of ${data.decisions.length} decisions on this page`;
  }
  showDecision = (id) => {
    kind.value = market.value = search.value = '';
    limit = Math.max(limit, data.decisions.findIndex((d) => d.i === id) + 1);
    fill();
    const item = document.getElementById('d' + id);
    item.open = true;
    item.scrollIntoView({block: 'start'});
    item.querySelector('summary').focus({preventScroll: true});
  };
  host.append(el('div', {class: 'filters'}, kind, market, search, count), list, more);
  fill();
}
