// Lights up on the page of a conversion what belongs together: an element, the
// field that it came from and the rows that made it. The page says all of it
// without this script too, by links.
'use strict';
(() => {
  const $ = id => document.getElementById(id);

  // A file that is dropped on the message is read here; what is not UTF-8 is
  // taken for windows-1252, as most such senders mean it.
  const message = $('message');
  const decode = bytes => {
    try { return new TextDecoder('utf-8', { fatal: true }).decode(bytes); } catch { return new TextDecoder('windows-1252').decode(bytes); }
  };
  message.addEventListener('dragover', e => { e.preventDefault(); message.classList.add('over'); });
  message.addEventListener('dragleave', () => message.classList.remove('over'));
  message.addEventListener('drop', async e => {
    message.classList.remove('over');
    const file = e.dataTransfer.files[0];
    if (!file) return; // a text: the browser puts it in
    e.preventDefault();
    message.value = decode(await file.arrayBuffer()).replace(/\r\n?/g, '\n');
    $('file').value = '';
    message.focus();
  });

  const box = $('trace');
  if (!box) return;
  const out = box.lastElementChild;
  const panes = [...document.querySelectorAll('.pane')];
  const parts = '.e, .f';

  // Who came from which field, read once.
  const made = new Map();
  for (const e of document.querySelectorAll('.e')) {
    if (!e.dataset.f) continue;
    const all = made.get(e.dataset.f);
    if (all) all.push(e); else made.set(e.dataset.f, [e]);
  }
  const line = f => f.closest('dl > div') || f.closest('summary');
  const depth = l => +l.className[1];

  // fieldParts gives a row and the rows below it; of a segment all of it.
  const fieldParts = f => {
    const at = line(f), all = [f];
    if (at.tagName === 'SUMMARY') return all.concat([...at.parentElement.querySelectorAll('dl .f')]);
    for (let n = at.nextElementSibling; n && depth(n) > depth(at); n = n.nextElementSibling) all.push(n.querySelector('.f'));
    return all;
  };
  // around gives the row that a row is a part of, or the first repetition of its field.
  const around = f => {
    const at = line(f);
    if (at.tagName === 'SUMMARY') return null;
    for (let n = at.previousElementSibling; n; n = n.previousElementSibling) {
      if (depth(n) < depth(at)) return n.querySelector('.f');
    }
    const first = at.textContent.split(' ')[0].replace(/\[\d+\]$/, '[1]');
    return [...at.parentElement.querySelectorAll('.d0 .f')].find(g => g !== f && g.textContent === first) || null;
  };
  const elementsOf = f => {
    for (let at = f; at; at = around(at)) {
      const found = (at === f ? fieldParts(at) : [at]).flatMap(p => made.get(p.id) || []);
      if (found.length) return found;
    }
    return [];
  };

  let lit = [], held = null;
  const light = (node, name) => { node.classList.add(name); lit.push([node, name]); };
  const dark = () => { for (const [node, name] of lit) node.classList.remove(name); lit = []; };
  const lightPart = (part, name) => {
    light(part.matches('.f') ? line(part) : part, name);
    const details = part.closest('details');
    if (!details.open) light(details.querySelector('summary'), 'lit');
  };

  // reveal scrolls the other pane, never the page.
  const reveal = part => {
    const pane = part.closest('.scroll');
    if (pane.scrollHeight <= pane.clientHeight) return;
    const at = part.closest('details').open ? part : part.closest('details');
    const a = at.getBoundingClientRect(), b = pane.getBoundingClientRect();
    if (a.top < b.top || a.bottom > Math.min(b.bottom, box.getBoundingClientRect().top)) pane.scrollTop += a.top - b.top - b.height / 3;
  };

  const add = (to, tag, text, name) => {
    const n = document.createElement(tag);
    if (text) n.textContent = text;
    if (name) n.className = name;
    return to.appendChild(n);
  };
  const link = (to, part, text) => { const a = add(to, 'a', text); a.href = '#' + part.id; return a; };
  const label = f => {
    const at = line(f);
    return at.tagName === 'SUMMARY' ? at.textContent.trim().replace(/\s+/g, ' ') : at.querySelector('dt').textContent.trim();
  };

  const tellRows = numbers => {
    const list = add(out, 'ul', '', 'rows');
    for (const n of numbers) {
      const row = $('r' + n), copy = row.cloneNode(true);
      copy.removeAttribute('id');
      list.appendChild(copy);
      if (!row.dataset.file) continue;
      const b = add(copy, 'button', 'Try a change', 'second');
      b.type = 'button';
      b.addEventListener('click', () => tryRow(row));
    }
  };
  const tryRow = row => {
    const file = $('overlay_file'), text = $('overlay');
    file.value = row.dataset.file;
    text.value = row.dataset.overlay;
    text.closest('details').open = true;
    release();
    text.focus();
    text.scrollIntoView({ block: 'center' });
  };

  const tell = part => {
    out.textContent = '';
    if (part.matches('.e')) {
      const p = add(out, 'p', '', 'head');
      add(p, 'b', part.dataset.p);
      const f = part.dataset.f && $(part.dataset.f);
      if (f) { p.append(' from '); link(p, f, label(f)); }
      tellRows(part.dataset.r.split(' '));
      return;
    }
    const p = add(out, 'p', '', 'head');
    add(p, 'b', label(part));
    const found = elementsOf(part);
    if (!found.length) {
      p.append(line(part).matches('.unused') ? ': nothing consumed it.' : ': read, but no element is made of it alone.');
      return;
    }
    p.append(' makes ');
    for (const e of found.slice(0, 12)) { link(p, e, e.dataset.p); p.append(' '); }
    if (found.length > 12) p.append('and ' + (found.length - 12) + ' more');
    const rows = new Set(found.flatMap(e => e.dataset.r.split(' ')));
    tellRows([...rows].slice(0, 8));
  };

  const show = part => {
    dark();
    lightPart(part, 'at');
    let others;
    if (part.matches('.e')) others = part.dataset.f ? [$(part.dataset.f)] : [];
    else others = elementsOf(part);
    for (const o of others) lightPart(o, 'lit');
    tell(part);
    box.hidden = false;
    if (others.length) reveal(others[0]);
  };
  const release = () => { held = null; dark(); box.hidden = true; };
  box.querySelector('.close').addEventListener('click', () => release());
  const hold = part => { held = part; show(part); box.classList.add('held'); };

  for (const pane of panes) {
    pane.addEventListener('pointerover', e => {
      if (e.pointerType !== 'mouse' || held) return;
      const part = e.target.closest('.e') || e.target.closest('dl > div')?.querySelector('.f') || e.target.closest('summary')?.querySelector('.f');
      if (part) { box.classList.remove('held'); show(part); }
    });
    pane.addEventListener('focusin', e => {
      if (!e.target.matches(parts) || !e.target.matches(':focus-visible') || held === e.target) return;
      held = null;
      box.classList.remove('held');
      show(e.target);
    });
    pane.addEventListener('click', e => {
      const part = e.target.closest('.e') || e.target.closest('dl > div')?.querySelector('.f') || e.target.closest('summary .f');
      if (!part) return; // a summary opens and closes
      e.preventDefault();
      if (held === part) release(); else hold(part);
    });
    pane.addEventListener('pointerleave', e => { if (e.pointerType === 'mouse' && !held && !box.contains(e.relatedTarget)) { dark(); box.hidden = true; } });

    // One stop for Tab in each segment and resource; arrow keys go on from there.
    for (const d of pane.querySelectorAll('details')) {
      const all = [...d.querySelectorAll(':scope > :not(summary) .e, :scope > :not(summary) .f')];
      all.forEach((part, i) => { part.tabIndex = i ? -1 : 0; });
      const segment = d.querySelector('summary .f');
      if (segment) segment.tabIndex = -1;
      for (const to of d.querySelectorAll('.to')) to.tabIndex = -1;
      d.addEventListener('keydown', e => {
        const i = all.indexOf(document.activeElement);
        if (i < 0) return;
        const to = { ArrowDown: i + 1, ArrowRight: i + 1, ArrowUp: i - 1, ArrowLeft: i - 1, Home: 0, End: all.length - 1 }[e.key];
        if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); if (held === all[i]) release(); else hold(all[i]); }
        if (to === undefined || !all[to]) return;
        e.preventDefault();
        all[i].tabIndex = -1;
        all[to].tabIndex = 0;
        all[to].focus();
      });
    }
  }
  document.addEventListener('keydown', e => { if (e.key === 'Escape' && !box.hidden) release(); });

  // Links to fields and elements open what they lead into and hold it.
  const go = hash => {
    const to = hash.length > 1 && $(decodeURIComponent(hash.slice(1)));
    if (!to || !to.closest('.pane')) return false;
    const details = to.closest('details');
    if (details) details.open = true;
    if (to.matches(parts)) { hold(to); to.focus({ preventScroll: true }); }
    to.scrollIntoView({ block: 'center' });
    return true;
  };
  document.addEventListener('click', e => {
    const a = e.target.closest('a[href^="#"]');
    if (a && !a.matches(parts) && go(a.getAttribute('href'))) e.preventDefault();
  });
  document.body.classList.add('live');
})();
