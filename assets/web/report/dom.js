// Small helpers: elements from text only (never from markup), numbers and times for people. Times are UTC everywhere.
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const $ = (selector) => document.querySelector(selector);

// el('td', {class: 'num'}, 'text', child...): attributes by name; texts become text nodes.
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

const grouped = (value, digits) => value.toLocaleString('en-US', {minimumFractionDigits: digits, maximumFractionDigits: digits});
const money = (value, digits = data.digits) => grouped(Number(value), digits).replace(/^-0(\.0+)?$/, (zero) => zero.slice(1));
const signed = (value, digits = data.digits) => (Number(value) > 0 && !/^0(\.0+)?$/.test(money(value, digits)) ? '+' : '') + money(value, digits);
const toned = (value, digits) => el('span', {class: value > 0 ? 'gain' : value < 0 ? 'loss' : ''}, signed(value, digits));
const pad = (n) => String(n).padStart(2, '0');
function day(seconds) {
  const d = new Date(seconds * 1000);
  return `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
}
function minute(seconds) {
  const d = new Date(seconds * 1000);
  return `${day(seconds)} ${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}`;
}
const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const date = (seconds) => { const d = new Date(seconds * 1000); return `${d.getUTCDate()} ${kMonths[d.getUTCMonth()]}`; };
function lasting(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)}`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}
const words = (name) => String(name).replaceAll('_', ' ');
const instrument = (index) => data.instruments[index] || {symbol: '?', code: '?', digits: 2, quote: data.quote, settle: data.quote, unit: ''};
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
// A side by shape and word.
const side = (sign) => (sign > 0 ? '\u25B2 long' : '\u25BC short');
