// Puts the page together and keeps charts in step with width and theme.
function startAlerts() {
  if (!data.alerts.length) return;
  const shapes = {info: '\u24D8', warning: '\u26A0\uFE0E', critical: '\u2716'};
  $('#alerts').hidden = false;
  $('#alerts').append(el('ul', {class: 'alerts'}, data.alerts.map(([severity, code, text]) => el('li', null, el('b', null, `${shapes[severity]} ${severity} `), text, ' ', el('span', {class: 'tag'}, words(code))))));
}

function startTheme() {
  const button = $('#theme'), root = document.documentElement;
  button.hidden = false;
  const dark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  button.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    repaintCharts();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaintCharts);
}

function startJump() {
  const parts = [['figures', 'Figures'], ['comparison', 'Comparison'], ['curves', 'Equity'], ['prices', 'Prices'], ['held-out', 'Held out'], ['trades', 'Trades'], ['denials', 'Denials'], ['reasoning', 'Reasoning'], ['alerts', 'Alerts'], ['about', 'Reproduce']];
  for (const [id, label] of parts) {
    const part = document.getElementById(id);
    if (part && !part.hidden) $('.jump').append(el('a', {href: '#' + id}, label));
  }
}

startTheme();
startTrades();
startDenials();
startReasoning();
startAlerts();
drawCurves();
startCandles();
startJump();
let width = innerWidth, pending = 0;
addEventListener('resize', () => {
  if (innerWidth === width) return;  // a phone's address bar
  width = innerWidth;
  clearTimeout(pending);
  pending = setTimeout(resizeCharts, 120);
});
// Parts that were hidden while the page loaded could not be jumped to.
if (location.hash.length > 1) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
document.documentElement.dataset.ready = 'yes';
